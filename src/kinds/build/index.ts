import {
  child,
  type KeyTable,
  type Position,
  type Shape,
  type SourceNode,
} from '../../document/index.js';
import type { BuildPlan } from '../../evidence/index.js';
import type { ReadContext } from '../read-context.js';
import type { BuildpackEntry } from './buildpack/entry.js';
import type { DockerfileEntry } from './dockerfile/entry.js';
import {
  dockerfileKeys,
  readDockerfileBuild,
  refusedKeys,
  writeDockerfileBuild,
} from './dockerfile/keys.js';

export type { BuildpackEntry } from './buildpack/entry.js';
export type { CacheEntry, DockerfileEntry, SecretEntry } from './dockerfile/entry.js';
export { buildInputs, buildOptions } from './dockerfile/keys.js';

/** How an image is built, as the configuration asks for it: one of the kinds. */
export type BuildEntry = DockerfileEntry | BuildpackEntry;

const keys: KeyTable = { ...dockerfileKeys, ...refusedKeys };

/** What may stand under `build`. */
export const buildShape: Shape = { kind: 'map', what: '"build"', short: 'context', keys };

/** A scalar is the context. */
function asMap(written: SourceNode | undefined): SourceNode | undefined {
  if (written?.kind !== 'scalar') return written;
  const { at } = written;
  return { kind: 'map', at, entries: [{ key: 'context', at, value: written }] };
}

/** Reads the validated `build` of an image; `at` is where the image is written. */
export function readBuild(context: ReadContext, image: SourceNode): BuildEntry {
  const build = asMap(child(image, 'build'));
  const at: Position = build?.at ?? image.at;
  return readDockerfileBuild(build, context, at);
}

/** The build as sea-trial.yml says it; caches and labels, which change no trial, are left out. */
export function writeBuild(plan: BuildPlan): Readonly<Record<string, unknown>> {
  if (plan.kind === 'dockerfile') return writeDockerfileBuild(plan);
  return { context: plan.context, buildpack: { builder: plan.builder } };
}
