import { access, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { SourceNode } from '../../src/document/node.js';
import { secretsOf } from '../../src/pipeline/trial-inputs.js';
import { request, UNTRUSTED } from '../config/memory.js';
import { askGit, looksLikeRepository } from '../looks-like-repository.js';
import { fromDockerfile } from '../plans.js';
import { folder, git, planned, problems, removeFolders, repository, write } from './repository.js';

/* What the author of a pull request can write gives no power. */

afterEach(removeFolders);

const DOCKERFILE = 'FROM busybox:1.37\n';
const at = { file: 'input "context"' };

const needs = (grant: string) =>
  `needs the grant "${grant}": --grant ${grant}, or the action's input "grants"`;

const image = (build: string) => `images:\n  - name: ghcr.io/acme/greeter\n    build: ${build}\n`;

describe('a folder that looks like a repository of its own', () => {
  test('is not asked by git, and makes no other workspace', async () => {
    const root = await repository({
      'deploy/sea-trial.yml': image('{ context: /etc, dockerfile: /etc/hostname }'),
    });
    const sign = join(await folder({}), 'sign');
    await looksLikeRepository(join(root, 'deploy'), '/', sign);
    const asked = { configuration: 'deploy/sea-trial.yml', ...UNTRUSTED };
    expect(await problems(root, asked)).toEqual([
      `3:23 context "/etc" is outside the workspace; it ${needs('contexts')}`,
    ]);
    await expect(access(sign)).rejects.toThrow('ENOENT');
    await askGit(join(root, 'deploy'));
    await access(sign);
  });

  test('is passed over for the one above it', async () => {
    const root = await repository({ 'sub/x/sea-trial.yml': image('.'), Dockerfile: DOCKERFILE });
    await write(root, { 'sub/x/Dockerfile': DOCKERFILE, 'sub/HEAD': 'ref: refs/heads/x' });
    await mkdir(join(root, 'sub', 'objects'));
    await mkdir(join(root, 'sub', 'refs'));
    const { source } = await planned(root, { configuration: 'sub/x/sea-trial.yml' });
    expect(source.revision).toBe(await git(root, 'rev-parse', 'HEAD'));
    expect(source.dirty).toEqual(['sub/x/Dockerfile']);
  });
});

describe('in an untrusted run what the inputs name is what it seems', () => {
  const scalar = (text: string): SourceNode => ({ kind: 'scalar', text, empty: false, at });

  function described(build: Readonly<Record<string, SourceNode>>): SourceNode {
    const map = (table: Readonly<Record<string, SourceNode>>): SourceNode => ({
      kind: 'map',
      at,
      entries: Object.entries(table).map(([key, value]) => ({ key, at, value })),
    });
    return map({ name: scalar('acme/greeter'), build: map(build) });
  }

  const cache = (entry: string) => scalar(entry);

  test.each<[string, Readonly<Record<string, SourceNode>>, string]>([
    ['a context', { context: scalar('link'), dockerfile: scalar('Dockerfile') }, 'context "link"'],
    ['a named context', { additional_contexts: scalar('x=link') }, 'context "link"'],
    ["a Dockerfile's folder", { dockerfile: scalar('link/Dockerfile') }, "the Dockerfile's folder"],
    ['a cache that is written', { cache_to: cache('type=local,dest=link/x') }, 'cache "link/x"'],
    ['a cache that is read', { cache_from: cache('type=local,src=link') }, 'cache "link"'],
  ])('%s behind a link needs a grant', async (_, build, what) => {
    const root = await repository({ Dockerfile: DOCKERFILE });
    await symlink(await folder({ Dockerfile: DOCKERFILE }), join(root, 'link'));
    const list: SourceNode = { kind: 'list', items: Object.values(build), at };
    const key = Object.keys(build)[0] ?? '';
    const asked = {
      inline: described(key === 'additional_contexts' ? { [key]: list } : build),
    };
    expect(await problems(root, asked)).toEqual([]);
    const found = await problems(root, { ...asked, ...UNTRUSTED });
    expect(found).toEqual([expect.stringContaining(`${what}`)]);
    expect(found[0]).toContain(`goes through a symbolic link; it ${needs('contexts')}`);
    expect(await problems(root, { ...asked, ...UNTRUSTED, grants: ['contexts'] })).toEqual([]);
  });

  test('a secret file behind a link needs a grant', async () => {
    const root = await repository({
      'sea-trial.yml': image('{ secrets: [npmrc] }'),
      Dockerfile: DOCKERFILE,
    });
    await symlink('/etc/hostname', join(root, '.npmrc'));
    const asked = { secretSources: [{ id: 'npmrc', file: '.npmrc' }] };
    expect(await problems(root, asked)).toEqual([]);
    expect(await problems(root, { ...asked, ...UNTRUSTED })).toEqual([
      `secret file ".npmrc" goes through a symbolic link; it ${needs('secrets')}`,
    ]);
  });

  test('a folder outside is what they say', async () => {
    const root = await repository({ Dockerfile: DOCKERFILE });
    const context = await folder({ Dockerfile: DOCKERFILE });
    const inline = described({ context: scalar(context), dockerfile: scalar('Dockerfile') });
    expect(await problems(root, { inline, ...UNTRUSTED })).toEqual([]);
  });
});

describe('secrets of the job', () => {
  test.each(['ACTIONS_RUNTIME_TOKEN', 'INPUT_PASSWORD', 'STATE_run'])(
    '%s is no secret of a build, whatever was granted',
    async (name) => {
      const root = await repository({
        'sea-trial.yml': image(`{ secrets: [{ id: t, env: ${name} }], cache_from: ["type=gha"] }`),
        Dockerfile: DOCKERFILE,
      });
      expect(await problems(root, { grants: ['secrets'] }, { [name]: 'x' })).toEqual([
        `3:24 secret "t" comes from ${name}, which belongs to the job and is never given to a build; a workflow may pass it with the input "secrets"`,
      ]);
    },
  );

  test('its token for Git is not given by its id in an untrusted run', () => {
    const given = {
      secretSources: [{ id: 'npm' }],
      secretValues: new Map([
        ['npm', 'a'],
        ['GIT_AUTH_TOKEN.github.com', 'b'],
      ]),
    };
    expect(Object.values(secretsOf(request(given)).environment)).toEqual(['a', 'b']);
    expect(Object.values(secretsOf(request({ ...given, ...UNTRUSTED })).environment)).toEqual([
      'a',
    ]);
  });
});

describe('the name of a branch that others choose', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what users write.
  const text = image('{ cache_from: ["type=gha,scope=${GITHUB_HEAD_REF}"] }');

  test.each(['x,mode=max', 'x"', 'x;id', '$(id)', '`id`', 'a b', '-x', "a'b", 'a|b', 'a&b'])(
    '%j is refused, for it may be obeyed',
    async (GITHUB_HEAD_REF) => {
      const root = await repository({ 'sea-trial.yml': text, Dockerfile: DOCKERFILE });
      expect(await problems(root, {}, { GITHUB_HEAD_REF })).toEqual([
        expect.stringMatching(
          /variable "GITHUB_HEAD_REF" is the name of a branch, which its author chooses/,
        ),
      ]);
    },
  );

  test.each(['main', 'feature/über-1', 'dependabot/npm_and_yarn/@types/node-20.1', 'a+b#1=c'])(
    '%j is a plain one',
    async (GITHUB_HEAD_REF) => {
      const root = await repository({ 'sea-trial.yml': text, Dockerfile: DOCKERFILE });
      const { plan } = await planned(root, {}, { GITHUB_HEAD_REF });
      expect(plan.images[0]?.build.cacheFrom).toEqual([`type=gha,scope=${GITHUB_HEAD_REF}`]);
    },
  );
});

describe('paths', () => {
  test("an address's Dockerfile on this machine is read where it is judged", async () => {
    const root = await repository({ Dockerfile: DOCKERFILE });
    const path = join(root, 'link');
    await symlink('/etc', path);
    await write(root, {
      'sea-trial.yml': image(
        `{ context: "https://a.example/b.git", dockerfile: ${path}/../Dockerfile }`,
      ),
    });
    const { plan } = await planned(root);
    expect(fromDockerfile(plan.images[0]?.build).file).toBe(join(root, 'Dockerfile'));
  });

  test.each<[string, string, boolean]>([
    ['sub/Dockerfile', 'd/Real', true],
    ['sub/Dockerfile', './d/../d/Real', true],
    ['sub/Dockerfile', 'again', true],
    ['sub/Dockerfile', '../Dockerfile', false],
    ['sub/Dockerfile', '/etc/hostname', false],
    ['sub/Dockerfile', 'd/../../Dockerfile', false],
    ['sub/Dockerfile', 'up/Dockerfile', false],
  ])(
    'a Dockerfile %s that is a link to %s is the one that is built: %s',
    async (path, to, same) => {
      const root = await repository({
        Dockerfile: DOCKERFILE,
        'sub/d/Real': DOCKERFILE,
        'sea-trial.yml': image('sub'),
      });
      await symlink('d/Real', join(root, 'sub/again'));
      await symlink('..', join(root, 'sub/up'));
      await symlink(to, join(root, path));
      expect(await problems(root)).toEqual(
        same
          ? []
          : [
              '3:12 "sub/Dockerfile" is a link that leads out of its folder, where the builder does not follow it; name the file itself',
            ],
      );
    },
  );

  test('one that holds a NUL is told of, and nowhere looked for', async () => {
    const root = await repository({
      'sea-trial.yml': image('{ context: "a\\0b" }'),
      Dockerfile: DOCKERFILE,
    });
    expect((await problems(root))[0]).toBe('3:23 a text cannot hold a NUL');
  });

  test('the configuration of an untrusted run is no link, wherever it is', async () => {
    const root = await repository({ Dockerfile: DOCKERFILE });
    const beside = join(await folder({}), 'c.yml');
    await symlink('/etc/hostname', beside);
    expect(await problems(root, { configuration: beside, ...UNTRUSTED })).toEqual([
      `"${beside}" goes through a symbolic link, which is not allowed for the configuration of an untrusted run`,
    ]);
  });
});
