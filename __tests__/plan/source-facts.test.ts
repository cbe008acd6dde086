import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readSource } from '../../src/plan/source.js';
import { realPorts } from '../../src/ports/index.js';
import {
  type Content,
  files,
  folder,
  git,
  planned,
  planOf,
  removeFolders,
  repository,
  write,
  yaml,
} from './repository.js';

/* What is known of a checkout, by git, the runner and the environment. */

afterEach(removeFolders);

const RUNNER: Content = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/other',
  GITHUB_SHA: 'abc',
  GITHUB_REF: 'refs/pull/1/merge',
};

describe('in a repository', () => {
  test("git knows the revision and the address, and the runner's ref comes before the branch", async () => {
    const root = await repository(files(yaml()));
    const revision = await git(root, 'rev-parse', 'HEAD');
    expect((await planned(root, {}, RUNNER)).source).toStrictEqual({
      repository: 'https://github.com/acme/greeter',
      revision,
      ref: 'refs/pull/1/merge',
      dirty: [],
    });
  });

  test('the runner knows the address where git has none that is understood', async () => {
    const root = await repository(files(yaml()));
    await git(root, 'remote', 'set-url', 'origin', '../other');
    const { source } = await planned(root, {}, RUNNER);
    expect(source.repository).toBe('https://github.com/acme/other');
    await git(root, 'remote', 'remove', 'origin');
    expect((await planned(root, {}, RUNNER)).source.repository).toBe(source.repository);
    expect((await planned(root)).source.repository).toBeUndefined();
  });

  test.each<[string | undefined, number]>([
    [undefined, 1714979289],
    ['12', 12],
    [' 12\n', 12],
    ['', 1714979289],
    ['yesterday', 1714979289],
    ['-1', 1714979289],
    ['1234567890123', 1714979289],
    ['123456789012', 123456789012],
  ])(
    'the time of SOURCE_DATE_EPOCH %j is used if it is one, else that of the commit',
    async (written, epoch) => {
      const root = await repository(files(yaml()));
      const env = written === undefined ? {} : { SOURCE_DATE_EPOCH: written };
      const { env: own, ...ports } = realPorts();
      const around = { PATH: own.PATH ?? '', ...env };
      expect((await readSource({ root }, { ...ports, env: around }, [])).epoch).toBe(epoch);
    },
  );

  test('what a run writes is no change, but what is only called like it is', async () => {
    const root = await repository(files(yaml()));
    const names = ['.sea-trial/a/b', '.sea-trial-notes', 'out', 'out.json', 'sub/out'];
    await write(root, Object.fromEntries(names.map((name) => [name, ''])));
    const { source } = await planned(root, { evidence: 'out' });
    expect(source.dirty).toStrictEqual(['.sea-trial-notes', 'out.json', 'sub/out']);
  });

  test('a plan leaves the list of files that git keeps as it is', async () => {
    const root = await repository(files(yaml()));
    const index = join(root, '.git/index');
    const before = await readFile(index);
    await utimes(join(root, 'Dockerfile'), 1000, 1000);
    expect((await planned(root)).source.dirty).toStrictEqual([]);
    expect((await readFile(index)).equals(before)).toBe(true);
    await git(root, 'status');
    expect((await readFile(index)).equals(before)).toBe(false);
  });

  test('what a run writes is found from the folder that it is started in', async () => {
    const root = await repository({ 'sub/sea-trial.yml': yaml(), 'sub/Dockerfile': 'FROM a\n' });
    await write(root, { 'sub/out': '', out: '', 'sub/.sea-trial/a': '' });
    const { source } = await planned(`${root}/sub`, { evidence: '../out' });
    expect(source.dirty).toStrictEqual(['sub/out']);
  });
});

describe('without a repository', () => {
  test.each<[Content, object]>([
    [{}, { dirty: [] }],
    [{ GITHUB_SERVER_URL: 'https://github.com' }, { dirty: [] }],
    [{ GITHUB_REPOSITORY: 'acme/a' }, { dirty: [] }],
    [
      { GITHUB_SHA: 'abc', GITHUB_REF: '' },
      { revision: 'abc', dirty: [] },
    ],
    [
      { GITHUB_SHA: '', GITHUB_REF: 'refs/heads/a' },
      { ref: 'refs/heads/a', dirty: [] },
    ],
  ])('a source has what the runner says: %j', async (env, expected) => {
    expect((await planned(await folder(files(yaml())), {}, env)).source).toStrictEqual(expected);
  });

  test('there is the time of SOURCE_DATE_EPOCH, or none', async () => {
    const root = await folder(files(yaml()));
    expect((await planned(root, {}, { SOURCE_DATE_EPOCH: '12' })).epoch).toBe(12);
    expect(Object.keys(await planned(root))).not.toContain('epoch');
  });

  test('what a configuration of another folder may read is in that folder', async () => {
    const root = await folder({ 'sub/sea-trial.yml': '' });
    const other = await folder({ 'sea-trial.yml': '' });
    const workspaceOf = async (configuration: string) =>
      (await readSource({ root, configuration }, realPorts(), [])).workspace;
    expect(await workspaceOf('sub/sea-trial.yml')).toBe(root);
    expect(await workspaceOf('sea-trial.yml')).toBe(root);
    expect(await workspaceOf(`${other}/sea-trial.yml`)).toBe(other);
  });

  test('a git that cannot be started is told with its reason', async () => {
    const root = await folder({ ...files(yaml()), 'bin/git': '' });
    const { notes } = await planned(root, {}, { PATH: `${root}/bin` });
    expect(notes).toStrictEqual(['git could not be started (EACCES): changes cannot be seen.']);
  });
});

test('a checkout that git cannot list is told', async () => {
  const root = await repository(files(yaml()));
  await write(root, { '.git/index': 'junk' });
  const planning = await planOf(root);
  expect(planning).toMatchObject({
    source: { dirty: ['.'] },
    notes: [`git status failed in ${root}: the whole checkout counts as changed.`],
  });
});
