import { describe, expect, test } from '@jest/globals';
import {
  child,
  corrected,
  cutPlaces,
  entry,
  flag,
  items,
  type KeyTable,
  located,
  locatedWords,
  mapScalars,
  pairs,
  readDocument,
  type Shape,
  shapes,
  table,
  text,
  words,
} from '../../src/document/index.js';

function read(source: string) {
  const { root, problems } = readDocument(source, 'f');
  if (root === undefined || problems.length > 0) throw new Error(JSON.stringify(problems));
  return root;
}

const root = read(`one: a
empty:
tilde: ~
quoted: ""
list: [a, [b], { c: d }, e]
map: { A: 1, B: , C: [x], D: "" }
pairs: [A=1, B, C=a=b, =x]
yes: TRUE
no: false
`);

describe('what stands behind a key', () => {
  test('is a text, with its place', () => {
    expect(text(root, 'one')).toBe('a');
    expect(text(root, 'quoted')).toBe('');
    expect(located(root, 'one')).toStrictEqual({
      value: 'a',
      at: { file: 'f', line: 1, column: 6 },
    });
  });

  test.each(['empty', 'tilde', 'none', 'list', 'map'])('is no text: %s', (key) => {
    expect([text(root, key), located(root, key), flag(root, key)]).toStrictEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('is true or false', () => {
    expect([flag(root, 'yes'), flag(root, 'no'), flag(root, 'one')]).toStrictEqual([
      true,
      false,
      false,
    ]);
  });

  test('is a list, or the one value that stands for it', () => {
    expect(items(root, 'list').map(({ kind }) => kind)).toStrictEqual([
      'scalar',
      'list',
      'map',
      'scalar',
    ]);
    expect(items(root, 'one')).toStrictEqual([child(root, 'one')]);
    expect([items(root, 'none'), items(root, 'empty')]).toStrictEqual([[], []]);
    expect(words(root, 'list')).toStrictEqual(['a', 'e']);
    expect(words(root, 'one')).toStrictEqual(['a']);
    expect(locatedWords(root, 'one')).toStrictEqual([located(root, 'one')]);
  });

  test('are names with values, as a map or as a list', () => {
    const named = (key: string) => pairs(root, key).map(({ name, value }) => [name, value]);
    expect(named('map')).toStrictEqual([
      ['A', '1'],
      ['B', undefined],
      ['D', ''],
    ]);
    expect(named('pairs')).toStrictEqual([
      ['A', '1'],
      ['B', undefined],
      ['C', 'a=b'],
      ['', 'x'],
    ]);
    expect(table(root, 'map')).toStrictEqual({ A: '1', B: '', D: '' });
    expect(table(root, 'pairs')).toStrictEqual({ A: '1', B: '', C: 'a=b', '': 'x' });
    expect(pairs(root, 'map')[0]?.at).toStrictEqual({ file: 'f', line: 6, column: 8 });
    expect(table(read('a: [A=1, A=2]'), 'a')).toStrictEqual({ A: '2' });
    expect(pairs(root, 'none')).toStrictEqual([]);
  });

  test('is nothing of what is no map', () => {
    expect([child(undefined, 'a'), entry(read('[a]'), 'a'), child(read('a'), 'a')]).toStrictEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(entry(root, 'empty')?.value).toMatchObject({ kind: 'scalar', empty: true });
  });
});

test('texts and keys are replaced, and nothing else is', () => {
  const source = read('a: [b, { c: d }]\ne: f');
  const upper = mapScalars(source, (one) => ({ ...one, text: one.text.toUpperCase() }));
  expect(JSON.stringify(upper)).toBe(
    JSON.stringify(source).replace(/"text":"(.)"/g, (_, sign) => `"text":"${sign.toUpperCase()}"`),
  );
  const keys: string[] = [];
  const renamed = mapScalars(
    source,
    (one) => one,
    (key, { line }) => {
      keys.push(`${line} ${key}`);
      return `${key}!`;
    },
  );
  expect(keys).toStrictEqual(['1 a', '1 c', '2 e']);
  expect(entry(renamed, 'e!')?.value).toStrictEqual(child(source, 'e'));
  expect(entry(items(renamed, 'a!')[1], 'c!')?.value).toMatchObject({ text: 'd' });
});

test.each<[string, readonly string[]]>([
  ['a: { to: type=gha,mode=max,scope=x }', ['1:10']],
  ['- { to: type=gha,mode=max }\n- { to: x }', ['1:9']],
  ['a: { mode=max }', []],
  ['a: { to: , mode=max }', []],
  ['a: { to: [x], mode=max }', []],
  ['a: { to: x, mode: max }', []],
  ['a: { to: x, mode=max: y }', []],
  ['a', []],
])('values that a comma has ended begin where they are written: %j', (source, places) => {
  const found = [
    ...new Set(cutPlaces(read(source)).map(({ line, column }) => `${line}:${column}`)),
  ];
  expect(found).toStrictEqual(places);
});

describe('a misspelt key', () => {
  const own = (shape: Shape) => ({ shape, description: 'It is.' });
  const inner: KeyTable = { context: own(shapes.text), target: own(shapes.text) };
  const build: Shape = { kind: 'map', what: '"build"', keys: inner };
  const keys: KeyTable = {
    platforms: own(shapes.words),
    build: own(build),
    several: own({ kind: 'list', of: build, single: true }),
    list: own({ kind: 'list', of: build }),
    table: own({ kind: 'table', of: build }),
    old: { refused: 'it is gone' },
  };
  const whole: Shape = { kind: 'map', what: 'it', keys, extensible: true };
  const keysOf = (source: string) => {
    const found: string[] = [];
    mapScalars(
      corrected(read(source), whole),
      (one) => one,
      (key) => {
        found.push(key);
        return key;
      },
    );
    return found;
  };

  test.each<[string, readonly string[]]>([
    ['platfroms: a', ['platforms']],
    ['platforms: a\nplatfroms: b', ['platforms', 'platfroms']],
    ['platfroms: a\nplatfrms: b', ['platforms', 'platfrms']],
    ['x-platforms: a', ['x-platforms']],
    ['build: { contxt: a }', ['build', 'context']],
    ['several: { contxt: a }', ['several', 'context']],
    ['several: [{ contxt: a }]', ['several', 'context']],
    ['list: [{ contxt: a }]', ['list', 'context']],
    ['list: { contxt: a }', ['list', 'contxt']],
    ['table: { any: { contxt: a } }', ['table', 'any', 'context']],
    ['old: { contxt: a }', ['old', 'contxt']],
    ['zzz: { contxt: a }', ['zzz', 'contxt']],
    ['Platforms: a', ['platforms']],
  ])('is the one that was meant: %j', (source, expected) => {
    expect(keysOf(source)).toStrictEqual(expected);
  });

  test('keeps what was written', () => {
    const found = corrected(read('platfroms: a\nbuild: b'), whole);
    expect(entry(found, 'platforms')).toMatchObject({ key: 'platforms', written: 'platfroms' });
    expect(entry(found, 'build')).not.toHaveProperty('written');
  });
});
