import { join } from 'node:path';
import { fromRoot } from '../document/index.js';
import type { Problem } from '../evidence/index.js';

/** Why a variable cannot be used: a sentence, or nothing where its own line has one already. */
export interface RefusedVariable {
  readonly refused?: string;
}

/** What a variable's name stands for, or why it cannot be used. */
export type Lookup = (name: string) => string | undefined | RefusedVariable;

/** What the readers of an entry of `images` need beside its nodes. */
export interface ReadContext {
  /** Absolute. */
  readonly root: string;
  /** The folder that paths start from, relative to the root. */
  readonly folder: string;
  /** The user's own folder, absolute; undefined where the environment names none. */
  readonly home: string | undefined;
  readonly find: Lookup;
  /** A Dockerfile's path starts at the context (a Compose file) or at the folder (the inputs). */
  readonly dockerfileFrom: 'context' | 'folder';
  /** The workflow's own inputs are read: an entry may say more than is known here. */
  readonly fromInputs: boolean;
  readonly problems: Problem[];
}

/** A path as a Compose file has it, relative to the root: `~/` is the user's own folder. */
export function readPath({ root, folder, home }: ReadContext, path: string): string {
  const own = home !== undefined && path.startsWith('~/') ? join(home, path.slice(2)) : path;
  return fromRoot(root, folder, own);
}
