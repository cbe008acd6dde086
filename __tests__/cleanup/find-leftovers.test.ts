import { describe, expect, test } from '@jest/globals';
import { ownerText } from '../../src/cleanup/labels.js';
import { findLeftovers } from '../../src/cleanup/leftovers.js';
import type { Files } from '../../src/ports/index.js';
import { type Machine, machine } from './machine.js';

const RUN = 'local-00000001';
const OTHER = 'local-00000002';
const NAME = `sea-trial-${RUN}-0123abcd`;
const STARTED = '2026-11-25T14:00:00.000Z';
const PROCESS = { host: 'h', boot: 'b', space: 's', pid: 7, started: '1' };
const UNKNOWN = { host: '', boot: '', space: '', pid: 0, started: '' };

const lines = (...rows: readonly (readonly unknown[])[]) => ({
  stdout: rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
});

/** What is found in an engine that gives these answers, and the commands that ask it. */
async function found(answers: Machine['answers'], files: Partial<Files> = {}) {
  const { ports, commands } = machine({
    answers: answers ?? {},
    temporary: [`sea-trial-${RUN}-abcdef`],
  });
  const runs = await findLeftovers({ ...ports, files: { ...ports.files, ...files } });
  for (const run of runs) {
    expect(run).toMatchObject({ temporary: '/tmp', engine: { DOCKER_HOST: 'unix:///e.sock' } });
  }
  return {
    commands: commands.map((line) => line.replace('unix:///e.sock ', '')),
    runs: runs.map(({ run, started, process, made }) => ({ run, started, process, made })),
  };
}

const ANSWERED = { answered: 'unknown' };

describe.each([
  ['a container', 'ps --all --format'],
  ['a network', 'network ls --format'],
])('%s of a run', (_, command) => {
  test.each<[string, readonly unknown[], string, object]>([
    ['says itself when that began', [NAME, RUN, STARTED, '', 'x'], STARTED, UNKNOWN],
    [
      'says itself by which process',
      [NAME, RUN, STARTED, JSON.stringify(PROCESS), ''],
      STARTED,
      PROCESS,
    ],
    [
      'is known by the time at which it was made',
      [NAME, RUN, '', '', '2026-11-25 14:09:32 +0000 UTC'],
      '2026-11-25T14:09:32.000Z',
      UNKNOWN,
    ],
    [
      'is known by that time in any zone',
      [NAME, RUN, '', '', '2026-11-25 14:09:32 +0130 X'],
      '2026-11-25T12:39:32.000Z',
      UNKNOWN,
    ],
  ])('%s', async (__, row, started, process) => {
    const { runs } = await found({ [command]: lines(row) });
    expect(runs).toEqual([{ run: RUN, started, process, made: [ANSWERED] }]);
  });

  test.each([
    ['without a time', [NAME, RUN, '', '', 'some time']],
    ['with the label of another run', [NAME, OTHER, STARTED, '', '']],
    ['with another name', ['mine', RUN, STARTED, '', '']],
    ['without any text', [NAME, 1, null, [], {}]],
  ])('is none %s', async (__, row) => {
    expect((await found({ [command]: lines(row) })).runs).toEqual([]);
  });
});

describe('an image of a run', () => {
  const image = `sea-trial.invalid/0123456789ab:${RUN}`;
  const seen = (row: readonly unknown[]) =>
    found({ images: { stdout: `${image}\nmine:1\n` }, 'image inspect': lines(row) });

  test('says itself when that began, and by which process', async () => {
    const { runs } = await seen([RUN, STARTED, JSON.stringify(PROCESS), '2020-01-01T00:00:00Z']);
    expect(runs).toEqual([{ run: RUN, started: STARTED, process: PROCESS, made: [ANSWERED] }]);
  });

  test.each([
    ['no label', null],
    ['the label of another run', OTHER],
  ])('with %s is known by when it got its name', async (_, label) => {
    const { runs } = await seen([label, STARTED, JSON.stringify(PROCESS), '2026-11-26T00:00:00Z']);
    const started = '2026-11-26T00:00:00.000Z';
    expect(runs).toEqual([{ run: RUN, started, process: UNKNOWN, made: [ANSWERED] }]);
  });

  test('of an engine that does not know the time shows no run by itself', async () => {
    expect((await seen([null, null, null, '0001-01-01T00:00:00Z'])).runs).toEqual([]);
    expect((await seen([])).runs).toEqual([]);
  });
});

describe('a builder of a run', () => {
  const owner = { run: RUN, started: STARTED, process: PROCESS, builder: 'b', keepState: true };
  const created = '2026-11-26T00:00:00.000Z';
  const seen = (name: string, variables: unknown) =>
    found({
      'ps --all --quiet': { stdout: 'id1\n' },
      'container inspect': lines([name, created, variables]),
    });

  test('says itself whose it is, and what it is called', async () => {
    const variables = ['PATH=/bin', `SEA_TRIAL_OWNER=${ownerText(owner)}`];
    const { runs, commands } = await seen('/buildx_buildkit_mine', variables);
    const made = [ANSWERED, { builder: 'b', keepState: true, nodes: ['mine'] }];
    expect(runs).toEqual([{ run: RUN, started: STARTED, process: PROCESS, made }]);
    expect(commands).toContain('ps --all --quiet --no-trunc --filter name=^/?buildx_buildkit_');
  });

  test.each([
    ['without variables', null],
    ['with variables of others', ['PATH=/bin', 'MY_SEA_TRIAL_OWNER=x', 'SEA_TRIAL_OWNERS=x']],
    ['with an owner that cannot be read', ['SEA_TRIAL_OWNER=x']],
  ])('%s is known by the name that runs give', async (_, variables) => {
    const { runs } = await seen(`/buildx_buildkit_sea-trial-${RUN}0`, variables);
    const made = [ANSWERED, { builder: `sea-trial-${RUN}`, keepState: false }];
    expect(runs).toEqual([{ run: RUN, started: created, process: UNKNOWN, made }]);
    expect((await seen('/buildx_buildkit_mine0', variables)).runs).toEqual([]);
  });

  test('is known by the state that it left', async () => {
    const state = `buildx_buildkit_sea-trial-${RUN}0_state`;
    const { runs, commands } = await found({
      'volume ls': { stdout: `${state}\n` },
      'volume inspect': lines([state, created], [`${state}_of_mine`, created]),
    });
    const made = [ANSWERED, { builder: `sea-trial-${RUN}`, keepState: false }];
    expect(runs).toEqual([{ run: RUN, started: created, process: UNKNOWN, made }]);
    expect(commands).toContain('volume ls --quiet --filter name=buildx_buildkit_sea-trial-');
  });
});

describe('a folder of a run', () => {
  const modified = BigInt(Date.parse(STARTED)) * 1_000_000n;
  const folder = { kind: 'directory', size: 0, mode: 0o700, modified } as const;
  const nothing = async () => {
    throw new Error('ENOENT');
  };
  const seen = (files: Partial<Files>) =>
    found({}, { look: async () => folder, read: nothing, ...files });
  const inside = (names: () => Promise<string[]>) => ({
    list: async (path: string) => (path === '/tmp' ? [`sea-trial-${RUN}-abcdef`] : names()),
  });

  test('says itself whose it is', async () => {
    const origin = { run: RUN, started: '2026-11-24T00:00:00.000Z', process: PROCESS };
    const { runs } = await seen({ read: async () => Buffer.from(JSON.stringify(origin)) });
    expect(runs).toEqual([{ ...origin, made: [] }]);
  });

  test('is a run’s where nothing is in it, since it was made', async () => {
    const { runs } = await seen(inside(async () => []));
    expect(runs).toEqual([{ run: RUN, started: STARTED, process: UNKNOWN, made: [] }]);
  });

  test.each<[string, Partial<Files>]>([
    ['something is in it', inside(async () => ['x'])],
    ['what is in it cannot be seen', inside(nothing)],
    [
      'it says that it is another run’s',
      {
        ...inside(async () => ['x']),
        read: async () => Buffer.from(JSON.stringify({ run: OTHER, started: STARTED })),
      },
    ],
    [
      'it is a link',
      { ...inside(async () => []), look: async () => ({ ...folder, kind: 'symlink' }) },
    ],
    ['nothing is there', { ...inside(async () => []), look: async () => undefined }],
    ['it cannot be looked at', { ...inside(async () => []), look: nothing }],
  ])('is none where %s', async (_, files) => {
    expect((await seen(files)).runs).toEqual([]);
  });
});

test('each run has what it made itself, since the earliest time that is known of it', async () => {
  const state = `buildx_buildkit_sea-trial-${OTHER}0_state`;
  const { runs } = await found({
    'ps --all --format': lines(
      [NAME, RUN, STARTED, JSON.stringify(PROCESS), ''],
      [NAME, RUN, '2026-11-24T00:00:00.000Z', '', ''],
    ),
    'volume ls': { stdout: `${state}\n` },
    'volume inspect': lines([state, STARTED]),
  });
  expect(runs).toEqual([
    { run: RUN, started: '2026-11-24T00:00:00.000Z', process: PROCESS, made: [ANSWERED] },
    {
      run: OTHER,
      started: STARTED,
      process: UNKNOWN,
      made: [ANSWERED, { builder: `sea-trial-${OTHER}`, keepState: false }],
    },
  ]);
});
