import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { EngineError } from '../../src/engine/index.js';
import { type Death, watchContainer } from '../../src/engine/watch.js';
import type { Clock, Exit } from '../../src/ports/index.js';

interface Described {
  /** Milliseconds after which the program ends by itself; default: never. */
  readonly ends?: number;
  /** At which kill it ends; default: at the first. */
  readonly endsAtKill?: number;
  /** What it writes to stderr, by the milliseconds at which it does. */
  readonly writes?: Readonly<Record<number, string>>;
  readonly death?: Death;
  readonly notStarted?: string;
  /** Milliseconds after which the run is interrupted. */
  readonly interrupted?: number;
  /** Milliseconds that it has; default: ten seconds. */
  readonly time?: number;
  /** Bytes of each output that are kept. */
  readonly output?: number;
}

/** Watches a container on a clock that goes on as it is waited for. */
async function watched(described: Described = {}) {
  const { ends = Number.POSITIVE_INFINITY, endsAtKill = 1, writes = {}, death } = described;
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exit = Promise.withResolvers<Exit>();
  const stop = new AbortController();
  const did: string[] = [];
  let isOver = false;
  const end = (code: number) => {
    if (isOver) return;
    isOver = true;
    stdout.end();
    stderr.end();
    const { notStarted } = described;
    exit.resolve({ code, signal: null, ...(notStarted === undefined ? {} : { notStarted }) });
  };
  let now = 0;
  const events: { readonly at: number; readonly do: () => void }[] = [
    ...Object.entries(writes).map(([at, text]) => ({
      at: Number(at),
      do: () => void stderr.write(text),
    })),
    { at: ends, do: () => end(7) },
    { at: described.interrupted ?? Number.POSITIVE_INFINITY, do: () => stop.abort('SIGINT') },
  ];
  const sleeping = new Set<{ readonly at: number; readonly wake: () => void }>();
  const clock = {
    ticks: () => now,
    sleep(milliseconds: number, signal?: AbortSignal) {
      return new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const own = { at: now + milliseconds, wake: resolve };
        sleeping.add(own);
        signal?.addEventListener('abort', () => {
          sleeping.delete(own);
          reject(signal.reason);
        });
      });
    },
  } as unknown as Clock;
  let kills = 0;
  const engine = {
    start: () => ({
      stdout,
      stderr,
      ended: exit.promise,
      leave() {
        did.push(`leave ${now}`);
        end(0);
      },
    }),
    async kill(container: string) {
      kills += 1;
      did.push(`kill ${container} ${now}`);
      if (kills === endsAtKill) end(137);
      if (kills > 1) throw new Error('it is only just starting');
    },
  };
  const { time = 10_000, output = 1000 } = described;
  const limits = { time, output, ...(death && { death }) };
  const work = watchContainer('c1', limits, { engine, clock, signal: stop.signal }).then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ value: undefined, error }),
  );
  let settled = false;
  work.finally(() => {
    settled = true;
  });
  for (let turns = 0; turns < 2000 && !settled; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (turns % 5 !== 4) continue;
    const next = [...sleeping, ...events].sort((a, b) => a.at - b.at)[0];
    if (next === undefined || next.at === Number.POSITIVE_INFINITY) continue;
    now = next.at;
    if ('wake' in next) {
      sleeping.delete(next);
      next.wake();
    } else events.splice(events.indexOf(next), 1)[0]?.do();
  }
  return { ...(await work), did, now };
}

describe('a container that is watched', () => {
  test('and ends by itself is left alone', async () => {
    const { value, did } = await watched({ ends: 500, writes: { 100: 'some words' } });
    expect(value).toEqual({
      stdout: { text: '', bytes: 0, truncated: false },
      stderr: { text: 'some words', bytes: 10, truncated: false },
      timedOut: false,
    });
    expect(did).toEqual([]);
  });

  test('is killed when its time is over', async () => {
    const { value, did } = await watched();
    expect(value?.timedOut).toBe(true);
    expect(did).toEqual(['kill c1 10000']);
  });

  test('is killed again where it was only just starting', async () => {
    const { value, did } = await watched({ endsAtKill: 3 });
    expect(value?.timedOut).toBe(true);
    expect(did).toEqual(['kill c1 10000', 'kill c1 10500', 'kill c1 11000']);
  });

  test('is left where the engine does not end it', async () => {
    const { value, did } = await watched({ endsAtKill: 100 });
    expect(value?.timedOut).toBe(true);
    expect(did).toHaveLength(7);
    expect(did.slice(-2)).toEqual(['kill c1 12500', 'leave 13000']);
  });

  test('is killed when the run is interrupted, and its time was not over', async () => {
    const { value, did } = await watched({ interrupted: 300 });
    expect(value?.timedOut).toBe(false);
    expect(did).toEqual(['kill c1 300']);
  });

  test('has the last of what it wrote', async () => {
    const { value } = await watched({ ends: 500, writes: { 100: 'abcdef' }, output: 3 });
    expect(value?.stderr).toEqual({ text: 'def', bytes: 6, truncated: true });
  });

  test('that could not be started is an error of the engine', async () => {
    const { error } = await watched({ ends: 10, notStarted: 'ENOENT' });
    expect(error).toBeInstanceOf(EngineError);
  });
});

describe('a program that dies although its container goes on', () => {
  const SIGN = /uncaught signal \d+\s*$/;

  /** Dies at that look, by signal 11; each look is counted. */
  function dying(atLook: number) {
    const looks: number[] = [];
    const death: Death = {
      sign: SIGN,
      async signal() {
        looks.push(looks.length + 1);
        return looks.length >= atLook ? 11 : undefined;
      },
    };
    return { death, looks };
  }

  test.each([1, 2, 3])(
    'is seen at look %d after a sign, and its container is killed',
    async (at) => {
      const { death, looks } = dying(at);
      const { value, did, now } = await watched({ death, writes: { 100: 'uncaught signal 11\n' } });
      expect(value).toMatchObject({ timedOut: false, died: 11 });
      expect(looks).toHaveLength(at);
      expect([did.length, now < 10_000]).toEqual([1, true]);
    },
  );

  test('is not looked for without a sign before its time is over', async () => {
    const { death, looks } = dying(2);
    const { value } = await watched({ death, writes: { 100: 'uncaught signal 11, it says' } });
    expect(looks).toEqual([1]);
    expect(value).toMatchObject({ timedOut: true, lives: true });
    expect(value).not.toHaveProperty('died');
  });

  test('may give its sign in pieces', async () => {
    const { death } = dying(1);
    const writes = { 100: 'uncaught sig', 200: 'nal 11' };
    expect((await watched({ death, writes })).value?.died).toBe(11);
  });

  test('is found when its time is over at the latest', async () => {
    const { death } = dying(1);
    expect((await watched({ death })).value).toMatchObject({ timedOut: false, died: 11 });
  });

  test('is looked for five times at most, whatever a program writes', async () => {
    const { death, looks } = dying(100);
    const signs = Array.from({ length: 8 }, (_, at) => [100 + at * 2100, 'uncaught signal 11\n']);
    await watched({ death, time: 30_000, writes: Object.fromEntries(signs) });
    // Three looks at each of five signs, and one when the time is over.
    expect(looks).toHaveLength(16);
  });

  test('is not looked for twice at once', async () => {
    const { death, looks } = dying(100);
    const signs = Array.from({ length: 8 }, (_, at) => [100 + at, 'uncaught signal 11\n']);
    await watched({ death, writes: Object.fromEntries(signs) });
    expect(looks).toHaveLength(4);
  });

  test('is not said to live where the engine does not tell', async () => {
    const death: Death = { sign: SIGN, signal: () => Promise.reject(new Error('no engine')) };
    const { value } = await watched({ death, writes: { 100: 'uncaught signal 11' } });
    expect(value?.timedOut).toBe(true);
    expect(value).not.toHaveProperty('lives');
    expect(value).not.toHaveProperty('died');
  });

  test('is said to live only where its time was over', async () => {
    const { death } = dying(100);
    const { value } = await watched({ death, ends: 5000, writes: { 100: 'uncaught signal 11' } });
    expect(value).not.toHaveProperty('lives');
  });
});
