import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { load } from 'js-yaml';
import {
  EditError,
  editDocument,
  readDocument,
  type Written,
  writeDocument,
} from '../../src/document/index.js';
import { readSpans } from '../../src/document/span.js';

const lines = (...all: readonly string[]) => `${all.join('\n')}\n`;

describe('an edit of a document', () => {
  test.each<[string, string, Written, string]>([
    ['a scalar', 'a: 1 # one\nb: 2\n', { a: '3', b: '2' }, 'a: 3 # one\nb: 2\n'],
    ['a scalar in quotes', `a: 'x'   # x\n`, { a: 'y: z' }, `a: "y: z"   # x\n`],
    ['an item in brackets', 'a: [ x,  y ] # z\n', { a: ['x', 'q'] }, 'a: [ x,  q ] # z\n'],
    ['brackets with another length', 'a: [x, y] # z\n', { a: ['x'] }, 'a: [x] # z\n'],
    ['an item of a list', '- x # x\n- y # y\n', ['x', 'z'], '- x # x\n- z # y\n'],
    ['a further item', 'a:\n- x # x\n# end\n', { a: ['x', 'y'] }, 'a:\n- x # x\n- y\n# end\n'],
    ['an item in front', '# top\n- y # y\n', ['x', 'y'], '# top\n- x\n- y # y\n'],
    ['an item that is gone', '- x # x\n# y is\n- y\n- z\n', ['x', 'z'], '- x # x\n# y is\n- z\n'],
    ['a further key', 'a: 1\nc: 3', { a: '1', b: '2', c: '3' }, 'a: 1\nb: 2\nc: 3'],
    ['a key at the end', 'a: 1', { a: '1', b: '2' }, 'a: 1\nb: 2\n'],
    ['a key in front', '# top\nb: 2\n', { a: '1', b: '2' }, '# top\na: 1\nb: 2\n'],
    ['a key that is gone', 'a:\n  b: 1 # b\n  c: 2 # c\n', { a: { c: '2' } }, 'a:\n  c: 2 # c\n'],
    ['a map below a key', 'a: # is\nb: 1\n', { a: { c: '2' }, b: '1' }, 'a:\n  c: 2 # is\nb: 1\n'],
    ['a text for a map', 'a:\n  b: 1\nc: 2\n', { a: 'x', c: '2' }, 'a: x\nc: 2\n'],
    ['a map for a text', 'a: x\n', { a: { b: ['1', '2'] } }, 'a:\n  b:\n    - 1\n    - 2\n'],
    [
      'maps in a list',
      'a:\n  - b: 1\n',
      { a: [{ b: '1' }, { b: '2' }] },
      'a:\n  - b: 1\n  - b: 2\n',
    ],
    ['Windows line ends', 'a: 1\r\n', { a: '1', b: '2' }, 'a: 1\r\nb: 2\r\n'],
    ['a mark of the byte order', '\uFEFFa: 1\n', { a: '2' }, '\uFEFFa: 2\n'],
    ['comments alone', '# top', { a: '1' }, '# top\na: 1\n'],
    ['a text for nothing', 'a:\nb: 1\n', { a: 'x', b: '1' }, 'a: x\nb: 1\n'],
    ['a text for nothing behind a blank', 'a: \nb: 1\n', { a: 'x', b: '1' }, 'a: x \nb: 1\n'],
    ['a list for nothing', 'a:\nb: 1\n', { a: ['x'], b: '1' }, 'a:\n  - x\nb: 1\n'],
    ['a map for a list', 'a:\n  - x\nb: 1\n', { a: { c: 'd' }, b: '1' }, 'a:\n  c: d\nb: 1\n'],
    ['a list for a map', 'a:\n  c: d\nb: 1\n', { a: ['x'], b: '1' }, 'a:\n  - x\nb: 1\n'],
    ['an empty list for a list', 'a:\n  - x\nb: 1\n', { a: [], b: '1' }, 'a: []\nb: 1\n'],
    ['an empty map for a map', 'a:\n  c: d\nb: 1\n', { a: {}, b: '1' }, 'a: {}\nb: 1\n'],
    ['a text for brackets', 'a: [x, y] # z\n', { a: 'x' }, 'a: x # z\n'],
    ['empty brackets for some', 'a: [x, y] # z\n', { a: [] }, 'a: [] # z\n'],
    ['something for empty brackets', 'a: [] # z\n', { a: ['x'] }, 'a:\n  - x # z\n'],
    [
      'a map in brackets',
      'a: { b: 1,  c: 2 } # z\n',
      { a: { b: '1', c: '3' } },
      'a: { b: 1,  c: 3 } # z\n',
    ],
    [
      'a map in brackets with another key',
      'a: { b: 1,  c: 2 }\n',
      { a: { b: '1', d: '3' } },
      'a: { b: 1, d: 3 }\n',
    ],
    [
      'a map in brackets with a key less',
      'a: { b: 1,  c: 2 }\n',
      { a: { b: '1' } },
      'a: { b: 1 }\n',
    ],
    [
      'a map in brackets with a key more',
      'a: { b: 1 }\n',
      { a: { b: '1', c: '2' } },
      'a: { b: 1, c: 2 }\n',
    ],
    ['a list in brackets for a map in them', 'a: { b: 1 }\n', { a: ['x'] }, 'a: [x]\n'],
    [
      'brackets in brackets',
      'a: [[x,  y], [z]]\n',
      { a: [['x', 'q'], ['z']] },
      'a: [[x,  q], [z]]\n',
    ],
    ['several items in the middle', '- a\n- b\n- c\n- d\n', ['a', 'x', 'd'], '- a\n- x\n- d\n'],
    ['items that are repeated', '- a\n- a\n', ['a'], '- a\n'],
    ['items that are added to repeated ones', '- a\n- b\n', ['a', 'b', 'b'], '- a\n- b\n- b\n'],
    ['all items', '- a\n- b\n', ['c', 'd', 'e'], '- c\n- d\n- e\n'],
    [
      'keys in several places',
      'b: 2\nd: 4\n',
      { a: '1', b: '2', c: '3', d: '4', e: '5' },
      'a: 1\nb: 2\nc: 3\nd: 4\ne: 5\n',
    ],
    ['a key of a map in a list', '- b: 2\n', [{ a: '1', b: '2' }], '- b: 2\n  a: 1\n'],
    ['a key of a map in a list that is gone', '- a: 1\n  b: 2\n', [{ a: '1' }], '- a: 1\n'],
    ['the first key of a map in a list', '- a: 1 # x\n  b: 2\n', [{ b: '2' }], '- b: 2\n'],
    ['all keys', 'a: 1\nb: 2\n', { c: '3' }, 'c: 3\n'],
    [
      'what is below a key',
      'a:\n    b: 1\n',
      { a: { b: '1', c: '2' } },
      'a:\n    b: 1\n    c: 2\n',
    ],
    ['a key with undefined for none', 'a: 1\nb: 2\n', { a: '1', b: undefined }, 'a: 1\n'],
    ['a document that is empty', '', { a: '1' }, 'a: 1\n'],
    ['comments with a line end', '# top\n', { a: '1' }, '# top\na: 1\n'],
    ['nothing that differs', "a: 'x' # x\n", { a: 'x' }, "a: 'x' # x\n"],
  ])('changes %s and nothing else', (_, before, value, after) => {
    expect(editDocument(before, value)).toBe(after);
  });

  test('refuses keys that are lists, and says what it refuses', () => {
    const refusal = (text: string) => {
      try {
        return editDocument(text, { a: '2' });
      } catch (error) {
        return error instanceof EditError ? error.message : error;
      }
    };
    expect(refusal('[a]: 1\n')).toBe('it has lists as keys');
    expect(refusal('a: &x 1\n')).toBe('it has anchors or tags');
    expect(refusal('a: !!str 1\n')).toBe('it has anchors or tags');
    expect(refusal('!!map {a: 1}\n')).toBe('it has anchors or tags');
    expect(refusal('a: &x [1]\n')).toBe('it has anchors or tags');
    expect(refusal('a: >-\n  x\n')).toBe('it has texts in blocks');
    expect(refusal('a: 1\na: 3\n')).toBe(
      'it is written in a form that cannot be changed in its place',
    );
    expect(refusal('a: [\n')).toBeInstanceOf(Error);
  });

  test.each([
    ['anchors', 'a: &x 1\n'],
    ['aliases', 'a: &x 1\nb: *x\n'],
    ['tags', 'a: !!str 1\n'],
    ['texts in blocks', 'a: |\n  x\n'],
  ])('refuses %s, whose places mean more than their text', (_, before) => {
    expect(() => editDocument(before, { a: '2' })).toThrow(EditError);
  });
});

/** Texts of which YAML would make something else if they stood there bare. */
const texts = fc.oneof(
  fc.constantFrom('true', 'null', '~', '1.10', '-', 'a: b', 'a #b', '"', "'", '[', '@', '', ' x '),
  fc.constantFrom('ghcr.io/a/b:1@sha256:0f', '2026-04-27T08:30:00Z', 'heroku/python@1 (optional)'),
  fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
);
const keys = fc.stringMatching(/^[a-z][a-z0-9/-]{0,8}$/);
const { value: written } = fc.letrec<{ value: Written; map: Written }>((tie) => ({
  map: fc.dictionary(keys, tie('value'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
  value: fc.oneof(
    { maxDepth: 3 },
    texts,
    fc.array(texts, { maxLength: 4 }),
    fc.array(tie('map'), { maxLength: 2 }),
    tie('map'),
  ),
}));
const maps = fc.dictionary(keys, written, { minKeys: 1, maxKeys: 5, noNullPrototype: true });

/** What the document says, by our own reader: every scalar as its text. */
function said(text: string): unknown {
  const { root, problems } = readDocument(text, 'f');
  expect(problems).toEqual([]);
  const plain = (node: typeof root): unknown => {
    if (node?.kind === 'list') return node.items.map(plain);
    if (node?.kind !== 'map') return node?.text;
    return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
  };
  return plain(root);
}

describe('any document', () => {
  test('says what was written, and is YAML to others', () => {
    fc.assert(
      fc.property(maps, (value) => {
        const text = writeDocument(value);
        expect(said(text)).toEqual(value);
        expect(() => load(text)).not.toThrow();
      }),
    );
  });

  test('becomes any other one', () => {
    fc.assert(
      fc.property(maps, maps, (before, after) => {
        expect(said(editDocument(writeDocument(before), after))).toEqual(after);
      }),
    );
  });

  /** A comment behind each line and one in front of it, where a line is not within a text. */
  const commented = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .flatMap((line, at) => [`# over ${at}`, `${line}   # behind ${at}`]);

  test('keeps each byte around a text that is changed', () => {
    fc.assert(
      fc.property(maps, texts, fc.nat(), fc.boolean(), (value, text, which, windows) => {
        const before = commented(writeDocument(value)).join(windows ? '\r\n' : '\n');
        const places: { readonly start: number; readonly end: number; readonly path: string[] }[] =
          [];
        const walk = (node: ReturnType<typeof readSpans>, path: string[]): void => {
          if (node?.kind === 'scalar') places.push({ ...node, path });
          if (node?.kind === 'list')
            for (const [at, one] of node.items.entries()) walk(one, [...path, `${at}`]);
          if (node?.kind === 'map')
            for (const one of node.entries) walk(one.value, [...path, one.key]);
        };
        walk(readSpans(before), []);
        const place = places[which % Math.max(places.length, 1)];
        fc.pre(place !== undefined && place.start < place.end);
        const changed = structuredClone(said(before)) as Record<string, unknown>;
        const last = place.path.at(-1) ?? '';
        const holder = place.path
          .slice(0, -1)
          .reduce((at, key) => at[key] as Record<string, unknown>, changed);
        holder[last] = text;
        const after = editDocument(before, changed as Written);
        expect(said(after)).toEqual(changed);
        expect(after.slice(0, place.start)).toBe(before.slice(0, place.start));
        const rest = before.slice(place.end);
        expect(after.slice(after.length - rest.length)).toBe(rest);
      }),
    );
  });

  test('keeps the comments of every line that stays', () => {
    fc.assert(
      fc.property(maps, maps, (kept, more) => {
        const before = `${commented(writeDocument(kept)).join('\n')}\n`;
        const after = editDocument(before, { ...more, ...kept });
        const there = after.split('\n');
        const missing = before.split('\n').filter((line) => !there.includes(line));
        expect(missing).toEqual([]);
      }),
    );
  });
});

test.each([
  ['a b', 'a: a b'],
  ['a:b', 'a: a:b'],
  ['a: b', 'a: "a: b"'],
  ['a #b', 'a: "a #b"'],
  ['-a', 'a: "-a"'],
  ['null', 'a: "null"'],
  ['nullx', 'a: nullx'],
  ['...', 'a: "..."'],
  ['....', 'a: ....'],
  ['a ', 'a: "a "'],
  [' a', 'a: " a"'],
  ['a\nb', 'a: "a\\nb"'],
  ['a,b', 'a: "a,b"'],
  ['./a@b+c=d~(e)', 'a: ./a@b+c=d~(e)'],
])('the text %j is written as %s', (text, line) => {
  expect(writeDocument({ a: text })).toBe(`${line}\n`);
});

test('lists and maps are written below each other', () => {
  const value = { 'a b': ['x', ['y', 'z'], [], { c: 'd', e: ['f'] }, {}], g: undefined };
  expect(writeDocument(value)).toBe(
    lines('a b:', '  - x', '  - [y, z]', '  - []', '  - c: d', '    e:', '      - f', '  - {}'),
  );
  expect(writeDocument(['x', { a: ['b', { c: 'd' }] }])).toBe(
    lines('- x', '- a:', '    - b', '    - c: d'),
  );
  expect(writeDocument([[{ a: 'b', c: undefined }]])).toBe(lines('- [{ a: b }]'));
});

test('a list and a map that are empty stand on the line of their key', () => {
  expect(writeDocument({ a: [], b: {}, c: '' })).toBe(lines('a: []', 'b: {}', 'c: ""'));
});
