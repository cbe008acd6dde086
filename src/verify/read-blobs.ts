import type { ServedFault } from '../checks/index.js';
import type { Descriptor } from '../evidence/index.js';
import { RegistryError, type Repository } from '../registry/index.js';

/** Reads a blob whole and gives what is wrong with it. Rejects where the registry fails. */
export type ReadBlob = (
  blob: Descriptor,
) => Promise<Pick<ServedFault, 'kind' | 'detail'> | undefined>;

async function drain(repository: Repository, blob: Descriptor, signal?: AbortSignal) {
  const { digest, size } = blob;
  const stream = repository.getBlob({
    digest,
    size,
    fresh: true,
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    for await (const _ of stream) {
      // The stream itself counts and hashes.
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const detail = error.detail ?? `the registry answers ${error.status}`;
    if (error.code === 'wrong-digest') return { kind: 'corrupt', detail } as const;
    if (error.code === 'not-found') return { kind: 'missing', detail } as const;
    throw error;
  }
}

/** Each blob of the repository is read once, whoever asks and however often; sizes that differ are other reads. */
export function blobReader(
  repository: Repository,
  limit: <T>(work: () => Promise<T>) => Promise<T>,
  signal?: AbortSignal,
): ReadBlob {
  const known = new Map<string, ReturnType<ReadBlob>>();
  return (blob) => {
    const key = `${blob.digest} ${blob.size}`;
    const before = known.get(key) ?? limit(() => drain(repository, blob, signal));
    known.set(key, before);
    return before;
  };
}
