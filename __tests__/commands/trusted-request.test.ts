import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { trustedRequest } from '../../src/commands/trusted-request.js';
import type { ParsedRequest } from '../../src/config/index.js';
import { realPorts } from '../../src/ports/index.js';
import { request } from '../config/memory.js';
import { folder, git, removeFolders, repository, write } from '../plan/repository.js';

afterEach(removeFolders);

const FILES = {
  'sea-trial.yml': 'images: [{ name: a.example/b, tags: [dev], build: { context: c } }]\n',
  'c/Dockerfile': 'FROM scratch\n',
  '.gitignore': '/pr\n*.out\n',
};

async function trustOf(
  root: string,
  event: string,
  more: Readonly<Record<string, string>> = {},
  asked: Partial<ParsedRequest> = {},
) {
  const { trust: _, ...bare } = request({ root, ...asked });
  const own = { PATH: process.env.PATH ?? '', HOME: '/nonexistent', GITHUB_EVENT_NAME: event };
  const env = { ...own, GITHUB_REPOSITORY: 'acme/greeter', ...more };
  const { request: decided, config } = await trustedRequest(bare, { ...realPorts(), env });
  await config;
  return decided.trust;
}

describe('pull_request_target', () => {
  const event = 'pull_request_target';

  /** A repository after something was done to it, with its HEAD as GITHUB_SHA. */
  async function trustAfter(
    change: (root: string) => Promise<unknown>,
    files: Readonly<Record<string, string>> = FILES,
    asked: (root: string) => Partial<ParsedRequest> = () => ({}),
  ) {
    const root = await repository(files);
    const GITHUB_SHA = await git(root, 'rev-parse', 'HEAD');
    await change(root);
    return trustOf(root, event, { GITHUB_SHA }, asked(root));
  }

  const configured = (build: string) => ({
    ...FILES,
    'sea-trial.yml': `images: [{ name: a.example/b, tags: [dev], build: { ${build} } }]\n`,
    'd/Dockerfile': 'FROM scratch\n',
  });

  test('everything in one clean checkout of GITHUB_SHA', async () => {
    expect(await trustAfter(async () => {})).toEqual({
      untrusted: false,
      pushes: true,
      reason:
        'the event is pull_request_target, and everything is in a clean checkout of GITHUB_SHA',
    });
  });

  test('variables of the environment, which only a trusted run reads, may name a context', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what users write.
    const root = await repository(configured('context: "${WHERE}"'));
    const GITHUB_SHA = await git(root, 'rev-parse', 'HEAD');
    expect(await trustOf(root, event, { GITHUB_SHA, WHERE: 'd' })).toMatchObject({
      untrusted: false,
    });
    expect(await trustOf(root, event, { GITHUB_SHA, WHERE: '..' })).toMatchObject({
      untrusted: true,
    });
  });

  test.each<[string, (root: string) => Promise<unknown>, string]>([
    [
      'another commit',
      (root) => git(root, 'commit', '-q', '--allow-empty', '-m', 'x'),
      'HEAD of the checkout is not GITHUB_SHA',
    ],
    ['a change', (root) => write(root, { 'c/Dockerfile': 'FROM other\n' }), 'c/Dockerfile'],
    ['a staged change', async (root) => git(root, 'rm', '-q', '--cached', '.gitignore'), '.gitig'],
    ['an untracked file', (root) => write(root, { 'c/more': '' }), 'not clean: c/more'],
    ['an ignored file', (root) => write(root, { 'c/x.out': '' }), 'not clean: c/x.out'],
    [
      'the pull request beside it, ignored',
      async (root) => {
        await write(root, { 'pr/c/Dockerfile': '' });
        await git(join(root, 'pr'), 'init', '-q');
      },
      'not clean: pr/',
    ],
    ...['--assume-unchanged', '--skip-worktree'].map(
      (mark): [string, (root: string) => Promise<unknown>, string] => [
        `a change that git was told not to look at by ${mark}`,
        async (root) => {
          await git(root, 'update-index', mark, 'c/Dockerfile');
          await write(root, { 'c/Dockerfile': 'FROM other\n' });
        },
        'not clean: c/Dockerfile',
      ],
    ),
  ])('%s', async (_, change, why) => {
    const trust = await trustAfter(change);
    expect(trust).toMatchObject({ untrusted: true, pushes: false });
    expect(trust.reason).toContain(why);
  });

  test('an application for buildpacks in the checkout', async () => {
    const build =
      'context: c, buildpack: { builder: b/b, buildpacks: [./d, a/b], volumes: ["v:/v"] }';
    expect(await trustAfter(async () => {}, configured(build))).toMatchObject({ untrusted: false });
  });

  test.each<[string, string, string]>([
    ['a context outside', 'context: ..', 'are: ..'],
    ['an address', 'context: "https://github.com/acme/a.git#refs/pull/1/head"', 'are: https://'],
    ['a named context outside', 'context: c, additional_contexts: { x: /usr, y: d }', '../usr'],
    [
      'an image as a named context',
      'context: c, additional_contexts: { x: "docker-image://a:pr-1" }',
      'are: docker-image://a:pr-1',
    ],
    ['a buildpack outside', 'context: c, buildpack: { builder: b/b, buildpacks: ../x }', '../x'],
    [
      'a buildpack at an address',
      'context: c, buildpack: { builder: b/b, pre-buildpacks: "https://a.example/b.tgz" }',
      'are: https://a.example/b.tgz',
    ],
    [
      'a descriptor outside',
      'context: c, buildpack: { builder: b/b, descriptor: ../p.toml }',
      'are: ../p.toml',
    ],
    [
      'a volume of a folder outside',
      'context: c, buildpack: { builder: b/b, volumes: ["/opt:/opt", "deps:/deps"] }',
      'are: /opt',
    ],
    ["a Dockerfile's folder outside", 'context: c, dockerfile: ../../D', 'are: .., ../D'],
  ])('%s', async (_, build, why) => {
    const trust = await trustAfter(async () => {}, configured(build));
    expect(trust).toMatchObject({ untrusted: true, pushes: false });
    expect(trust.reason).toContain(why);
  });

  test('a context behind a link that is committed', async () => {
    const root = await repository(configured('context: link'));
    await symlink('/tmp', join(root, 'link'));
    await git(root, 'add', 'link');
    await git(root, 'commit', '-q', '-m', 'link');
    const GITHUB_SHA = await git(root, 'rev-parse', 'HEAD');
    expect(await trustOf(root, event, { GITHUB_SHA })).toMatchObject({ untrusted: true });
  });

  test('the configuration of another checkout', async () => {
    const pull = await repository(FILES);
    const asked = () => ({ configuration: join(pull, 'sea-trial.yml') });
    await git(pull, 'commit', '-q', '--allow-empty', '-m', 'x');
    expect(await trustAfter(async () => {}, FILES, asked)).toMatchObject({ untrusted: true });
  });

  test('a submodule, into which a step may have put files that git does not see', async () => {
    const root = await repository(FILES);
    const sha = await git(root, 'rev-parse', 'HEAD');
    await git(root, 'update-index', '--add', '--cacheinfo', `160000,${sha},sub`);
    await git(root, 'commit', '-q', '-m', 'sub');
    await write(root, { 'sub/Dockerfile': 'FROM other\n' });
    const GITHUB_SHA = await git(root, 'rev-parse', 'HEAD');
    expect(await trustOf(root, event, { GITHUB_SHA })).toMatchObject({ untrusted: true });
  });

  test('no repository at all', async () => {
    const root = await folder(FILES);
    const trust = await trustOf(root, event, { GITHUB_SHA: 'a'.repeat(40) });
    expect(trust.reason).toContain('not in a Git repository');
    expect(trust.untrusted).toBe(true);
  });
});

describe('workflow_run', () => {
  const of = (head_branch: string) =>
    JSON.stringify({
      workflow_run: {
        event: 'push',
        head_branch,
        head_repository: { full_name: 'acme/greeter' },
      },
      repository: { full_name: 'acme/greeter', default_branch: 'main' },
    });

  test.each<[string, Readonly<Record<string, string>>, boolean]>([
    ['the payload of a push to the default branch', { event: of('main') }, false],
    ['that of another branch', { event: of('next') }, true],
    ['a payload that is not JSON', { event: '{' }, true],
    ['no payload', {}, true],
  ])('%s', async (_, files, untrusted) => {
    const root = await folder(files);
    const trust = await trustOf(root, 'workflow_run', { GITHUB_EVENT_PATH: join(root, 'event') });
    expect(trust.untrusted).toBe(untrusted);
  });

  test('no path of a payload', async () => {
    expect((await trustOf(await folder({}), 'workflow_run')).untrusted).toBe(true);
  });
});
