import type { Located, LocatedPath, Position } from '../../../document/index.js';
import type { BuildpackPlan } from '../../../evidence/index.js';
import type { CacheEntry, SecretEntry } from '../dockerfile/entry.js';

/** What the plan has to judge, each with its place. Paths are relative to the root, with `/`. */
interface LocatedParts {
  readonly context: LocatedPath;
  readonly builder: Located<string>;
  readonly flow: Located<BuildpackPlan['flow']>;
  readonly runImage?: Located<string>;
  readonly buildpacks: readonly Located<string>[];
  readonly preBuildpacks: readonly Located<string>[];
  readonly postBuildpacks: readonly Located<string>[];
  readonly descriptor?: LocatedPath;
  readonly trustBuilder: Located<boolean>;
  readonly network?: Located<string>;
  readonly volumes: readonly Located<string>[];
  readonly bindings: readonly (BuildpackPlan['bindings'][number] & { readonly at: Position })[];
  readonly secrets: readonly SecretEntry[];
  readonly cacheFrom: readonly CacheEntry[];
  readonly cacheTo: readonly CacheEntry[];
}

/** A build with buildpacks, as the configuration asks for it; what needs no judgement is as in the plan. */
export type BuildpackEntry = LocatedParts & Omit<BuildpackPlan, keyof LocatedParts>;
