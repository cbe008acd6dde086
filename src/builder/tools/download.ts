import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Http, HttpResponse, Ports } from '../../ports/index.js';

type DownloadPorts = Pick<Ports, 'files' | 'http'>;

/** A program at an address, and the only content that is accepted. */
export interface Download {
  /** Without user and password. */
  readonly url: string;
  /** The `Authorization` header, sent to the address's own host and to no other. */
  readonly authorization?: string;
  /** SHA-256 in hex. */
  readonly sha256: string;
  /** The most bytes that are read. */
  readonly limit: number;
}

/** Why a file could not be downloaded: a sentence without a subject. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
}

const REDIRECTS = 5;

/** Why a request got no answer. */
function noAnswer(url: string, error: unknown): DownloadError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new DownloadError(`${new URL(url).host} did not answer (${code ?? message})`);
}

/** An address without its query, which may hold a signature that gives access. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** The address that a redirect names; https never leads to http. */
function redirected(from: string, to: string): string {
  if (!URL.canParse(to, from))
    throw new DownloadError(`${shown(from)} redirects to an invalid address`);
  const next = new URL(to, from);
  if (next.protocol === 'https:' || next.protocol === new URL(from).protocol) return next.href;
  throw new DownloadError(`${shown(from)} redirects from https to plain http, at ${next.host}`);
}

async function get(
  http: Http,
  { url, authorization }: Download,
  signal: AbortSignal,
): Promise<HttpResponse> {
  let place = url;
  for (let hops = 0; hops <= REDIRECTS; hops += 1) {
    const ours = authorization !== undefined && new URL(place).origin === new URL(url).origin;
    const headers = { accept: '*/*', ...(ours ? { authorization } : {}) };
    const request = { method: 'GET', url: place, headers, signal };
    const answer = await http(request).catch((error: unknown) => {
      signal.throwIfAborted();
      throw noAnswer(place, error);
    });
    if (answer.status === 200) return answer;
    answer.body.resume();
    const location = answer.headers.get('location');
    if (answer.status < 300 || answer.status >= 400 || location === undefined) {
      throw new DownloadError(`${shown(place)} answered ${answer.status}`);
    }
    place = redirected(place, location);
  }
  throw new DownloadError(`${shown(url)} redirects more than ${REDIRECTS} times`);
}

/** Passes bytes on, hashes them, and fails once there are too many. */
function hashing(limit: number) {
  const hash = createHash('sha256');
  let size = 0;
  const through = new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      hash.update(chunk);
      if (size > limit) done(new DownloadError(`it is larger than ${limit} bytes`));
      else done(null, chunk);
    },
  });
  return { through, digest: () => hash.digest('hex') };
}

/** The SHA-256 of a file in hex; undefined where there is no file. */
export async function sha256Of(
  path: string,
  files: DownloadPorts['files'],
  limit: number,
): Promise<string | undefined> {
  if ((await files.look(path))?.kind !== 'file') return undefined;
  const { through, digest } = hashing(limit);
  await pipeline(files.reader(path), through.resume());
  return digest();
}

/**
 * Downloads a program to `path`, executable. Rejects with `DownloadError` where the program
 * is not available or has other content, and with the signal's reason; then a part
 * of it may be there.
 */
export async function download(
  wanted: Download,
  path: string,
  { files, http }: DownloadPorts,
  signal: AbortSignal,
): Promise<void> {
  const { sha256, limit } = wanted;
  // A file keeps the mode that it was made with.
  await files.write(path, '', 0o755);
  const { body } = await get(http, wanted, signal);
  const { through, digest } = hashing(limit);
  await pipeline(body, through, files.writer(path), { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof DownloadError) throw error;
    throw new DownloadError(`it was received only in part (${(error as Error).message})`);
  });
  const found = digest();
  if (found !== sha256) {
    throw new DownloadError(`its SHA-256 is ${found}; expected ${sha256}`);
  }
}
