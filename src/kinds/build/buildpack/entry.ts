import type { Located, LocatedPath, Position } from '../../../document/index.js';
import type { BuildpackPlan } from '../../../evidence/index.js';
import type { CacheEntry, SecretEntry } from '../dockerfile/entry.js';

/** A service binding: the names of its files, each with the secret that it holds. */
interface BindingEntry {
  readonly name: string;
  readonly type: string;
  readonly entries: readonly (BuildpackPlan['bindings'][number]['entries'][number] & {
    readonly at: Position;
  })[];
  readonly at: Position;
}

/** What the plan has to judge, each with its place. Paths are relative to the root, with `/`. */
interface LocatedParts {
  readonly context: LocatedPath;
  readonly builder: Located<string>;
  readonly flow: Located<BuildpackPlan['flow']>;
  readonly runImage?: Located<string>;
  readonly buildpacks: readonly LocatedPath[];
  readonly preBuildpacks: readonly LocatedPath[];
  readonly postBuildpacks: readonly LocatedPath[];
  readonly process?: Located<string>;
  readonly descriptor?: LocatedPath;
  readonly trustBuilder: Located<boolean>;
  readonly network?: Located<string>;
  readonly volumes: readonly Located<string>[];
  readonly bindings: readonly BindingEntry[];
  readonly secrets: readonly SecretEntry[];
  readonly cacheFrom: readonly CacheEntry[];
  readonly cacheTo: readonly CacheEntry[];
}

/** A build with buildpacks, as the configuration asks for it; what needs no judgement is as in the plan. */
export type BuildpackEntry = LocatedParts & Omit<BuildpackPlan, keyof LocatedParts>;
