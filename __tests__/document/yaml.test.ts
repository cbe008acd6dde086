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
