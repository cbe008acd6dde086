import { readdirSync } from 'node:fs';
import { symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { folderOf, part } from './shell.js';

const lock = (packages: Readonly<Record<string, object>>) =>
  JSON.stringify({ name: 'a', lockfileVersion: 3, requires: true, packages });

const ONE = { version: '1.0.0', integrity: 'sha512-one' };
const ELSEWHERE = { version: '2.0.0', integrity: 'sha512-two', optional: true, cpu: ['z80'] };
const WANTED = lock({
  '': { name: 'a' },
  'node_modules/one': ONE,
  'node_modules/elsewhere': ELSEWHERE,
});

const NODE = { 'node_modules/.bin/node': '#!/bin/sh\necho v24\n' };
const recorded = (text: string) => ({ 'node_modules/.package-lock.json': text, ...NODE });
const installed = (text: string) => ({ 'node_modules/one/package.json': '{}', ...recorded(text) });

/** The set-up of a tree, with an npm that only tells what it was asked. */
async function setUp(tree: string) {
  const said = await part('dependencies', [
    `root='${tree}'`,
    'quietly() { echo "$@"; }',
    'require_dependencies',
  ]);
  return [said.status, said.stdout.split('\n')[0]?.replaceAll(tree, 'TREE'), said.stderr];
}

const ASKED = 'packages    installed as package-lock.json asks';
const INSTALLS = 'npm-ci npm ci --prefix TREE --no-audit --no-fund';

test('packages that are older than package-lock.json stay when they are what it asks for', async () => {
  const tree = await folderOf({
    'package-lock.json': WANTED,
    ...installed(lock({ 'node_modules/one': { ...ONE, resolved: 'https://example.com/one' } })),
  });
  await utimes(join(tree, 'node_modules', '.package-lock.json'), 0, 0);
  expect(await setUp(tree)).toEqual([0, ASKED, '']);
});

test.each([
  ['npm has not said that it was done', NODE],
  ['one is another version', installed(lock({ 'node_modules/one': { ...ONE, version: '1.1.0' } }))],
  ['one has other bytes', installed(lock({ 'node_modules/one': { ...ONE, integrity: 'x' } }))],
  ['one is missing', installed(lock({}))],
  ['one is too many', installed(lock({ 'node_modules/one': ONE, 'node_modules/more': ONE }))],
  ['one was taken away', recorded(lock({ 'node_modules/one': ONE }))],
  ['they were left half done', installed('{"packages":')],
])('packages are installed where %s', async (_, files) => {
  const tree = await folderOf({ 'package-lock.json': WANTED, ...files });
  expect(await setUp(tree)).toEqual([0, INSTALLS, '']);
});

test('a link to other packages is refused, and what it points at stays', async () => {
  const [tree, other] = await Promise.all([
    folderOf({ 'package-lock.json': WANTED }),
    folderOf({ 'kept/package.json': '{}' }),
  ]);
  await symlink(other, join(tree, 'node_modules'));
  const [status, said, words] = await setUp(tree);
  expect([status, said]).toEqual([3, '']);
  expect(words).toContain(`node_modules is a link to ${other}, which does not hold`);
  expect(words).toContain(`rm ${tree}/node_modules`);
  expect(readdirSync(other)).toEqual(['kept']);
});

test('a link to the right packages is used', async () => {
  const tree = await folderOf({ 'package-lock.json': WANTED });
  const other = await folderOf(installed(lock({ 'node_modules/one': ONE })));
  await symlink(join(other, 'node_modules'), join(tree, 'node_modules'));
  expect(await setUp(tree)).toEqual([0, ASKED, '']);
});
