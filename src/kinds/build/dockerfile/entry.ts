import type { Located, LocatedPath, Position } from '../../../document/index.js';
import type { DockerfilePlan } from '../../../evidence/index.js';
import type { Cache, Ssh } from '../../../reference/index.js';

/**
 * A secret of a build: by its id. `env` and `file` say where the value is; with
 * neither, the workflow's inputs give it. `at` is where it was asked for.
 */
export interface SecretEntry {
  readonly id: string;
  readonly env?: string;
  readonly file?: string;
  readonly at: Position;
}

/** A cache with the place of the entry that names it. */
export interface CacheEntry extends Cache {
  readonly at: Position;
}

/** What the plan has to judge, each with its place. Paths are relative to the root, with `/`; addresses are as written. */
interface Judged {
  readonly context: LocatedPath;
  readonly dockerfile: Located<string>;
  /** Where the stage to build is written. */
  readonly targetAt?: Position;
  readonly contexts: readonly (LocatedPath & { readonly name: string })[];
  /** Where each build argument is written. */
  readonly argPlaces: ReadonlyMap<string, Position>;
  readonly native: readonly Located<string>[];
  readonly secrets: readonly SecretEntry[];
  readonly ssh: readonly (Ssh & { readonly at: Position })[];
  readonly cacheFrom: readonly CacheEntry[];
  readonly cacheTo: readonly CacheEntry[];
  readonly network?: Located<string>;
  readonly cgroupParent?: Located<string>;
  readonly allow: readonly Located<string>[];
}

/** A build from a Dockerfile, as the configuration asks for it; what needs no judgement is as in the plan. */
export type DockerfileEntry = Judged & Omit<DockerfilePlan, keyof Judged | 'file'>;
