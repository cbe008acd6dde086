import { describe, expect, test } from '@jest/globals';
import { cleanRun } from '../../src/cleanup/clean-run.js';
import { cleanOldUnrecorded, cleanRuns } from '../../src/cleanup/clean-runs.js';
import {
  DAY,
  openRecord,
  readRecord,
  readRunRecords,
  recordOf,
} from '../../src/cleanup/run-record.js';
import { removers } from '../../src/environment/removers.js';
import { type Machine, machine, STATE } from './machine.js';

describe('the record of a run', () => {
  test('says who makes what on which engine, and no secret', async () => {
    const { ports, texts } = machine();
    const record = await openRecord('local-00000001', ports);
    await record.note({ image: 'sha256:1' });
    await record.note({ builder: 'b', keepState: false });
    expect(await recordOf('local-00000001', ports)).toEqual({
      run: 'local-00000001',
      started: '1970-01-01T00:00:00.000Z',
      process: { host: 'h', boot: 'b', space: 's', pid: 7, started: '1' },
      temporary: '/tmp',
      engine: { DOCKER_HOST: 'unix:///e.sock' },
      path: `${STATE}/local-00000001.jsonl`,
      made: [{ image: 'sha256:1' }, { builder: 'b', keepState: false }],
    });
    expect([...texts.values()].join('')).not.toContain('secret');
    await record.close();
    expect(texts.size).toBe(0);
  });

  test('that a kill cut short is read as far as it goes', async () => {
    const { ports, texts } = machine();
    const record = await openRecord('local-00000001', ports);
    await record.note({ image: 'sha256:1' });
    const [text = ''] = texts.values();
    const path = `${STATE}/local-00000001.jsonl`;
    expect(readRecord(path, `${text}{"image":"sha2`)?.made).toEqual([{ image: 'sha256:1' }]);
    expect(readRecord(path, text.slice(0, 20))).toBeUndefined();
    expect(readRecord(`${STATE}/other.jsonl`, text)).toBeUndefined();
  });

  test('that is none is left out of all that there are', async () => {
    const { ports, texts } = machine();
    await openRecord('local-00000001', ports);
    texts.set(`${STATE}/local-00000002.jsonl`, 'no record');
    const all = await readRunRecords(ports);
    expect(all.map((one) => one?.run)).toStrictEqual(['local-00000001']);
  });

  test('that cannot be written keeps the run from beginning', async () => {
    const { ports } = machine();
    const append = async () => {
      throw new Error('EACCES');
    };
    const closed = { ...ports, files: { ...ports.files, append } };
    await expect(openRecord('local-00000001', closed)).rejects.toThrow(
      `The record of a run cannot be written to ${STATE} (EACCES)`,
    );
    await expect(openRecord('local-00000001', { ...ports, env: {} })).rejects.toThrow(
      'set HOME or XDG_STATE_HOME',
    );
  });
});

describe('what a killed run has left', () => {
  const NAME = '--filter name=^/?sea-trial-local-00000001-[0-9a-f]{8}$';
  const IMAGES =
    'images --format {{.Repository}}:{{.Tag}} --filter reference=sea-trial.invalid/*:local-00000001';

  test('is looked for by its record and the names of its networks, containers, images and folders alone', async () => {
    const { ports, commands, gone, texts } = machine({
      temporary: [
        'sea-trial-local-00000001-abcdef',
        'sea-trial-local-00000001-abcdef-of-mine',
        'sea-trial-test',
        'other',
      ],
    });
    await (await openRecord('local-00000001', ports)).note({ answered: '28' });
    const [remains] = await readRunRecords(ports);
    if (remains === undefined) throw new Error('there is no record');
    expect(await cleanRun(remains, ports, removers)).toMatchObject({
      removed: ['local-00000001: 1 folder removed'],
      problems: [],
    });
    expect(commands.map((line) => line.replace('unix:///e.sock ', ''))).toEqual([
      `ps --all --no-trunc ${NAME} --format {{.ID}} {{.Names}}`,
      `network ls --format {{.Name}} ${NAME}`,
      IMAGES,
      IMAGES,
    ]);
    expect(gone).toEqual(['/tmp/sea-trial-local-00000001-abcdef']);
    expect(texts.size).toBe(0);
  });

  test('goes last if one run pulled it and a builder of another one still used it', async () => {
    let builders = ['a', 'b'];
    const { ports, commands } = machine({
      answers: {
        'buildx ls': () => ({ stdout: builders.map((name) => `${name}\n`).join('') }),
        'buildx rm': (args) => {
          builders = builders.filter((name) => name !== args.at(-1));
          return {};
        },
        'image rm': () =>
          builders.length === 0
            ? {}
            : { code: 1, stderr: 'conflict: container c1 is using its referenced image' },
      },
    });
    for (const [run, builder] of [
      ['local-00000001', 'a'],
      ['local-00000002', 'b'],
    ] as const) {
      const record = await openRecord(run, ports);
      await record.note({ answered: '28' });
      if (builder === 'a') await record.note({ image: 'moby/buildkit:1' });
      await record.note({ builder, keepState: false });
    }
    expect(await cleanRuns(0, ports, removers)).toEqual({
      removed: [
        'local-00000001: 1 builder removed',
        'local-00000002: 1 builder removed',
        'local-00000001: 1 image removed',
      ],
      problems: [],
    });
    expect(commands.at(-1)).toBe('unix:///e.sock image rm moby/buildkit:1');
  });

  test('has with it what a killed buildx made to look for a graphics card, and nothing like it', async () => {
    const row = (id: string, entrypoint: readonly string[], goes: boolean, created: string) =>
      `${JSON.stringify([id, created, entrypoint, goes])}\n`;
    const during = '1970-01-01T00:00:10.5Z';
    const { ports, commands } = machine({
      answers: {
        'ps --all --quiet --no-trunc --filter status=created --filter ancestor=moby/buildkit:1': {
          stdout: 'probe\nkept\nother\nolder\n',
        },
        'container inspect': {
          stdout: [
            row('probe', ['/bin/true'], true, during),
            row('kept', ['/bin/true'], false, during),
            row('other', ['/bin/sh'], true, during),
            row('older', ['/bin/true'], true, '1969-12-31T23:59:59Z'),
          ].join(''),
        },
      },
    });
    const record = await openRecord('local-00000001', ports);
    await record.note({ answered: '28' });
    await record.note({ builder: 'b', keepState: false, images: ['moby/buildkit:1'] });
    expect((await cleanRuns(0, ports, removers)).problems).toEqual([]);
    const removals = commands.filter((line) => line.includes(' rm --force '));
    expect(removals.filter((line) => !line.includes('buildx'))).toEqual([
      'unix:///e.sock rm --force probe',
    ]);
  });

  test('is removed on the engine that the run used, each thing that it noted', async () => {
    const { ports, commands } = machine({
      answers: {
        'ps --all --no-trunc --filter name=^/?sea-trial-': { stdout: 'c1 a\nc2 b\n' },
        'ps --all --no-trunc --filter name': {
          stdout: 'c3 buildx_buildkit_b0\nc4 buildx_buildkit_b-of-mine0\n',
        },
        'network ls': {
          stdout: 'sea-trial-local-00000001-00112233\nsea-trial-local-00000001-of-mine\n',
        },
        'buildx ls': { stdout: 'default\nb\n' },
        'volume ls': { stdout: 'buildx_buildkit_b0_state\nbuildx_buildkit_b-of-mine0_state\n' },
        images: { stdout: 'sea-trial.invalid/aa:local-00000001\n' },
        'run --rm': { stdout: '{"emulators":["qemu-arm"]}' },
      },
    });
    const record = await openRecord('local-00000001', ports);
    await record.note({ answered: '28' });
    await record.note({ image: 'binfmt:1' });
    await record.note({ builder: 'b', keepState: false });
    const handlers = {
      handlers: ['qemu-mips64el'],
      installer: 'binfmt:1',
      platform: 'linux/amd64',
    };
    await record.note(handlers);
    const [remains] = await readRunRecords(ports);
    if (remains === undefined) throw new Error('there is no record');
    const elsewhere = { ...ports, env: { ...ports.env, DOCKER_HOST: 'unix:///other.sock' } };
    const { problems } = await cleanRun(remains, elsewhere, removers);
    expect(problems).toEqual([]);
    const changes = commands
      .filter((line) => / (rm|--uninstall) /.test(line))
      .map((line) => line.replace(/(?<= --name=sea-trial-local-00000001-)[0-9a-f]{8} /, 'X '));
    expect([...new Set(changes)]).toEqual([
      'unix:///e.sock rm --force --volumes c1 c2',
      'unix:///e.sock network rm sea-trial-local-00000001-00112233',
      'unix:///e.sock image rm sea-trial.invalid/aa:local-00000001',
      'unix:///e.sock image rm binfmt:1',
      'unix:///e.sock buildx rm --force b',
      'unix:///e.sock rm --force c3',
      'unix:///e.sock volume rm buildx_buildkit_b0_state',
      'unix:///e.sock run --rm --privileged --network=none --platform=linux/amd64 --name=sea-trial-local-00000001-X --label=sea-trial.run=local-00000001 --label=sea-trial.started=1970-01-01T00:00:00.000Z --label=sea-trial.process={"host":"h","boot":"b","space":"s","pid":7,"started":"1"} binfmt:1 --uninstall qemu-mips64el',
    ]);
  });

  test('is told where it cannot be removed; the rest is tried and the record stays', async () => {
    const asked: Machine = {
      answers: { 'ps --all': { code: 1, stderr: 'no engine\n' } },
      temporary: ['sea-trial-local-00000001-abcdef'],
      now: new Date(0),
    };
    const { ports, texts, gone } = machine(asked);
    await (await openRecord('local-00000001', ports)).note({ answered: '28' });
    expect(await cleanRuns(0, ports, removers)).toEqual({
      removed: ['local-00000001: 1 folder removed'],
      problems: [
        'containers of the run local-00000001 may be left: docker ps --all failed: no engine',
      ],
    });
    expect(gone).toEqual(['/tmp/sea-trial-local-00000001-abcdef']);
    expect(texts.size).toBe(1);
    asked.now = new Date(8 * DAY);
    expect((await cleanRuns(0, ports, removers)).problems.at(-1)).toBe(
      'local-00000001: its removal is not attempted again',
    );
    expect(texts.size).toBe(0);
  });

  test('stays on record while something uses an image of its own, and goes with that', async () => {
    const name = 'sea-trial.invalid/0123456789ab:local-00000001';
    const answers = {
      images: { stdout: `${name}\n` },
      'image rm': { code: 1, stderr: 'conflict: container 01 is using its referenced image' },
      'ps --all': {},
    };
    const { ports, texts } = machine({ answers });
    const record = await openRecord('local-00000001', ports);
    await record.note({ answered: '28' });
    // One that others use by now is theirs.
    await record.note({ image: 'busybox:1' });
    expect(await cleanRuns(0, ports, removers)).toEqual({
      removed: [],
      problems: [
        `an image of the run local-00000001 remains: a container uses ${name}, and docker ps --all --filter ancestor=${name} shows which`,
      ],
    });
    expect(texts.size).toBe(1);
    Object.assign(answers, { images: {}, 'image rm': {} });
    expect((await cleanRuns(0, ports, removers)).problems).toEqual([]);
    expect(texts.size).toBe(0);
  });

  test('is not looked for in a docker context that is not there any more, and that is told once', async () => {
    const { ports, commands, texts } = machine({
      answers: { 'context ls': { stdout: 'default\nfar\n' } },
    });
    const record = await openRecord('local-00000001', ports);
    await record.note({ answered: '28' });
    await record.note({ image: 'buildkit', endpoint: 'foo' });
    const endpoints = ['foo', 'far'];
    await record.note({ builder: 'b', keepState: false, endpoints });
    expect(await cleanRuns(0, ports, removers)).toEqual({
      removed: [
        'local-00000001: the docker context "foo" no longer exists, so nothing is looked for in it',
      ],
      problems: [],
    });
    expect(texts.size).toBe(0);
    expect(commands.filter((line) => line.startsWith('image rm'))).toEqual([]);
    // In the run's own engine, and in the context that is there.
    const nodes = 'ps --all --no-trunc --filter name=buildx_buildkit_b';
    expect(commands.filter((line) => line.includes(nodes))).toHaveLength(2);
  });

  test('is not looked for in such a context by an image alone either', async () => {
    const { ports, commands } = machine({ answers: { 'context ls': { stdout: 'default\n' } } });
    const record = await openRecord('local-00000001', ports);
    await record.note({ answered: '28' });
    await record.note({ image: 'buildkit', endpoint: 'foo' });
    const { removed } = await cleanRuns(0, ports, removers);
    expect(removed).toHaveLength(1);
    expect(removed[0]).toContain('the docker context "foo" no longer exists');
    expect(commands.filter((line) => line.includes('image rm'))).toEqual([]);
  });

  test('is not looked for in an engine that never answered', async () => {
    const { ports, commands, texts } = machine();
    await openRecord('local-00000001', ports);
    expect(await cleanRuns(0, ports, removers)).toEqual({
      removed: [],
      problems: [],
    });
    expect([commands, texts.size]).toEqual([[], 0]);
  });

  test.each([
    ['running', 0, 2 * DAY, false],
    ['gone', 0, 0, true],
    ['gone', DAY, DAY - 1, false],
    ['gone', DAY, DAY, true],
    ['elsewhere', 0, DAY - 1, false],
    ['elsewhere', 0, DAY, true],
  ] as const)('is touched or not: %s, asked for %i, old %i', async (state, age, old, touched) => {
    const began = 100 * DAY;
    const asked: Machine = { state, now: new Date(began) };
    const { ports, texts } = machine(asked);
    await openRecord('local-00000001', ports);
    asked.now = new Date(began + old);
    await cleanRuns(age, ports, removers);
    expect(texts.size === 0).toBe(touched);
  });
});

test('strangers are looked for by the first start within an hour', async () => {
  const asked: Machine = { now: new Date('2026-11-25T12:00:00Z') };
  const { ports, commands } = machine(asked);
  const asks = async (time: string) => {
    asked.now = new Date(`2026-11-25T${time}Z`);
    commands.length = 0;
    await cleanOldUnrecorded(ports, removers);
    return commands.length > 0;
  };
  const [first, soon, later, again] = [
    await asks('12:00:00'),
    await asks('12:59:59'),
    await asks('13:00:00'),
    await asks('13:00:01'),
  ];
  expect([first, soon, later, again]).toEqual([true, false, true, false]);
  // Nor does another start in the same moment.
  expect(await asks('14:00:01')).toBe(true);
  expect(await asks('14:00:01')).toBe(false);
  // A clock that was set back does not put it off.
  expect(await asks('10:00:00')).toBe(true);
});
