import { isAbsolute, join } from 'node:path';
import { isObject, jsonIn } from '../oci/index.js';
import type { Files } from '../ports/index.js';
import { plannedBuildpack } from '../reference/index.js';
import { defined } from '../types/index.js';
import { BUILDPACK_TOML_LIMIT, readBuildpackToml } from './buildpack-toml.js';
import type { ImageReader } from './image-reader.js';

/** A buildpack that a build brings to its builder. */
export interface ForeignBuildpack {
  /** As the plan has it. */
  readonly planned: string;
  /** What it calls itself and all that it holds, `ID@VERSION`; undefined where that cannot be read before the build. */
  readonly provides?: readonly string[];
}

interface ForeignPlaces {
  readonly reader: ImageReader;
  readonly files: Pick<Files, 'read'>;
  /** Relative paths of the plan start there. */
  readonly root: string;
  readonly platforms: readonly string[];
}

/** Says what a package of buildpacks holds, by ID and version (pack: pkg/dist/dist.go). */
const LAYERS = 'io.buildpacks.buildpack.layers';

async function inPackage(reference: string, { reader, platforms }: ForeignPlaces) {
  const { value } = await reader.read('The buildpack', reference, platforms);
  return value?.images.flatMap(({ config }) => {
    const layers = jsonIn(config.labels.get(LAYERS) ?? '');
    return Object.entries(isObject(layers) ? layers : {}).flatMap(([id, versions]) =>
      Object.keys(isObject(versions) ? versions : {}).map((version) => `${id}@${version}`),
    );
  });
}

async function inFolder(path: string, { files, root }: ForeignPlaces) {
  const folder = isAbsolute(path) ? path : join(root, path);
  const text = await files
    .read(join(folder, 'buildpack.toml'), BUILDPACK_TOML_LIMIT)
    .catch(() => undefined);
  const read = text === undefined ? undefined : readBuildpackToml(text.toString('utf8'));
  if (read === undefined || 'fault' in read) return undefined;
  return [`${read.value.id}@${read.value.version}`];
}

function readSource(planned: string, places: ForeignPlaces) {
  const source = plannedBuildpack(planned);
  if (source.from === 'path') return inFolder(source.path, places);
  if (source.from === 'image') return inPackage(source.reference, places);
  if (source.from !== 'registry' || source.version === undefined) return undefined;
  return [`${source.id}@${source.version}`];
}

async function providedBy(planned: string, places: ForeignPlaces) {
  const provides = await readSource(planned, places);
  return provides === undefined || provides.length === 0 ? undefined : [...new Set(provides)];
}

/** Reads what the buildpacks are that a build brings to its builder. Rejects with the signal's reason only. */
export function readForeignBuildpacks(
  planned: readonly string[],
  places: ForeignPlaces,
): Promise<readonly ForeignBuildpack[]> {
  const read = planned.map(async (one): Promise<ForeignBuildpack> => {
    return defined({ planned: one, provides: await providedBy(one, places) });
  });
  return Promise.all(read);
}
