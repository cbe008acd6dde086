import { constants, createReadStream, createWriteStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { defined } from '../types/index.js';
import { readFile } from './read-file.js';

/** What a file system says of a path; links are not followed. `size` is in bytes. */
export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly size: number;
  /** Permission bits, e.g. 0o644. */
  readonly mode: number;
  /** Nanoseconds since 1970, as the file system has it. */
  readonly modified: bigint;
}

/** The file system. Paths are absolute. Errors are node's, with their `code`. */
export interface Files {
  /** Facts about a path itself, or undefined where nothing is. */
  look(path: string): Promise<FileFacts | undefined>;
  /** What a symbolic link says. */
  target(path: string): Promise<string>;
  /** Names in a directory, sorted by code unit. */
  list(path: string): Promise<readonly string[]>;
  /**
   * The whole content; what holds more than `most` bytes, without end maybe, is an
   * `EFBIG`, and what is no file and says nothing an `EFTYPE`. The signal
   * ends the waiting for a pipe.
   */
  read(path: string, most?: number, signal?: AbortSignal): Promise<Buffer>;
  write(path: string, content: string | Buffer, mode?: number): Promise<void>;
  append(path: string, content: string): Promise<void>;
  reader(path: string, range?: { readonly start: number; readonly end: number }): Readable;
  writer(path: string): Writable;
  rename(from: string, to: string): Promise<void>;
  link(target: string, path: string): Promise<void>;
  /** A second name for a file; `EXDEV` where it would be on another file system. */
  hardLink(file: string, path: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  /** A new private directory (0700) under the system's or the given temporary one. */
  makeTemporary(prefix: string, parent?: string): Promise<string>;
  /** Removes a file or a tree; nothing there is no error. */
  remove(path: string): Promise<void>;
  /** Bytes that an ordinary user may still write on the path's file system. */
  free(path: string): Promise<number>;
  isExecutable(path: string): Promise<boolean>;
}

function kindOf(stat: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }) {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  return stat.isSymbolicLink() ? 'symlink' : 'other';
}

/** What lstat(2) says of a path at which nothing is, or can be. */
const NOWHERE: ReadonlySet<string | undefined> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ENAMETOOLONG',
  'ELOOP',
]);

/** Bytes of the largest file that is read whole. */
const MOST_READ = 16 * 1024 * 1024;

/** The real port over node:fs. */
export const files: Files = {
  async look(path) {
    try {
      const stat = await fs.lstat(path, { bigint: true });
      return {
        kind: kindOf(stat),
        size: Number(stat.size),
        mode: Number(stat.mode) & 0o7777,
        modified: stat.mtimeNs,
      };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (NOWHERE.has(code)) return undefined;
      throw error;
    }
  },
  target: (path) => fs.readlink(path),
  list: async (path) => (await fs.readdir(path)).sort(),
  read: (path, most = MOST_READ, signal) => readFile(path, most, signal),
  write: (path, content, mode) => fs.writeFile(path, content, defined({ mode })),
  append: (path, content) => fs.appendFile(path, content),
  reader: (path, range) => createReadStream(path, { highWaterMark: 256 * 1024, ...range }),
  writer: (path) => createWriteStream(path, { highWaterMark: 1024 * 1024 }),
  rename: (from, to) => fs.rename(from, to),
  link: (target, path) => fs.symlink(target, path),
  hardLink: (file, path) => fs.link(file, path),
  makeDirectory: async (path) => {
    await fs.mkdir(path, { recursive: true });
  },
  makeTemporary: (prefix, parent = tmpdir()) => fs.mkdtemp(join(parent, prefix)),
  remove: (path) => fs.rm(path, { recursive: true, force: true }),
  async free(path) {
    const { bavail, bsize } = await fs.statfs(path);
    return bavail * bsize;
  },
  async isExecutable(path) {
    try {
      await fs.access(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
};
