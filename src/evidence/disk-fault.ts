const DISK: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full; free some space, or set TMPDIR to a folder on another disk'],
  ['EDQUOT', 'your disk quota is used up; free some space, or set TMPDIR to another disk'],
  ['EROFS', 'the disk cannot be written to; set TMPDIR to a folder on another one'],
  ['EIO', 'the disk failed to read or write'],
]);

/** What is wrong with a disk, and what to do, by the code of one of node's errors. */
export function diskFault(code: string | undefined): string | undefined {
  return DISK.get(code ?? '');
}
