import type { Agent, IncomingMessage, request } from 'node:http';
import type { LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { types } from 'node:util';
import { defined } from '../types/index.js';
import { isMetadataAddress } from './addresses.js';
import { certificatesFor } from './certificates.js';
import type { EnvironmentVariables } from './child-environment.js';
import { ProxyError, proxyFor } from './proxies.js';
import {
  inSmallPieces,
  PATIENCE,
  silence,
  type Timeouts,
  tooLate,
  watchAnswer,
  watchRequest,
} from './timeouts.js';

/** What is asked of a server, with another patience than the usual one where it is given. */
export interface HttpRequest extends Partial<Timeouts> {
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
  readonly blockMetadata?: boolean;
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
interface Route {
  readonly send: typeof request;
  readonly agent: Agent;
  readonly proxy?: string;
  /** The same, trusting the machine's own authorities too, as docker's client does. */
  trusting(): Promise<Route>;
}

function exchange(asked: HttpRequest, { send, agent }: Route): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const patience: Timeouts = { ...PATIENCE, ...asked };
    const { idle } = patience;
    const outgoing = send(asked.url, {
      agent,
      method: asked.method,
      headers: asked.headers,
      // Also bounds how long a proxy may take to open its tunnel.
      timeout: idle,
      ...defined({ signal: asked.signal }),
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
      // An answer that came before the whole body was sent leaves a connection that cannot be used again.
      incoming.once('close', () => {
        if (!outgoing.writableFinished) outgoing.destroy();
      });
      resolve({ status: incoming.statusCode ?? 0, headers: headersOf(incoming), body: incoming });
    });
    if (asked.body instanceof Readable) pipeline(asked.body, inSmallPieces, outgoing).catch(reject);
    else outgoing.end(asked.body);
  });
}

/** Node speaks to proxies from 22.21 and 24.5 on. */
export function supportsProxies(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
}

function proxyOptions(url: URL, env: EnvironmentVariables) {
  const proxy = proxyFor(url, env);
  if (proxy === undefined) return { options: {} };
  if (!supportsProxies(process.versions.node)) {
    throw new ProxyError(
      `a proxy is set in the environment, and Node ${process.versions.node} cannot speak to one; use Node 22.21, 24.5 or later`,
    );
  }
  // Whether this host goes through it was decided above.
  const options = { proxyEnv: { HTTP_PROXY: proxy.href, HTTPS_PROXY: proxy.href } };
  return { options, proxy: proxy.host };
}

/** As node's own agents: a connection that is unused for five seconds is closed before its peer does. */
const KEPT = { keepAlive: true, scheduling: 'lifo', timeout: 5_000 } as const;

/** The same look-up, failing where one of the addresses is a metadata service's. */
function blockingMetadata(lookup: LookupFunction): LookupFunction {
  return (name, options, done) =>
    lookup(name, options, (error, found, family) => {
      const addresses = typeof found === 'string' ? [found] : (found ?? []).map(addressOf);
      const metadata = addresses.find(isMetadataAddress);
      if (error !== null || metadata === undefined) return done(error, found, family);
      const refusal = new Error(
        `${name} leads to ${metadata}, the address of a cloud's metadata service`,
      );
      done(Object.assign(refusal, { code: 'ERR_METADATA_ADDRESS' }), []);
    });
}

const addressOf = ({ address }: { readonly address: string }) => address;

/** What all requests over a way have in common. */
interface RouteOptions {
  readonly unverified: boolean;
  readonly blockMetadata: boolean;
  /** How names are looked up; node's own unless given. */
  readonly lookup: LookupFunction | undefined;
}

async function lookupOf({
  blockMetadata,
  lookup,
}: RouteOptions): Promise<{ lookup?: LookupFunction }> {
  if (!blockMetadata) return defined({ lookup });
  return { lookup: blockingMetadata(lookup ?? (await import('node:dns')).lookup) };
}

/** Node's clients take milliseconds to load; what opens no way does without. */
async function openRoute(
  url: URL,
  env: EnvironmentVariables,
  manner: RouteOptions,
  system: readonly string[] = [],
): Promise<Route> {
  const { options, proxy } = proxyOptions(url, env);
  const looking = proxy === undefined ? await lookupOf(manner) : {};
  const common = { ...KEPT, ...options, ...looking };
  const { getCACertificates } = await import('node:tls');
  const trusting = () => openRoute(url, env, manner, getCACertificates('system'));
  if (url.protocol !== 'https:') {
    const { Agent, request } = await import('node:http');
    return { send: request, agent: new Agent(common), ...defined({ proxy }), trusting };
  }
  const { Agent, request } = await import('node:https');
  const { authorities, client } = await certificatesFor(url.host, env);
  const more = [...authorities, ...system];
  const ca = more.length === 0 ? {} : { ca: [...new Set([...getCACertificates(), ...more])] };
  const checks = manner.unverified ? { rejectUnauthorized: false } : {};
  const agent = new Agent({ ...common, ...ca, ...client, ...checks });
  return { send: request, agent, ...defined({ proxy }), trusting };
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
export function createHttp(env: EnvironmentVariables, lookup?: LookupFunction): Http {
  const ways = new Map<string, Promise<Route>>();
  const routeTo = (url: URL, key: string, manner: RouteOptions) => {
    const known = ways.get(key) ?? openRoute(url, env, manner);
    ways.set(key, known);
    return known;
  };
  return async (asked) => {
    const { unverified = false, blockMetadata = false } = asked;
    const url = new URL(asked.url);
    // Connections are shared by requests with the same options only.
    const key = `${url.origin} ${unverified} ${blockMetadata}`;
    const way = await routeTo(url, key, { unverified, blockMetadata, lookup });
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
