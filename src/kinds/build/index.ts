import {
  child,
  type Key,
  type KeyTable,
  type Position,
  pairs,
  type Shape,
  type SourceNode,
} from '../../document/index.js';
import type { BuildPlan } from '../../evidence/index.js';
import type { ReadContext } from '../read-context.js';
import type { BuildpackEntry } from './buildpack/entry.js';
import { buildpackInputs, buildpackOf, buildpackShape } from './buildpack/keys.js';
import { readBuildpackBuild, writeBuildpackBuild } from './buildpack/read.js';
import type { DockerfileEntry } from './dockerfile/entry.js';
import {
  dockerfileInputs,
  dockerfileKeys,
  dockerfilePerPlatform,
  readDockerfileBuild,
  refusedKeys,
  writeDockerfileBuild,
} from './dockerfile/keys.js';

export { isBuildVariable } from './buildpack/entries.js';
export type { BuildpackEntry } from './buildpack/entry.js';
export type { CacheEntry, DockerfileEntry, SecretEntry } from './dockerfile/entry.js';
export { buildOptions } from './dockerfile/keys.js';

/** How an image is built, as the configuration asks for it: one of the kinds. */
export type BuildEntry = DockerfileEntry | BuildpackEntry;

const keys: KeyTable = {
  ...dockerfileKeys,
  buildpack: {
    shape: buildpackShape,
    description:
      'Builds with buildpacks instead of a Dockerfile; of the other keys, context, no_cache, secrets (in bindings) and caches of type registry go with it.',
  },
  ...refusedKeys,
};

/** What may stand under `build`. */
export const buildShape: Shape = { kind: 'map', what: '"build"', short: 'context', keys };

/** The action's inputs that describe a build, each with its path under `build`. */
export const buildInputs = [...dockerfileInputs, ...buildpackInputs];

function isTable(key: Key | undefined): boolean {
  return key !== undefined && 'shape' in key && key.shape.kind === 'table';
}

/** A scalar is the context. */
function asMap(written: SourceNode | undefined): SourceNode | undefined {
  if (written?.kind !== 'scalar') return written;
  const { at } = written;
  return { kind: 'map', at, entries: [{ key: 'context', at, value: written }] };
}

/** The only key of `buildpack` whose texts may hold placeholders: builder and run image are one for all platforms. */
const BUILDPACK_PER_PLATFORM = ['env'];

/** The keys of a build whose texts may hold placeholders. */
export const perPlatformKeys = [...dockerfilePerPlatform, ...BUILDPACK_PER_PLATFORM];

/** What becomes of the value of a key. */
type ChangeValue = (value: SourceNode, key: string) => SourceNode;

/** A tree with some of its values changed: those of the keys that are named. */
function mapKeys(raw: SourceNode, keys: readonly string[], change: ChangeValue): SourceNode {
  if (raw.kind !== 'map') return raw;
  const entries = raw.entries.map((one) =>
    keys.includes(one.key) ? { ...one, value: change(one.value, one.key) } : one,
  );
  return { ...raw, entries };
}

/** What is written under `build`, with `change` done to what may differ per platform. */
export function mapPerPlatform(build: SourceNode, change: ChangeValue): SourceNode {
  if (build.kind === 'scalar') return change(build, 'context');
  return buildpackOf(build) === undefined
    ? mapKeys(build, dockerfilePerPlatform, change)
    : mapKeys(build, ['buildpack'], (raw) => mapKeys(raw, BUILDPACK_PER_PLATFORM, change));
}

/** The tables of a build whose names may hold placeholders: build arguments, labels, variables and the like. */
export function perPlatformTables(
  build: SourceNode | undefined,
): readonly ReturnType<typeof pairs>[] {
  const buildpack = buildpackOf(build);
  const [raw, names] =
    buildpack === undefined
      ? [build, dockerfilePerPlatform.filter((name) => isTable(keys[name]))]
      : [buildpack, BUILDPACK_PER_PLATFORM];
  return names.map((name) => pairs(raw, name));
}

/** Reads the validated `build` of an image; `at` is where the image is written. */
export function readBuild(context: ReadContext, image: SourceNode): BuildEntry {
  const build = asMap(child(image, 'build'));
  const at: Position = build?.at ?? image.at;
  const buildpack = buildpackOf(build);
  return buildpack === undefined
    ? readDockerfileBuild(build, context, at)
    : readBuildpackBuild(build, buildpack, context, at);
}

/** The build as sea-trial.yml says it; caches and labels, which change no trial, are left out. */
export function writeBuild(plan: BuildPlan): Readonly<Record<string, unknown>> {
  return plan.kind === 'dockerfile' ? writeDockerfileBuild(plan) : writeBuildpackBuild(plan);
}
