import { describe, expect, test } from '@jest/globals';
import { createGoSearch } from '../../src/contents/go.js';
import { cutAt } from '../oci/raw-tar.js';

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');

/** A number as Go writes it: seven bits a byte, the lowest first. */
function uvarint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
}

const header = (pointer: number, flags: number) =>
  Buffer.concat([MAGIC, Buffer.from([pointer, flags]), Buffer.alloc(16)]);
const text = (content: string) =>
  Buffer.concat([uvarint(Buffer.byteLength(content)), Buffer.from(content)]);
const information = (toolchain: string, module: string) =>
  Buffer.concat([header(8, 2), text(toolchain), text(module)]);

/** What is found in bytes that begin at an offset of their file. */
function found(bytes: Buffer, offset = 0, cuts: readonly number[] = []) {
  const search = createGoSearch();
  let at = offset;
  for (const piece of cutAt(bytes, cuts)) {
    search.push(piece, at);
    at += piece.length;
  }
  return search.end();
}

const MODULE = [
  'path\texample.org/app/cmd',
  'mod\texample.org/app\tv1.2.3\th1:x',
  'dep\texample.org/lib\tv0.1.0',
  'path\tsecond',
  'mod\tsecond\tv2',
  'build\t-tags="a b"',
  'build\t"a=b"=`c "d"`',
  'build\tCGO_ENABLED=0',
  'build\tempty=',
  'build\t=none',
  'build\tnothing',
  'build\tbroken="a',
  'build\ttick=`',
  'build\tone=`a',
  'build\tother=a`',
].join('\n');

const FACTS = {
  toolchain: 'go1.26.1',
  path: 'example.org/app/cmd',
  module: 'example.org/app',
  version: 'v1.2.3',
  settings: {
    '-tags': 'a b',
    'a=b': 'c "d"',
    CGO_ENABLED: '0',
    empty: '',
    broken: '"a',
    tick: '`',
    one: '`a',
    other: 'a`',
  },
};

describe("Go's build information", () => {
  const framed = `0123456789abcdef${MODULE}\n0123456789abcdef`;

  test('is read between its marks, or without them', () => {
    expect(found(information('go1.26.1', framed))).toStrictEqual(FACTS);
    expect(found(information('go1.26.1', MODULE))).toStrictEqual(FACTS);
  });

  test('is found where it begins at an offset that 16 divides, however it is cut', () => {
    const bytes = Buffer.concat([MAGIC, Buffer.alloc(50), information('go1.26.1', framed)]);
    expect(found(bytes, 0)).toStrictEqual(FACTS);
    expect(found(bytes, 8)).toBeUndefined();
    for (let cut = 1; cut < bytes.length; cut += 3) {
      expect(found(bytes, 0, [cut, cut + 1, cut + 100])).toStrictEqual(FACTS);
    }
    const each = Array.from({ length: bytes.length }, (_, at) => at);
    expect(found(bytes, 0, each)).toStrictEqual(FACTS);
  });

  test('may be as short as its marks alone, which it is not then', () => {
    expect(found(information('go1.26', 'x\npath\t12345678901'))).toMatchObject({
      path: '12345678901',
    });
  });

  test('says nothing where its module text does', () => {
    expect(found(information('devel +abc', ''))).toStrictEqual({
      toolchain: 'devel +abc',
      settings: {},
    });
  });

  test('may have lines without a value', () => {
    expect(found(information('go1.26', 'path\nmod'))).toStrictEqual({
      toolchain: 'go1.26',
      path: '',
      module: '',
      settings: {},
    });
  });

  test('is the first that can be read', () => {
    const bytes = Buffer.concat([
      header(8, 2),
      text('none'),
      Buffer.alloc(11),
      information('go1.25', 'path\tfirst'),
      Buffer.alloc(16),
      information('go1.26', 'path\tsecond'),
    ]);
    expect(found(bytes)).toMatchObject({ toolchain: 'go1.25', path: 'first' });
  });

  test.each([
    ['a version of nothing', Buffer.concat([header(8, 2), text('')])],
    ['a version that is too long', Buffer.concat([header(8, 2), text('go1'.padEnd(257, '1'))])],
    ['a version behind something else', Buffer.concat([header(8, 2), text('xgo1.26'), text('')])],
    ['a version that is none', Buffer.concat([header(8, 2), text('python3'), text('')])],
    [
      'a text that is too long',
      Buffer.concat([header(8, 2), text('go1.26'), uvarint(1024 * 1024 + 1)]),
    ],
    ['a length without end', Buffer.concat([header(8, 2), text('go1.26'), Buffer.alloc(8, 255)])],
    ['pointers of another size', header(3, 0)],
    ['flags that are not known', header(8, 4)],
  ])('is none with %s', (_, bytes) => {
    expect(found(Buffer.concat([bytes, Buffer.alloc(64)]))).toBeUndefined();
  });

  test.each([
    [4, 0],
    [8, 0],
    [4, 1],
    [8, 1],
  ])('of pointers of %i bytes with the flags %i cannot be followed', (pointer, flags) => {
    expect(found(header(pointer, flags))).toBe(
      'its build information is of Go 1.17 or older, which one pass cannot follow',
    );
  });

  test('is told where it is cut off, wherever that is', () => {
    const bytes = information('go1.26.1', framed);
    for (let length = MAGIC.length; length < bytes.length; length++) {
      expect(found(bytes.subarray(0, length))).toBe('its Go build information is cut off');
    }
    expect(found(bytes.subarray(0, MAGIC.length - 1))).toBeUndefined();
  });

  test('may have a version of 256 bytes, a text of 1 MiB and 64 settings', () => {
    const version = 'go1.26'.padEnd(256, 'x');
    expect(found(information(version, ''))).toMatchObject({ toolchain: version });
    const large = information('go1.26', 'path\tx\n'.padEnd(1024 * 1024, 'y'));
    expect(found(large)).toMatchObject({ path: 'x' });
    const pieces = Array.from({ length: 300 }, (_, at) => at * 4000);
    expect(found(large, 0, pieces)).toMatchObject({ path: 'x' });
    const settings = (count: number) => {
      const lines = Array.from({ length: count }, (_, at) => `build\tk${at}=v`);
      const facts = found(information('go1.26', lines.join('\n')));
      return typeof facts === 'object' ? Object.keys(facts.settings).length : facts;
    };
    expect([settings(64), settings(65)]).toStrictEqual([64, 64]);
    const long = found(information('go1.26', `build\tk=${'v'.repeat(5000)}`));
    expect(typeof long === 'object' && long.settings.k).toBe('v'.repeat(4096));
  });
});
