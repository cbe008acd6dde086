import type { LimitFunction } from 'p-limit';
import type { ServedFault } from '../checks/index.js';
import type { Descriptor } from '../evidence/index.js';
import { RegistryError, type Repository } from '../registry/index.js';

/** Reads a blob whole and gives what is wrong with it. Rejects where the registry fails. */
export type ReadBlob = (
  blob: Descriptor,
  signal: AbortSignal,
) => Promise<Pick<ServedFault, 'kind' | 'detail'> | undefined>;

/** The fault that a claim is which is no digest of what it is about. */
export function calledOther(claim: string) {
  return { kind: 'miscalled', detail: `Docker-Content-Digest is ${claim}` } as const;
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
 * Each blob of the repository is read once, whoever asks and however often; sizes
 * that differ are other reads. Where the one who read it was stopped, the next reads it.
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
