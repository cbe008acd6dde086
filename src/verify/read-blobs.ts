import type { LimitFunction } from 'p-limit';
import type { Descriptor, ServedContent } from '../evidence/index.js';
import { RegistryError, type Repository } from '../registry/index.js';

/** Something that is not as its descriptor says. */
export type ServedFault = ServedContent['faults'][number];

/** Reads a blob whole and gives what is wrong with it. Rejects where the registry fails. */
export type ReadBlob = (
  blob: Descriptor,
  signal: AbortSignal,
) => Promise<Pick<ServedFault, 'kind' | 'detail'> | undefined>;

/** The fault of bytes that a registry's header calls by another digest. */
export function calledOther(claim: string) {
  return { kind: 'wrongClaim', detail: `Docker-Content-Digest is ${claim}` } as const;
}

async function read(repository: Repository, blob: Descriptor, signal: AbortSignal) {
  const { digest, size } = blob;
  try {
    const other = await repository.checkBlob({ digest, size, fresh: true, signal });
    return other === undefined ? undefined : calledOther(other);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const detail = error.detail ?? `the registry answers ${error.status}`;
    if (error.code === 'wrong-digest') return { kind: 'corrupt', detail } as const;
    if (error.code === 'not-found') return { kind: 'missing', detail } as const;
    throw error;
  }
}

function isAbort(error: unknown): boolean {
  return (error as Error)?.name === 'AbortError';
}

/**
 * Reads each blob of a repository once for all callers; another size is another read. Where
 * the caller that read it was stopped, the next caller reads it.
 */
export function blobReader(repository: Repository, limit: LimitFunction): ReadBlob {
  const known = new Map<string, ReturnType<ReadBlob>>();
  return (blob, signal) => {
    const key = `${blob.digest} ${blob.size}`;
    const again = () => limit(() => read(repository, blob, signal));
    const before = known.get(key);
    const work =
      before?.catch((error: unknown) => {
        if (isAbort(error) && !signal.aborted) return again();
        throw error;
      }) ?? again();
    known.set(key, work);
    return work;
  };
}
