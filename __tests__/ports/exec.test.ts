import { getEventListeners, once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { abortable, exec, explainStartFailure } from '../../src/ports/exec.js';
import { withInterruptionGrace } from '../../src/ports/interruption-grace.js';

const env = { PATH: process.env.PATH ?? '' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-exec-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const shell = (script: string, ...args: string[]) => ({
  file: '/bin/sh',
  args: ['-c', script, 'sh', ...args],
  env,
});

describe('a child that cannot be started', () => {
  test.each([
    ['no such program', { file: './nope', args: [] }, 'ENOENT'],
    ['a folder that is a file', { file: 'true', args: [], cwd: '/etc/passwd' }, 'ENOTDIR'],
    ['an argument that is too long', { file: 'true', args: ['x'.repeat(140_000)] }, 'E2BIG'],
    ['an argument that no system takes', { file: 'true', args: ['\0'] }, 'ERR_INVALID_ARG_VALUE'],
  ])('says why: %s', async (_, command, notStarted) => {
    const ended = { code: null, signal: null, notStarted };
    expect(await exec.run({ ...command, env })).toEqual({ ...ended, stdout: '', stderr: '' });
    const running = exec.start({ ...command, env });
    running.kill('SIGTERM');
    expect(await running.exit).toEqual(ended);
    expect(await running.stdout.toArray()).toEqual([]);
  });

  test('a variable that is too long', async () => {
    const long = { ...shell('true'), env: { ...env, LONG: 'x'.repeat(140_000) } };
    expect(await exec.run(long)).toMatchObject({ code: null, notStarted: 'E2BIG' });
  });
});

describe('a child that leaves others behind', () => {
  const pidFile = () => join(folder, `${Math.random()}`);

  async function end(file: string) {
    process.kill(Number(await readFile(file, 'utf8')), 'SIGKILL');
  }

  test.each([
    ['that are silent', 'exec sleep 600'],
    ['that write on', 'while echo more; do sleep 0.05; done'],
  ])('%s: its end is its own, and all that it wrote is there', async (_, daemon) => {
    const file = pidFile();
    const script = `setsid sh -c 'echo $$ > $1; ${daemon}' sh $1 & head -c 300000 /dev/zero; exit 7`;
    const { code, stdout } = await exec.run(shell(script, file));
    await end(file);
    expect([code, stdout.replaceAll(/more|\n/g, '').length]).toEqual([7, 300_000]);
  });

  test('and whose reader is behind: nothing is cut off', async () => {
    const file = pidFile();
    const script = `setsid sh -c 'echo $$ > $1; exec sleep 600' sh $1 & head -c 200000 /dev/zero`;
    const running = exec.start(shell(script, file));
    running.stderr.resume();
    let bytes = 0;
    for await (const chunk of running.stdout) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      bytes += chunk.length;
    }
    await end(file);
    expect([bytes, running.stdout.destroyed, running.stderr.destroyed]).toEqual([
      200_000,
      true,
      true,
    ]);
  });

  test('in its own group are still reached by a signal', async () => {
    const file = pidFile();
    const running = exec.start(shell('sleep 600 & echo $! > $1', file));
    await running.exit;
    running.kill('SIGKILL');
    expect(await running.stdout.toArray()).toEqual([]);
    const stat = `/proc/${Number(await readFile(file, 'utf8'))}/stat`;
    const state = () => readFile(stat, 'utf8').catch(() => 'gone Z');
    while (!/ Z/.test(await state())) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

describe('an input that cannot be read to its end', () => {
  const failing = () =>
    Readable.from(
      (async function* () {
        yield 'some';
        throw new Error('a disk that fails');
      })(),
    );

  test('ends the child, and why is told', async () => {
    const ended = await exec.run({ ...shell('cat; sleep 600'), input: failing() });
    expect(ended).toMatchObject({ signal: 'SIGTERM', inputFailed: 'a disk that fails' });
  });

  test('is no fault of the input where the child does not read it', async () => {
    const input = Readable.from(Array(100).fill(Buffer.alloc(64 * 1024)));
    const ended = await exec.run({ ...shell('exec <&-; echo no >&2; exit 3'), input });
    expect(ended).toEqual({ code: 3, signal: null, stdout: '', stderr: 'no\n' });
  });
});

describe('after an interruption', () => {
  const LONG = shell('exec sleep 600');

  test('children are ended that are still there a while later, and those that begin then', async () => {
    const stop = new AbortController();
    const late = withInterruptionGrace(exec, stop.signal, 300);
    const deaf = late.run(LONG);
    const quick = late.run(shell('sleep 0.1; echo done'));
    stop.abort('SIGTERM');
    expect(await late.run(shell('echo in time'))).toMatchObject({ code: 0, stdout: 'in time\n' });
    expect(await quick).toMatchObject({ code: 0, stdout: 'done\n' });
    expect(await deaf).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(await late.run(LONG)).toMatchObject({ code: null, signal: 'SIGTERM' });
    const running = late.start(LONG);
    expect(await running.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test("a child's own signal counts at once, and without any it is left alone", async () => {
    const late = withInterruptionGrace(exec, new AbortController().signal, 0);
    const own = late.run({ ...LONG, signal: AbortSignal.timeout(50) });
    expect(await own).toMatchObject({ signal: 'SIGTERM' });
    expect(await late.run(shell('sleep 0.1; exit 3'))).toMatchObject({ code: 3 });
  });

  test('that came before, the time begins at once', async () => {
    const late = withInterruptionGrace(exec, AbortSignal.abort('SIGINT'), 100);
    expect(await late.run(LONG)).toMatchObject({ signal: 'SIGTERM' });
  });
});

test('a child that heeds no signal is killed', async () => {
  const stop = new AbortController();
  const deaf = shell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
  const running = exec.start({ ...deaf, signal: stop.signal });
  await once(running.stdout, 'data');
  stop.abort();
  expect(await running.exit).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a child that is over, with all that it wrote, is sent nothing more', async () => {
  const stop = new AbortController();
  const file = join(folder, 'left');
  const script = 'sleep 600 </dev/null >/dev/null 2>&1 & echo $! > $1';
  const running = exec.start({ ...shell(script, file), signal: stop.signal });
  await Promise.all([running.stdout.toArray(), running.stderr.toArray(), running.exit]);
  while (getEventListeners(stop.signal, 'abort').length > 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const left = Number(await readFile(file, 'utf8'));
  running.kill('SIGKILL');
  stop.abort();
  await new Promise((resolve) => setTimeout(resolve, 100));
  // Its number may be another group's by now: what is left in the group is not reached.
  const stat = await readFile(`/proc/${left}/stat`, 'utf8');
  process.kill(left, 'SIGKILL');
  expect(stat).not.toMatch(/ Z /);
});

test('a child that is over keeps no timer', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const over = new AbortController();
  const running = exec.start({ ...shell('echo'), signal: over.signal });
  await Promise.all([running.stdout.toArray(), running.stderr.toArray(), running.exit]);
  while (getEventListeners(over.signal, 'abort').length > 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(timers()).toBe(before);
});

test('why a program was not started is said in words where the system has none', () => {
  expect(explainStartFailure('E2BIG')).toBe(
    'E2BIG (its arguments and variables are longer than the system allows)',
  );
  expect(explainStartFailure('ENOENT')).toBe('ENOENT');
});

test('a child ends with the signal that its port heeds, and with its own', async () => {
  const [port, own] = [new AbortController(), new AbortController()];
  const heeded = abortable(exec, port.signal);
  const first = heeded.run({ ...shell('sleep 600'), signal: own.signal });
  const second = heeded.run(shell('sleep 600'));
  own.abort();
  expect(await first).toMatchObject({ code: null, signal: 'SIGTERM' });
  port.abort();
  expect(await second).toMatchObject({ code: null, signal: 'SIGTERM' });
});
