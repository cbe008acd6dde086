import { defined } from '../types/index.js';
import type { GoFacts } from './facts.js';

/*
 * Go's build information: at an offset that 16 divides, `\xff Go buildinf:`,
 * then the pointer size and flags. With flag 2 (Go 1.18 and later) two strings
 * follow at +32, each behind its length as a uvarint: the toolchain's version
 * and the module text. Before, there were two pointers at +16, which cannot be
 * followed in one pass. (Go's debug/buildinfo.)
 */
const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');
const HEADER = 32;
const VERSION_LIMIT = 256;
const TEXT_LIMIT = 1024 * 1024;
const SETTINGS = 64;
const VALUE_LIMIT = 4096;
const SENTINEL = 16;

type Attempt = 'more' | 'no' | 'pointers' | GoFacts;

/** A number in groups of seven bits, the lowest first; undefined where bytes are missing. */
function uvarint(bytes: Buffer, from: number): { value: number; next: number } | undefined {
  let value = 0;
  let scale = 1;
  for (let at = from; at < from + 5; at++) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next: at + 1 };
    scale *= 128;
  }
  return { value: Number.MAX_SAFE_INTEGER, next: from + 5 };
}

/** Settings are quoted as in Go's source where they hold blanks or quotes. */
function unquote(text: string): string {
  if (text.startsWith('`') && text.endsWith('`') && text.length > 1) return text.slice(1, -1);
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Where a setting's key ends: a quoted key may hold `=`. */
function splitSetting(line: string): readonly [string, string] | undefined {
  const start = line.startsWith('"') ? line.indexOf('"', 1) : 0;
  const equals = line.indexOf('=', Math.max(start, 0));
  if (equals < 1) return undefined;
  return [unquote(line.slice(0, equals)), unquote(line.slice(equals + 1)).slice(0, VALUE_LIMIT)];
}

/** The module text's lines: `path`, `mod`, `dep`, `=>`, `build K=V`, fields parted by tabs. */
function parseModuleText(text: string): Omit<GoFacts, 'toolchain'> {
  const settings = new Map<string, string>();
  let path: string | undefined;
  let module: { readonly path: string; readonly version: string | undefined } | undefined;
  for (const line of text.split('\n')) {
    const [key, first = '', second] = line.split('\t');
    if (key === 'path') path ??= first;
    else if (key === 'mod') module ??= { path: first, version: second };
    else if (key === 'build' && settings.size < SETTINGS) {
      const setting = splitSetting(line.slice('build\t'.length));
      if (setting !== undefined) settings.set(...setting);
    }
  }
  return {
    ...defined({ path, module: module?.path, version: module?.version }),
    settings: Object.fromEntries(settings),
  };
}

/** The text lies between two random markers of 16 bytes. */
function withoutSentinels(bytes: Buffer): string {
  const framed = bytes.length > 2 * SENTINEL && bytes[bytes.length - SENTINEL - 1] === 10;
  return (framed ? bytes.subarray(SENTINEL, -SENTINEL) : bytes).toString('utf8');
}

/** Reads build information that begins with its magic, as far as the bytes are there. */
function parseBuildInfo(bytes: Buffer): Attempt {
  if (bytes.length < HEADER) return 'more';
  const flags = bytes[15] ?? 0;
  if ((flags & 2) === 0) {
    const pointer = bytes[14];
    return flags <= 1 && (pointer === 4 || pointer === 8) ? 'pointers' : 'no';
  }
  const version = uvarint(bytes, HEADER);
  if (version === undefined) return 'more';
  if (version.value === 0 || version.value > VERSION_LIMIT) return 'no';
  const versionEnd = version.next + version.value;
  if (bytes.length < versionEnd) return 'more';
  const toolchain = bytes.toString('utf8', version.next, versionEnd);
  if (!/^(go\d|devel)/.test(toolchain)) return 'no';
  const text = uvarint(bytes, versionEnd);
  if (text === undefined) return 'more';
  if (text.value > TEXT_LIMIT) return 'no';
  const end = text.next + text.value;
  if (bytes.length < end) return 'more';
  return { toolchain, ...parseModuleText(withoutSentinels(bytes.subarray(text.next, end))) };
}

/** Looks for build information in one stretch of a file that is pushed in pieces. */
interface GoSearch {
  push(piece: Buffer, offset: number): void;
  /** What was found; a text says why it could not be read. */
  end(): GoFacts | string | undefined;
}

export function createGoSearch(): GoSearch {
  let carry: Buffer = Buffer.alloc(0);
  let result: GoFacts | undefined;
  let reason: string | undefined;
  /** Bytes from a magic on, until they suffice. */
  let collecting = false;

  const scan = (bytes: Buffer, offset: number): void => {
    let from = 0;
    for (;;) {
      const at = bytes.indexOf(MAGIC, from);
      if (at === -1) {
        collecting = false;
        carry = Buffer.from(bytes.subarray(Math.max(from, bytes.length - MAGIC.length + 1)));
        return;
      }
      from = at + 1;
      if ((offset + at) % 16 !== 0) continue;
      const attempt = parseBuildInfo(bytes.subarray(at));
      if (attempt === 'more') {
        collecting = true;
        carry = Buffer.from(bytes.subarray(at));
        return;
      }
      if (attempt === 'pointers') {
        reason ??= 'its build information is of Go 1.17 or older, which one pass cannot follow';
      } else if (attempt !== 'no') {
        result = attempt;
        return;
      }
    }
  };

  let pieces: Buffer[] = [];
  let held = 0;
  return {
    push(piece, offset) {
      if (result !== undefined) return;
      // A long module text comes in many pieces: joined when enough has come, not each time.
      pieces.push(collecting ? Buffer.from(piece) : piece);
      held += piece.length;
      if (collecting && held < carry.length && held < 64 * 1024) return;
      const bytes = Buffer.concat([carry, ...pieces]);
      pieces = [];
      held = 0;
      scan(bytes, offset + piece.length - bytes.length);
    },
    end() {
      if (pieces.length > 0) {
        const bytes = Buffer.concat([carry, ...pieces]);
        pieces = [];
        scan(bytes, 0);
      }
      if (result === undefined && collecting) reason ??= 'its Go build information is cut off';
      return result ?? reason;
    },
  };
}
