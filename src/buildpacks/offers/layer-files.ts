import { createFileReader } from '../../contents/index.js';
import { RegistryError, type Repository, reasonOf } from '../../registry/index.js';
import { defined } from '../../types/index.js';
import type { PlatformBuilder } from '../builder.js';

/** Texts of some files of a layer by their paths, or a clause that says why they are not known. */
export type LayerFiles = ReadonlyMap<string, string> | { readonly fault: string };

const MIB = 1024 * 1024;

/** A buildpack without its dependencies has some MiB; a layer of all of a builder's has some hundred. */
const LIMITS = { stored: 512 * MIB, unpacked: 2048 * MIB, file: MIB };

/**
 * Reads files out of a layer in one pass, bounded; nothing of it is kept but these. What was
 * read is the layer's only if its digest and its DiffID are right.
 */
export async function layerFiles(
  repository: Repository,
  { digest, size, diffId }: PlatformBuilder['layers'][number],
  wanted: (path: string) => boolean,
  signal?: AbortSignal,
): Promise<LayerFiles> {
  if (size > LIMITS.stored) {
    return { fault: `its layer has ${Math.round(size / MIB)} MiB, more than are read` };
  }
  const reader = createFileReader(wanted, LIMITS);
  try {
    const keep = (chunk: Buffer) => reader.write(chunk);
    await repository.checkBlob({ digest, size, keep, ...defined({ signal }) });
  } catch (error) {
    reader.stop();
    if (!(error instanceof RegistryError)) throw error;
    return { fault: `its layer cannot be read: ${reasonOf(error)}` };
  }
  const read = await reader.end();
  if ('fault' in read) return { fault: `its layer ${digest} is damaged: ${read.fault}` };
  if (read.diffId !== diffId) {
    return { fault: `its layer ${digest} unpacks to ${read.diffId}; the builder says ${diffId}` };
  }
  return new Map([...read.files].map(([path, bytes]) => [path, bytes.toString('utf8')]));
}
