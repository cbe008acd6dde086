import { hashFor } from '../oci/index.js';
import { isDigest } from '../reference/index.js';
import { defined } from '../types/index.js';
import { brokenExchange, claimIn, discard, encodingProblem } from './answer.js';
import { RegistryError } from './errors.js';
import { PATIENCE } from './patience.js';
import type { RegistryResponse, Transport } from './transport.js';

export interface BlobRead {
  readonly digest: string;
  readonly size: number;
  readonly signal?: AbortSignal;
  /** A 404 may pass soon: the blob was pushed a moment ago. */
  readonly fresh?: boolean;
  /** It is asked for once, and not for long. */
  readonly once?: boolean;
  /** Gets the bytes in their order, and is waited for; they are the blob's only when the reading has ended. */
  readonly keep?: (bytes: Buffer) => unknown;
}

interface BlobAddress {
  readonly transport: Transport;
  readonly path: string;
  readonly scopes: readonly string[];
}

async function openAt(place: BlobAddress, read: BlobRead, at: number): Promise<RegistryResponse> {
  return place.transport.once({
    method: 'GET',
    url: place.path,
    headers: at === 0 ? {} : { range: `bytes=${at}-` },
    scopes: place.scopes,
    expect: at === 0 ? [200] : [200, 206],
    signal: read.signal,
    ...(read.once ? { idle: PATIENCE } : {}),
  });
}

/** How many bytes of this answer were already read; a part that starts elsewhere is refused. */
function alreadyRead(answer: RegistryResponse, at: number): number {
  if (answer.status === 200) return at;
  const range = answer.headers.get('content-range') ?? 'none';
  if (range.startsWith(`bytes ${at}-`)) return 0;
  discard(answer);
  const detail = `bytes from ${at} on were requested, Content-Range is ${range}`;
  throw new RegistryError({ code: 'protocol', request: answer.request, detail, transient: true });
}

function wrong(request: string, detail: string): RegistryError {
  return new RegistryError({ code: 'wrong-digest', request, detail });
}

/** The digests of a blob: the one that it was asked for by, and in the algorithms of those that it is called. */
function digestsBy(wanted: string) {
  const hashes = new Map([[wanted, hashFor(wanted)]]);
  const claims = new Set<string>();
  return {
    /** Hashed in another algorithm only from the beginning on. */
    called(claim: string | undefined, at: number) {
      if (claim === undefined) return;
      claims.add(claim);
      if (at === 0 && isDigest(claim)) hashes.set(claim, hashFor(claim));
    },
    update: (bytes: Buffer) => hashes.forEach(({ hash }) => void hash.update(bytes)),
    /** What the bytes are in the algorithm of `wanted`, and what they are called and are not. */
    end() {
      const found = [...hashes.values()].map(
        ({ hash, algorithm }) => `${algorithm}:${hash.digest('hex')}`,
      );
      return { digest: found[0], other: [...claims].find((claim) => !found.includes(claim)) };
    },
  };
}

/**
 * Reads a blob whole, counted and hashed on its way; rejects, as soon as too
 * much comes, where the bytes are not what `digest` and `size` say, or where clients
 * would take them for encoded. Gives what the registry called them, where that is no
 * digest of them. A cut connection is taken up again where it broke.
 */
export async function checkBlob(place: BlobAddress, read: BlobRead): Promise<string | undefined> {
  const digests = digestsBy(read.digest);
  let at = 0;
  let request = `GET ${place.path}`;
  let done = false;
  /** Bytes of one answer until it ends or breaks; what breaks is for the next try. */
  const next = () => {
    const ask = async () => {
      const answer = await openAt(place, read, at).catch((error: unknown) => {
        throw read.fresh && error instanceof RegistryError && error.code === 'not-found'
          ? soon(error)
          : error;
      });
      request = answer.request;
      const encoded = encodingProblem(answer);
      if (encoded !== undefined) {
        discard(answer);
        throw wrong(request, encoded);
      }
      digests.called(claimIn(answer), at);
      return { body: answer.body, skip: alreadyRead(answer, at) };
    };
    return read.once ? ask() : place.transport.retrying(read.signal, ask);
  };
  for (let breaks = 0; !done; ) {
    let { body, skip } = await next();
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        const fresh = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - fresh.length;
        at += fresh.length;
        if (at > read.size) {
          throw wrong(request, `more than the ${read.size} bytes that its descriptor says`);
        }
        digests.update(fresh);
        await read.keep?.(fresh);
      }
      done = true;
    } catch (error) {
      const broken = brokenExchange(error, request);
      if (!(broken instanceof RegistryError) || !broken.transient || read.once || ++breaks >= 5)
        throw broken;
    }
  }
  if (at !== read.size) {
    throw wrong(request, `${at} bytes, its descriptor says ${read.size}`);
  }
  const { digest, other } = digests.end();
  if (digest !== read.digest) throw wrong(request, `its bytes are ${digest}`);
  return other;
}

/** The same error, marked as worth another look. */
export function soon(error: RegistryError): RegistryError {
  const { code, request, status, oci, body, cause } = error;
  return new RegistryError({
    code,
    request,
    oci,
    cause,
    fresh: true,
    ...defined({ status, body }),
  });
}
