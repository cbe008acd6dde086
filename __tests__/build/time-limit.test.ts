import { describe, expect, test } from '@jest/globals';
import { limitTime, type RunningStep } from '../../src/build/time-limit.js';
import type { Clock } from '../../src/ports/index.js';
import { buildpackImage, plannedBuild, plannedImage } from '../plans.js';

const OLD = { name: '[2/3] RUN make', age: 61_999, silence: 30_000, log: ['one', 'two'] };

const ORDER = { platform: 'linux/arm64', root: '/', secretVariables: new Map() };

/** What is found of a build whose time is over, with these steps under way. */
async function failure(
  running: readonly RunningStep[],
  order: Partial<Parameters<typeof limitTime>[0]> = {},
) {
  const over = Promise.withResolvers<void>();
  const slept: number[] = [];
  const clock = {
    sleep(milliseconds: number) {
      slept.push(milliseconds);
      return over.promise;
    },
  } as unknown as Clock;
  const image = plannedImage({ build: plannedBuild({ timeout: 90_000 }) });
  const limit = limitTime({ ...ORDER, image, ...order }, clock, () => running);
  expect([limit.failure(), limit.signal.aborted]).toEqual([undefined, false]);
  over.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect([slept, limit.signal.aborted]).toEqual([[90_000], true]);
  return limit.failure();
}

describe('a build whose time is over', () => {
  test('says which step stood still, for how long, and what to do', async () => {
    expect(await failure([OLD])).toEqual({
      code: 'build-failed',
      severity: 'error',
      subject: { image: 'greeter', platform: 'linux/arm64' },
      message:
        'the build did not end within 1m30s: step [2/3] RUN make was still running after 1m1s, without output for 30s',
      location: { file: 'Dockerfile' },
      remedy:
        'Find out from its output what the step waits for. If it only needs more time, raise "timeout" of the build.',
      detail: ['one', 'two'],
    });
  });

  test('names the step first that has been silent for longest, and those beside it', async () => {
    const steps = [
      { name: 'a', age: 5, silence: 5, log: [] },
      { name: 'b', age: 3_600_000, silence: 3_000_000, log: [] },
      { name: 'c', age: 5, silence: 7, log: ['x'] },
    ];
    const found = await failure(steps);
    expect(found?.message).toBe(
      'the build did not end within 1m30s: step b was still running after 1h, without any output; beside it: c, a',
    );
    expect(found?.detail).toEqual([]);
  });

  test('has the last twenty lines of that step, and is never said to take no time', async () => {
    const log = Array.from({ length: 25 }, (_, line) => `line ${line}`);
    const found = await failure([{ name: 'a', age: 5, silence: 5, log }]);
    expect(found?.detail).toEqual(log.slice(5));
    expect(found?.message).toContain('was still running after 1s, without output for 1s');
  });

  test('says so where no step was running', async () => {
    const found = await failure([]);
    expect(found?.message).toBe('the build did not end within 1m30s: no step was running');
    expect(found?.detail).toEqual([]);
  });

  test('under emulation may be the emulator’s fault', async () => {
    const found = await failure([OLD], { emulated: true });
    expect(found?.remedy).toBe(
      'A program that stands still under emulation is often the emulator\'s fault: use a newer emulator, or a machine of that architecture. If it only needs more time, raise "timeout" of the build.',
    );
  });

  test('is told at the line of its image where it has no Dockerfile', async () => {
    const location = { file: 'sea-trial.yml', line: 3 };
    const image = buildpackImage({ location });
    const timed = { ...image, build: { ...image.build, timeout: 90_000 } };
    expect((await failure([OLD], { image: timed }))?.location).toEqual(location);
    const nowhere = { ...buildpackImage(), build: timed.build };
    expect(await failure([OLD], { image: nowhere })).not.toHaveProperty('location');
  });
});

test('a build without a limit, and one that has ended, are not ended by it', async () => {
  const clock = {
    sleep: (_: number, signal: AbortSignal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  } as unknown as Clock;
  const timed = plannedImage({ build: plannedBuild({ timeout: 1 }) });
  for (const image of [plannedImage(), timed]) {
    const limit = limitTime({ ...ORDER, image }, clock, () => []);
    limit.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect([limit.failure(), limit.signal.aborted]).toEqual([undefined, false]);
  }
});
