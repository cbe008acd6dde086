import { expect, test } from '@jest/globals';
import type { SourceNode } from '../../src/document/node.js';
import { readDocument } from '../../src/document/yaml.js';

/** Every scalar as `line:column text`, keys with a colon behind them; an empty one has no text. */
function scalars(raw: SourceNode): readonly string[] {
  const said = ({ line, column }: SourceNode['at'], text: string) => `${line}:${column} ${text}`;
  if (raw.kind === 'scalar') return [said(raw.at, raw.empty ? '' : JSON.stringify(raw.text))];
  if (raw.kind === 'list') return raw.items.flatMap(scalars);
  return raw.entries.flatMap(({ key, at, value }) => [said(at, `${key}:`), ...scalars(value)]);
}

test.each<[string, readonly string[]]>([
  ['a: 1.10', ['1:1 a:', '1:4 "1.10"']],
  ['a: "q"', ['1:1 a:', '1:4 "q"']],
  ["'a': ''", ['1:1 a:', '1:6 ""']],
  ['a: |\n  x\n  y\nb: 1', ['1:1 a:', '1:4 "x\\ny\\n"', '4:1 b:', '4:4 "1"']],
  ['a | b: >- # c | d\n\n  x', ['1:1 a | b:', '1:8 "\\nx"']],
  ['a: |', ['1:1 a:', '1:4 ""']],
  ['- |2-\n   x', ['1:3 " x"']],
  ['a: !!str |\n  x', ['1:1 a:', '1:10 "x\\n"']],
  ['a:\nb: ~\nc: null', ['1:1 a:', '1:1 ', '2:1 b:', '2:4 ', '3:1 c:', '3:4 ']],
  ['a: "null"', ['1:1 a:', '1:4 "null"']],
  ['a: &x {b: 1}\nc: *x', ['1:1 a:', '1:8 b:', '1:11 "1"', '2:1 c:', '1:8 b:', '1:11 "1"']],
  ['\uFEFFa: 1', ['1:2 a:', '1:5 "1"']],
  ['a: 1\r\nb: 2\r\n', ['1:1 a:', '1:4 "1"', '2:1 b:', '2:4 "2"']],
  ['a: 1\rb: |\r  x\rc: 2', ['1:1 a:', '1:4 "1"', '2:1 b:', '2:4 "x\\n"', '4:1 c:', '4:4 "2"']],
  ['a: |   # c\n  x', ['1:1 a:', '1:4 "x\\n"']],
  ['a: >\n  x\n\n  y', ['1:1 a:', '1:4 "x\\ny\\n"']],
  ['a:\n  - |+\n    x\n\n  - y', ['1:1 a:', '2:5 "x\\n\\n"', '5:5 "y"']],
  ['a: &x |\n  b\nc: *x', ['1:1 a:', '1:7 "b\\n"', '3:1 c:', '1:7 "b\\n"']],
  ['a: &x\nb: *x', ['1:1 a:', '1:4 ', '2:1 b:', '1:4 ']],
  ['a: !!str\nb: 1', ['1:1 a:', '1:4 ', '2:1 b:', '2:4 "1"']],
  ['a: !!str &x\nb: 1', ['1:1 a:', '1:4 ', '2:1 b:', '2:4 "1"']],
  [
    'a: ~x\nb: nullx\nc: NULL',
    ['1:1 a:', '1:4 "~x"', '2:1 b:', '2:4 "nullx"', '3:1 c:', '3:4 "NULL"'],
  ],
  ["a: '~'", ['1:1 a:', '1:4 "~"']],
  ['- [a, [b]]', ['1:4 "a"', '1:8 "b"']],
  [
    'x: &x {b: 1, c: 2}\ny:\n  <<: *x\n  b: 3',
    [
      '1:1 x:',
      '1:8 b:',
      '1:11 "1"',
      '1:14 c:',
      '1:17 "2"',
      '2:1 y:',
      '4:3 b:',
      '4:6 "3"',
      '1:14 c:',
      '1:17 "2"',
    ],
  ],
  [
    'x: &x {b: 1}\nz: &z {b: 2, d: 4}\ny: { <<: [*x, *z] }',
    [
      '1:1 x:',
      '1:8 b:',
      '1:11 "1"',
      '2:1 z:',
      '2:8 b:',
      '2:11 "2"',
      '2:14 d:',
      '2:17 "4"',
      '3:1 y:',
      '1:8 b:',
      '1:11 "1"',
      '2:14 d:',
      '2:17 "4"',
    ],
  ],
])('a scalar keeps its text and its place: %j', (text, expected) => {
  const { root, problems } = readDocument(text, 'f');
  expect(problems).toEqual([]);
  expect(root && scalars(root)).toEqual(expected);
});

test.each<[string, string]>([
  [
    'a: "b\nc: d',
    '2:1 the quote, "[" or "{" opened above is not closed, or this line is indented too little',
  ],
  ['a: [b', '1:6 the closing "]" or "}" is missing'],
  ["a: 'b", '1:6 the closing quote is missing'],
  [
    'a: b: c',
    '1:5 the line is indented unlike the keys beside it, or its value holds ": " and needs quotes',
  ],
  ['- a\n - b: c\n', '2:5 the line is indented unlike the items beside it'],
  ['a:\n\t- b', '2:1 indentation takes spaces, not tabs'],
  ['a: b\n- c', '2:1 this does not continue what stands above it'],
])('a syntax error is said with its place: %j', (text, expected) => {
  const { root, problems } = readDocument(text, 'f');
  expect(root).toBeUndefined();
  expect(problems).toHaveLength(1);
  const [{ line, column, message } = { message: '' }] = problems;
  expect(`${line}:${column} ${message}`).toBe(expected.replace(' ', ' this is not valid YAML: '));
});

/** `LINE:COLUMN message` of each problem. */
function problemsOf(text: string): readonly string[] {
  const { problems } = readDocument(text, 'f');
  return problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

test.each<[string, readonly string[]]>([
  ['a: 1\nb: 2\na: 3', ['3:1 key "a" appears twice (also line 1)']],
  [
    'a: 1\na: 2\na: 3',
    ['2:1 key "a" appears twice (also line 1)', '3:1 key "a" appears twice (also line 1)'],
  ],
  ['[a]: 1', ['1:1 a key is a plain name, not a list or a map']],
  [
    '{a: b}: 1',
    ['1:1 a key is a plain name, not a list or a map; a text with double braces needs quotes'],
  ],
  ['a: *x', ['1:4 anchor "x" is not defined before this']],
  ['a: *x\nb: &x 1', ['1:4 anchor "x" is not defined before this']],
  ['a: !x 1', ['1:4 tags (!name) are not read; write the value plainly']],
  ['a: !!int 1', ['1:4 tags (!name) are not read; write the value plainly']],
  ['a: !!seq [1]\nb: !!map {c: d}\ne: !!str 1\nf: ! 2', []],
  ['a: "\\0"', ['1:4 a text cannot hold a NUL']],
  ['a: { <<: x }', ['1:6 "<<" takes a map']],
  ['a: { <<: [{ b: 1 }, x] }', ['1:6 "<<" takes a map']],
  ['a: 1\n---\nb: 2', ['2:1 a second document starts here; one file holds one']],
  ['a: 1\n--- \n', ['2:1 a second document starts here; one file holds one']],
  ['a: 1\n...\nb: 2', ['3:1 a second document starts here; one file holds one']],
  ['---\na: 1\n', []],
  ['# nothing', []],
  ['', []],
])('what is YAML and is not taken is said with its place: %j', (text, expected) => {
  expect(problemsOf(text)).toStrictEqual(expected);
});

test('of a document that is too large, too deep or too long nothing more is said', () => {
  const whole = (text: string) => {
    const { root, problems } = readDocument(text, 'f');
    return [root === undefined, problems.map(({ message }) => message)];
  };
  const size = 1024 * 1024;
  const big = (bytes: number) => `a: ${'x'.repeat(bytes - 4)}\n`;
  expect(whole(big(size))).toStrictEqual([false, []]);
  expect(whole(big(size + 1))).toStrictEqual([true, ['the file is larger than 1048576 bytes']]);
  expect(readDocument('ä'.repeat(size / 2 + 1), 'f').problems).toStrictEqual([
    { file: 'f', message: 'the file is larger than 1048576 bytes' },
  ]);
  const tooDeep = [true, ['lists and maps are nested more than 40 deep']];
  const maps = (levels: number) =>
    `${Array.from({ length: levels }, (_, at) => `${' '.repeat(at)}a:`).join('\n')} x`;
  expect([whole(maps(40)), whole(maps(41))]).toStrictEqual([[false, []], tooDeep]);
  const lists = (levels: number) => `${'['.repeat(levels)}x${']'.repeat(levels)}`;
  expect([whole(lists(39)), whole(lists(200))]).toStrictEqual([[false, []], tooDeep]);
  const long = (count: number) => `[${'x,'.repeat(count)}]`;
  expect(whole(long(49_999))).toStrictEqual([false, []]);
  expect(problemsOf(long(50_000))).toStrictEqual([
    '1:100000 there are more than 50000 values, aliases counted in full',
  ]);
  const again = `a: &x [${'x,'.repeat(30_000)}]\nb: *x\n`;
  expect(problemsOf(again)).toHaveLength(1);
});

test('a cycle of aliases ends at the depth that there may be', () => {
  expect(problemsOf('a: &x [*x]')).toStrictEqual([
    '1:7 lists and maps are nested more than 40 deep',
  ]);
});

test.each<[string, string]>([
  ['a: {b}c', '{b}c'],
  ['a: {arch}/x', '{arch}/x'],
  ['- {arch}:1', '{arch}:1'],
  ['a: [x{b}, c]', 'x{b}'],
  ['{a: x{b}y}', 'x{b}y'],
  ['a: [{arch}/x]', '{arch}/x'],
  ['a: [x-{arch}]', 'x-{arch}'],
])('braces without quotes that break a line are named: %j', (text, words) => {
  expect(problemsOf(text)).toStrictEqual([
    expect.stringMatching(/^1:\d+ this is not valid YAML: /),
  ]);
  expect(problemsOf(text)[0]).toContain(
    `: ${words} needs quotes, '${words}': without them a brace begins a map`,
  );
});

test('an expression of a workflow that breaks a line is named, with what to write', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub's workflows.
  expect(problemsOf('a: [${{ env.X }}]')).toStrictEqual([
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what is to be written.
    '1:6 this is not valid YAML: ${{ env.X }} needs quotes; and expressions of GitHub are not evaluated in this file: write "${NAME}", and in the workflow NAME=${{ env.X }} in the action\'s input "set"',
  ]);
});

test('braces in a text that is no part of a list are nothing to say', () => {
  expect(problemsOf('a: x {arch}y')).toStrictEqual([]);
  expect(problemsOf('a: x{b}\nb: c: d')).toStrictEqual([
    expect.stringContaining('the line is indented unlike the keys beside it'),
  ]);
  expect(problemsOf('a: x{b}: c: d')).toStrictEqual([
    expect.stringContaining('the line is indented unlike the keys beside it'),
  ]);
});
