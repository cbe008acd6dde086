import { Readable } from 'node:stream';
import { defined } from '../types/index.js';
import { discard } from './answer.js';
import { RegistryError } from './errors.js';
import {
  type Body,
  type RegistryRequest,
  type RegistryResponse,
  safeLocation,
  type Transport,
} from './transport.js';

export interface BlobUpload {
  readonly digest: string;
  readonly size: number;
  /** Opened once per try. */
  open(): Readable;
  /** A repository of the same registry that has the blob: it is mounted from there where possible. */
  readonly from?: string;
  readonly signal?: AbortSignal;
}

export type Uploaded = 'existed' | 'mounted' | 'uploaded';

interface UploadTarget {
  readonly transport: Transport;
  /** `acme/greeter`. */
  readonly repository: string;
  readonly scopes: readonly string[];
  hasBlob(digest: string, signal?: AbortSignal): Promise<boolean>;
}

/** Some registries copy the whole blob before they answer. */
const COMMIT = { idle: 120_000, head: 180_000 };

/** Bytes of a chunk, unless the registry asks for more: what nginx lets through by default. */
const CHUNK = 1024 * 1024;

/** A chunk is held in memory. */
const LARGEST_CHUNK = 64 * 1024 * 1024;

type Plain = Omit<RegistryRequest, 'scopes' | 'signal'>;

function askFor(
  place: UploadTarget,
  upload: BlobUpload,
): (ask: Plain) => Promise<RegistryResponse> {
  return (ask) => place.transport.once({ ...ask, scopes: place.scopes, signal: upload.signal });
}

function locationOf(answer: RegistryResponse): string {
  discard(answer);
  return safeLocation(answer.headers.get('location'), answer.url, answer.request);
}

function withDigest(location: string, digest: string): string {
  // The location's own query is opaque: it must come back byte for byte.
  return `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
}

/** Where a blob goes on: nothing to do, an upload that was begun, or one to begin. */
type UploadStart = 'mounted' | 'none' | { readonly location: string };

/** POST …/uploads/?mount=: a registry that does not mount begins an ordinary upload, or refuses. */
async function mount(place: UploadTarget, upload: BlobUpload): Promise<UploadStart> {
  const query = new URLSearchParams({ mount: upload.digest, from: upload.from ?? '' });
  try {
    const answer = await place.transport.once({
      method: 'POST',
      url: `/v2/${place.repository}/blobs/uploads/?${query}`,
      scopes: [...place.scopes, `repository:${upload.from}:pull`],
      expect: [201, 202],
      signal: upload.signal,
    });
    if (answer.status === 202) return { location: locationOf(answer) };
    discard(answer);
    return 'mounted';
  } catch (error) {
    if (error instanceof RegistryError && !error.transient) return 'none';
    throw error;
  }
}

function begin(place: UploadTarget, upload: BlobUpload): Promise<RegistryResponse> {
  const url = `/v2/${place.repository}/blobs/uploads/`;
  return askFor(place, upload)({ method: 'POST', url, expect: [202] });
}

/** PUT, with the whole blob, or without a body where chunks have brought it. */
async function close(place: UploadTarget, upload: BlobUpload, location: string, body?: Body) {
  const done = await askFor(
    place,
    upload,
  )({
    method: 'PUT',
    url: withDigest(location, upload.digest),
    headers: { 'content-type': 'application/octet-stream' },
    ...defined({ body }),
    expect: [201, 204],
    ...COMMIT,
  });
  discard(done);
}

async function* chunksOf(source: Readable, size: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const piece of source as AsyncIterable<Buffer>) {
    let rest = piece;
    while (length + rest.length >= size) {
      const taken = size - length;
      yield Buffer.concat([...held, rest.subarray(0, taken)]);
      rest = rest.subarray(taken);
      held = [];
      length = 0;
    }
    held.push(rest);
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(held);
}

/** The size of chunks that fits what the registry says (distribution-spec, `OCI-Chunk-Min-Length`). */
function chunkSize({ headers }: RegistryResponse): number {
  const least = Number(headers.get('oci-chunk-min-length') ?? 0);
  return Math.min(Math.max(CHUNK, least || 0), LARGEST_CHUNK);
}

/** PATCH per chunk (distribution-spec, "Pushing a blob in chunks"), then PUT without a body. */
async function sendInChunks(place: UploadTarget, upload: BlobUpload): Promise<void> {
  const ask = askFor(place, upload);
  const begun = await begin(place, upload);
  const size = chunkSize(begun);
  let at = 0;
  let next = locationOf(begun);
  for await (const chunk of chunksOf(upload.open(), size)) {
    const answer = await ask({
      method: 'PATCH',
      url: next,
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `${at}-${at + chunk.length - 1}`,
      },
      body: { size: chunk.length, open: () => chunk },
      expect: [202],
    });
    next = locationOf(answer);
    at += chunk.length;
  }
  await close(place, upload, next);
}

/** The source, which must have as many bytes as were promised: a server would wait for the rest. */
async function* exactly({ digest, size, open }: BlobUpload): AsyncGenerator<Buffer> {
  let sent = 0;
  const wrong = () =>
    new Error(`the blob ${digest} does not have the ${size} bytes of its descriptor`);
  for await (const chunk of open() as AsyncIterable<Buffer>) {
    sent += chunk.length;
    if (sent > size) throw wrong();
    yield chunk;
  }
  if (sent !== size) throw wrong();
}

async function sendWhole(
  place: UploadTarget,
  upload: BlobUpload,
  start: UploadStart,
): Promise<void> {
  const location =
    typeof start === 'object' ? start.location : locationOf(await begin(place, upload));
  const open = () => Readable.from(exactly(upload));
  await close(place, upload, location, { size: upload.size, open });
}

/** An upload that the registry no longer knows is begun anew. */
function isLost(error: unknown): boolean {
  return (
    error instanceof RegistryError &&
    (error.ociCodes.includes('BLOB_UPLOAD_UNKNOWN') ||
      error.ociCodes.includes('BLOB_UPLOAD_INVALID'))
  );
}

/** A proxy before the registry, or it itself, does not take a body of this size. */
function isTooLarge(error: unknown): boolean {
  return error instanceof RegistryError && error.status === 413;
}

/**
 * Mounts or uploads a blob: POST, then PUT with the body; in chunks where that is
 * refused as too large (some registries lose later chunks, so that this is not the
 * first way). A try that fails in passing begins again from POST, unless the blob
 * has arrived meanwhile.
 */
export function uploadBlob(place: UploadTarget, upload: BlobUpload): Promise<Uploaded> {
  let lost = false;
  let inChunks = false;
  const send = (start: UploadStart) =>
    inChunks ? sendInChunks(place, upload) : sendWhole(place, upload, start);
  return place.transport.retrying(upload.signal, async (attempt) => {
    if (attempt > 1 && (await place.hasBlob(upload.digest, upload.signal))) return 'uploaded';
    const tryMount = upload.from !== undefined && attempt === 1;
    const start = tryMount ? await mount(place, upload) : 'none';
    if (start === 'mounted') return 'mounted';
    try {
      await send(start);
    } catch (error) {
      if (!inChunks && isTooLarge(error)) inChunks = true;
      else if (!lost && isLost(error)) lost = true;
      else throw error;
      await send('none');
    }
    return 'uploaded';
  });
}
