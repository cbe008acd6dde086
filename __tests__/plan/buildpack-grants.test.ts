import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { fromInputs } from '../../src/config/index.js';
import { UNTRUSTED } from '../config/memory.js';
import { folder, planned, problems, removeFolders } from './repository.js';

afterEach(removeFolders);

function configuration(buildpack: string, ...more: readonly string[]): string {
  const lines = [`buildpack: { builder: b/b, ${buildpack} }`, ...more];
  return [
    'images:',
    '  - name: ghcr.io/acme/web',
    '    tags: [dev]',
    '    build:',
    ...lines.map((line) => `      ${line}`),
  ].join('\n');
}

function project(buildpack: string, ...more: readonly string[]) {
  return folder({ 'sea-trial.yml': configuration(buildpack, ...more), 'app.py': '' });
}

const needs = (grant: string) =>
  `needs the grant "${grant}": --grant ${grant}, or the action's input "grants"`;

/** What a file asks for, and the grants without which it does not get it. */
const ASKED: readonly (readonly [string, readonly string[], string, ...string[]])[] = [
  ['trust-builder: true', ['trust-builder'], 'a trusted builder'],
  ['flow: creator', ['trust-builder'], '"flow: creator", which trusts the builder,'],
  ['network: host', ['network.host'], 'the host network in a build'],
  ['volumes: ["./x:/x"]', ['volumes'], 'the volume "./x:/x:ro"'],
  ['volumes: ["/dev/null:/d"]', ['volumes'], 'the volume "/dev/null:/d:ro"'],
  ['buildpacks: [..]', ['contexts'], 'the buildpack ".." is outside the workspace; it'],
  ['pre-buildpacks: [/opt]', ['contexts'], 'the buildpack "/opt" is outside the workspace; it'],
];

describe('what a file asks for', () => {
  test.each(ASKED)('%s needs %j', async (text, [grant = ''], what) => {
    const root = await project(text);
    await mkdir(join(root, 'x'));
    const expected = [expect.stringContaining(`${what} ${needs(grant)}`)];
    expect(await problems(root)).toEqual(expected);
    expect(await problems(root, UNTRUSTED)).toEqual(expected);
    const granted = await problems(root, { ...UNTRUSTED, grants: [grant] });
    expect(granted.filter((line) => line.includes('needs the grant'))).toEqual([]);
  });

  test('a binding needs its grant, and its secret one more where the file says where it is', async () => {
    const binding = 'bindings: { db: { type: postgresql, uri: uri } }';
    const given = { secretSources: [{ id: 'uri' }], secretValues: new Map([['uri', 'x']]) };
    const root = await project(binding, 'secrets: [uri]');
    expect(await problems(root, given)).toEqual([`5:46 the binding "db" ${needs('bindings')}`]);
    expect(await problems(root, { ...given, grants: ['bindings'] })).toEqual([]);
    const own = await project(binding, 'secrets: [{ id: uri, env: URI }]');
    expect(await problems(own, { grants: ['bindings'] }, { URI: 'x' })).toEqual([
      `6:17 secret "uri" from the environment's "URI" ${needs('secrets')}`,
    ]);
  });

  test('a descriptor outside the workspace or behind a link needs a grant, wherever it is named', async () => {
    const outside = await project('descriptor: ../p.toml');
    expect(await problems(outside)).toContain(
      `5:46 the project descriptor "../p.toml" is outside the workspace; it ${needs('contexts')}`,
    );
    const linked = await project('');
    await writeFile(join(linked, 'other.toml'), '');
    await symlink('other.toml', join(linked, 'project.toml'));
    expect(await problems(linked)).toContain(
      `5:7 the project descriptor "project.toml" goes through a symbolic link; it ${needs('contexts')}`,
    );
  });

  test('a context that needs a grant has its own descriptor with it, and no other', async () => {
    const asked = async (buildpack: string) => {
      const root = await project(buildpack, 'context: ../src');
      return (await problems(root)).filter((one) => one.includes('needs the grant'));
    };
    const context = expect.stringMatching(/^6:16 context "\.\.\/src" is outside/);
    expect(await asked('')).toEqual([context]);
    expect(await asked('descriptor: ../src/project.toml')).toEqual([context]);
    expect(await asked('descriptor: ../p.toml')).toEqual([
      expect.stringMatching(/^5:46 the project descriptor "\.\.\/p\.toml" is outside/),
      context,
    ]);
  });

  test('a build that asks for nothing needs no grant', async () => {
    const root = await project('buildpacks: [./bp, heroku/python, docker://a/b], network: default');
    await mkdir(join(root, 'bp'));
    expect(await problems(root, UNTRUSTED)).toEqual([]);
  });
});

describe('the inputs', () => {
  const inputs = { tags: 'a/b', 'builder-image': 'b/b', buildpacks: '/opt' };
  const asked = (root: string, more: Readonly<Record<string, string>> = {}) => {
    const read = fromInputs(new Map(Object.entries({ ...inputs, ...more })), { root, env: {} }, [
      'run',
    ]);
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    return read.request;
  };

  test('have what they ask for, in an untrusted run too', async () => {
    const root = await folder({ 'app.py': '' });
    expect(await problems(root, asked(root))).toEqual([]);
    expect(await problems(root, { ...asked(root), ...UNTRUSTED })).toEqual([]);
  });

  test('do not have what a link of the sources makes of them', async () => {
    const root = await folder({ 'app.py': '' });
    await symlink('/etc/hostname', join(root, 'project.toml'));
    expect(await problems(root, { ...asked(root), ...UNTRUSTED })).toContain(
      `the project descriptor "project.toml" goes through a symbolic link; it ${needs('contexts')}`,
    );
  });

  test('do not have what a project descriptor of the sources adds to them', async () => {
    const descriptor = [
      '[_]',
      'schema-version = "0.2"',
      '[[io.buildpacks.group]]',
      'uri = "/opt"',
      '[[io.buildpacks.group]]',
      'uri = "linked"',
      '[io.buildpacks]',
      'exclude = ["linked"]',
    ];
    const root = await folder({ 'app.py': '', 'project.toml': descriptor.join('\n') });
    await symlink('/opt', join(root, 'linked'));
    const open = asked(root, { buildpacks: '' });
    const expected = [
      expect.stringContaining(`/opt" is outside the workspace; it ${needs('contexts')}`),
      expect.stringContaining(`"./linked" goes through a symbolic link; it ${needs('contexts')}`),
    ];
    for (const request of [open, { ...open, ...UNTRUSTED }]) {
      expect(await problems(root, request)).toEqual(expected);
    }
    expect(await problems(root, { ...open, grants: ['contexts'] })).toEqual([]);
  });

  test('have no cache written in an untrusted run, which a trusted build would execute', async () => {
    const root = await folder({ 'app.py': '' });
    const request = asked(root, {
      buildpacks: '',
      'cache-from': 'a/cache',
      'cache-to': 'a/cache',
    });
    const cachesOf = async (more: object) => {
      const { plan } = await planned(root, { ...request, ...more });
      return [plan.images[0]?.build.cacheFrom, plan.images[0]?.build.cacheTo];
    };
    const written = ['type=registry,ref=a/cache'];
    expect(await cachesOf({})).toEqual([written, written]);
    expect(await cachesOf(UNTRUSTED)).toEqual([written, []]);
  });

  test('give secrets to no build with buildpacks', async () => {
    const root = await folder({ 'app.py': '' });
    expect(await problems(root, asked(root, { secrets: 'token=x' }))).toEqual([
      'no image uses this secret: token; buildpacks get secrets in bindings, which sea-trial.yml describes',
    ]);
  });
});

test('the plan has everything that is asked, written anew', async () => {
  const root = await project(
    'flow: creator, buildpacks: [a/b@1], env: [A=1], process: web, creation-time: 7, volumes: ["v1:/v"], bindings: { db: { type: t, k: s } }, trust-builder: true, network: host, clear-cache: true, run-image: r/r',
    'secrets: [s]',
    'cache_from: [a/cache]',
    'cache_to: [a/cache]',
  );
  const given = { secretSources: [{ id: 's' }], secretValues: new Map([['s', 'x']]) };
  const grants = ['trust-builder', 'volumes', 'bindings', 'network.host'];
  const { plan } = await planned(root, { ...given, grants });
  expect(plan.images[0]?.build).toEqual({
    kind: 'buildpack',
    context: '.',
    builder: 'b/b',
    flow: 'creator',
    runImage: 'r/r',
    buildpacks: ['urn:cnb:builder:a/b@1'],
    preBuildpacks: [],
    postBuildpacks: [],
    env: { A: '1' },
    process: 'web',
    clearCache: true,
    creationTime: '7',
    trustBuilder: true,
    network: 'host',
    volumes: ['v1:/v:ro'],
    bindings: [{ name: 'db', type: 't', entries: [{ key: 'k', secret: 's' }] }],
    secrets: [{ id: 's' }],
    cacheFrom: ['type=registry,ref=a/cache'],
    cacheTo: ['type=registry,ref=a/cache'],
  });
  const untrusted = await planned(root, { ...given, grants, ...UNTRUSTED });
  expect(untrusted.plan.images[0]?.build.cacheTo).toEqual([]);
  expect(untrusted.notes.join()).toContain('of the caches of web, 1 is not written');
});
