import { Readable } from 'node:stream';
import { OciError } from './errors.js';
import { BLOCK } from './tar-header.js';

/** Whose a file of an archive is; without one it is root's. */
export interface TarOwner {
  readonly uid: number;
  readonly gid: number;
}

/** A regular file of an archive: its whole path, its size in bytes, and exactly so many bytes. */
export interface TarFile {
  readonly name: string;
  readonly size: number;
  readonly content: Readable | Buffer | (() => Readable);
  readonly mode?: number;
  readonly owner?: TarOwner;
}

/** A directory of an archive, or a symbolic link that says `target`. */
export type TarMark =
  | {
      readonly name: string;
      readonly kind: 'directory';
      readonly mode: number;
      readonly owner?: TarOwner;
    }
  | {
      readonly name: string;
      readonly kind: 'symlink';
      readonly target: string;
      readonly owner?: TarOwner;
    };

const OCTAL_LIMIT = 8 ** 11;

const TYPES = { directory: '5', symlink: '2' } as const;

function put(block: Buffer, text: string, from: number): void {
  block.write(text, from);
}

function octal(value: number, length: number): string {
  return value.toString(8).padStart(length - 1, '0');
}

interface EntryHeader {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly type: string;
  readonly link: string;
  readonly owner: TarOwner;
}

const ROOT: TarOwner = { uid: 0, gid: 0 };

function headerOf({ name, size, mode, type, link, owner }: EntryHeader): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100);
  put(block, octal(mode, 8), 100);
  put(block, octal(owner.uid, 8), 108);
  put(block, octal(owner.gid, 8), 116);
  put(block, octal(size < OCTAL_LIMIT ? size : 0, 12), 124);
  put(block, octal(0, 12), 136);
  put(block, '        ', 148);
  put(block, type, 156);
  block.write(link, 157, 100);
  put(block, 'ustar\x0000', 257);
  let sum = 0;
  for (const byte of block) sum += byte;
  put(block, `${octal(sum, 7)}\0 `, 148);
  return block;
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** A PAX record counts its own length, whose digits count too. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length !== length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

function headersOf(entry: TarFile | TarMark): Buffer {
  const { name } = entry;
  const size = 'size' in entry ? entry.size : 0;
  const link = 'target' in entry ? entry.target : '';
  const records: string[] = [];
  if (Buffer.byteLength(name) > 100) records.push(record('path', name));
  if (Buffer.byteLength(link) > 100) records.push(record('linkpath', link));
  if (size >= OCTAL_LIMIT) records.push(record('size', String(size)));
  const mode = ('mode' in entry ? entry.mode : undefined) ?? 0o644;
  const type = 'kind' in entry ? TYPES[entry.kind] : '0';
  const { owner = ROOT } = entry;
  const header = headerOf({ name, size, mode, type, link, owner });
  if (records.length === 0) return header;
  const pax = Buffer.from(records.join(''));
  const paxHeader = headerOf({
    name: 'pax',
    size: pax.length,
    mode: 0o644,
    type: 'x',
    link: '',
    owner: ROOT,
  });
  return Buffer.concat([paxHeader, pax, padding(pax.length), header]);
}

async function* contentOf({ name, size, content }: TarFile): AsyncGenerator<Buffer> {
  let written = 0;
  const source = typeof content === 'function' ? content() : content;
  for await (const chunk of Buffer.isBuffer(source)
    ? [source]
    : (source as AsyncIterable<Buffer>)) {
    written += chunk.length;
    if (written > size) break;
    yield chunk;
  }
  if (written === size) return;
  const found = written > size ? 'more' : `${written}`;
  throw new OciError('digest-mismatch', `${name} should have ${size} bytes; ${found} were read`, {
    found: `${found} bytes`,
    expected: `${size} bytes`,
  });
}

type Entries = Iterable<TarFile | TarMark> | AsyncIterable<TarFile | TarMark>;

async function* blocks(entries: Entries): AsyncGenerator<Buffer> {
  for await (const file of entries) {
    yield headersOf(file);
    if ('kind' in file) continue;
    yield* contentOf(file);
    const rest = padding(file.size);
    if (rest.length > 0) yield rest;
  }
  yield Buffer.alloc(2 * BLOCK);
}

/**
 * A tar archive (POSIX ustar with PAX where a name or a size needs it) of files,
 * directories and symbolic links, owned by root unless they say otherwise, times 0: the same files give the same bytes. The
 * stream fails with an OciError where a content has not the size announced.
 */
export function writeTar(entries: Entries): Readable {
  return Readable.from(blocks(entries), { objectMode: false });
}
