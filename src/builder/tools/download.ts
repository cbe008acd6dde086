import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Http, HttpResponse, Ports } from '../../ports/index.js';

type World = Pick<Ports, 'files' | 'http'>;

/** A program to be had from an address, and the one content that is taken. */
interface Download {
  /** Without user and password. */
  readonly url: string;
  /** What the address's own host is told of who asks, and no other. */
  readonly authorization?: string;
  /** SHA-256 in hex. */
  readonly sha256: string;
  /** Bytes after which nobody reads on. */
  readonly limit: number;
}

/** Why a file could not be had: a sentence without a subject, for whoever asked for it. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
}

const REDIRECTS = 5;

/** Says why a request did not even get an answer. */
function noAnswer(url: string, error: unknown): DownloadError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new DownloadError(`${new URL(url).host} did not answer (${code ?? message})`);
}

/** An address without its query, in which a mirror may sign for whoever asks. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** The place that a redirect names; a secure connection is never left for an open one. */
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
    const asked = { method: 'GET', url: place, headers, signal };
    const answer = await http(asked).catch((error: unknown) => {
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

/** Lets bytes through, hashes them, and ends with an error once there are too many. */
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

/** The SHA-256 of a file in hex; undefined where none is. */
export async function sha256Of(
  path: string,
  files: World['files'],
  limit: number,
): Promise<string | undefined> {
  if ((await files.look(path))?.kind !== 'file') return undefined;
  const { through, digest } = hashing(limit);
  await pipeline(files.reader(path), through.resume());
  return digest();
}

/**
 * Fetches a program to `path`, which is there afterwards whole, executable and with
 * the right content, or as it was before. Rejects with `DownloadError` where it
 * cannot be had or is another file, and with the signal's reason.
 */
export async function download(
  wanted: Download,
  path: string,
  { files, http }: World,
  signal: AbortSignal,
): Promise<void> {
  const { sha256, limit } = wanted;
  await files.makeDirectory(dirname(path));
  const folder = await files.makeTemporary('.download-', dirname(path));
  try {
    const part = join(folder, 'part');
    // A file keeps the mode that it was made with.
    await files.write(part, '', 0o755);
    const { body } = await get(http, wanted, signal);
    const { through, digest } = hashing(limit);
    await pipeline(body, through, files.writer(part), { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof DownloadError) throw error;
      throw new DownloadError(`it was received only in part (${(error as Error).message})`);
    });
    const found = digest();
    if (found !== sha256) {
      throw new DownloadError(`it has the SHA-256 ${found}, and ${sha256} is expected`);
    }
    await files.rename(part, path);
  } finally {
    await files.remove(folder);
  }
}
