import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { createTarReader, OciError, type TarHeader } from '../../src/oci/index.js';
import { oddArchive } from './odd-archives.js';
import { cutAt } from './raw-tar.js';

/*
 * Engines unpack layers with Go's archive/tar. go-tar/README.md says how its
 * verdicts were made; with SEA_TRIAL_TAR_VERDICTS=yes they are made anew.
 */

const FOLDER = join(import.meta.dirname, 'go-tar');
const GENERATED = 1500;
const READABLE = 1024 * 1024;

/** One text an entry, as verdicts.go writes it; null is an error. */
type Verdict = readonly string[] | null;

interface GoArchive {
  readonly name: string;
  /** In gzip, in base64. */
  readonly archive: string;
  readonly entries: Verdict;
}

/** A name's bytes, as characters of the same number. */
function bytesIn(name: string): string {
  return [...name]
    .map((char) => {
      const code = char.charCodeAt(0);
      const isByte = char.length === 1 && code >= 0xdc80 && code <= 0xdcff;
      return isByte ? String.fromCharCode(code - 0xdc00) : Buffer.from(char).toString('latin1');
    })
    .join('');
}

function text(name: string): string {
  const bytes = bytesIn(name);
  if (bytes.length <= 40) return bytes;
  return `${bytes.slice(0, 16)}~${bytes.length}~${hex(crc32(Buffer.from(bytes, 'latin1')))}`;
}

const hex = (sum: number) => sum.toString(16).padStart(8, '0');

function verdict(pieces: readonly Buffer[]): Verdict {
  const entries: string[] = [];
  let current: TarHeader | undefined;
  let sum = 0;
  const reader = createTarReader({
    entry(header) {
      current = header;
      sum = 0;
    },
    data(piece) {
      sum = crc32(piece, sum);
    },
    hole(bytes) {
      if (bytes <= READABLE) sum = crc32(Buffer.alloc(bytes), sum);
    },
    end() {
      const { type, size, path, link } = current as TarHeader;
      const content = /[1-6]/.test(type) || size > READABLE ? '-' : hex(sum);
      const target = link === undefined ? '' : ` > ${text(link)}`;
      entries.push(`${text(bytesIn(type))} ${size} ${content} ${text(path)}${target}`);
    },
  });
  try {
    for (const piece of pieces) reader.write(piece);
    reader.end();
    return entries;
  } catch (error) {
    if (error instanceof OciError) return null;
    throw error;
  }
}

function lines<T>(file: string, make: () => string): readonly T[] {
  const path = join(FOLDER, file);
  if (process.env.SEA_TRIAL_TAR_VERDICTS === 'yes') writeFileSync(path, make());
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

function go(args: readonly string[], input = ''): string {
  const options = { input, encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  return execFileSync('go', ['run', join(FOLDER, 'verdicts.go'), ...args], options);
}

describe("the layer reader sees the names that engines see, by Go's archive/tar", () => {
  const own = lines<GoArchive>('testdata.jsonl', () => go(['testdata']));
  test.each(own.map(({ name, ...rest }) => [name, rest] as const))(
    'in its testdata, %s',
    (_, of) => {
      const archive = gunzipSync(Buffer.from(of.archive, 'base64'));
      expect(verdict([archive])).toStrictEqual(of.entries);
    },
  );

  const archives = Array.from({ length: GENERATED }, (_, number) => oddArchive(number));
  const verdicts = lines<Verdict>('generated.jsonl', () =>
    go([], archives.map((bytes) => `${bytes.toString('base64')}\n`).join('')),
  );
  test(`in ${GENERATED} generated archives`, () => {
    const ours = archives.map((bytes) => verdict([bytes]));
    const differ = ours.flatMap((found, number) =>
      JSON.stringify(found) === JSON.stringify(verdicts[number])
        ? []
        : [{ number, found, expected: verdicts[number] }],
    );
    expect(differ).toStrictEqual([]);
    expect(verdicts).toHaveLength(GENERATED);
  });

  test('whatever the pieces that they come in', () => {
    const cut = archives.map((bytes, number) => verdict(cutAt(bytes, [number, 3 * number, 700])));
    expect(cut).toStrictEqual(verdicts);
  });
});
