import type { Publication } from '../evidence/index.js';
import { parseManifest } from '../oci/index.js';
import {
  type ReadOptions,
  RegistryError,
  type Repository,
  readServed,
  type ServedDocument,
} from '../registry/index.js';

/** What a tag served before this run, and what a pull of each platform weighed. */
export type Before = NonNullable<Publication['targets'][number]['before']>;

/** The same, with what is listed there. */
export interface TagBefore {
  readonly facts: Before;
  readonly document: ServedDocument;
}

type Weighed = Before['platforms'][number];

/** Bytes of a platform's configuration and layers, compressed as they are pulled. */
async function weigh(repository: Repository, digest: string, reading: ReadOptions) {
  const { bytes } = await repository.getManifest(digest, reading);
  const { value } = parseManifest(bytes, digest);
  if (value?.kind !== 'manifest') return undefined;
  return [value.config, ...value.layers].reduce((sum, { size }) => sum + size, 0);
}

async function weighAll(repository: Repository, { entries }: ServedDocument, reading: ReadOptions) {
  const weighed: Weighed[] = [];
  for (const { digest, platform, isAttestation } of entries) {
    if (platform === undefined || isAttestation) continue;
    const size = await weigh(repository, digest, reading);
    if (size !== undefined) weighed.push({ platform, size });
  }
  return weighed;
}

/** A repository that does not exist yet may not be asked about: the upload will tell. */
function unlessRefused(error: unknown): undefined {
  const isRefusal =
    error instanceof RegistryError && (error.code === 'denied' || error.code === 'unauthorized');
  if (!isRefusal) throw error;
}

/**
 * What a tag serves now, or undefined where there is none. Where it is `ours` already,
 * or where only its sizes cannot be read, `platforms` is empty.
 */
export async function servedBefore(
  repository: Repository,
  tag: string,
  ours: string,
  signal: AbortSignal,
): Promise<TagBefore | undefined> {
  const hint = await repository.headManifest(tag, signal).catch(unlessRefused);
  // A HEAD that says nothing does not say either that there is a tag; what it says is a claim.
  const document = hint && (await readServed(repository, tag, { signal }));
  if (document === undefined) return undefined;
  const { digest } = document;
  const weighed = () => weighAll(repository, document, { signal }).catch(() => []);
  return { facts: { digest, platforms: digest === ours ? [] : await weighed() }, document };
}
