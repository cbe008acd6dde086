import type { Agent, IncomingMessage, request } from 'node:http';
import type { LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { types } from 'node:util';
import { isMetadata } from './addresses.js';
import { certificatesFor } from './certificates.js';
import {
  inSmallPieces,
  PATIENCE,
  type Patience,
  silence,
  tooLate,
  watchAnswer,
  watchRequest,
} from './patience.js';
import { ProxyError, proxyFor } from './proxies.js';

/** What is asked of a server, with another patience than the usual one where it is given. */
export interface HttpRequest extends Partial<Patience> {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Readable | Buffer;
  readonly signal?: AbortSignal;
  /** Takes whatever certificate there is, as docker does for what the engine calls insecure. */
  readonly unverified?: boolean;
  /**
   * Goes to no name that leads to a cloud's metadata service, as seen when it is
   * connected to. A proxy looks names up itself.
   */
  readonly wary?: boolean;
}

/** Header names are lower-case; a repeated header is joined with `, `. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** The undecoded body. A body that is cut short fails the stream. */
  readonly body: Readable;
}

/**
 * One exchange: no redirects followed, no retries, no decoding. Rejects with
 * node's error codes; an error on the way through a proxy has its host as `proxy`.
 */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;

function headersOf(incoming: IncomingMessage): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    if (values !== undefined) headers.set(name, values.join(', '));
  }
  return headers;
}

/** Connections to one origin. */
interface Way {
  readonly send: typeof request;
  readonly agent: Agent;
  readonly proxy?: string;
  /** The same, trusting the machine's own authorities too, as docker's client does. */
  trusting(): Promise<Way>;
}

function exchange(asked: HttpRequest, { send, agent }: Way): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const patience: Patience = { ...PATIENCE, ...asked };
    const { idle } = patience;
    const outgoing = send(asked.url, {
      agent,
      method: asked.method,
      headers: asked.headers,
      // Also bounds how long a proxy may take to open its tunnel.
      timeout: idle,
      ...(asked.signal === undefined ? {} : { signal: asked.signal }),
    });
    let answer: IncomingMessage | undefined;
    // Destroying the request would end an answer under way as a plain reset.
    const giveUp = (why: string) => void (answer ?? outgoing).destroy(tooLate(why));
    outgoing.setTimeout(idle, () => giveUp(silence(idle)));
    watchRequest(outgoing, asked.body, patience, giveUp);
    outgoing.on('error', reject);
    outgoing.once('response', (incoming) => {
      answer = incoming;
      watchAnswer(incoming, patience, giveUp);
      // An answer that came before the whole body was sent leaves a connection nobody can use.
      incoming.once('close', () => {
        if (!outgoing.writableFinished) outgoing.destroy();
      });
      resolve({ status: incoming.statusCode ?? 0, headers: headersOf(incoming), body: incoming });
    });
    if (asked.body instanceof Readable) pipeline(asked.body, inSmallPieces, outgoing).catch(reject);
    else outgoing.end(asked.body);
  });
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Node speaks to proxies from 22.21 and 24.5 on. */
export function speaksToProxies(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
}

function proxyOptions(url: URL, env: Environment) {
  const proxy = proxyFor(url, env);
  if (proxy === undefined) return { options: {} };
  if (!speaksToProxies(process.versions.node)) {
    throw new ProxyError(
      `a proxy is set in the environment, and Node ${process.versions.node} cannot speak to one; use Node 22.21, 24.5 or later`,
    );
  }
  // Whether this host goes through it was decided above.
  const options = { proxyEnv: { HTTP_PROXY: proxy.href, HTTPS_PROXY: proxy.href } };
  return { options, proxy: proxy.host };
}

/** As node's own agents: a connection that nobody uses for five seconds is closed before its peer does. */
const KEPT = { keepAlive: true, scheduling: 'lifo', timeout: 5_000 } as const;

/** The same look-up, failing where one of the addresses is a metadata service's. */
function waryOf(lookup: LookupFunction): LookupFunction {
  return (name, options, done) =>
    lookup(name, options, (error, found, family) => {
      const addresses = typeof found === 'string' ? [found] : (found ?? []).map(addressOf);
      const metadata = addresses.find(isMetadata);
      if (error !== null || metadata === undefined) return done(error, found, family);
      const refusal = new Error(`${name} leads to ${metadata}, where clouds keep their secrets`);
      done(Object.assign(refusal, { code: 'ERR_METADATA_ADDRESS' }), []);
    });
}

const addressOf = ({ address }: { readonly address: string }) => address;

/** What all requests over a way have in common. */
interface Manner {
  readonly unverified: boolean;
  readonly wary: boolean;
  /** How names are looked up; node's own unless given. */
  readonly lookup: LookupFunction | undefined;
}

async function lookupOf({ wary, lookup }: Manner): Promise<{ lookup?: LookupFunction }> {
  if (!wary) return lookup === undefined ? {} : { lookup };
  return { lookup: waryOf(lookup ?? (await import('node:dns')).lookup) };
}

/** Node's clients take milliseconds to load; what opens no way does without. */
async function openWay(
  url: URL,
  env: Environment,
  manner: Manner,
  system: readonly string[] = [],
): Promise<Way> {
  const { options, proxy } = proxyOptions(url, env);
  const looking = proxy === undefined ? await lookupOf(manner) : {};
  const common = { ...KEPT, ...options, ...looking };
  const through = proxy === undefined ? {} : { proxy };
  const { getCACertificates } = await import('node:tls');
  const trusting = () => openWay(url, env, manner, getCACertificates('system'));
  if (url.protocol !== 'https:') {
    const { Agent, request } = await import('node:http');
    return { send: request, agent: new Agent(common), ...through, trusting };
  }
  const { Agent, request } = await import('node:https');
  const { authorities, client } = await certificatesFor(url.host, env);
  const more = [...authorities, ...system];
  const ca = more.length === 0 ? {} : { ca: [...new Set([...getCACertificates(), ...more])] };
  const checks = manner.unverified ? { rejectUnauthorized: false } : {};
  const agent = new Agent({ ...common, ...ca, ...client, ...checks });
  return { send: request, agent, ...through, trusting };
}

const UNTRUSTED: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function isUntrusted(error: unknown): boolean {
  return UNTRUSTED.has((error as NodeJS.ErrnoException).code ?? '');
}

/**
 * The real port over node:http and node:https, with connections kept alive,
 * proxies as the environment names them, and docker's certificates per host. The
 * machine's own authorities are looked at where the usual ones do not do: reading
 * them takes a tenth of a second.
 */
export function createHttp(env: Environment, lookup?: LookupFunction): Http {
  const ways = new Map<string, Promise<Way>>();
  const wayTo = (url: URL, key: string, manner: Manner) => {
    const known = ways.get(key) ?? openWay(url, env, manner);
    ways.set(key, known);
    return known;
  };
  return async (asked) => {
    const { unverified = false, wary = false } = asked;
    const url = new URL(asked.url);
    // Connections are shared only by those who would have made them alike.
    const key = `${url.origin} ${unverified} ${wary}`;
    const way = await wayTo(url, key, { unverified, wary, lookup });
    try {
      return await exchange(asked, way).catch(async (error: unknown) => {
        if (!isUntrusted(error) || asked.body instanceof Readable) throw error;
        const trusting = way.trusting();
        const answer = await exchange(asked, await trusting);
        ways.set(key, trusting);
        return answer;
      });
    } catch (error) {
      if (way.proxy !== undefined && types.isNativeError(error)) {
        Object.assign(error, { proxy: way.proxy });
      }
      throw error;
    }
  };
}
