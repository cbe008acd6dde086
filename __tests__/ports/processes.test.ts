import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { realPorts } from '../../src/ports/index.js';

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
