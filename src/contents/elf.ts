import { createHash } from 'node:crypto';
import { defined } from '../types/index.js';
import { architectureOf } from './elf-machines.js';
import type { ElfFacts, GoFacts, ProgramBytes } from './facts.js';
import { createGoSearch } from './go.js';

/*
 * The first bytes of a file are kept, for program headers and the interpreter's
 * name nearly always stand there. Where a tool moved them to the end, one window
 * further on is collected instead; what lies behind the reader is "unknown".
 */
export const HEAD = 64 * 1024;
const IDENT = 16;
const INTERPRETER_LIMIT = 4096;
const SEGMENTS = 512;
const LONGEST_HEADER = 64;
/** What is missing of a page, the kernel fills with zeros. */
const PAGE = 4096;
const PT_LOAD = 1;
const PT_INTERP = 3;
const PF_W = 2;
const PF_X = 1;
const TYPES = ['other', 'relocatable', 'executable', 'shared', 'core'] as const;

/** Fields of a header at their place and size by class and byte order. */
interface Header {
  readonly facts: Omit<ElfFacts, 'interpreter'>;
  readonly tableAt: number;
  readonly entrySize: number;
  readonly entries: number;
}

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
}

/** Reads of both byte orders; offsets beyond 2^53 become useless numbers, never negative ones. */
function numbers(bytes: Buffer, little: boolean, wide: boolean) {
  const half = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const word = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const long = (at: number) =>
    Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  return { half, word, address: wide ? long : word };
}

/** Reads an ELF header from a file's first bytes; a text says what is wrong with it. */
function parseElfHeader(bytes: Buffer): Header | string {
  if (bytes.length < IDENT + 4) return `its ELF header is cut off after ${bytes.length} bytes`;
  const [bits, order] = [bytes[4], bytes[5]];
  if (bits !== 1 && bits !== 2) return `its ELF class is ${bits}, neither 1 nor 2`;
  if (order !== 1 && order !== 2) return `its ELF byte order is ${order}, neither 1 nor 2`;
  const wide = bits === 2;
  const length = wide ? 64 : 52;
  if (bytes.length < length) return `its ELF header is cut off after ${bytes.length} bytes`;
  const { half, word, address } = numbers(bytes, order === 1, wide);
  const machine = {
    machine: half(18),
    class: wide ? 64 : 32,
    data: order === 1 ? 'little' : 'big',
  } as const;
  const type = TYPES[half(16)] ?? 'other';
  return {
    facts: { architecture: architectureOf(machine), ...machine, type, flags: word(wide ? 48 : 36) },
    tableAt: address(wide ? 32 : 28),
    entrySize: half(wide ? 54 : 42),
    entries: half(wide ? 56 : 44),
  };
}

function parseSegments(table: Buffer, { facts, entrySize, entries }: Header): readonly Segment[] {
  const wide = facts.class === 64;
  const { word, address } = numbers(table, facts.data === 'little', wide);
  return Array.from({ length: entries }, (_, number) => {
    const at = number * entrySize;
    return {
      type: word(at),
      flags: word(at + (wide ? 4 : 24)),
      offset: address(at + (wide ? 8 : 4)),
      size: address(at + (wide ? 32 : 16)),
    };
  });
}

/** Bytes of a file from `start` up to, without, `end`. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Where data that is written to lies, without overlaps: Go's linker puts its information there. */
function dataStretches(segments: readonly Segment[]): readonly Stretch[] {
  const stretches = segments
    .filter(({ type, flags }) => type === PT_LOAD && (flags & PF_W) !== 0 && (flags & PF_X) === 0)
    .map(({ offset, size }) => ({ start: offset, end: offset + size }))
    .sort((a, b) => a.start - b.start);
  const merged: { start: number; end: number }[] = [];
  for (const stretch of stretches) {
    const last = merged.at(-1);
    if (last !== undefined && stretch.start <= last.end) last.end = Math.max(last.end, stretch.end);
    else merged.push({ ...stretch });
  }
  return merged;
}

/** A stretch of the file that lies ahead, being collected. */
interface Window {
  readonly start: number;
  readonly bytes: Buffer;
  filled: number;
  readonly done: (bytes: Buffer) => void;
}

/** Takes a file in pieces from its first byte to its last. Never throws, whatever the bytes are. */
export interface ElfReader {
  push(piece: Buffer): void;
  end(): ProgramBytes;
}

/**
 * Reads an ELF file of `size` bytes in one pass. `head` is memory of `HEAD`
 * bytes that is the reader's until its end.
 */
export function createElfReader(size: number, head: Buffer = Buffer.allocUnsafe(HEAD)): ElfReader {
  const hash = createHash('sha256');
  const search = createGoSearch();
  const wanted = Math.min(size, HEAD);
  let position = 0;
  let header: Header | undefined;
  let interpreter: string | undefined;
  let unknown: string | undefined;
  let cut: string | undefined;
  let ahead: Window | undefined;
  let stretches: readonly Stretch[] = [];
  let searchFrom = 0;

  /** Bytes of the file from where it is known already, or as soon as they come. */
  const withBytes = (start: number, length: number, what: string, done: Window['done']) => {
    const end = start + length;
    if (!(end <= size)) {
      unknown ??= `its ${what} would lie behind the end of the file`;
      cut ??= `it ends before its ${what}`;
    } else if (end <= Math.min(position, wanted)) done(head.subarray(start, end));
    else if (start < position) unknown ??= `its ${what} lies where it cannot be read in one pass`;
    else ahead = { start, bytes: Buffer.alloc(length), filled: 0, done };
  };

  const takeSegments = (segments: readonly Segment[]) => {
    // What is zeros alone, has a place in the memory and none in the file.
    const loaded = segments.filter((one) => one.type === PT_LOAD && one.size > 0);
    const needed = Math.max(...loaded.map((segment) => segment.offset + segment.size));
    if (needed > Math.ceil(size / PAGE) * PAGE) {
      cut = `it ends before its segments do, after ${size} of ${needed} bytes`;
    }
    stretches = dataStretches(segments);
    searchFrom = position > wanted ? position : 0;
    const named = segments.find(({ type }) => type === PT_INTERP);
    if (named === undefined) return;
    if (named.size === 0 || named.size > INTERPRETER_LIMIT) {
      unknown ??= `the name of its interpreter has ${named.size} bytes`;
      return;
    }
    withBytes(named.offset, named.size, "interpreter's name", (bytes) => {
      const zero = bytes.indexOf(0);
      interpreter = bytes.toString('utf8', 0, zero === -1 ? bytes.length : zero);
    });
  };

  const takeHeader = (bytes: Buffer) => {
    const parsed = parseElfHeader(bytes);
    if (typeof parsed === 'string') {
      unknown = parsed;
      if (size < LONGEST_HEADER) cut = 'it ends within its ELF header';
      return;
    }
    header = parsed;
    const { tableAt, entrySize, entries, facts } = parsed;
    if (entries === 0) return;
    if (entrySize < (facts.class === 64 ? 56 : 32) || entries > SEGMENTS || entrySize > 1024) {
      unknown = `its program header table has ${entries} entries of ${entrySize} bytes`;
      return;
    }
    withBytes(tableAt, entrySize * entries, 'program header table', (table) =>
      takeSegments(parseSegments(table, parsed)),
    );
  };

  const fill = (window: Window, piece: Buffer, offset: number) => {
    const from = window.start + window.filled - offset;
    if (from >= piece.length) return;
    window.filled += piece.copy(window.bytes, window.filled, from);
    if (window.filled < window.bytes.length) return;
    ahead = undefined;
    // What the window asks for next is judged from its own end, not from that of the piece.
    position = window.start + window.bytes.length;
    window.done(window.bytes);
    if (ahead !== undefined) fill(ahead, piece, offset);
  };

  const searchIn = (piece: Buffer, offset: number) => {
    for (const { start, end } of stretches) {
      const from = Math.max(start, searchFrom, offset) - offset;
      const to = Math.min(end - offset, piece.length);
      if (from < to) search.push(piece.subarray(from, to), offset + from);
    }
  };

  const after = (piece: Buffer, offset: number) => {
    if (ahead !== undefined) fill(ahead, piece, offset);
    position = offset + piece.length;
    searchIn(piece, offset);
  };

  const describeGo = (): { go?: GoFacts } => {
    const found = search.end();
    if (typeof found === 'string') unknown ??= found;
    return found === undefined || typeof found === 'string' ? {} : { go: found };
  };

  return {
    push(piece) {
      hash.update(piece);
      let rest = piece;
      if (position < wanted) {
        const taken = piece.copy(head, position, 0, Math.min(piece.length, wanted - position));
        position += taken;
        if (position < wanted) return;
        takeHeader(head.subarray(0, wanted));
        searchIn(head.subarray(0, wanted), 0);
        rest = piece.subarray(taken);
      }
      if (rest.length > 0) after(rest, position);
    },
    end() {
      if (position < size) unknown ??= `${position} of its ${size} bytes are there`;
      return {
        magic: 'elf',
        digest: `sha256:${hash.digest('hex')}`,
        ...defined({
          elf: header && { ...header.facts, ...defined({ interpreter }) },
          ...describeGo(),
          cut,
          unknown,
        }),
      };
    },
  };
}
