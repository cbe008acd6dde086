import { isUtf8 } from 'node:buffer';
import { join } from 'node:path';
import { fromRoot, LIMITS } from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import { type Files, NOT_A_FILE, pathEscape } from '../ports/index.js';
import type { Lock } from './lock.js';
import { readLock } from './read.js';

export const LOCK_NAME = 'sea-trial.lock';

/** Where a lock is looked for. */
export interface LockPlace {
  /** The root of the request, absolute. */
  readonly root: string;
  /** The folder of the configuration, relative to the root. */
  readonly folder: string;
  /** The author of an untrusted lock says what it is: a link would let its target be quoted. */
  readonly untrusted: boolean;
  readonly files: Files;
}

export type LoadedLock =
  | { readonly text: string; readonly lock: Lock; readonly faults: readonly Problem[] }
  | { readonly problems: readonly Problem[] };

/** Where the lock of a configuration is, absolute. */
export function lockPath({ root, folder }: Pick<LockPlace, 'root' | 'folder'>): string {
  return join(root, folder, LOCK_NAME);
}

function unreadable(code: string): string {
  if (code === 'EFBIG') return `the file is larger than ${LIMITS.bytes} bytes`;
  if (code === 'EISDIR') return 'this is a folder, and a file was expected';
  if (code === 'EFTYPE') return `this ${NOT_A_FILE}`;
  return `the file cannot be read: ${code}`;
}

/** The lock beside a configuration; undefined where there is none. */
export async function loadLock(place: LockPlace): Promise<LoadedLock | undefined> {
  const { root, untrusted, files } = place;
  const path = lockPath(place);
  const file = fromRoot(root, '.', path);
  const refuse = (message: string) => ({ problems: [{ file, message }] });
  const there = await files.look(path);
  if (there === undefined) return undefined;
  const scope = { root, workspace: root, files };
  if (untrusted && (there.kind === 'symlink' || (await pathEscape(path, scope)) === 'link')) {
    return refuse('a symbolic link is not allowed for the lock of an untrusted run');
  }
  try {
    const bytes = await files.read(path, LIMITS.bytes);
    if (!isUtf8(bytes)) return refuse('the file is not UTF-8');
    const text = bytes.toString('utf8');
    const read = readLock(text, file);
    return 'problems' in read ? read : { text, ...read };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return refuse(unreadable(code));
  }
}
