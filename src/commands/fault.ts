import { EngineError } from '../engine/index.js';

const FILES = 'too many files are open; raise the limit (ulimit -n), or lower --parallel';

const ERRNO: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full; free some space, or set TMPDIR to a folder on another disk'],
  ['EDQUOT', 'your quota of the disk is used up; free some space, or set TMPDIR to another disk'],
  ['EROFS', 'the disk cannot be written to; set TMPDIR to a folder on another one'],
  ['EIO', 'the disk failed to read or write'],
  ['EACCES', 'this user has no permission for it; give it that, or run as another user'],
  ['EPERM', 'this user has no permission for it; give it that, or run as another user'],
  ['ENOENT', 'it is not there; make it, or find out what has removed it'],
  ['ENOTDIR', 'a part of that path is not a folder; mend the path'],
  ['EMFILE', FILES],
  ['ENFILE', FILES],
]);

/** A fault of the surroundings in words; undefined for any other error. */
export function faultOf(error: unknown): string | undefined {
  if (error instanceof EngineError) {
    const { message, said } = error;
    if (said === '' || message.includes(said)) return message;
    return `${message}\n  | ${said.replaceAll('\n', '\n  | ')}`;
  }
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  const words = ERRNO.get(code ?? '');
  if (words === undefined) return undefined;
  const where = path === undefined ? '' : ` ${path}`;
  return `This machine could not ${syscall ?? 'write'}${where}: ${words}.`;
}
