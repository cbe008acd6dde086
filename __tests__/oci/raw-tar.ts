/** An entry of a test's archive, written byte by byte here: nothing is shared with the sources. */
export interface RawEntry {
  readonly path: string;
  /** The type flag; `0` is a regular file. */
  readonly type?: string;
  readonly content?: Buffer | string;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  /** Bytes put over the header before its checksum is made. */
  readonly patch?: readonly (readonly [offset: number, bytes: string])[];
}

export const END = Buffer.alloc(1024);

export function rawEntry(entry: RawEntry): Buffer {
  const { path, type = '0', link = '', mode = 0o644, uid = 0, patch = [] } = entry;
  const content = Buffer.from(entry.content ?? '');
  const header = Buffer.alloc(512);
  header.write(path, 0, 100);
  header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
  header.write(`${uid.toString(8).padStart(7, '0')}\0`, 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(type, 156, 'latin1');
  header.write(link, 157, 100);
  header.write('ustar\x0000', 257, 'latin1');
  for (const [offset, bytes] of patch) header.write(bytes, offset, 'latin1');
  header.write('        ', 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

export function rawTar(entries: readonly RawEntry[]): Buffer {
  return Buffer.concat([...entries.map(rawEntry), END]);
}

/** One PAX record; the length counts its own digits. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (String(length).length + Buffer.byteLength(rest) !== length) {
    length = String(length).length + Buffer.byteLength(rest);
  }
  return `${length}${rest}`;
}

/** The same bytes in pieces, cut at the given places (taken modulo the length). */
export function cutAt(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort(
    (a, b) => a - b,
  );
  return [...cuts, bytes.length].map((end, number) => bytes.subarray(cuts[number - 1] ?? 0, end));
}

/** A small generator of equal numbers from equal seeds (mulberry32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
