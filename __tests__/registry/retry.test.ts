import { describe, expect, test } from '@jest/globals';
import { RegistryError, type RegistryErrorFacts } from '../../src/registry/errors.js';
import { createLagClock } from '../../src/registry/lag-clock.js';
import { isTransientStatus, retryAfter, retrying } from '../../src/registry/retry.js';
import { fakeClock, rejection } from './rig.js';

const failing = (facts: Partial<RegistryErrorFacts>) =>
  new RegistryError({ code: 'server', request: 'GET https://r.io/v2/', transient: true, ...facts });

/** What becomes of work that fails so often with these errors, and then succeeds. */
async function tried(errors: (attempt: number) => unknown, { random = 1, times = 100 } = {}) {
  const clock = fakeClock();
  const waits: number[] = [];
  const lags: number[] = [];
  const lag = createLagClock(clock, (_, pause) => lags.push(pause));
  const attempts: number[] = [];
  const policy = {
    clock,
    random: () => random,
    waits: (pause: number) => waits.push(pause),
    registry: 'r.io',
    lag,
  };
  const outcome = await retrying(policy, async (attempt) => {
    attempts.push(attempt);
    if (attempt <= times) throw errors(attempt);
    return 'done';
  }).catch((error: unknown) => error);
  return { outcome, attempts: attempts.length, slept: clock.slept, waits, lags };
}

describe('what fails in a way that may pass', () => {
  test('is tried five times, after pauses that double', async () => {
    const error = failing({ status: 503 });
    const { outcome, attempts, slept, waits } = await tried(() => error);
    expect([outcome, attempts]).toEqual([error, 5]);
    expect(slept).toEqual([1000, 2000, 4000, 8000]);
    expect(waits).toEqual([]);
  });

  test('tells of each silence before another try, and of nothing else', async () => {
    const told: unknown[] = [];
    const clock = fakeClock();
    const errors = [failing({ code: 'timed-out' }), failing({ status: 503 })];
    const policy = {
      clock,
      random: () => 1,
      silences: (error: RegistryError, tries: number) => told.push([error, tries]),
      registry: 'r.io',
      lag: createLagClock(clock),
    };
    await retrying(policy, async (attempt) => {
      const error = errors[attempt - 1];
      if (error !== undefined) throw error;
    });
    expect(told).toEqual([[errors[0], 1]]);
  });

  test('is none of our own faults, whatever they look like', async () => {
    const fault = Object.assign(new Error('ours'), { code: 'inconsistent', transient: true });
    expect(await tried(() => fault)).toMatchObject({ outcome: fault, attempts: 1, lags: [] });
  });

  test('waits half of that at least, by chance', async () => {
    expect((await tried(() => failing({}), { random: 0 })).slept).toEqual([500, 1000, 2000, 4000]);
    expect((await tried(() => failing({}), { random: 0.5, times: 1 })).slept).toEqual([750]);
  });

  test('is tried three times where nothing listens', async () => {
    const { attempts, slept } = await tried(() => failing({ code: 'unreachable' }));
    expect([attempts, slept]).toEqual([3, [1000, 2000]]);
  });

  test('ends with the first success', async () => {
    const { outcome, attempts } = await tried(() => failing({}), { times: 2 });
    expect([outcome, attempts]).toEqual(['done', 3]);
  });

  test('waits as long as the registry asks, and tells that', async () => {
    const { slept, waits } = await tried((attempt) =>
      failing({ retryAfter: attempt === 1 ? 20_000 : 100 }),
    );
    expect(slept).toEqual([20_000, 2000, 4000, 8000]);
    expect(waits).toEqual([20_000]);
  });

  test('waits three minutes at most, all in all', async () => {
    const asking = (each: number) => tried(() => failing({ retryAfter: each }));
    expect((await asking(180_001)).slept).toEqual([]);
    expect((await asking(180_000)).slept).toEqual([180_000]);
    expect((await asking(60_000)).slept).toEqual([60_000, 60_000, 60_000]);
  });

  test.each<[string, unknown]>([
    ['an answer that will not change', failing({ transient: false })],
    ['a fault of ours', new TypeError('it is undefined')],
  ])('%s is not tried again', async (_, error) => {
    const { outcome, attempts, slept } = await tried(() => error);
    expect([outcome, attempts, slept]).toEqual([error, 1, []]);
  });
});

describe('what a registry contradicts itself in', () => {
  test('is waited for as long as the clock of lags goes, and not counted among the tries', async () => {
    const error = failing({ code: 'inconsistent', transient: false });
    const { outcome, lags, slept, waits } = await tried(() => error);
    expect(outcome).toBe(error);
    expect(lags.reduce((sum, pause) => sum + pause, 0)).toBe(60_000);
    expect([slept, waits]).toEqual([lags, []]);
  });

  test('is looked at six times where it was pushed a moment ago', async () => {
    const { attempts, lags } = await tried(() =>
      failing({ code: 'not-found', fresh: true, transient: false }),
    );
    expect([attempts, lags]).toEqual([6, [500, 1000, 2000, 4000, 8000]]);
  });
});

test('the signal ends a pause', async () => {
  const clock = fakeClock();
  const stop = new AbortController();
  const work = retrying(
    { clock, random: () => 1, signal: stop.signal, registry: 'r', lag: createLagClock(clock) },
    async () => {
      stop.abort();
      throw failing({});
    },
  );
  expect(await rejection(work)).toMatchObject({ name: 'AbortError' });
});

test.each([
  [408, true],
  [429, true],
  [499, true],
  [500, true],
  [502, true],
  [503, true],
  [504, true],
  [522, true],
  [501, false],
  [400, false],
  [200, false],
])('%d may pass: %s', (status, expected) => {
  expect(isTransientStatus(status)).toBe(expected);
});

test.each([
  [undefined, undefined],
  ['30', 30_000],
  [' 30 ', 30_000],
  ['0', 0],
  ['1234567890', undefined],
  ['x30', undefined],
  ['30x', undefined],
  ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
  ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
  ['soon', undefined],
])('Retry-After: %s is %s ms', (header, expected) => {
  expect(retryAfter(header, new Date('2026-01-01T00:00:00Z'))).toBe(expected);
});
