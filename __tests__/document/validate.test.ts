import { describe, expect, test } from '@jest/globals';
import {
  type KeyTable,
  readDocument,
  type Shape,
  shapes,
  validate,
} from '../../src/document/index.js';

const entry = (shape: Shape, more: object = {}) => ({ shape, description: 'It is.', ...more });

const test_: KeyTable = {
  name: entry(shapes.text),
  run: entry(shapes.words, { required: true }),
  stdout: entry(shapes.pattern),
};
const keys: KeyTable = {
  text: entry(shapes.text),
  name: entry(shapes.filled, { required: true }),
  on: entry(shapes.boolean),
  count: entry({ kind: 'integer', least: 1, most: 2_000_000 }),
  any: entry({ kind: 'integer', least: -5, most: Number.MAX_SAFE_INTEGER }),
  mode: entry({ kind: 'choice', of: ['one', 'two'] }),
  words: entry(shapes.words),
  filled: entry(
    { kind: 'list', of: shapes.text, filled: true },
    { description: 'Tags (default: latest).' },
  ),
  bare: entry({ kind: 'list', of: shapes.text, filled: true }),
  pairs: entry(shapes.pairs),
  again: entry({ kind: 'table', of: shapes.text, list: true, repeats: true }),
  table: entry({ kind: 'table', of: shapes.text }),
  codes: entry({ kind: 'table', of: shapes.text, names: ['arch-mismatch', 'tree-differs'] }),
  build: entry({
    ...{ kind: 'map', what: '"build"', short: 'context' },
    keys: { context: entry(shapes.text), args: entry(shapes.pairs) },
  }),
  several: entry({
    ...{ kind: 'map', what: '"several"', short: 'run' },
    keys: { run: entry(shapes.words) },
  }),
  tests: entry({
    kind: 'list',
    of: { kind: 'map', what: 'a test', keys: test_, short: 'run' },
  }),
  old: { refused: 'it is called "text" now' },
};
const whole: Shape = { kind: 'map', what: 'the document', keys, extensible: true };

/** `LINE:COLUMN message` of each problem of a document that has its name. */
function problems(text: string, shape: Shape = whole): readonly string[] {
  const { root, problems: found } = readDocument(`name: x\n${text}`, 'f');
  if (root === undefined || found.length > 0) throw new Error(JSON.stringify(found));
  return validate(root, shape, 'the document').map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );
}

test.each([
  'text: 5',
  'text:',
  'on: TRUE',
  'on: false',
  'count: 1',
  'count: 2000000',
  'any: -5',
  'any: 999999999999999',
  'mode: two',
  'words: a',
  'words: [a, b]',
  'words: []',
  'filled: [a]',
  'pairs: { A: 1, B: }',
  'pairs: [A=1, B, C=a=b]',
  'again: [A=1, A=2]',
  'table: { A: 1 }',
  'codes: { tree-differs: off }',
  'build: .',
  'build: { context: . }',
  'several: [a, b]',
  'several: a',
  'tests: [{ run: a, name: b }, c, [d, e]]',
  'x-own: { anything: [goes] }',
])('nothing is wrong with %s', (text) => {
  expect(problems(text)).toStrictEqual([]);
});

describe('what is wrong is said at its place', () => {
  test.each<[string, readonly string[]]>([
    ['text: [a]', ['2:7 "text" must be a text, found a list']],
    ['text: []', ['2:7 "text" must be a text, found an empty list']],
    ['text: {}', ['2:7 "text" must be a text, found an empty map']],
    ['text: { a: 1 }', ['2:7 "text" must be a text, found a map with "a"']],
    [
      'text: { a: 1, b: 2, c: 3 }',
      ['2:7 "text" must be a text, found a map with "a", "b" and "c"'],
    ],
    [
      'text: { a: 1, b: 2, c: 3, d: 4 }',
      ['2:7 "text" must be a text, found a map with "a", "b", "c"'],
    ],
    [
      'text: {arch}',
      [
        `2:7 "text" must be a text, found a map with "arch"; {arch} without quotes is a map in YAML: for a text, put it in quotes, '{arch}'`,
      ],
    ],
    ['text: {arch: x}', ['2:7 "text" must be a text, found a map with "arch"']],
    ['text: {a b}', ['2:7 "text" must be a text, found a map with "a b"']],
    ['on: yes', ['2:5 "yes" is neither true nor false']],
    ['on: xtrue', ['2:5 "xtrue" is neither true nor false']],
    ['on: truex', ['2:5 "truex" is neither true nor false']],
    ['on: [true]', ['2:5 "on" must be true or false, found a list']],
    ['count: 0', ['2:8 "0" is not a whole number from 1 to 2000000']],
    ['count: 2000001', ['2:8 "2000001" is not a whole number from 1 to 2000000']],
    ['count: 1.5', ['2:8 "1.5" is not a whole number from 1 to 2000000']],
    ['count: x1', ['2:8 "x1" is not a whole number from 1 to 2000000']],
    [
      'any: 1234567890123456',
      ['2:6 "1234567890123456" is not a whole number from -5 to 9007199254740991'],
    ],
    [
      'count: { a: 1 }',
      ['2:8 "count" must be a whole number from 1 to 2000000, found a map with "a"'],
    ],
    ['mode: three', ['2:7 "three" is not known here; there are: one, two']],
    ['mode: [one]', ['2:7 "mode" must be one or two, found a list']],
    ['words: { a: 1 }', ['2:8 "words" must be a text or a list of texts, found a map with "a"']],
    ['words: [[a]]', ['2:9 an item of "words" must be a text, found a list']],
    ['words: [a, ""]', ['2:12 the text is empty']],
    ['words: [a, ]\non: 1', ['3:5 "1" is neither true nor false']],
    [
      'filled: []',
      ['2:9 "filled" is an empty list; write an item, or leave it out (default: latest)'],
    ],
    ['bare: []', ['2:7 "bare" is an empty list; it needs an item']],
    ['bare: a', ['2:7 "bare" must be a list of texts, found the text "a"']],
    ['bare: 5', ['2:7 "bare" must be a list of texts, found the number 5']],
    ['bare: -1.5', ['2:7 "bare" must be a list of texts, found the number -1.5']],
    ['bare: 1.x', ['2:7 "bare" must be a list of texts, found the text "1.x"']],
    ['bare: True', ['2:7 "bare" must be a list of texts, found True']],
    [
      'pairs: a',
      [
        '2:8 "pairs" must be a map of names with values or a list of NAME=value, found the text "a"',
      ],
    ],
    ['table: [a]', ['2:8 "table" must be a map of names with values, found a list']],
    ['pairs: [=1]', ['2:9 an item of "pairs" must be NAME=value, found the text "=1"']],
    ['pairs: [" a"]', ['2:9 an item of "pairs" must be NAME=value, found the text " a"']],
    ['pairs: [{ a: 1 }]', ['2:9 an item of "pairs" must be NAME=value, found a map with "a"']],
    ['pairs: [A=1, B, A=2]', ['2:17 "A" appears twice in "pairs" (also line 2); keep one of them']],
    ['table: { "a=b": 1 }', ['2:10 "a=b" is not a name; a name has characters, and no "="']],
    ['table: { "": 1 }', ['2:10 "" is not a name; a name has characters, and no "="']],
    ['table: { a: [1] }', ['2:13 "a" must be a text, found a list']],
    [
      'codes: { tree-difers: off }',
      ['2:10 unknown code "tree-difers"; did you mean "tree-differs"?'],
    ],
    ['codes: { what: off }', ['2:10 unknown code "what"']],
    ['codes: { arch-mismatch: [off] }', ['2:25 "arch-mismatch" must be a text, found a list']],
    ['build: [a]', ['2:8 "build" must be a text or a map, found a list']],
    ['several: []', ['2:10 "several" is empty']],
    ['several: { run: a, b: c }', ['2:20 unknown key "b"; there are: run']],
    ['tests: a', ['2:8 "tests" must be a list, found the text "a"']],
    ['tests: [{ name: a }]', ['2:9 a test has no "run"']],
    ['old: x', ['2:1 "old": it is called "text" now']],
    ['txt: x', ['2:1 unknown key "txt"; did you mean "text"?']],
    [
      'zzzzzzzz: x',
      [
        '2:1 unknown key "zzzzzzzz"; there are: text, name, on, count, any, mode, words, filled, bare, pairs, again, table, codes, build, several, tests',
      ],
    ],
    ['y-own: x', [expect.stringMatching(/^2:1 unknown key "y-own"/) as unknown as string]],
  ])('%s', (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test('of a document without what it needs, as often as it lacks something', () => {
    const required: Shape = {
      ...{ kind: 'map', what: 'it' },
      keys: {
        a: entry(shapes.text, { required: true }),
        b: entry(shapes.text, { required: true, unless: 'c' }),
        c: entry(shapes.text),
        d: { refused: 'no' },
        name: entry(shapes.text),
      },
    };
    expect(problems('', required)).toStrictEqual(['1:1 it has no "a"', '1:1 it has no "b"']);
    expect(problems('c: x\na: y', required)).toStrictEqual([]);
    expect(problems('a:\nb: x', required)).toStrictEqual(['2:1 "a" must be a text, found nothing']);
  });

  test('of a map of names that was meant to be a list', () => {
    const found = (text: string) => problems(`tests:\n${text}`)[0]?.replace(/^.*; write /, '');
    expect(problems('tests: { greets: greeter }')).toStrictEqual([
      '2:8 "tests" is a list, found a map of names; write [{ name: greets, run: greeter }]',
    ]);
    expect(found('  a: b\n  c: d')).toBe('[{ name: a, run: b }, …]');
    expect(found('  a: [b, c]')).toBe('[{ name: a, run: […] }]');
    expect(found('  a: { run: b }')).toBe('[{ name: a, … }]');
    expect(found('  a: "b, c"')).toBe('[{ name: a, run: "b, c" }]');
    expect(found('  a: "b: c"')).toBe('[{ name: a, run: "b: c" }]');
    expect(found('  a: "#b"')).toBe('[{ name: a, run: "#b" }]');
    expect(found(`  a: ${'x'.repeat(41)}`)).toBe(`[{ name: a, run: ${'x'.repeat(39)}… }]`);
    expect(found(`  a: ${'x'.repeat(40)}`)).toBe(`[{ name: a, run: ${'x'.repeat(40)} }]`);
    for (const other of [
      '  a: { what: b }',
      '  a:',
      '  run: b',
      '  a: b\n  run: c',
      '  a: b\n  c:',
    ]) {
      expect(found(other)).not.toContain('[{ name');
    }
  });

  test('of a value that a comma without quotes has ended, once', () => {
    expect(problems('build: { context: type=gha,mode=max,scope=a }')).toStrictEqual([
      '2:28 "mode=…" is no key: a comma without quotes ends the value of "context"; put the whole value in quotes',
    ]);
    expect(problems('build: { context: ., args=1 }')).toStrictEqual([
      '2:22 "args=…" is no key; in a map, write "args: …"',
    ]);
    expect(problems('table: { a: type=gha,mode=max,scope=a }')).toStrictEqual([
      '2:22 "mode=…" is no key: a comma without quotes ends the value of "a"; put the whole value in quotes',
    ]);
    expect(problems('table: { mode=max }')).toStrictEqual([
      '2:10 "mode=max" is not a name; a name has characters, and no "="',
    ]);
    expect(problems('table: { a: , mode=max }')).toStrictEqual([
      '2:15 "mode=max" is not a name; a name has characters, and no "="',
    ]);
    expect(problems('build: { context: [a], mode=max }').at(-1)).toContain(
      'unknown key "mode=max"',
    );
  });

  test('of keys that stand beside the one which they belong below', () => {
    expect(problems('build:\nargs: { A: 1 }')).toStrictEqual([
      '3:1 "args" belongs below "build" (line 2); indent it further',
    ]);
    expect(problems('build:\ncontext: .\nargs: { A: 1 }')).toStrictEqual([
      '3:1 "context" and "args" belong below "build" (line 2); indent them further',
    ]);
    expect(problems('tests:\n  - name: a\n    run: b\nstdout: c')).toStrictEqual([
      '5:1 "stdout" belongs to an item of "tests" (line 2); indent it further',
    ]);
    expect(problems('tests: []\nstdout: c')).toStrictEqual([
      '3:1 "stdout" belongs to an item of "tests" (line 2); indent it further',
    ]);
    // Nothing can stand below a text.
    expect(problems('build: .\nargs: { A: 1 }')[0]).toMatch(
      /^3:1 "args" belongs under "build", beside "context: \."/,
    );
  });
});

test('the text that variables have made is said with what is written', () => {
  const at = { file: 'f', line: 1 };
  const scalar = { kind: 'scalar' as const, text: 'yes', empty: false, at };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what is not to be replaced.
  const found = validate({ ...scalar, written: '${ON}' }, shapes.boolean, 'it');
  expect(found.map(({ message }) => message)).toStrictEqual([
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what is not to be replaced.
    '"yes" is neither true nor false (written as "${ON}")',
  ]);
});
