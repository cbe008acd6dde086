import type { Problem } from '../evidence/index.js';
import type { Lookup } from './variables.js';

/** What the readers of an entry of `images` need beside its nodes. */
export interface ReadContext {
  /** Absolute. */
  readonly root: string;
  /** The folder that paths start from, relative to the root. */
  readonly folder: string;
  readonly find: Lookup;
  /** A Dockerfile's path starts at the context (a Compose file) or at the folder (the inputs). */
  readonly dockerfileFrom: 'context' | 'folder';
  /** The workflow's own inputs are read: an entry may say more than is known here. */
  readonly fromInputs: boolean;
  readonly problems: Problem[];
}
