import { EngineError } from '../engine/index.js';
import { diskFault } from '../evidence/index.js';

const FILES = 'too many files are open; raise the limit (ulimit -n), or lower --parallel';

/** EFBIG of write(2). */
const TOO_LARGE =
  'it would be larger than a file may be for this user or on this file system; raise the limit (ulimit -f), or use another file system';

const ERRNO: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'this user has no permission for it; grant it, or run as another user'],
  ['EPERM', 'this user has no permission for it; grant it, or run as another user'],
  ['ENOENT', 'it does not exist; create it, or find out what removed it'],
  ['EISDIR', 'it is a folder, and a file was expected; fix the path'],
  ['EFBIG', 'it is larger than such a file may be; check what it is'],
  ['EFTYPE', 'it is a pipe, a device or a socket, and a file was expected; fix the path'],
  ['ENOTDIR', 'a part of that path is not a folder; fix the path'],
  ['EMFILE', FILES],
  ['ENFILE', FILES],
]);

/** An error of the engine or the system as a sentence; undefined for any other error. */
export function systemErrorText(error: unknown): string | undefined {
  if (error instanceof EngineError) {
    const { message, said } = error;
    if (message.includes(said)) return message;
    return `${message}\n  | ${said.replaceAll('\n', '\n  | ')}`;
  }
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  const words =
    diskFault(code) ?? (code === 'EFBIG' && syscall !== 'read' ? TOO_LARGE : ERRNO.get(code ?? ''));
  if (words === undefined) return undefined;
  const where = path === undefined ? '' : ` ${path}`;
  return `This machine could not ${syscall ?? 'write'}${where}: ${words}.`;
}
