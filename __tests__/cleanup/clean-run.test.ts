import { describe, expect, test } from '@jest/globals';
import { cleanRun, type Removers } from '../../src/cleanup/clean-run.js';
import { DAY, type Made, type RunLeftovers } from '../../src/cleanup/run-record.js';
import { type Machine, machine } from './machine.js';

const RUN = 'local-00000001';

interface Described extends Machine {
  readonly made?: readonly Made[];
  /** Process ids that are seen, look by look; the last look lasts. */
  readonly processes?: readonly (readonly number[])[];
  /** Why processes cannot be seen. */
  readonly lost?: Error;
  readonly removers?: Partial<Removers>;
  readonly old?: number;
}

/** Cleans up after a run that has made these things in an engine that answered. */
async function cleaned({ made = [], processes = [], lost, old = 0, ...asked }: Described = {}) {
  const looks = [...processes];
  const slept: number[] = [];
  const sent: string[] = [];
  const { ports, ...rest } = machine({ now: new Date(old), ...asked });
  const remains: RunLeftovers = {
    run: RUN,
    started: new Date(0).toISOString(),
    process: { host: '', boot: '', space: '', pid: 0, started: '' },
    temporary: '/tmp',
    engine: {},
    path: '/record',
    made: [{ answered: '28' }, ...made],
  };
  const own = {
    ...ports,
    clock: { ...ports.clock, sleep: async (time: number) => void slept.push(time) },
    processes: {
      ...ports.processes,
      async startedWith() {
        if (lost !== undefined) throw lost;
        return (looks.length > 1 ? looks.shift() : looks[0]) ?? [];
      },
      send: (pid: number, signal: string) => void sent.push(`${pid} ${signal}`),
    },
  } as typeof ports;
  const removers: Removers = {
    builder: async () => false,
    handlers: async () => 0,
    ...asked.removers,
  };
  const { removed, problems, again } = await cleanRun(remains, own, removers);
  const lines = rest.commands.map((line) => line.replace(/^\S*\.sock /, ''));
  return { removed, problems, again, slept, sent, lines, gone: rest.gone, texts: rest.texts };
}

const removing = (lines: readonly string[]) => lines.filter((line) => /(^| )rm /.test(line));

describe('processes of a run that was killed', () => {
  test('that end by themselves are waited for, and counted', async () => {
    const { removed, sent } = await cleaned({ processes: [[7, 8], [7], []] });
    expect(removed).toEqual([`${RUN}: 2 processes removed`]);
    expect(sent).toEqual([]);
  });

  test('that do not are ended', async () => {
    const { removed, sent } = await cleaned({ processes: [[7]] });
    expect(removed).toEqual([`${RUN}: 1 process removed`]);
    expect(sent).toEqual(['7 SIGTERM', '7 SIGKILL']);
  });

  test('may have been making something: it is looked for again until there is nothing', async () => {
    let looks = 0;
    const { removed, slept } = await cleaned({
      processes: [[7], []],
      answers: {
        'ps --all': (args) => {
          if (!args.some((one) => one.startsWith('name=^/?sea-trial-'))) return {};
          looks += 1;
          return looks < 3 ? { stdout: `id${looks} sea-trial-${RUN}-0123abcd\n` } : {};
        },
      },
    });
    expect(removed).toEqual([`${RUN}: 1 process, 2 containers removed`]);
    expect(slept.filter((time) => time === 300)).toHaveLength(3);
  });

  test.each([
    ['network', 'network ls', `sea-trial-${RUN}-0123abcd`],
    ['image', 'images', `sea-trial.invalid/0123456789ab:${RUN}`],
  ])('may have been making a %s, too', async (what, command, name) => {
    let looks = 0;
    const { removed } = await cleaned({
      processes: [[7], []],
      answers: {
        [command]: () => {
          looks += 1;
          return looks < 3 ? { stdout: `${name}\n` } : {};
        },
      },
    });
    expect(removed).toEqual([`${RUN}: 1 process, 2 ${what}s removed`]);
  });

  test('that cannot be looked for may be left, and the rest is removed', async () => {
    const { problems, lines } = await cleaned({ lost: new Error('no /proc') });
    expect(problems).toEqual([`processes of the run ${RUN} may be left: no /proc`]);
    expect(lines.some((line) => line.startsWith('network ls'))).toBe(true);
  });

  test('are no reason to look twice where there were none', async () => {
    const { slept, lines } = await cleaned();
    expect(slept).toEqual([]);
    expect(lines.filter((line) => line.startsWith('network ls'))).toHaveLength(1);
  });
});

describe('a builder that buildx has forgotten', () => {
  const answers = {
    'ps --all --no-trunc --filter name=buildx_buildkit_b': {
      stdout: 'id1 buildx_buildkit_b0\nid2 buildx_buildkit_b10\nid3 buildx_buildkit_b-other0\n',
    },
    'ps --all --no-trunc --filter name=buildx_buildkit_mine': {
      stdout: 'id4 buildx_buildkit_mine\nid5 buildx_buildkit_mine2\n',
    },
    'volume ls --quiet --filter name=buildx_buildkit_b': {
      stdout: 'buildx_buildkit_b0_state\nbuildx_buildkit_b0_state_of_mine\n',
    },
    'volume ls --quiet --filter name=buildx_buildkit_mine': {
      stdout: 'buildx_buildkit_mine_state\n',
    },
  };

  test('is removed with its nodes and their state, by their whole names', async () => {
    const made = [{ builder: 'b', keepState: false, nodes: ['mine'] }];
    const { removed, lines } = await cleaned({ made, answers });
    expect(removed).toEqual([`${RUN}: 1 builder removed`]);
    expect(removing(lines)).toEqual([
      'rm --force id1 id2',
      'volume rm buildx_buildkit_b0_state',
      'rm --force id4',
      'volume rm buildx_buildkit_mine_state',
    ]);
  });

  test('keeps its state where that was asked for', async () => {
    const { lines } = await cleaned({ made: [{ builder: 'b', keepState: true }], answers });
    expect(removing(lines)).toEqual(['rm --force id1 id2']);
  });

  test('is asked for with its driver, and counts once, however much of it there was', async () => {
    const asked: unknown[] = [];
    const removers: Partial<Removers> = {
      async builder(name, { driver }, options) {
        asked.push([name, driver, options]);
        return true;
      },
    };
    const made = [
      { builder: 'b', keepState: true, driver: 'kubernetes' },
      { builder: 'c', keepState: false },
    ];
    const { removed } = await cleaned({ made, answers, removers });
    expect(asked).toEqual([
      ['b', 'kubernetes', { keepState: true }],
      ['c', undefined, { keepState: false }],
    ]);
    expect(removed).toEqual([`${RUN}: 2 builders removed`]);
  });

  test('leaves no probe of a graphics card behind', async () => {
    const made = [{ builder: 'b', keepState: false, images: ['buildkit:1'] }];
    const { lines } = await cleaned({
      made,
      answers: {
        'ps --all --quiet --no-trunc --filter status=created': { stdout: 'p1\n' },
        'container inspect': {
          stdout: JSON.stringify(['p1', new Date(0).toISOString(), ['/bin/true'], true]),
        },
      },
    });
    expect(removing(lines)).toEqual(['rm --force p1']);
  });
});

describe('networks of builds', () => {
  test('are removed where the name is this run’s', async () => {
    const own = `sea-trial-${RUN}-0123abcd`;
    const { removed, lines } = await cleaned({
      answers: { 'network ls': { stdout: `${own}\nsea-trial-local-00000002-0123abcd\n` } },
    });
    expect(removed).toEqual([`${RUN}: 1 network removed`]);
    expect(removing(lines)).toEqual([`network rm ${own}`]);
  });
});

describe('images', () => {
  test('that the run pulled go, and are tried again later where a container used them', async () => {
    const answers: Record<string, object> = { 'image rm a:1': {}, 'image rm b:1': {} };
    const made = [{ image: 'a:1' }, { image: 'b:1' }];
    const { removed, problems, again } = await cleaned({ made, answers });
    // Twice: what the builder used was not to be removed before it.
    expect(removed).toEqual([`${RUN}: 4 images removed`]);
    expect(problems).toEqual([]);
    answers['image rm b:1'] = { code: 1, stderr: 'it is being used' };
    expect(await again()).toBe(1);
    answers['image rm'] = { code: 1, stderr: 'no engine' };
    answers['image rm a:1'] = { code: 1, stderr: 'no engine' };
    expect(await again()).toBe(0);
  });
});

describe('the record of a run', () => {
  const broken = { removers: { handlers: () => Promise.reject(new Error('no engine')) } };

  test('goes where nothing is left', async () => {
    expect((await cleaned()).gone).toEqual(['/record']);
  });

  test('stays where something may be left, for a week', async () => {
    const young = await cleaned({ ...broken, old: 7 * DAY });
    expect(young.problems).toEqual([`emulators of the run ${RUN} may be left: no engine`]);
    expect(young.gone).toEqual([]);
    const aged = await cleaned({ ...broken, old: 7 * DAY + 1 });
    expect(aged.problems.at(-1)).toBe(`${RUN}: its removal is not attempted again`);
    expect(aged.gone).toEqual(['/record']);
  });

  test('is told by what removes emulators how far it came', async () => {
    const { texts } = await cleaned({
      removers: {
        async handlers(_remains, _all, note) {
          await note({ settled: ['qemu-arm'] });
          throw new Error('no engine');
        },
      },
    });
    expect(texts.get('/record')).toBe('{"settled":["qemu-arm"]}\n');
  });

  test('emulators that were removed are counted', async () => {
    const { removed } = await cleaned({ removers: { handlers: async () => 2 } });
    expect(removed).toEqual([`${RUN}: 2 emulators removed`]);
  });
});
