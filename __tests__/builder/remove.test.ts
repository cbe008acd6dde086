import { expect, test } from '@jest/globals';
import type { BuildxClient } from '../../src/builder/buildx.js';
import { removeBuilder, removeKnownBuilder } from '../../src/builder/remove.js';
import type { Command, Files } from '../../src/ports/index.js';

/** A docker client that writes down what it is asked, and buildx's folder, which forgets what is removed. */
function clientOf({ refuses = '', errors = [] as readonly string[] } = {}) {
  const asked: string[] = [];
  const kept = new Map([['/x/instances/b', '{"Name":"b"}']]);
  let looks = 0;
  const run = async ({ file, args }: Command) => {
    const done = { code: 0, signal: null, stdout: '', stderr: '' };
    if (args.includes('ls')) {
      const nodes = [{ Name: 'b0', Err: errors[looks] ?? '' }];
      looks += 1;
      return {
        ...done,
        stdout: JSON.stringify([{ Name: 'b', Driver: 'kubernetes', Nodes: nodes }]),
      };
    }
    asked.push([file, ...args].join(' '));
    if (args.includes('rm')) kept.clear();
    return refuses === '' ? done : { ...done, code: 1, stderr: refuses };
  };
  const files = {
    read: async (path: string) => {
      const text = kept.get(path);
      if (text === undefined) throw new Error('ENOENT');
      return Buffer.from(text);
    },
    write: async (path: string, text: Buffer) => {
      kept.set(path, text.toString());
    },
  } as unknown as Files;
  const start = () => {
    throw new Error('nothing is started here');
  };
  const world: BuildxClient = { exec: { run, start }, env: { BUILDX_CONFIG: '/x' }, files };
  return { world, asked, kept };
}

test('the state of a builder is kept where that was asked for', async () => {
  const { world, asked } = clientOf();
  await removeBuilder('b', world);
  await removeBuilder('b', world, { keepState: true });
  expect(asked).toEqual([
    'docker kill buildx_buildkit_b0',
    'docker buildx rm --force b',
    'docker buildx rm --force --keep-state b',
  ]);
});

const CLUSTER = { keepState: false, driver: 'kubernetes' } as const;

test('a builder in a cluster is removed by buildx alone', async () => {
  const { world, asked, kept } = clientOf();
  await removeBuilder('b', world, CLUSTER);
  expect(asked).toEqual(['docker buildx rm --force b']);
  expect(kept.size).toBe(0);
});

test('one whose deployment stays is not forgotten, and the reason is told', async () => {
  const refuses =
    'failed to remove b: deployments.apps "b0" is forbidden\nERROR: failed to remove one or more builders\n';
  const { world, kept } = clientOf({ refuses });
  await expect(removeBuilder('b', world, CLUSTER)).rejects.toThrow(
    'The builder "b" could not be removed: deployments.apps "b0" is forbidden',
  );
  expect([...kept]).toEqual([['/x/instances/b', '{"Name":"b"}']]);
});

test('one whose cluster cannot be asked is not forgotten', async () => {
  const error = 'stat /k: no such file or directory';
  const { world, kept } = clientOf({ errors: [error, error] });
  await expect(removeBuilder('b', { ...world, driver: 'kubernetes' })).rejects.toThrow(
    'The builder "b" could not be removed from its cluster: stat /k: no such file or directory',
  );
  expect(kept.size).toBe(1);
});

test('one whose pod was ill is gone with it', async () => {
  const { world, asked, kept } = clientOf({ errors: ['listing workers: EOF'] });
  await removeBuilder('b', world, CLUSTER);
  expect(asked).toEqual(['docker buildx rm --force b', 'docker buildx rm --force b']);
  expect(kept.size).toBe(0);
});

test.each<[string, { code?: number; listed: string }, boolean]>([
  ['one that buildx lists', { listed: 'a\nb\n' }, true],
  ['one that it does not list', { listed: 'ab\nb0\n' }, false],
  ['none where it lists nothing', { listed: '' }, false],
  ['none where it fails', { code: 1, listed: 'b\n' }, false],
])(
  'of builders whose definition may be gone, %s is removed',
  async (_, { code = 0, listed }, is) => {
    const { world, asked } = clientOf();
    const run: typeof world.exec.run = (command) =>
      command.args.includes('{{.Name}}')
        ? Promise.resolve({ code, signal: null, stdout: listed, stderr: '' })
        : world.exec.run(command);
    const client = { ...world, exec: { ...world.exec, run } };
    expect(await removeKnownBuilder('b', client, { keepState: true })).toBe(is);
    expect(asked).toEqual(is ? ['docker buildx rm --force --keep-state b'] : []);
  },
);

test('one that is not there is no error, and any other refusal is one', async () => {
  const removed = (refuses: string) => removeBuilder('b', clientOf({ refuses }).world);
  await removed('ERROR: no builder "b" found\n');
  await expect(removed('failed to remove b-one: it is used\nERROR: one failed\n')).rejects.toThrow(
    'The builder "b" could not be removed: it is used',
  );
  await expect(removed('ERROR: it is locked\n')).rejects.toThrow(
    'The builder "b" could not be removed: it is locked',
  );
  const world = clientOf().world;
  const run = async () => ({ code: null, signal: 'SIGKILL' as const, stdout: '', stderr: '' });
  await expect(removeBuilder('b', { ...world, exec: { ...world.exec, run } })).rejects.toThrow(
    'The builder "b" could not be removed: no answer came before SIGKILL',
  );
});
