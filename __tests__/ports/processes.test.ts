import { once } from 'node:events';
import { hostname } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { type Files, realPorts } from '../../src/ports/index.js';
import { realProcesses } from '../../src/ports/processes.js';

const { processes, exec, env, files } = realPorts();

describe('processes', () => {
  test('this one is running, under no other beginning and on no other start of the machine', async () => {
    const own = await processes.identify();
    expect(own.pid).toBe(process.pid);
    const stat = (await files.read('/proc/self/stat')).toString('utf8');
    expect(stat.split(') ')[1]?.split(' ')[19]).toBe(own.started);
    expect(await processes.state(own)).toBe('running');
    expect(await processes.state({ ...own, started: '1' })).toBe('gone');
    expect(await processes.state({ ...own, boot: 'before' })).toBe('gone');
    expect(await processes.state({ ...own, host: 'other', boot: 'other' })).toBe('elsewhere');
    expect(await processes.state({ ...own, space: 'pid:[1]' })).toBe('elsewhere');
  });

  test('one that has ended is gone, although nobody has waited for it', async () => {
    // The shell becomes a program that never waits for what the shell has started.
    const parent = exec.start({
      file: 'sh',
      args: ['-c', 'sleep 0 & echo $!; exec sleep 60'],
      env: { PATH: env.PATH ?? '' },
    });
    const [said] = await once(parent.stdout, 'data');
    const pid = Number(String(said));
    let fields: readonly string[] = [];
    do {
      const stat = (await files.read(`/proc/${pid}/stat`)).toString('utf8');
      fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    } while (fields[0] !== 'Z');
    const own = await processes.identify();
    expect(await processes.state({ ...own, pid, started: fields[19] ?? '' })).toBe('gone');
    parent.kill('SIGKILL');
    await parent.exit;
  });

  test('a child is found by its environment and ends by a signal', async () => {
    const mark = `${process.pid}-${Math.random()}`;
    const child = exec.start({
      file: 'sleep',
      args: ['60'],
      env: { PATH: env.PATH ?? '', SEA_TRIAL_TEST: mark },
    });
    let found: readonly number[] = [];
    while (found.length === 0) found = await processes.startedWith('SEA_TRIAL_TEST', mark);
    for (const pid of found) processes.send(pid, 'SIGTERM');
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
    expect(await processes.startedWith('SEA_TRIAL_TEST', mark)).toEqual([]);
    for (const pid of found) expect(() => processes.send(pid, 'SIGTERM')).not.toThrow();
  });
});

describe('on a machine', () => {
  /** Its /proc, by path; what is not there cannot be read. */
  function machine(proc: Readonly<Record<string, string>>) {
    const at = async (path: string) => {
      const text = proc[path];
      if (text === undefined) throw new Error('ENOENT');
      return text;
    };
    return realProcesses({
      read: async (path: string) => Buffer.from(await at(path)),
      target: at,
      list: async (path: string) => (await at(path)).split(' '),
    } as unknown as Files);
  }

  test('without /proc a process is known by its number', async () => {
    const bare = machine({});
    const own = await bare.identify();
    expect(own).toStrictEqual({
      host: hostname(),
      boot: '',
      space: '',
      pid: process.pid,
      started: '',
    });
    expect(await bare.state(own)).toBe('running');
    expect(await bare.state({ ...own, host: 'other' })).toBe('elsewhere');
    expect(await bare.startedWith('A', 'b')).toEqual([]);
  });

  test('with it only folders of numbers are processes, and one that may not be read is none', async () => {
    const variables = 'PATH=/bin\0A=b\0';
    const listed = machine({
      '/proc': '1 12 1x x1 3 4 self',
      '/proc/1/environ': variables,
      '/proc/12/environ': variables,
      '/proc/1x/environ': variables,
      '/proc/x1/environ': variables,
      '/proc/3/environ': 'A=bc\0XA=b\0',
      '/proc/self/environ': variables,
    });
    expect(await listed.startedWith('A', 'b')).toEqual([1, 12]);
  });

  test('a process is told by its start, whatever its name is', async () => {
    const stat = (state: string) =>
      `${process.pid} (a) b) ${state} 1 ${Array(17).fill(0).join(' ')} 4711 0`;
    const of = (state: string) =>
      machine({
        '/proc/sys/kernel/random/boot_id': 'b1\n',
        '/proc/self/ns/pid': 'pid:[1]',
        [`/proc/${process.pid}/stat`]: stat(state),
      });
    const own = await of('S').identify();
    expect(own).toMatchObject({ boot: 'b1', space: 'pid:[1]', started: '4711' });
    const states = ['S', 'R', 'Z', 'X'].map((state) => of(state).state(own));
    expect(await Promise.all(states)).toEqual(['running', 'running', 'gone', 'gone']);
  });
});
