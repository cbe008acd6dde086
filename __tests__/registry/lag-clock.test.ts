import { describe, expect, test } from '@jest/globals';
import { createLagClock } from '../../src/registry/lag-clock.js';
import { fakeClock } from './rig.js';

const total = (pauses: readonly number[]) => pauses.reduce((sum, pause) => sum + pause, 0);

describe('what a registry took and does not show', () => {
  test('is waited for with growing pauses, a minute in all, each of which is told', async () => {
    const clock = fakeClock();
    const told: (readonly [string, number])[] = [];
    const lag = createLagClock(clock, (registry, pause) => told.push([registry, pause]));
    let attempt = 1;
    while (await lag.wait('ghcr.io', attempt)) attempt++;
    expect(clock.slept.slice(0, 6)).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
    expect(total(clock.slept)).toBe(60_000);
    expect(told).toEqual(clock.slept.map((pause) => ['ghcr.io', pause]));
    expect(await lag.wait('quay.io', 1)).toBe(false);
    expect(total(clock.slept)).toBe(60_000);
  });

  test('counts once what is waited for at the same time', async () => {
    const ends: (() => void)[] = [];
    let now = 0;
    const sleep = () => new Promise<void>((resolve) => void ends.push(resolve));
    const lag = createLagClock({ ticks: () => now, sleep });
    for (let round = 1; ; round++) {
      const from = now;
      const waits = Array.from({ length: 10 }, () => lag.wait('ghcr.io', 5));
      now += 8000;
      for (const end of ends.splice(0)) end();
      const went = await Promise.all(waits);
      expect(went.every((one) => one === went[0])).toBe(true);
      if (!went[0]) {
        expect([round, from]).toEqual([9, 64_000]);
        return;
      }
    }
  });
});
