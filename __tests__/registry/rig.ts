import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
  request as send,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { files } from '../../src/ports/files.js';
import { type Clock, listen, realPorts } from '../../src/ports/index.js';
import {
  anonymous,
  type ClientSetup,
  createRegistryClient,
  type EmbeddedRegistry,
  type RegistryClient,
  type Repository,
  startEmbeddedRegistry,
} from '../../src/registry/index.js';
import { listening } from '../listening.js';

export const { http } = realPorts();

/** A clock whose sleep is over at once; it keeps what was slept. */
interface FakeClock extends Clock {
  readonly slept: number[];
  advance(milliseconds: number): void;
}

export function fakeClock(start = Date.parse('2026-01-01T00:00:00Z')): FakeClock {
  let passed = 0;
  const slept: number[] = [];
  return {
    slept,
    advance: (milliseconds) => {
      passed += milliseconds;
    },
    now: () => new Date(start + passed),
    ticks: () => passed,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      slept.push(milliseconds);
      passed += milliseconds;
    },
  };
}

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Closes after the test that is running. */
export function afterThisTest(close: () => Promise<void>): void {
  closing.push(close);
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface TestServer {
  readonly host: string;
  readonly seen: Seen[];
}

/** Answers one request; the body was read whole. */
type Reply = (seen: Seen, response: ServerResponse, count: number) => void | Promise<void>;

/** A server on loopback whose every answer the test writes. `count` is from 1. */
export async function serve(reply: Reply): Promise<TestServer> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    const { method = '', url = '', headers } = request;
    const one = { method, url, headers, body };
    seen.push(one);
    await reply(one, response, seen.length);
  });
  const { host, close } = await listening(server);
  afterThisTest(close);
  return { host, seen };
}

export function respond(
  response: ServerResponse,
  status: number,
  body: string | Buffer = '',
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers });
  response.end(body);
}

export function errorBody(code: string, message = ''): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

/** What ECR answers. */
const IMMUTABLE = errorBody(
  'TAG_INVALID',
  "The image tag 'a' already exists in the 'x' repository and cannot be overwritten because the tag is immutable.",
);

/** A client on fake time whose jitter is always the longest pause. */
export function clientFor(more: Partial<ClientSetup> = {}): RegistryClient {
  return createRegistryClient({
    http,
    clock: fakeClock(),
    credentials: anonymous,
    random: () => 1,
    ...more,
  });
}

export function repositoryAt(
  { host }: { readonly host: string },
  path = 'acme/greeter',
  more: Partial<ClientSetup> = {},
): Repository {
  return clientFor(more).repository(host, path);
}

/** An answered request; `url` is path and query. */
interface Answered {
  readonly method: string;
  readonly url: string;
  readonly status: number;
}

/** A registry in a directory, behind a listener that remembers what was asked. */
export interface Watched extends EmbeddedRegistry {
  readonly directory: string;
  /** Oldest first. */
  requests(): readonly Answered[];
}

/** Why a request is not passed on; undefined where it is. */
type Refuse = (
  method: string,
  url: string,
  upstream: string,
) => Promise<{ readonly status: number; readonly body: string } | undefined>;

async function watch(upstream: string, refuse: Refuse = async () => undefined) {
  const log: Answered[] = [];
  const listening = await listen(async (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    const refused = await refuse(method, url, upstream);
    if (refused !== undefined) {
      incoming.resume();
      log.push({ method, url, status: refused.status });
      return respond(outgoing, refused.status, refused.body);
    }
    const onward = send(`http://${upstream}${url}`, { method, headers }, (answer) => {
      const { statusCode: status = 0 } = answer;
      log.push({ method, url, status });
      outgoing.writeHead(status, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  return { ...listening, requests: () => [...log] };
}

async function startEmbedded(
  later: (close: () => Promise<void>) => void,
  refuse?: Refuse,
): Promise<Watched> {
  const directory = await files.makeTemporary('sea-trial-registry-');
  const registry = await startEmbeddedRegistry({ files, directory });
  const { host, requests, close: unwatch } = await watch(registry.host, refuse);
  const close = async () => {
    await unwatch();
    await registry.close();
  };
  later(async () => {
    await close();
    await files.remove(directory);
  });
  return { ...registry, host, requests, directory, close };
}

/** The embedded registry over a temporary directory, for one test. */
export function embedded(): Promise<Watched> {
  return startEmbedded((close) => closing.push(close));
}

/** The same, and it refuses to write a tag that is there: with these words, as registries do. */
export function immutable(status = 400, body = IMMUTABLE): Promise<Watched> {
  const refuse: Refuse = async (method, url, upstream) => {
    const tag = /\/manifests\/[^:]+$/.test(url);
    if (!tag || method !== 'PUT') return undefined;
    const { ok } = await fetch(`http://${upstream}${url}`, { method: 'HEAD' });
    return ok ? { status, body } : undefined;
  };
  return startEmbedded((close) => closing.push(close), refuse);
}

/** The same for all tests of a file, while they run. */
export function embeddedForAll(): Pick<Watched, 'host' | 'requests'> {
  let running: Watched | undefined;
  let close = async () => {};
  const registry = () => {
    if (running === undefined) throw new Error('the registry runs only while tests do');
    return running;
  };
  beforeAll(async () => {
    running = await startEmbedded((end) => {
      close = end;
    });
  });
  afterAll(() => close());
  return {
    get host() {
      return registry().host;
    },
    requests: () => registry().requests(),
  };
}

/** The tags that a registry on plain HTTP lists; none where it does not know the repository. */
export async function tagsOf(host: string, path: string): Promise<readonly string[]> {
  const answer = await fetch(`http://${host}/v2/${path}/tags/list`);
  const { tags } = (await answer.json()) as { readonly tags?: readonly string[] };
  return tags ?? [];
}

/** Whether a registry on plain HTTP has a blob. */
export async function hasBlob(host: string, path: string, digest: string): Promise<boolean> {
  const answer = await fetch(`http://${host}/v2/${path}/blobs/${digest}`, { method: 'HEAD' });
  return answer.ok;
}

/** What a promise was rejected with. */
export async function rejection(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it was not rejected');
}
