import { describe, expect, test } from '@jest/globals';
import {
  createVocabulary,
  type KeyTable,
  readDocument,
  type Shape,
  shapes,
  validate,
} from '../../src/document/index.js';

const key = (shape: Shape) => ({ shape, description: 'It is.' });
const map = (what: string, keys: KeyTable, more: object = {}): Shape => ({
  ...{ kind: 'map', what, keys },
  ...more,
});

const cache = map('"cache"', { mode: key(shapes.text), scope: key(shapes.text) });
const build = map(
  '"build"',
  {
    context: key(shapes.text),
    file: key(shapes.text),
    'no-cache': key(shapes.boolean),
    cache: key(cache),
    secret: { refused: 'write it under "secrets"' },
  },
  { short: 'context' },
);
const test_ = map('a test', {
  name: key(shapes.text),
  run: key(shapes.text),
  mode: key(shapes.text),
});
const image = map('an image', {
  id: key(shapes.text),
  platforms: key(shapes.words),
  build: key(build),
  tests: key({ kind: 'list', of: test_ }),
});
const whole = map('the file', {
  version: key(shapes.text),
  publish: key(shapes.text),
  images: key({ kind: 'list', of: image }),
});
const vocabulary = createVocabulary(
  whole,
  new Map([
    ['dockerfile', ['images', 'build', 'file']],
    ['push', ['publish']],
  ]),
  (name, path) =>
    name === 'pull-policy' ? `has no place in ${path.join('.') || 'the file'}` : undefined,
);

/** What is said of a document, without its places. */
function said(text: string): readonly string[] {
  const { root, problems } = readDocument(text, 'f');
  if (root === undefined || problems.length > 0) throw new Error(JSON.stringify(problems));
  return validate(root, whole, 'the file', vocabulary).map(({ message }) => message);
}

const inImage = (text: string) => said(`images: [{ ${text} }]`);
const inBuild = (text: string) => inImage(`build: { context: ., ${text} }`);

describe('a key that is none of its map', () => {
  test.each<[string, () => readonly string[], string]>([
    ['is misspelt', () => said('versoin: 1'), 'unknown key "versoin"; did you mean "version"?'],
    [
      'is written otherwise',
      () => inBuild('no_cache: true'),
      'unknown key "no_cache"; did you mean "no-cache"?',
    ],
    [
      'has another name elsewhere',
      () => inBuild('dockerfile: x'),
      'unknown key "dockerfile"; here it is "file"',
    ],
    [
      'has another name at the top',
      () => said('push: x'),
      'unknown key "push"; here it is "publish"',
    ],
    [
      'belongs below another one, under another name',
      () => inImage('dockerfile: x'),
      '"dockerfile" belongs under "build", as "file"',
    ],
    [
      'belongs below an item, under another name',
      () => said('dockerfile: x'),
      '"dockerfile" belongs under "build" of an item of "images", as "file"',
    ],
    ['belongs below another one', () => inImage('context: x'), '"context" belongs under "build"'],
    [
      'belongs beside the short form of another one',
      () => inImage('build: src, file: x'),
      '"file" belongs under "build", beside "context: src"',
    ],
    [
      'belongs below the short form of another one',
      () => inImage('build: src, scope: x'),
      '"scope" belongs under "cache" of "build"',
    ],
    ['belongs to an item', () => said('id: x'), '"id" belongs to an item of "images"'],
    [
      'belongs one level up',
      () => inBuild('platforms: x'),
      '"platforms" belongs one level up, beside "build"',
    ],
    [
      'belongs two levels up',
      () => inBuild('cache: { platforms: x }'),
      '"platforms" belongs two levels up, beside "build"',
    ],
    [
      'belongs three levels up',
      () => inBuild('cache: { version: x }'),
      '"version" belongs three levels up, beside "images"',
    ],
    [
      'belongs to the nearest of two maps',
      () => inBuild('mode: x'),
      '"mode" belongs under "cache"',
    ],
    [
      'belongs to two maps that are as near',
      () => inImage('run: x'),
      '"run" belongs to an item of "tests"',
    ],
    [
      'is a misspelt one of another map',
      () => inImage('contxt: x'),
      'unknown key "contxt"; did you mean "context"? It belongs under "build"',
    ],
    ['is refused here', () => inBuild('secret: x'), '"secret": write it under "secrets"'],
    [
      'is refused here, written otherwise',
      () => inBuild('Secret: x'),
      '"Secret": write it under "secrets"',
    ],
    ['is refused below', () => said('secret: x'), '"secret": write it under "secrets"'],
    ['has an answer', () => inImage('pull_policy: x'), '"pull_policy" has no place in images'],
    [
      'has an answer at the top',
      () => said('pull-policy: x'),
      '"pull-policy" has no place in the file',
    ],
    [
      'may be the name of an item',
      () => inImage('what-is-it: x'),
      'unknown key "what-is-it"; if that is its name, write "id: what-is-it"; there are: id, platforms, build, tests',
    ],
    [
      'may be the name of an item that says the rest',
      () => inImage('what-is-it: { platforms: x }'),
      'unknown key "what-is-it"; if that is its name, write { id: what-is-it, … }; there are: id, platforms, build, tests',
    ],
    [
      'is no name beside another key',
      () => inImage('id: a, what-is-it: x'),
      'unknown key "what-is-it"; there are: id, platforms, build, tests',
    ],
    [
      'is no name without a value',
      () => inImage('what-is-it:'),
      'unknown key "what-is-it"; there are: id, platforms, build, tests; {what-is-it} without quotes is a map in YAML: for a text, put it in quotes, \'{what-is-it}\'',
    ],
    [
      'is no name where none can be',
      () => inBuild('what-is-it: x'),
      'unknown key "what-is-it"; there are: context, file, no-cache, cache',
    ],
  ])('%s', (_, problems, message) => {
    const [first = '', ...more] = problems();
    expect(first).toBe(message);
    expect(more).toStrictEqual([]);
  });

  test('is near one of its own map, and one of another', () => {
    expect(inImage('modes: x')[0]).toMatch(/^unknown key "modes"; did you mean "\w+"\?/);
  });
});
