import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { builtBy } from '../../src/evidence/index.js';
import { writeLock } from '../../src/parity/index.js';
import { digest, imageLock } from '../parity/locks.js';
import { folder, planned, planOf, problems, removeFolders, write } from './repository.js';

afterEach(removeFolders);

const CONFIGURATION = `images:
  - name: ghcr.io/acme/web
    build:
      buildpack:
        builder: heroku/builder:24
  - name: ghcr.io/acme/open
    build:
      buildpack:
        builder: heroku/builder:24
`;

const LOCK = writeLock(new Map([['web', imageLock()]]), undefined);

async function builds(root: string) {
  const { plan, locks } = await planned(root);
  const images = builtBy(plan.images, 'buildpack');
  return { locks, pins: images.map(({ id, build }) => [id, build.builder, build.runImage]) };
}

describe('a plan', () => {
  test('has the builder and the run image of an image by the digests of its lock', async () => {
    const root = await folder({ 'sea-trial.yml': CONFIGURATION, 'sea-trial.lock': LOCK });
    const { pins, locks } = await builds(root);
    expect(pins).toEqual([
      ['web', `heroku/builder:24@${digest('b')}`, `heroku/heroku:24@${digest('d')}`],
      ['open', 'heroku/builder:24', undefined],
    ]);
    expect([...locks.keys()]).toEqual(['web']);
    const { plan } = await planned(root);
    const line = LOCK.split('\n').findIndex((one) => one.includes('builder: heroku')) + 1;
    expect(builtBy(plan.images, 'buildpack').map(({ build }) => build.lock)).toEqual([
      { file: 'sea-trial.lock', line, column: 7 },
      undefined,
    ]);
  });

  test('warns of an image that the lock has no entry for, and names entries that no image has', async () => {
    const renamed = LOCK.replace('web:', 'wep:');
    const files = { 'sea-trial.yml': CONFIGURATION, 'sea-trial.lock': renamed };
    const { findings } = await planned(await folder(files));
    const others = ' It has wep, which no image is called.';
    expect(findings).toMatchObject(
      ['web', 'open'].map((image) => ({
        code: 'not-locked',
        severity: 'warning',
        subject: { image },
        message: `sea-trial.lock has no entry for ${image}.${others}`,
        location: { file: 'sea-trial.lock' },
      })),
    );
  });

  test('names all entries that no image has, and warns of the images that are selected alone', async () => {
    const lock = writeLock(
      new Map([
        ['one', { ...imageLock(), id: 'one' }],
        ['two', { ...imageLock(), id: 'two' }],
      ]),
      undefined,
    );
    const root = await folder({ 'sea-trial.yml': CONFIGURATION, 'sea-trial.lock': lock });
    const { findings } = await planned(root, { only: ['open'] });
    expect(findings.map(({ message }) => message)).toStrictEqual([
      'sea-trial.lock has no entry for open. It has one, two, which no image is called.',
    ]);
  });

  test('warns of an image without an entry in a lock that has entries of other images alone', async () => {
    const root = await folder({ 'sea-trial.yml': CONFIGURATION, 'sea-trial.lock': LOCK });
    const { findings } = await planned(root);
    expect(findings.map(({ message }) => message)).toStrictEqual([
      'sea-trial.lock has no entry for open.',
    ]);
  });

  test('has them as they are written where there is no lock', async () => {
    const { pins, locks } = await builds(await folder({ 'sea-trial.yml': CONFIGURATION }));
    expect(pins.map(([, builder]) => builder)).toEqual(['heroku/builder:24', 'heroku/builder:24']);
    expect(locks.size).toBe(0);
  });

  test('takes the lock that is beside the configuration', async () => {
    const root = await folder({
      'deploy/ci.yml': CONFIGURATION,
      'deploy/sea-trial.lock': LOCK,
      'sea-trial.lock': 'version: 7\n',
    });
    const { locks } = await planned(root, { configuration: 'deploy/ci.yml' });
    expect(locks.get('web')?.id.at.file).toBe('deploy/sea-trial.lock');
  });

  test('does not read a lock where nothing is built with buildpacks', async () => {
    const root = await folder({
      'sea-trial.yml': 'images:\n  - name: ghcr.io/acme/web\n',
      Dockerfile: 'FROM busybox\n',
      'sea-trial.lock': '[',
    });
    expect(await problems(root)).toEqual([]);
  });

  test('is not made with a lock that cannot be read, and says where it is wrong', async () => {
    const root = await folder({ 'sea-trial.yml': CONFIGURATION, 'sea-trial.lock': 'version: 7\n' });
    const planning = await planOf(root);
    expect(planning).toEqual({
      problems: [
        { file: 'sea-trial.lock', line: 1, column: 1, message: 'the lock has no "images"' },
        {
          file: 'sea-trial.lock',
          line: 1,
          column: 10,
          message: '"7" is not known here; there are: 1',
        },
      ],
    });
  });

  test('is not made with a lock that disagrees with itself', async () => {
    const root = await folder({
      'sea-trial.yml': CONFIGURATION,
      'sea-trial.lock': LOCK.replace('[heroku/python@0.25.0', '[heroku/python@9'),
    });
    expect((await problems(root)).join()).toContain('the lock disagrees with itself');
  });

  test('is not made where the configuration names another builder than the lock', async () => {
    const root = await folder({
      'sea-trial.yml': CONFIGURATION.replace(':24', ':26'),
      'sea-trial.lock': LOCK,
    });
    const [problem, ...more] = await problems(root);
    expect(more).toEqual([]);
    expect(problem).toMatch(
      /^\d+:7 "builder" pins heroku\/builder:24@sha256:b{12}…, and sea-trial\.yml:5 names heroku\/builder:26;/,
    );
  });

  test('of an untrusted run does not follow a link in place of the lock', async () => {
    const root = await folder({ 'sea-trial.yml': CONFIGURATION, secret: 'token: hunter2\n' });
    await symlink('secret', join(root, 'sea-trial.lock'));
    const trust = { untrusted: true, pushes: false, reason: 'a test' };
    expect(await problems(root, { trust })).toEqual([
      'a symbolic link is not allowed for the lock of an untrusted run',
    ]);
  });

  test.each<[string, (root: string) => Promise<void>, string]>([
    [
      'is a folder',
      (root) => write(root, { 'sea-trial.lock/x': '' }),
      'this is a folder, and a file was expected',
    ],
    [
      'is too large',
      (root) => write(root, { 'sea-trial.lock': '#'.repeat(1024 * 1024 + 1) }),
      'the file is larger than 1048576 bytes',
    ],
  ])('is not made where the lock %s', async (_, make, message) => {
    const root = await folder({ 'sea-trial.yml': CONFIGURATION });
    await make(root);
    expect(await problems(root)).toEqual([message]);
  });
});
