import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { clock } from '../../src/ports/clock.js';
import { abortable, type Exec, exec } from '../../src/ports/exec.js';
import { type CommandObservation, observedExec } from '../../src/ports/observed-exec.js';

const env = { PATH: process.env.PATH ?? '', WORD: 'never told' };
const shell = (script: string) => ({ file: '/bin/sh', args: ['-c', script], env });

/** Each command that is told of, without the time it took. */
function listening(by: Exec = exec, own: Parameters<typeof observedExec>[1] = clock) {
  const told: Omit<CommandObservation, 'duration'>[] = [];
  const durations: number[] = [];
  const watched = observedExec(by, own, ({ duration, ...one }) => {
    durations.push(duration);
    told.push(one);
  });
  return { watched, told, durations };
}

describe('every command is told of', () => {
  test.each([
    ['one that succeeds', 'exit 0', { code: 0, signal: null }],
    ['one that fails', 'exit 7', { code: 7, signal: null }],
    ['one that is killed', 'kill -KILL $$', { code: null, signal: 'SIGKILL' }],
  ])('%s', async (_, script, exit) => {
    const { watched, told, durations } = listening();
    const command = { ...shell(script), cwd: '/' };
    const { stdout: __, stderr: ___, ...output } = await watched.run({ ...command, input: 'x' });
    const running = watched.start(command);
    running.stdout.resume();
    running.stderr.resume();
    expect(await running.exit).toEqual(exit);
    expect(output).toEqual(exit);
    const { env: ____, ...seen } = command;
    expect(told).toMatchObject([
      { command: seen, exit },
      { command: seen, exit },
    ]);
    expect(Object.keys(told[0]?.command ?? {})).toEqual(['file', 'args', 'cwd']);
    for (const duration of durations) expect(duration).toBeGreaterThan(0);
  });

  test('one that a signal of the run ends, behind any other wrapper', async () => {
    const { watched, told } = listening();
    const over = new AbortController();
    const ended = abortable(watched, over.signal).run(shell('echo; exec sleep 600'));
    over.abort();
    await ended;
    expect(told).toMatchObject([{ exit: { code: null, signal: 'SIGTERM' } }]);
  });

  test('one that cannot be started', async () => {
    const { watched, told } = listening();
    await watched.run({ file: './nope', args: [], env });
    expect(told).toMatchObject([{ command: { file: './nope' }, exit: { notStarted: 'ENOENT' } }]);
  });

  test('one for which no file is left; its caller still hears of it', async () => {
    const full = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    const { watched, told } = listening({
      start() {
        throw full;
      },
      run: () => Promise.reject(full),
    });
    expect(() => watched.start(shell('true'))).toThrow(full);
    await expect(watched.run(shell('true'))).rejects.toBe(full);
    const exit = { code: null, signal: null, notStarted: 'EMFILE' };
    expect(told).toMatchObject([{ exit }, { exit }]);
  });

  test('one that is lost on its way; its caller still hears of it', async () => {
    const lost = Object.assign(new Error('EIO: read'), { code: 'EIO' });
    const { watched, told } = listening({
      start: () => ({ exit: Promise.reject(lost) }) as unknown as ReturnType<Exec['start']>,
      run: () => Promise.reject(new Error('no code')),
    });
    await expect(watched.start(shell('true')).exit).rejects.toBe(lost);
    await expect(watched.run(shell('true'))).rejects.toThrow('no code');
    expect(told).toMatchObject([
      { exit: { code: null, signal: null, notStarted: 'EIO' } },
      { exit: { code: null, signal: null, notStarted: 'no code' } },
    ]);
  });
});

test('a command that takes long is told of before its end, once', async () => {
  const end = Promise.withResolvers<Awaited<ReturnType<Exec['run']>>>();
  const long = { run: () => end.promise } as unknown as Exec;
  const slept = Promise.withResolvers<void>();
  let now = 0;
  const { watched, told, durations } = listening(long, {
    ticks: () => now,
    async sleep(milliseconds, _, options) {
      // The wait for it keeps no process from its end.
      expect(options).toEqual({ ref: false });
      await slept.promise;
      now += milliseconds;
    },
  });
  const ended = watched.run(shell('sleep 60'));
  slept.resolve();
  await turn();
  expect([told.map(({ exit }) => exit), durations]).toEqual([[undefined], [10_000]]);
  end.resolve({ code: 0, signal: null, stdout: '', stderr: '' });
  await ended;
  expect(told.map(({ exit }) => exit?.code)).toEqual([undefined, 0]);
});
