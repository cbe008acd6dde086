import type { Readable } from 'node:stream';
import type { Clock, Http, HttpResponse, Resolve, Timeouts } from '../ports/index.js';
import { defined } from '../types/index.js';
import { brokenExchange, discard, failureOf } from './answer.js';
import { type Authorizer, createAuthorizer } from './auth.js';
import { baseUrl } from './base-url.js';
import type { Credentials } from './credentials.js';
import type { CutRequests } from './cut-requests.js';
import { RegistryError, redactedRequest } from './errors.js';
import { reasonOf } from './explain.js';
import type { LagClock } from './lag-clock.js';
import { retrying, TRIES } from './retry.js';
import { locationProblem } from './url-policy.js';

/** A body that can be sent again: each try opens it anew. */
export interface Body {
  readonly size: number;
  open(): Readable | Buffer;
}

export interface RegistryRequest extends Partial<Pick<Timeouts, 'idle' | 'head'>> {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** A path of the API (`/v2/…`) or a whole URL, as an upload's Location is. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** What a token must allow: `repository:acme/greeter:pull`. */
  readonly scopes: readonly string[];
  /** Statuses that are an answer; every other is a RegistryError. */
  readonly expect: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

export interface RegistryResponse extends HttpResponse {
  /** Where the answer came from, redirects followed. */
  readonly url: string;
  /** For errors about the answer's content. */
  readonly request: string;
}

interface TransportSetup {
  readonly http: Http;
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly random: () => number;
  readonly insecure: (registry: string) => Promise<boolean>;
  readonly waits?: (registry: string, pause: number) => void;
  readonly silences?: (what: string, attempt: number, of: number) => void;
  readonly lag: LagClock;
  readonly cuts: CutRequests;
}

/** Requests to one registry. `once` is one try; `send` repeats it and is for idempotent requests. */
export interface Transport {
  readonly registry: string;
  once(ask: RegistryRequest): Promise<RegistryResponse>;
  send(ask: RegistryRequest): Promise<RegistryResponse>;
  retrying<T>(signal: AbortSignal | undefined, once: (attempt: number) => Promise<T>): Promise<T>;
}

const REDIRECTS = 10;
const ANY_METHOD = new Set([307, 308]);
const READING_ONLY = new Set([301, 302, 303]);
const AGENT = 'sea-trial';

/** Resolves a Location against where it came from. Throws `protocol` or `unsafe`. */
export function safeLocation(location: string | undefined, from: string, request: string): string {
  if (location === undefined || !URL.canParse(location, from)) {
    const detail = location === undefined ? 'Location is missing' : 'Location is not a URL';
    throw new RegistryError({ code: 'protocol', request, detail });
  }
  const to = new URL(location, from);
  const problem = locationProblem(to, new URL(from));
  if (problem !== undefined) throw new RegistryError({ code: 'unsafe', request, detail: problem });
  return to.href;
}

function isRedirect(method: string, response: HttpResponse): boolean {
  const isReading = method === 'GET' || method === 'HEAD';
  return ANY_METHOD.has(response.status) || (isReading && READING_ONLY.has(response.status));
}

function headersFor(
  ask: RegistryRequest,
  authorization: string | undefined,
): Record<string, string> {
  return {
    'user-agent': AGENT,
    'accept-encoding': 'identity',
    ...ask.headers,
    ...(ask.body === undefined
      ? ask.method === 'GET' || ask.method === 'HEAD'
        ? {}
        : { 'content-length': '0' }
      : { 'content-length': String(ask.body.size) }),
    ...defined({ authorization }),
  };
}

/**
 * Sends one request and follows its redirects; Authorization goes to the registry's
 * own origin only, and only its own host may be a cloud's metadata service.
 */
async function follow(
  setup: TransportSetup,
  origin: string,
  ask: RegistryRequest,
  authorization: string | undefined,
): Promise<RegistryResponse> {
  let url = ask.url;
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const request = redactedRequest(ask.method, url);
    const ours = new URL(url).origin === origin;
    const sent = {
      method: ask.method,
      url,
      blockMetadata: new URL(url).host !== new URL(origin).host,
      headers: headersFor(ask, ours ? authorization : undefined),
      ...defined({ body: ask.body?.open(), signal: ask.signal, idle: ask.idle, head: ask.head }),
    };
    const response = await setup.cuts
      .watch(request, () => setup.http(sent))
      .catch((error: unknown) => {
        throw brokenExchange(error, request);
      });
    if (!isRedirect(ask.method, response)) return { ...response, url, request };
    discard(response);
    url = safeLocation(response.headers.get('location'), url, request);
  }
  const detail = `more than ${REDIRECTS} redirects`;
  throw new RegistryError({
    code: 'protocol',
    request: redactedRequest(ask.method, ask.url),
    detail,
  });
}

function secretsIn(authorization: string | undefined): readonly string[] {
  if (authorization === undefined) return [];
  const value = authorization.slice(authorization.indexOf(' ') + 1);
  if (!authorization.startsWith('Basic ')) return [value];
  const password = Buffer.from(value, 'base64')
    .toString('utf8')
    .replace(/[^:]*:/, '');
  return [value, password].filter((secret) => secret !== '');
}

async function exchange(
  setup: TransportSetup,
  authorizer: Authorizer,
  origin: string,
  ask: RegistryRequest,
): Promise<RegistryResponse> {
  ask.signal?.throwIfAborted();
  let authorization = await authorizer.header(ask.scopes, ask.signal);
  let answer = await follow(setup, origin, ask, authorization);
  if (answer.status === 401 && new URL(answer.url).origin === origin) {
    const challenge = answer.headers.get('www-authenticate');
    const refused = { challenge, sent: authorization };
    const renewed = await authorizer.answer(refused, ask.scopes, ask.signal);
    if (renewed !== undefined) {
      discard(answer);
      authorization = renewed;
      answer = await follow(setup, origin, ask, authorization);
    }
  }
  if (ask.expect.includes(answer.status)) return answer;
  const isRefusal = answer.status === 401 || answer.status === 403;
  const login = isRefusal ? { login: await authorizer.hasLogin().catch(() => true) } : {};
  const shown = { request: answer.request, secrets: secretsIn(authorization), ...login };
  throw await failureOf(answer, shown, setup.clock.now());
}

/** Requests that wait until about the same moment are reported as one pause. */
const SAME_MOMENT = 1_000;

/** Tells of the pauses that a registry asks for. */
function pauseTeller({ clock, waits }: TransportSetup, registry: string) {
  let until = Number.NEGATIVE_INFINITY;
  return (pause: number) => {
    const end = clock.ticks() + pause;
    if (end > until + SAME_MOMENT) waits?.(registry, pause);
    until = Math.max(until, end);
  };
}

/** One way to speak to a registry. */
interface RegistryAccess {
  readonly base: string;
  /** Whatever certificate it has is taken. */
  readonly unverified: boolean;
}

/** The ways to a registry in the order that docker tries them for one that is insecure. */
function accessesTo(base: string): readonly [RegistryAccess, ...RegistryAccess[]] {
  const way = { base, unverified: false };
  if (!base.startsWith('https:')) return [way];
  const plain = base.replace(/^https:/, 'http:');
  return [way, { base, unverified: true }, { base: plain, unverified: false }];
}

/** Requests over one way; a login goes to that registry's own machine alone. */
function exchangesOver(
  { base, unverified }: RegistryAccess,
  setup: TransportSetup,
  registry: string,
) {
  const { host, origin } = new URL(base);
  const http: Http = (asked) =>
    setup.http(unverified && new URL(asked.url).host === host ? { ...asked, unverified } : asked);
  const over = { ...setup, http };
  const authorizer = createAuthorizer({ ...over, registry, base });
  return (ask: RegistryRequest) => {
    const url = ask.url.startsWith('/') ? base + ask.url : ask.url;
    return exchange(over, authorizer, origin, { ...ask, url });
  };
}

const NO_ANSWER: ReadonlySet<unknown> = new Set(['unreachable', 'cut-off', 'timed-out']);

function isSilence(error: unknown): boolean {
  return error instanceof RegistryError && NO_ANSWER.has(error.code);
}

export function createTransport(setup: TransportSetup, registry: string): Transport {
  const ways = accessesTo(baseUrl(registry)).map((way) => exchangesOver(way, setup, registry));
  let at = 0;
  // The way on which it once answered is the one: what fails there later is no matter of the way.
  let settled = ways.length === 1;
  const once = async (ask: RegistryRequest): Promise<RegistryResponse> => {
    const tried = at;
    try {
      const answer = await (ways[tried] as (typeof ways)[number])(ask);
      settled = true;
      return answer;
    } catch (error) {
      const silent = isSilence(error);
      settled ||= !silent && error instanceof RegistryError;
      if (!silent || (settled && at === tried)) throw error;
      if (!(await setup.insecure(registry))) throw error;
      // Others may have gone on meanwhile.
      if (at !== tried) return once(ask);
      at = (tried + 1) % ways.length;
      if (at === 0) throw error;
      return once(ask);
    }
  };
  const { clock, random, lag } = setup;
  const waits = pauseTeller(setup, registry);
  const silences = (error: RegistryError, tries: number) =>
    setup.silences?.(reasonOf(error), tries + 1, TRIES);
  const again: Transport['retrying'] = (signal, work) =>
    retrying({ clock, random, signal, waits, silences, lag, registry }, work);
  return {
    registry,
    once,
    send: (ask) => again(ask.signal, () => once(ask)),
    retrying: again,
  };
}
