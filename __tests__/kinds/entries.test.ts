import { describe, expect, test } from '@jest/globals';
import { fromInputs } from '../../src/config/index.js';
import { lines, load, MODES } from '../config/memory.js';
import { fromDockerfile } from '../plans.js';

/** What is wrong with a build, without its place. */
async function problems(build: string): Promise<readonly string[]> {
  const config = await load(`images:\n  - name: acme/a\n    build: ${build}\n`);
  return lines(config).map((line) => line.replace(/^\S+ /, ''));
}

test.each<[string, string]>([
  ['provenance: max', 'true, false, mode=min or mode=max, found "max"; write mode=max'],
  ['provenance: Min', 'true, false, mode=min or mode=max, found "Min"; write mode=min'],
  ['provenance: no', 'true, false, mode=min or mode=max, found "no"; write false'],
  ['provenance: most', 'true, false, mode=min or mode=max, found "most"'],
  ['sbom: yes', 'true, false or generator=IMAGE, found "yes"; write true'],
  ['sbom: off', 'true, false or generator=IMAGE, found "off"; write false'],
  ['sbom: max', 'true, false or generator=IMAGE, found "max"'],
])('%s, which is no attestation', async (text, expected) => {
  const [key] = text.split(':');
  expect(await problems(`{ ${text} }`)).toEqual([`"${key}" is ${expected}`]);
});

describe('an entry that a comma divides', () => {
  const divided = (names: string, right: string) =>
    `${names} belong to one entry, and are items of their own: a comma without quotes divides the list; write the whole entry in quotes, '${right}'`;

  test.each<[string, readonly string[]]>([
    ['cache_to: [type=gha,mode=max]', [divided('"type" and "mode"', 'type=gha,mode=…')]],
    [
      'cache_from: [type=gha, type=registry,ref=a/b, c/d]',
      [divided('"type" and "ref"', 'type=registry,ref=…')],
    ],
    ['cache_from: [ref=a/b,type=registry]', [divided('"ref" and "type"', 'ref=…,type=registry')]],
    ['secrets: [id=x,src=y]', [divided('"id" and "src"', 'id=x,src=…')]],
    [
      'secrets: [id=x,env=y, id=z,type=file,src=y]',
      [
        divided('"id" and "env"', 'id=x,env=…'),
        divided('"id", "type" and "src"', 'id=z,type=…,src=…'),
      ],
    ],
    ["secrets: [id=a, id=b, c, 'id=d,env=D']", []],
    ["cache_from: [type=gha, a/b, 'type=registry,ref=c/d']", []],
    ['cache_from: [ref=a/b, c/d]', ['this cache cannot be read: it has no type, such as type=gha']],
  ])('in a list: %s', async (build, expected) => {
    expect(await problems(`{ ${build} }`)).toEqual(expected);
  });

  test('on lines of their own they are named without the comma', async () => {
    expect(await problems('\n      cache_to:\n        - type=gha\n        - mode=max')).toEqual([
      `"type" and "mode" belong to one entry, and are items of their own; write the whole entry in quotes, 'type=gha,mode=…'`,
    ]);
  });

  test('the lines of an input are entries', async () => {
    const given = { tags: 'a/b', 'cache-to': 'type=gha\nmode=max' };
    const asked = fromInputs(new Map(Object.entries(given)), { root: '/work', env: {} }, MODES);
    if ('problems' in asked) throw new Error(JSON.stringify(asked.problems));
    expect(lines(await load({ Dockerfile: '' }, asked.request))).toEqual([
      'input "cache-to" this cache cannot be read: it has no type, such as type=gha',
    ]);
  });

  const ended = (name: string, key: string) =>
    `"${name}=…" is no key: a comma without quotes ends the value of "${key}"; put the whole value in quotes`;

  test.each<[string, readonly string[]]>([
    ['{ cache_to: type=gha,mode=max,scope=a }', [ended('mode', 'cache_to')]],
    ['{ cache_to: type=registry,ref=a/b }', [ended('ref', 'cache_to')]],
    ['{ secrets: src=a,id=b }', [ended('id', 'secrets')]],
    ['{ args: { A: b,C=d } }', [ended('C', 'A')]],
    ['{ secrets: [{ id: a,env=B }] }', ['"env=…" is no key; in a map, write "env: …"']],
    ["{ cache_to: 'type=gha,mode=max' }", []],
    ['{ args: { "A=b": c } }', ['"A=b" is not a name; a name has characters, and no "="']],
  ])('in a map: %s', async (build, expected) => {
    expect(await problems(build)).toEqual(expected);
  });
});

test('whole entries are read as before', async () => {
  const config = await load(
    "images: [{ name: a/b, build: { cache_to: ['type=gha,mode=max'], secrets: ['id=x,env=Y'] } }]",
  );
  const { cacheTo, secrets } = fromDockerfile(config.images[0]?.build);
  expect(cacheTo.map(({ type, attributes }) => [type, [...attributes]])).toEqual([
    ['gha', [['mode', 'max']]],
  ]);
  expect(secrets.map(({ id, env }) => [id, env])).toEqual([['x', 'Y']]);
});
