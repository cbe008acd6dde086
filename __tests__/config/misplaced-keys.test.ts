import { describe, expect, test } from '@jest/globals';
import { configuration, inputs, refusedInputs, type Shape } from '../../src/config/index.js';
import { isRefused } from '../../src/document/index.js';
import { buildInputs } from '../../src/kinds/index.js';
import { load } from './memory.js';

type MapShape = Extract<Shape, { kind: 'map' }>;

/** A map of the file, and a file that has nothing but that map with one entry. */
interface MapInFile {
  readonly path: string;
  /** The key that it stands under. */
  readonly under: string;
  readonly keys: MapShape['keys'];
  readonly holding: (entry: object) => object;
}

function mapsIn(
  shape: Shape,
  path: readonly string[],
  wrap: (value: object) => object,
): readonly MapInFile[] {
  if (shape.kind === 'list') return mapsIn(shape.of, path, (value) => wrap([value]));
  if (shape.kind === 'table') return mapsIn(shape.of, path, (value) => wrap({ any: value }));
  if (shape.kind !== 'map') return [];
  const deeper = Object.entries(shape.keys).flatMap(([key, rule]) =>
    isRefused(rule) ? [] : mapsIn(rule.shape, [...path, key], (value) => wrap({ [key]: value })),
  );
  const own = { path: path.join('.') || 'the file', under: path.at(-1) ?? '', keys: shape.keys };
  return [{ ...own, holding: wrap }, ...deeper];
}

const maps = mapsIn(configuration, [], (value) => value);

function known(map: MapInFile): readonly string[] {
  return Object.entries(map.keys).flatMap(([name, key]) => (isRefused(key) ? [] : [name]));
}

const everyKey = [...new Set(maps.flatMap(known))];

/** What is said of a name that stands in a map. */
async function said(map: MapInFile, name: string): Promise<string> {
  const { problems } = await load(JSON.stringify(map.holding({ [name]: 'a' })));
  const begins = [`"${name}" `, `"${name}": `, `unknown key "${name}"`];
  return problems
    .map(({ message }) => message)
    .filter((message) => begins.some((begin) => message.startsWith(begin)))
    .filter((message) => !message.includes(' has no '))
    .join('\n');
}

/** What is said of each name that is no key of a map. */
function answers(map: MapInFile, names: readonly string[]) {
  const foreign = [...new Set(names)].filter((name) => !Object.hasOwn(map.keys, name));
  return Promise.all(foreign.map(async (name) => ({ name, message: await said(map, name) })));
}

/** The key that an input of the action stands for. */
function keyOf(input: string): string | undefined {
  return buildInputs.find(({ name }) => name === input)?.path.at(-1);
}

/** A map that has it, another spelling or a sentence of its own; never the list of all keys. */
const ANSWERED = /^[^\n]*(belongs |: |; here it is "|did you mean ")[^\n]*$/;

describe.each(maps.map((map) => [map.path, map] as const))('in %s', (_, map) => {
  test('every key of another place is answered with its place', async () => {
    for (const { name, message } of await answers(map, everyKey)) {
      expect(message).toMatch(ANSWERED);
      expect(message).not.toContain('there are:');
      if (!message.includes(' belongs ')) continue;
      const owners = maps.filter((one) =>
        [name, keyOf(name)].some((key) => known(one).includes(key ?? '')),
      );
      const places = owners.flatMap(({ under, keys }) => [
        `"${under}"`,
        ...Object.keys(keys).map((key) => `beside "${key}"`),
      ]);
      expect({ message, isPlace: places.some((place) => message.includes(place)) }).toEqual({
        message,
        isPlace: true,
      });
    }
  });

  test("every input of the action, and of docker's, is answered", async () => {
    const isOfImage = map.path.startsWith('images');
    const given = inputs.filter(({ action, tool }) => action && !(isOfImage && tool));
    const names = given.map(({ name }) => name);
    const others = refusedInputs.map(({ name }) => name);
    for (const { name, message } of await answers(map, [...names, ...others])) {
      expect(message).not.toBe('');
      expect(message).not.toContain('there are:');
      if (!everyKey.includes(name)) expect(message).toContain(`"${keyOf(name) ?? name}"`);
    }
  });

  test('an input about the builder or a tool is an answer outside of the images alone', async () => {
    const tools = inputs.filter(({ tool }) => tool).map(({ name }) => name);
    const isOfImage = map.path.startsWith('images');
    for (const { name, message } of await answers(map, tools)) {
      if (everyKey.includes(name)) continue;
      const isAnswer = message.includes(`the action's input "${name}"`);
      expect({ name, isAnswer }).toEqual({ name, isAnswer: !isOfImage });
    }
  });
});

test.each<[string, readonly unknown[]]>([
  [
    'images: [{ name: a/b, build: ., timeout: 5m, tests: [a, b] }]',
    [
      '"timeout" belongs under "build", beside "context: .", or to an item of "tests", beside "run: b"',
    ],
  ],
  [
    'images: [{ name: a/b, target: x }]',
    ['"target" belongs under "build"; or did you mean "targets"?'],
  ],
  [
    'images: [{ name: a/b, build: { tests: [a] } }]',
    ['"tests" belongs one level up, beside "build"'],
  ],
  [
    'images: [{ name: a/b, build: { buildpack: { builder: x, tags: [a] } } }]',
    ['"tags" belongs two levels up, beside "build"'],
  ],
  ['args: [A=b]\nimages: [{ name: a/b }]', ['"args" belongs under "build" of an item of "images"']],
  ['images: [{ name: a/b, file: x }]', ['"file" belongs under "build", as "dockerfile"']],
  ['images: [{ name: a/b, build: { file: x } }]', ['unknown key "file"; here it is "dockerfile"']],
  [
    'images: [{ name: a/b, lables: { a: b } }]',
    ['unknown key "lables"; did you mean "labels"? It belongs under "build"'],
  ],
  [
    'images: [{ name: a/b, build: { secrets: { npm: { file: x } } } }]',
    [
      'unknown key "npm"; if that is its name, write { id: npm, … }; there are: id, target, source, env, environment, file',
      'this secret cannot be read: it has no id',
    ],
  ],
  [
    'images: [{ name: a/b, tests: { version: pilot --version } }]',
    ['"tests" is a list, found a map of names; write [{ name: version, run: pilot --version }]'],
  ],
  [
    "images: [{ name: a/b, tests: { 'its name': { run: x }, other: [y, z] } }]",
    ['"tests" is a list, found a map of names; write [{ name: its name, … }, …]'],
  ],
  [
    "images: [{ name: a/b, tests: { greets: [a, b], other: 'x: [y' } }]",
    ['"tests" is a list, found a map of names; write [{ name: greets, run: […] }, …]'],
  ],
  [
    "images: [{ name: a/b, tests: { greets: '{ x: y' } }]",
    ['"tests" is a list, found a map of names; write [{ name: greets, run: "{ x: y" }]'],
  ],
  [
    'images: [{ targets: { ghcr.io/a/b: { tags: x } } }]',
    ['"targets" is a list, found a map of names; write [{ name: ghcr.io/a/b, … }]'],
  ],
  [
    'images: { greeter: { build: . } }',
    ['"images" is a list, found a map of names; write [{ name: greeter, … }]'],
  ],
  [
    'images: [{ name: a/b, tests: [{ greets: x }] }]',
    [
      expect.stringMatching(
        /^unknown key "greets"; if that is its name, write { name: greets, run: x }; there are: name, run, /,
      ),
      'this test has no "run"',
    ],
  ],
  [
    'images: [{ name: a/b, privileged: true }]',
    ['"privileged": use "entitlements: [security.insecure]", and grant it'],
  ],
  [
    'images: [{ name: a/b, push: true }]',
    [
      `"push" is not a key of this file; give it in the workflow as the action's input "push", or as the option --push`,
    ],
  ],
  [
    'images: [{ name: a/b, build: { outputs: x } }]',
    [
      '"outputs" is not a key of this file, nor an input of the action: every image is written to an OCI layout, tested and then published; use "push" or "load"',
    ],
  ],
  [
    'images: [{ name: a/b, build: { secrets: [{ id: a, external: true }] } }]',
    [
      '"external": leave it out; "env" or "file" says where the value is, or with neither the workflow gives it by an input of the action: "secrets", "secret-envs" or "secret-files"',
    ],
  ],
  [
    'secrets: { a: { file: x } }\nimages: [{ name: a/b, environment: { A: b } }]',
    [
      '"secrets": write each one under "build" of the image that it is for, as { id: NAME, env: VARIABLE } or { id: NAME, file: PATH } in "secrets"',
      '"environment": set ENV in the Dockerfile; variables of a test are "env" in an item of "tests", and those of the build "args" under "build"',
    ],
  ],
])('%s', async (text, expected) => {
  const { problems } = await load(text);
  expect(problems.map(({ message }) => message)).toEqual(expected);
});
