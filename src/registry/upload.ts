import { Readable } from 'node:stream';
import { discard } from './answer.js';
import { RegistryError } from './errors.js';
import { type Answer, type Ask, safeLocation, type Transport } from './transport.js';

export interface BlobUpload {
  readonly digest: string;
  readonly size: number;
  /** Opened once per try. */
  open(): Readable;
  /** A repository of the same registry that has the blob: it is mounted from there where possible. */
  readonly from?: string;
  /** Bytes per request; by default the whole blob goes in one (ECR loses later chunks). */
  readonly chunk?: number;
  readonly signal?: AbortSignal;
}

export type Uploaded = 'existed' | 'mounted' | 'uploaded';

export interface UploadPlace {
  readonly transport: Transport;
  /** `acme/greeter`. */
  readonly repository: string;
  readonly scopes: readonly string[];
  hasBlob(digest: string, signal?: AbortSignal): Promise<boolean>;
}

/** Some registries copy the whole blob before they answer. */
const COMMIT = 120_000;

type Plain = Omit<Ask, 'scopes' | 'signal'>;

function askFor(place: UploadPlace, upload: BlobUpload): (ask: Plain) => Promise<Answer> {
  return (ask) => place.transport.once({ ...ask, scopes: place.scopes, signal: upload.signal });
}

function locationOf(answer: Answer): string {
  discard(answer);
  return safeLocation(answer.headers.get('location'), answer.url, answer.request);
}

function withDigest(location: string, digest: string): string {
  // The location's own query is opaque: it must come back byte for byte.
  return `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
}

/** Where a blob goes on: nothing to do, an upload that was begun, or one to begin. */
type Start = 'mounted' | 'none' | { readonly location: string };

/** POST …/uploads/?mount=: a registry that does not mount begins an ordinary upload, or refuses. */
async function mount(place: UploadPlace, upload: BlobUpload): Promise<Start> {
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

/** PATCH per chunk (distribution-spec, "Pushing a blob in chunks"); gives the closing location. */
async function sendChunks(place: UploadPlace, upload: BlobUpload, location: string, size: number) {
  const ask = askFor(place, upload);
  let at = 0;
  let next = location;
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
  return next;
}

/** The source, which must have as many bytes as were promised: a server would wait for the rest. */
async function* exactly({ digest, size, open }: BlobUpload): AsyncGenerator<Buffer> {
  let sent = 0;
  const wrong = () => new Error(`the blob ${digest} has not the ${size} bytes of its descriptor`);
  for await (const chunk of open() as AsyncIterable<Buffer>) {
    sent += chunk.length;
    if (sent > size) throw wrong();
    yield chunk;
  }
  if (sent !== size) throw wrong();
}

async function send(place: UploadPlace, upload: BlobUpload, start: Start) {
  const ask = askFor(place, upload);
  const url = `/v2/${place.repository}/blobs/uploads/`;
  let location =
    typeof start === 'object'
      ? start.location
      : locationOf(await ask({ method: 'POST', url, expect: [202] }));
  const whole = {
    size: upload.size,
    open: () => Readable.from(exactly(upload), { objectMode: false }),
  };
  const inChunks = upload.chunk !== undefined && upload.chunk < upload.size;
  if (inChunks) location = await sendChunks(place, upload, location, upload.chunk);
  const done = await ask({
    method: 'PUT',
    url: withDigest(location, upload.digest),
    headers: { 'content-type': 'application/octet-stream' },
    body: inChunks ? { size: 0, open: () => Readable.from([]) } : whole,
    expect: [201, 204],
    idle: COMMIT,
  });
  discard(done);
}

/** An upload that the registry no longer knows is begun anew. */
function isLost(error: unknown): boolean {
  return (
    error instanceof RegistryError &&
    (error.ociCodes.includes('BLOB_UPLOAD_UNKNOWN') ||
      error.ociCodes.includes('BLOB_UPLOAD_INVALID'))
  );
}

/**
 * Mounts or uploads a blob: POST, then PUT with the body. A try that fails in
 * passing begins again from POST, unless the blob has arrived meanwhile.
 */
export function uploadBlob(place: UploadPlace, upload: BlobUpload): Promise<Uploaded> {
  let lost = false;
  return place.transport.retrying(upload.signal, async (attempt) => {
    if (attempt > 1 && (await place.hasBlob(upload.digest, upload.signal))) return 'uploaded';
    const tryMount = upload.from !== undefined && attempt === 1;
    const start = tryMount ? await mount(place, upload) : 'none';
    if (start === 'mounted') return 'mounted';
    try {
      await send(place, upload, start);
    } catch (error) {
      if (lost || !isLost(error)) throw error;
      lost = true;
      await send(place, upload, 'none');
    }
    return 'uploaded';
  });
}
