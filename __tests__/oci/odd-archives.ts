import { paxRecord, seeded } from './raw-tar.js';

/*
 * Archives with headers as they should and should not be, the same for the same
 * number: each is some entries, most with something odd about one of them.
 */

type Random = ReturnType<typeof seeded>;

const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)] as T;
const oneIn = (random: Random, times: number) => random(times) === 0;

const NAMES = ['a', 'app/.git/config', 'dir/', 'é', 'b\xff', '../x', '/etc/x', '.wh.a', ''];
const LONG = ['n', 'app/.git/config', 'ends/', 'x'.repeat(99), 'long/'.repeat(60), '\xc3\xa9', ''];
const TYPES = ['0', '0', '0', '0', '\0', '\0', '1', '2', '3', '4', '5', '6', '7', 'D', 'V', 'X'];
const MAGICS = [
  'ustar\x0000',
  'ustar  \0',
  'ustar\x0001',
  'ustar\0 \0',
  'ustar\0\0\0',
  'ustar 00',
  '\0\0\0\0\0\0\0\0',
];
const PREFIXES = [
  'pre/fix',
  'p\xff',
  '\0hidden',
  '00000000001\x0000000000002\0',
  '\x80\0\0\0\0\0\0\0\0\0\0\x01',
  'q'.repeat(140),
  'r'.repeat(155),
  `${'s'.repeat(131)}00000000001\x0000000000002\0`,
];
const ODD_NUMBERS = [
  '',
  ' ',
  '\0\x0017',
  '  17 ',
  '17\0junk',
  '1 7',
  '18',
  '-1',
  '0x7',
  '\x80\0\0\0\0\0\0\x07',
  '\xff\xff\xff\xff\xff\xff\xff\xff',
  '\xbf\xff\xff\xff\xff\xff\xff\xff',
  '\xc0\0\0\0\0\0\0\0',
];
const TIMES = ['1', '1.5', '-1.25', '+3', '1.', '0', '.5', '1.2.3', '1.x', '9223372036854775808'];
const INTEGERS = ['7', '+7', '-7', '007', '', '5', '12', ' 7', '0x7', '9223372036854775808'];

/** The fields of a header by their offsets, over one that is right. */
interface Fields {
  readonly name?: string;
  readonly type?: string;
  readonly size?: number;
  readonly link?: string;
  readonly magic?: string;
  readonly patch?: readonly (readonly [offset: number, length: number, bytes: string])[];
  readonly sum?: 'signed' | 'wrong' | 'blank' | 'binary' | 'spaced';
}

function header(fields: Fields): Buffer {
  const { name = 'a', type = '0', size = 0, link = '', magic = MAGICS[0] ?? '' } = fields;
  const block = Buffer.alloc(512);
  const put = (text: string, at: number, length: number) => block.write(text, at, length, 'latin1');
  put(name, 0, 100);
  put('0000644\x000000000\x000000000\0', 100, 24);
  put(`${size.toString(8).padStart(11, '0')}\x0000000000000\0`, 124, 24);
  put(type, 156, 1);
  put(link, 157, 100);
  put(magic, 257, 8);
  for (const [at, length, bytes] of fields.patch ?? []) {
    block.fill(0, at, at + length);
    put(bytes, at, length);
  }
  put('        ', 148, 8);
  const isSigned = fields.sum === 'signed';
  let sum = block.reduce((all, byte) => all + (isSigned && byte > 127 ? byte - 256 : byte), 0);
  if (fields.sum === 'wrong') sum++;
  if (fields.sum === 'binary') {
    block.writeBigUInt64BE(2n ** 63n + BigInt(sum), 148);
  } else if (fields.sum === 'spaced') put(` ${sum.toString(8)}\0`.padEnd(8), 148, 8);
  else put(fields.sum === 'blank' ? '\0' : `${sum.toString(8).padStart(6, '0')}\0 `, 148, 8);
  return block;
}

function padded(content: string): Buffer {
  const bytes = Buffer.from(content, 'latin1');
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** Links, directories and devices may have a size, but nothing follows them. */
function entry(fields: Fields, content = ''): Buffer {
  const follows = /[1-6]/.test(fields.type ?? '0') ? '' : content;
  return Buffer.concat([header({ size: content.length, ...fields }), padded(follows)]);
}

/** A record in bytes; `paxRecord` counts those of UTF-8. */
const record = (key: string, value: string) =>
  Buffer.from(paxRecord(key, Buffer.from(value, 'latin1').toString('latin1'))).toString('latin1');

function oddRecord(random: Random): string {
  const damaged = [
    '012 path=abc\n',
    '+12 path=ab\n',
    '12 path=abc\n',
    '99 path=a\n',
    '4 a\n',
    '5 a=\n',
    '6 =ab\n',
    '9 pathabc',
    '11 path=abc',
    ' 11 path=abc\n',
    record('path', 'a\0b'),
    record('uname', 'a\0b'),
    record('SCHILY.xattr.user.x', 'a\0b'),
    record('a\0b', 'c'),
  ];
  switch (random(10)) {
    case 0:
      return pick(random, damaged);
    case 1:
      return record(pick(random, ['uid', 'gid']), pick(random, INTEGERS));
    case 2:
      return record(pick(random, ['atime', 'mtime', 'ctime']), pick(random, TIMES));
    case 3:
      return record('size', pick(random, ['0', '5', '5', '512', '', '+5', '-5', ' 5', '1e1']));
    case 4:
      return record('linkpath', pick(random, LONG));
    case 5:
      return record(pick(random, ['comment', 'SCHILY.xattr.user.x', 'GNU.sparse.major']), 'v');
    default:
      return record('path', pick(random, LONG));
  }
}

function records(random: Random): string {
  return Array.from({ length: random(4) }, () => oddRecord(random)).join('');
}

/** A long name or link, with or without its NUL; an empty one too. */
function longName(random: Random): Buffer {
  const end = pick(random, ['\0', '\0', '', '\0junk']);
  const type = pick(random, ['L', 'L', 'K']);
  const magic = pick(random, [MAGICS[1], MAGICS[1], MAGICS[0]]) ?? '';
  return entry({ name: '././@LongLink', type, magic }, `${pick(random, LONG)}${end}`);
}

function meta(random: Random): Buffer {
  if (oneIn(random, 40)) return header({ type: pick(random, ['x', 'L']), size: 1024 * 1024 + 1 });
  const type = pick(random, ['x', 'x', 'x', 'g', 'L', 'L', 'L']);
  return type === 'L' ? longName(random) : entry({ name: 'pax', type }, records(random));
}

/** A file with holes in one of the four forms that there are, right or nearly so. */
function sparse(random: Random): Buffer {
  const [first, second] = pick(random, [
    [0, 100],
    [10, 200],
    [300, 300],
    [50, 2],
  ]) as readonly [number, number];
  const off = oneIn(random, 8) ? pick(random, [-1, 1, 5]) : 0;
  const pieces = [
    [first, 5],
    [second, 3],
  ].slice(0, random(3));
  const content = 'contents'.slice(
    0,
    pieces.reduce((all, [, length = 0]) => all + length, off),
  );
  const size = pick(random, [400, 400, 303, 303, 203, 5, 0]);
  const numbers = pieces.flat();
  if (oneIn(random, 3)) {
    const octal = (value: number) => `${value.toString(8).padStart(11, '0')}\0`;
    const map = numbers.map(octal).join('');
    const more = oneIn(random, 2);
    const magic = oneIn(random, 6) ? pick(random, MAGICS) : MAGICS[1];
    const patch = [
      [386, 97, more ? map.slice(0, 24).padEnd(96, '\0').concat('\x01') : map],
      [483, 12, octal(size)],
    ] as const;
    const next = Buffer.alloc(more ? 512 : 0);
    if (more) next.write(map.slice(24), 0, 'latin1');
    const fields = { name: 'holes', type: 'S', size: content.length, patch };
    const head = header(magic === undefined ? fields : { ...fields, magic });
    return Buffer.concat([head, next, padded(content)]);
  }
  const version = pick(random, ['0.0', '0.1', '1.0', '1.0', '1.1', '']);
  const [major = '', minor = ''] = version.split('.');
  const named: readonly (readonly [string, string])[] = [
    ['major', major],
    ['minor', minor],
    ['name', pick(random, ['real/name', 'app/.git/config', ''])],
    [pick(random, ['size', 'realsize']), String(size)],
    ['numblocks', oneIn(random, 6) ? '7' : String(pieces.length)],
    ...(version === '0.1' || version === '' ? [['map', numbers.join(',')] as const] : []),
    ...(version === '0.0'
      ? numbers.map((value, at) => [at % 2 === 0 ? 'offset' : 'numbytes', String(value)] as const)
      : []),
  ];
  const said = named.map(([key, value]) => record(`GNU.sparse.${key}`, value)).join('');
  const lines = [pieces.length, ...numbers].map((value) => `${value}\n`).join('');
  const map = version === '1.0' ? padded(lines).toString('latin1') : '';
  const type = oneIn(random, 8) ? pick(random, TYPES) : '0';
  return Buffer.concat([
    entry({ name: 'pax', type: 'x' }, said),
    entry({ name: 'GNUSparseFile.0/holes', type }, map + content),
  ]);
}

function oddFields(random: Random): Fields {
  const magic = pick(random, MAGICS);
  const patch: [number, number, string][] = [];
  if (!oneIn(random, 3)) patch.push([345, 155, pick(random, PREFIXES)]);
  if (oneIn(random, 6)) patch.push([508, 4, 'tar\0']);
  if (oneIn(random, 4)) {
    const [at, length] = pick(random, [
      [100, 8],
      [108, 8],
      [116, 8],
      [136, 12],
      [329, 8],
      [337, 8],
      [345, 12],
      [357, 12],
      [476, 12],
      [488, 12],
    ]) as readonly [number, number];
    patch.push([at, length, pick(random, ODD_NUMBERS)]);
  }
  const sum = oneIn(random, 8)
    ? pick(random, ['signed', 'wrong', 'blank', 'binary', 'spaced'] as const)
    : undefined;
  const name = pick(random, NAMES);
  const fields = { name, type: pick(random, TYPES), link: pick(random, LONG), magic, patch };
  return sum === undefined ? fields : { ...fields, sum };
}

/** Forms of a size, most of them of the size that the content has. */
function sizes(random: Random, size: number): string {
  const octal = size.toString(8);
  const binary = `\x80${'\0'.repeat(9)}${String.fromCharCode(size >> 8, size & 255)}`;
  return pick(random, [
    octal,
    ` ${octal} `,
    `\0\0${octal}`,
    `${octal}\0junk`,
    octal.padStart(12, '0'),
    binary,
    binary.replace('\x80', '\x81'),
    `\xff${'\xff'.repeat(11)}`,
    `\x80\0\0\0\x7f${'\xff'.repeat(7)}`,
    `\x80\0\0\0\xff${'\xff'.repeat(7)}`,
    '777777777777',
    `${octal}8`,
  ]);
}

function file(random: Random): Buffer {
  const content = 'c'.repeat(pick(random, [0, 0, 5, 512, 600]));
  const fields = oddFields(random);
  if (!oneIn(random, 4)) return entry(fields, content);
  const size = [124, 12, sizes(random, content.length)] as const;
  return entry({ ...fields, patch: [...(fields.patch ?? []), size] }, content);
}

function endOf(random: Random): Buffer {
  const zeros = Buffer.alloc(512);
  switch (random(12)) {
    case 0:
      return Buffer.alloc(0);
    case 1:
      return zeros;
    case 2:
      return Buffer.concat([zeros, entry({ name: 'behind' })]);
    case 3:
      return Buffer.concat([zeros, zeros, entry({ name: 'behind' })]);
    case 4:
      return Buffer.alloc(700);
    default:
      return Buffer.alloc(1024);
  }
}

/** The archive of a number. */
export function oddArchive(number: number): Buffer {
  const random = seeded(number * 7919 + 1);
  const parts: Buffer[] = [];
  for (let left = 1 + random(3); left > 0; left--) {
    if (oneIn(random, 3)) parts.push(entry({ name: 'plain' }, 'p'.repeat(random(3))));
    else if (oneIn(random, 4)) parts.push(sparse(random));
    else {
      for (let metas = random(4) - 1; metas > 0; metas--) parts.push(meta(random));
      parts.push(oneIn(random, 3) ? entry({ type: pick(random, TYPES) }, 'x') : file(random));
    }
  }
  const whole = Buffer.concat([...parts, endOf(random)]);
  return oneIn(random, 20) ? whole.subarray(0, random(whole.length + 1)) : whole;
}
