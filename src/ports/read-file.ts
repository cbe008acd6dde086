import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { defined } from '../types/index.js';

/** Milliseconds in which a pipe gets a program that writes to it. */
const OPENED = 1_000;

/** Milliseconds for which a pipe or a device may say nothing. */
const SILENT = 10_000;

const BETWEEN_LOOKS = 20;

/**
 * Opening a pipe that no program writes to, and reading from it, would keep one of
 * node's threads, and with it the whole process, whatever signal comes.
 */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** What is said of a path that leads to none of the things that are read. */
export const NOT_A_FILE = 'is a pipe (FIFO), a device or a socket; a file was expected';

type ReadErrorCode = 'EFBIG' | 'EISDIR' | 'EFTYPE';

function unread(path: string, code: ReadErrorCode, message: string): Error {
  return Object.assign(new Error(`${path} ${message}`), { code, path, syscall: 'read' });
}

/** What is there to be read now: nothing at the end, undefined where more may come. */
async function piece(file: fs.FileHandle): Promise<Buffer | undefined> {
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64 * 1024));
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

/** What is no file ends when it likes, or not at all. */
async function readToEnd(
  file: fs.FileHandle,
  isPipe: boolean,
  judge: (size: number) => void,
  signal?: AbortSignal,
): Promise<Buffer | 'unopened' | 'silent'> {
  const chunks: Buffer[] = [];
  let [size, since] = [0, performance.now()];
  for (;;) {
    const chunk = await piece(file);
    if (chunk !== undefined && chunk.length > 0) {
      chunks.push(chunk);
      size += chunk.length;
      judge(size);
      since = performance.now();
      continue;
    }
    const ended = chunk !== undefined;
    // Before a program has opened it for writing a pipe seems to be at its end, too.
    if (ended && (size > 0 || !isPipe)) return Buffer.concat(chunks);
    if (performance.now() - since > (ended ? OPENED : SILENT)) return ended ? 'unopened' : 'silent';
    await sleep(BETWEEN_LOOKS, undefined, defined({ signal }));
  }
}

/**
 * The whole content of a file, at most so many bytes; also what a program writes to
 * a pipe (`<(…)` of a shell). No other thing is waited for: `EFTYPE`.
 */
export async function readFile(path: string, most: number, signal?: AbortSignal): Promise<Buffer> {
  const file = await fs.open(path, FLAGS).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENXIO') throw error;
    throw unread(
      path,
      'EFTYPE',
      'is a socket, or a device that does not exist; a file was expected',
    );
  });
  try {
    const stat = await file.stat();
    const judge = (size: number) => {
      if (size > most) throw unread(path, 'EFBIG', `holds more than ${most} bytes`);
    };
    if (stat.isDirectory()) throw unread(path, 'EISDIR', 'is a folder');
    const read = await readToEnd(file, stat.isFIFO(), judge, signal);
    if (typeof read !== 'string') return read;
    const kind = stat.isFIFO() ? 'a pipe (FIFO)' : 'a device';
    const why = read === 'unopened' ? 'that no program writes to' : 'that gives nothing to read';
    throw unread(path, 'EFTYPE', `is ${kind} ${why}, not a file`);
  } finally {
    await file.close();
  }
}
