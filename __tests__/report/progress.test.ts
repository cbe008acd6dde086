import { afterEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import stringWidth from 'string-width';
import type { Event } from '../../src/evidence/index.js';
import { createProgress, type Progress, type ProgressKind } from '../../src/report/index.js';
import { hostile } from './hostile.js';

const ESCAPE = '\u001b';

/** Up to the first row, clear to an end, or a character. */
const WRITTEN = new RegExp(`\\r${ESCAPE}\\[(\\d+)A|${ESCAPE}\\[([KJ])|([\\s\\S])`, 'gu');

/** A terminal of our own: what is on the screen after all that was written. */
function screen(columns: number) {
  let lines: string[] = [''];
  let row = 0;
  const put = (text: string) => {
    for (const [, up, clear, sign] of text.matchAll(WRITTEN)) {
      if (up !== undefined) row -= Number(up);
      else if (clear === 'J') lines = lines.slice(0, row);
      else if (sign === '\n') {
        row += 1;
      } else if (sign !== undefined) {
        // A row is always written from its beginning to its end.
        lines[row] = `${fresh === row ? lines[row] : ''}${sign}`;
        fresh = row;
      }
      if (sign === '\n' || up !== undefined) fresh = -1;
      if (row < 0) throw new Error('went above the first row');
    }
  };
  let fresh = -1;
  return { put, columns: () => columns, text: () => lines.slice(0, row).join('\n') };
}

let running: Progress | undefined;
afterEach(() => running?.stop());

/** A display on a clock that goes only where `at` puts it; each `at` is a frame. */
function started(kind: ProgressKind, columns = 80, rows = 24) {
  const shown = screen(columns);
  let written = '';
  let ticks = 0;
  let wake = () => {};
  let sleeping = false;
  const progress = createProgress({
    kind,
    columns: shown.columns,
    rows: () => rows,
    write: (text) => {
      written += text;
      if (kind === 'live') shown.put(text);
    },
    clock: {
      ticks: () => ticks,
      sleep: (_, signal) => {
        sleeping = true;
        return new Promise<void>((resolve, reject) => {
          wake = resolve;
          signal?.addEventListener('abort', () => reject(new Error('aborted')));
        }).finally(() => {
          sleeping = false;
        });
      },
    },
  });
  running = progress;
  const at = async (now: number, ...events: readonly Event[]) => {
    ticks = now;
    for (const event of events) progress(event);
    wake();
    await new Promise(setImmediate);
    return shown.text();
  };
  return {
    ...{ at, stop: () => progress.stop(), written: () => written, text: shown.text },
    sleeping: () => sleeping,
  };
}

type Trial = Extract<Event, { kind: 'trial' }>;

function trial(platform: string, phase: Trial['phase'], detail?: string, ok?: boolean): Event {
  return {
    kind: 'trial',
    image: 'greeter',
    platform,
    phase,
    ...(detail === undefined ? {} : { detail }),
    ...(ok === undefined ? {} : { ok }),
  };
}

function said(text: string, source = 'build', platform = 'linux/amd64'): Event {
  return { kind: 'output', image: 'greeter', platform, source, text };
}

const lag = (duration: number): Event => ({
  kind: 'lag',
  registry: 'ghcr.io',
  duration,
  longest: 60_000,
});

describe('live', () => {
  test('a row per trial, redrawn in place', async () => {
    const { at, stop, text } = started('live');
    await at(0, { kind: 'stage', stage: 'environment', detail: 'docker 28.0.4' });
    expect(await at(300)).toBe('⠸ environment  docker 28.0.4  0.3s');
    await at(
      1_000,
      trial('linux/amd64', 'building', '[1/3] FROM debian'),
      trial('linux/arm64', 'building', '[1/3] FROM debian'),
      trial('linux/s390x', 'waiting', 'waits for a build slot'),
    );
    expect(await at(73_000, trial('linux/arm64', 'building', '[7/11] RUN make -j4'))).toBe(`\
greeter   linux/amd64   ⠋ building  [1/3] FROM debian                    1m 12s
greeter   linux/arm64   ⠋ building  [7/11] RUN make -j4                  1m 12s
greeter   linux/s390x   · waits for a build slot`);
    await at(74_000, trial('linux/amd64', 'inspecting'), trial('linux/amd64', 'loading'));
    await at(74_000, trial('linux/amd64', 'testing', 'says its version'));
    await at(74_900, trial('linux/amd64', 'done', '4 tests', true));
    await at(
      75_000,
      trial('linux/arm64', 'done', 'the build failed at [7/11] RUN make -j4', false),
    );
    stop();
    expect(text()).toBe(`\
greeter   linux/amd64   ✔ built 1m 13s  ✔ inspected  ✔ tested 0.9s  4 tests
greeter   linux/arm64   ✘ the build failed at [7/11] RUN make -j4
greeter   linux/s390x   · waits for a build slot`);
  });

  test('what a registry asks to wait is shown while it lasts', async () => {
    const { at } = started('live');
    await at(0, { kind: 'stage', stage: 'publish', detail: '' });
    await at(1_000, { kind: 'wait', registry: 'ghcr.io', duration: 60_000 });
    expect(await at(31_000)).toBe('⠋ waiting 60 s, as ghcr.io asks  30s');
    expect(await at(61_000)).toBe('⠋ publish  1m 01s');
  });

  test('a registry that did not answer is named with what it was asked', async () => {
    const what = 'r.io stopped answering while writing the tag a of x: no byte came for 30 s';
    const { at } = started('live', 120);
    await at(0, { kind: 'stage', stage: 'publish', detail: '' });
    await at(30_000, { kind: 'retry', what, attempt: 2, of: 5 });
    expect(await at(40_000)).toBe(`⠋ ${what}; attempt 2 of 5  10s`);
    expect(await at(60_000)).toBe('⠋ publish  1m 00s');
    const log = started('plain');
    await log.at(0, { kind: 'retry', what, attempt: 2, of: 5 });
    log.stop();
    expect(log.written()).toBe(`   0.0s  ${what}; attempt 2 of 5\n`);
  });

  test('a registry that shows late what it took is waited for in one line', async () => {
    const { at } = started('live');
    await at(0, { kind: 'stage', stage: 'verify', detail: '' });
    await at(1_000, lag(500));
    await at(1_500, lag(1_000));
    expect(await at(2_000)).toBe('⠋ waiting up to 60 s until ghcr.io serves what was pushed  1.0s');
    expect(await at(3_000)).toBe('⠋ verify  3.0s');
  });

  test('a test that runs shows the last line it wrote', async () => {
    const { at } = started('live');
    await at(0, trial('linux/amd64', 'testing', 'sums big files'));
    const text = await at(
      2_000,
      said('reading\n\u001b[31mhalf\u001b[0m of it\n\n', 'sums big files'),
    );
    expect(text).toBe(
      'greeter   linux/amd64   ⠋ testing  half of it                              2.0s',
    );
  });

  test('where there are more trials than rows, those at work are shown', async () => {
    const { at } = started('live', 80, 6);
    const platforms = ['386', 'amd64', 'arm64', 'ppc64le', 'riscv64', 's390x'];
    await at(0, ...platforms.map((name) => trial(`linux/${name}`, 'waiting')));
    await at(0, trial('linux/386', 'done', '4 tests', true), trial('linux/s390x', 'building'));
    expect(await at(100, trial('linux/ppc64le', 'done', 'failed', false))).toBe(`\
greeter   linux/amd64     · waiting
greeter   linux/ppc64le   ✘ failed
greeter   linux/s390x     ⠙ building                                       0.1s
… and 3 more: 1 done, 2 waiting`);
  });

  test('a build shows the step that goes on; what does not build, or is not known, stays as it is', async () => {
    const { at } = started('live');
    const remaining = (platform: string): Event => {
      return { kind: 'remaining', image: 'greeter', platform, step: '[2/3] RUN\tmake', age: 5_000 };
    };
    await at(0, trial('linux/amd64', 'building', '[3/3] COPY'), trial('linux/arm64', 'waiting'));
    await at(0, remaining('linux/amd64'), remaining('linux/arm64'));
    expect(await at(1_000, remaining('linux/s390x'))).toBe(`\
greeter   linux/amd64   ⠋ building  [2/3] RUN    make                      1.0s
greeter   linux/arm64   · waiting`);
  });

  test('what a build writes, what says nothing, and what no row is for changes no row', async () => {
    const { at } = started('live');
    await at(
      0,
      trial('linux/amd64', 'building', '[1/3] FROM'),
      trial('linux/arm64', 'testing', 'x'),
    );
    await at(0, said('a line of a build\n'), said(' \n\t\n', 'x', 'linux/arm64'));
    expect(await at(1_000, said('a line\n', 'x', 'linux/s390x'))).toBe(`\
greeter   linux/amd64   ⠋ building  [1/3] FROM                             1.0s
greeter   linux/arm64   ⠋ testing  x                                       1.0s`);
  });

  test('a stage lasts from its beginning, whatever its detail, and shows where no trial is at work', async () => {
    const { at } = started('live');
    await at(0, { kind: 'stage', stage: 'publish', detail: 'one' });
    expect(await at(2_000, { kind: 'stage', stage: 'publish', detail: 'two' })).toBe(
      '⠋ publish  two  2.0s',
    );
    expect(await at(3_000, trial('linux/amd64', 'done', '1 test', true))).toBe(`\
greeter   linux/amd64   1 test
⠋ publish  two  3.0s`);
    expect(await at(4_000, trial('linux/arm64', 'waiting'))).toBe(`\
greeter   linux/amd64   1 test
greeter   linux/arm64   · waiting`);
    await at(5_000, trial('linux/arm64', 'done', '1 test', true));
    expect(await at(5_000, { kind: 'stage', stage: 'verify', detail: '' })).toMatch(
      /\n⠋ verify {2}0\.0s$/,
    );
  });

  test('a pause begins anew where another one is asked for', async () => {
    const { at } = started('live');
    const wait = (duration: number): Event => ({ kind: 'wait', registry: 'ghcr.io', duration });
    await at(1_000, wait(60_000));
    expect(await at(2_000, wait(60_000))).toBe('⠋ waiting 60 s, as ghcr.io asks  1.0s');
    expect(await at(3_000, wait(30_000))).toBe('⠋ waiting 30 s, as ghcr.io asks  0.0s');
    expect(await at(33_000)).toBe('');
  });

  test('a trial that failed is shown before one at work, that one before one that waits', async () => {
    const { at } = started('live', 80, 3);
    const more = (line: string) => `${line}\n… and 2 more: `;
    await at(0, trial('linux/386', 'waiting'), trial('linux/arm', 'waiting'));
    const waiting = await at(0, trial('linux/s390x', 'done', '4 tests', true));
    expect(waiting).toBe(`${more('greeter   linux/386     · waiting')}1 done, 1 waiting`);
    expect(await at(0, trial('linux/arm', 'building'))).toMatch(
      /^greeter {3}linux\/arm .*building/,
    );
    expect(await at(0, trial('linux/386', 'done', 'no', false))).toBe(
      `${more('greeter   linux/386     ✘ no')}1 done, 1 waiting`,
    );
    expect(await at(0, trial('linux/arm', 'done', 'no', false))).toMatch(/: 2 done, 0 waiting$/);
  });

  test('as many trials as there are rows are all shown', async () => {
    const { at } = started('live', 80, 4);
    const text = await at(0, trial('linux/386', 'waiting'), trial('linux/arm', 'waiting'));
    expect(text).toBe('greeter   linux/386   · waiting\ngreeter   linux/arm   · waiting');
  });

  test('the last warnings take a quarter of the rows', async () => {
    const { at } = started('live', 80, 8);
    const warning = (code: string): Event => ({ kind: 'warning', code, message: 'so it is' });
    await at(0, ...['a', 'b', 'c'].map(warning));
    const text = await at(0, ...['1', '2', '3', '4', '5'].map((name) => trial(name, 'waiting')));
    expect(text).toBe(`\
⚠ b  so it is
⚠ c  so it is
greeter   1   · waiting
greeter   2   · waiting
greeter   3   · waiting
… and 2 more: 0 done, 2 waiting`);
  });

  test('a long name leaves room for the rest of its row', async () => {
    const { at } = started('live', 61);
    const event = { ...trial('linux/amd64', 'waiting'), image: 'x'.repeat(40) } as Event;
    expect(await at(0, event)).toBe(`${'x'.repeat(19)}…   linux/amd64   · waiting`);
  });

  test('what went before gives way where it leaves too little room', async () => {
    const ended = async (columns: number, ok: boolean) => {
      const { at, stop } = started('live', columns);
      await at(0, trial('linux/amd64', 'building'));
      await at(3_000, trial('linux/amd64', 'inspecting'));
      await at(3_000, trial('linux/amd64', 'testing', 'x'));
      const during = await at(4_000);
      const after = await at(5_000, trial('linux/amd64', 'done', 'it says more', ok));
      stop();
      return [during, after].map((text) => text.replace('greeter   linux/amd64   ', ''));
    };
    expect(await ended(100, true)).toStrictEqual([
      '✔ built 3.0s  ✔ inspected  ⠋ testing  x                                1.0s',
      '✔ built 3.0s  ✔ inspected  ✔ tested 2.0s  it says more',
    ]);
    expect(await ended(100, false)).toStrictEqual([
      '✔ built 3.0s  ✔ inspected  ⠋ testing  x                                1.0s',
      '✔ built 3.0s  ✔ inspected  ✘ it says more',
    ]);
    expect(await ended(72, false)).toStrictEqual([
      '⠋ testing  x                               1.0s',
      '✘ it says more',
    ]);
    expect(await ended(72, true)).toStrictEqual([
      '⠋ testing  x                               1.0s',
      '✔ built 3.0s  ✔ inspected  ✔ tested 2.0s  it s…',
    ]);
  });

  test('a trial that failed or was not tested says so without a detail, too', async () => {
    const { at } = started('live');
    await at(0, trial('linux/386', 'done', '', false));
    const not = { ...trial('linux/arm', 'done'), ok: false, tried: false } as Event;
    expect(await at(0, not, trial('linux/arm64', 'done'))).toBe(`\
greeter   linux/386     ✘ failed
greeter   linux/arm     · not tested
greeter   linux/arm64`);
  });

  test('is in colours where it is asked to', async () => {
    const frames = [true, false].map((colour) => {
      let written = '';
      const progress = createProgress({
        ...{ kind: 'live', colour, columns: () => 80 },
        write: (text) => {
          written += text;
        },
        clock: { ticks: () => 0, sleep: () => new Promise(() => {}) },
      });
      progress(trial('linux/amd64', 'building'));
      progress(trial('linux/amd64', 'done', 'no', false));
      progress(trial('linux/arm64', 'building'));
      progress(trial('linux/arm64', 'done', '1 test', true));
      progress.stop();
      return written;
    });
    const [coloured = '', bare = ''] = frames;
    expect(coloured).toContain(`${ESCAPE}[32m✔${ESCAPE}[39m built`);
    expect(coloured).toContain(`${ESCAPE}[31m✘${ESCAPE}[39m no`);
    expect(bare).not.toContain(`${ESCAPE}[3`);
  });

  test('goes up over rows that a narrower terminal has wrapped', async () => {
    let columns = 80;
    let written = '';
    let wake = () => {};
    const progress = createProgress({
      ...{ kind: 'live', columns: () => columns, rows: () => 24 },
      write: (text) => {
        written = text;
      },
      clock: { ticks: () => 0, sleep: () => new Promise((resolve) => (wake = resolve)) },
    });
    running = progress;
    progress(trial('linux/amd64', 'building'));
    progress(trial('linux/arm64', 'waiting'));
    expect(written).not.toMatch(/\[\d+A/);
    columns = 40;
    wake();
    await new Promise(setImmediate);
    expect(written).toMatch(new RegExp(`^\\r${ESCAPE}\\[2A`));
    columns = 20;
    wake();
    await new Promise(setImmediate);
    expect(written).toMatch(new RegExp(`^\\r${ESCAPE}\\[4A`));
  });

  test('writes nothing before the first event, and nothing more once it is stopped', async () => {
    const first = started('live');
    first.stop();
    expect(first.written()).toBe('');
    const { at, stop, written } = started('live');
    await at(0, trial('linux/amd64', 'waiting'));
    stop();
    const text = written();
    stop();
    await at(0, trial('linux/arm64', 'waiting'));
    expect(written()).toBe(text);
  });

  test('no line is wider than the terminal, and no frame goes above its first row', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 20, max: 120 }),
        fc.array(hostile, { minLength: 1, maxLength: 6 }),
        async (columns, details) => {
          const { at, stop } = started('live', columns);
          for (const [number, detail] of details.entries()) {
            const phase = number % 2 === 0 ? 'building' : 'testing';
            const text = await at(
              number * 1_000,
              trial('linux/arm64', phase, detail),
              said(detail),
            );
            for (const line of text.split('\n')) {
              expect(stringWidth(line)).toBeLessThan(columns);
              expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
            }
          }
          stop();
        },
      ),
      { numRuns: 50 },
    );
  });
});

test('plain writes one line for all pauses until a registry shows what it took', async () => {
  const { at, stop, written } = started('plain');
  for (const now of [1_000, 2_000, 4_000]) await at(now, lag(1_000));
  stop();
  expect(written()).toBe('   1.0s  waiting up to 60 s until ghcr.io serves what was pushed\n');
});

test('plain writes a line per change, with the time since the start', async () => {
  const { at, stop, written } = started('plain');
  await at(0, { kind: 'stage', stage: 'environment', detail: 'docker 28.0.4' });
  await at(2_000, trial('linux/amd64', 'building', '[1/3] FROM debian'));
  await at(3_000, trial('linux/amd64', 'building', '[1/3] FROM debian'), said('a line\n'));
  await at(64_000, trial('linux/amd64', 'building', '[2/3] RUN echo ##[error]\r::error::x'));
  await at(65_000, trial('linux/amd64', 'done', '4 tests', true));
  for (const now of [66_000, 127_000]) {
    await at(now, { kind: 'wait', registry: 'ghcr.io', duration: 60_000 });
  }
  stop();
  expect(written()).toBe(`\
   0.0s  environment  docker 28.0.4
   2.0s  greeter  linux/amd64  building  [1/3] FROM debian
 1m 04s  greeter  linux/amd64  building  [2/3] RUN echo ## [error] ::error::x
 1m 05s  greeter  linux/amd64  ✔ done  4 tests
 1m 06s  waiting 60 s, as ghcr.io asks
 2m 07s  waiting 60 s, as ghcr.io asks
`);
});

test('plain writes what is the same as before once, and a stage again after a trial', async () => {
  const { at, stop, written } = started('plain');
  const stage: Event = { kind: 'stage', stage: 'build', detail: '' };
  await at(0, stage, stage, trial('linux/amd64', 'building'), stage);
  await at(0, trial('linux/amd64', 'done', 'no', false), trial('linux/arm64', 'done', 'no', false));
  stop();
  expect(written()).toBe(`\
   0.0s  build
   0.0s  greeter  linux/amd64  building
   0.0s  build
   0.0s  greeter  linux/amd64  ✘ done  no
   0.0s  greeter  linux/arm64  ✘ done  no
`);
});

test('plain says of a trial that passed by itself that it failed after all', async () => {
  const { at, stop, written } = started('plain');
  const [amd, arm] = ['linux/amd64', 'linux/arm64'] as const;
  await at(0, trial(amd, 'done', '', true), trial(arm, 'done', 'no', false));
  await at(0, trial(amd, 'done', 'a file is empty', false), trial(arm, 'done', 'nor this', false));
  stop();
  expect(written()).toBe(`\
   0.0s  greeter  linux/amd64  ✔ done
   0.0s  greeter  linux/arm64  ✘ done  no
   0.0s  greeter  linux/amd64  ✘ failed after all  a file is empty
   0.0s  greeter  linux/arm64  ✘ done  nor this
`);
});

test('plain counts from its beginning, and waits for each registry in a line', async () => {
  const { at, stop, written } = started('plain');
  await at(1_000, lag(1_000), { ...lag(1_000), registry: 'quay.io' } as Event, lag(1_000));
  await at(1_000, { kind: 'wait', registry: 'ghcr.io', duration: 1_100 });
  stop();
  expect(written()).toBe(`\
   1.0s  waiting up to 60 s until ghcr.io serves what was pushed
   1.0s  waiting up to 60 s until quay.io serves what was pushed
   1.0s  waiting 2 s, as ghcr.io asks
`);
});

test.each([
  [[0], '1m 00s, no output'],
  [[29_999], '1m 00s, no output for 30s'],
  [[30_000], '1m 00s, no output for 30s'],
  [[30_001], '1m 00s'],
])('plain says of a build that wrote something at %j ms: %s', async (times, words) => {
  const { at, stop, written } = started('plain');
  await at(0, trial('linux/amd64', 'building'));
  for (const now of times) await at(now, said('a line'));
  await at(60_000);
  stop();
  expect(written().split('\n')[1]).toBe(` 1m 00s  greeter  linux/amd64  building  (${words})`);
});

test('plain says of a step that it wrote nothing, whatever the step before it wrote', async () => {
  const { at, stop, written } = started('plain');
  await at(0, trial('linux/amd64', 'building', 'one'), said('a line'));
  await at(20_000, said('a line'));
  await at(30_000, trial('linux/amd64', 'building', 'two'));
  await at(90_000);
  stop();
  expect(written().split('\n')[2]).toBe(
    ' 1m 30s  greeter  linux/amd64  building  two  (1m 00s, no output)',
  );
});

describe.each(['plain', 'groups'] as const)(
  '%s, where nothing was written for a minute',
  (kind) => {
    test('says what each trial under way does and for how long, once a minute', async () => {
      const { at, stop, written } = started(kind);
      await at(0, { kind: 'stage', stage: 'environment', detail: 'docker 28.0.4' });
      await at(
        63_000,
        trial('linux/amd64', 'testing', 'says its version'),
        trial('linux/s390x', 'building', '[build 3/4] RUN echo ##[error]'),
      );
      await at(122_000, trial('linux/s390x', 'building', '[build 3/4] RUN echo ##[error]'));
      await at(123_000);
      await at(150_000, trial('linux/amd64', 'done', '4 tests', true));
      await at(209_000);
      await at(210_000);
      await at(269_000);
      stop();
      expect(written()).toBe(`\
   0.0s  environment  docker 28.0.4
 1m 03s  greeter  linux/amd64  testing  says its version
 1m 03s  greeter  linux/s390x  building  [build 3/4] RUN echo ## [error]
 2m 03s  greeter  linux/amd64  testing  says its version  (1m 00s)
 2m 03s  greeter  linux/s390x  building  [build 3/4] RUN echo ## [error]  (1m 00s, no output)
 2m 30s  greeter  linux/amd64  ✔ done  4 tests
 3m 30s  greeter  linux/s390x  building  [build 3/4] RUN echo ## [error]  (2m 27s, no output)
`);
    });

    test('says of steps beside each other which one stands still', async () => {
      const { at, stop, written } = started(kind);
      const of = { image: 'greeter', platform: 'linux/s390x' };
      const output: Event = { kind: 'output', ...of, source: 'build', text: 'one' };
      await at(0, trial('linux/s390x', 'building', '[a 2/2] RUN hang'));
      await at(1_000, trial('linux/s390x', 'building', '[b 2/2] RUN make'));
      await at(50_000, output, { kind: 'remaining', ...of, step: '[a 2/2] RUN hang', age: 50_000 });
      await at(61_000);
      await at(121_000);
      await at(181_000, trial('linux/s390x', 'done', '4 tests', true));
      await at(250_000);
      stop();
      const lines = written().split('\n').slice(0, 6);
      expect(lines).toEqual([
        '   0.0s  greeter  linux/s390x  building  [a 2/2] RUN hang',
        '   1.0s  greeter  linux/s390x  building  [b 2/2] RUN make',
        ' 1m 01s  greeter  linux/s390x  building  [a 2/2] RUN hang  (1m 01s)',
        ' 2m 01s  greeter  linux/s390x  building  [a 2/2] RUN hang  (2m 01s, no output for 1m 11s)',
        ' 3m 01s  greeter  linux/s390x  ✔ done  4 tests',
        expect.not.stringContaining('RUN'),
      ]);
    });

    test('says which stage the run is in where no trial is under way', async () => {
      const { at, stop, written } = started(kind);
      await at(0, { kind: 'stage', stage: 'environment', detail: 'docker 28.0.4' });
      await at(60_000);
      await at(61_000, trial('linux/amd64', 'done', '4 tests', true));
      await at(121_000);
      await at(122_000, { kind: 'stage', stage: 'publish', detail: '' });
      await at(123_000, { kind: 'wait', registry: 'ghcr.io', duration: 5_000 });
      await at(183_000);
      stop();
      expect(written()).toBe(`\
   0.0s  environment  docker 28.0.4
 1m 00s  environment  docker 28.0.4  (1m 00s)
 1m 01s  greeter  linux/amd64  ✔ done  4 tests
 2m 02s  publish
 2m 03s  waiting 5 s, as ghcr.io asks
 3m 03s  publish  (1m 01s)
`);
    });

    test('says nothing more once it is stopped, and no longer waits', async () => {
      const { at, stop, written, sleeping } = started(kind);
      await at(0, trial('linux/amd64', 'building'));
      expect(sleeping()).toBe(true);
      stop();
      const text = written();
      await at(60_000);
      await at(120_000);
      expect(sleeping()).toBe(false);
      expect(written()).toBe(text);
    });
  },
);

describe('a warning before the build', () => {
  const warning: Event = { kind: 'warning', code: 'emulator-old', message: 'it is\u001b[2J old' };

  test.each(['plain', 'groups'] as const)('is a line, each time: %s', async (kind) => {
    const { at, stop, written } = started(kind);
    await at(0, warning, trial('linux/s390x', 'building'));
    stop();
    expect(written().split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^ {3}0\.0s {2}⚠ emulator-old {2}it is\S* old$/),
      '   0.0s  greeter  linux/s390x  building',
    ]);
    expect(written()).not.toContain(ESCAPE);
  });

  test('stands above the rows while the run goes on', async () => {
    const { at, stop, text } = started('live');
    const during = await at(0, warning, trial('linux/s390x', 'building'));
    expect(during.split('\n')).toEqual([
      expect.stringMatching(/^⚠ emulator-old {2}it is/),
      expect.stringContaining('linux/s390x'),
    ]);
    stop();
    expect(text()).not.toContain('emulator-old');
  });
});

describe('a trial that did not come to its tests', () => {
  const ended: Event = {
    ...{ kind: 'trial', image: 'greeter', platform: 'linux/amd64', phase: 'done' },
    ...{ ok: false, tried: false, detail: 'ghcr.io does not accept it' },
  };

  test.each([
    ['live', 'greeter   linux/amd64   · not tested: ghcr.io does not accept it'],
    ['plain', '0.0s  greeter  linux/amd64  · not tested: ghcr.io does not accept it'],
    ['groups', '0.0s  greeter  linux/amd64  · not tested: ghcr.io does not accept it'],
  ] as const)('is not tested, %s', async (kind, words) => {
    const { at, stop, written, text } = started(kind);
    await at(0, ended);
    stop();
    expect((kind === 'live' ? text() : written()).trim()).toBe(words);
  });
});

/** What GitHub's runner would obey in a log: commands outside of stop-commands. */
function obeyed(log: string): readonly string[] {
  const found: string[] = [];
  let token: string | undefined;
  for (const line of log.split(/\r\n|\r|\n/)) {
    const [, name = '', message = ''] = /^\s*::([^: ]+)[^:]*::(.*)$/.exec(line) ?? [];
    if (token !== undefined) {
      if (name === token) token = undefined;
    } else if (name === 'stop-commands') token = message;
    else if (name !== '') found.push(name);
    else if (line.includes('##[')) found.push(line);
  }
  return token === undefined ? found : [...found, 'still stopped'];
}

describe('groups', () => {
  test('the output of a trial is one group when the trial is done', async () => {
    const { at, stop, written } = started('groups');
    await at(0, trial('linux/amd64', 'building', '[2/3] RUN make'));
    await at(0, said('cc -o greeter\n10%\r100%\n'), said('in between', 'build', 'linux/arm64'));
    await at(1_000, said('greeter 1.2.3\n', 'test "says its version"'));
    await at(2_000, trial('linux/amd64', 'done', '1 test', true));
    stop();
    const log = written().replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'TOKEN');
    expect(log).toBe(`\
   0.0s  greeter  linux/amd64  building  [2/3] RUN make
   2.0s  greeter  linux/amd64  ✔ done  1 test
::group::Output of greeter linux/amd64 ✔
::stop-commands::TOKEN
— build
cc -o greeter
10%
100%
— test "says its version"
greeter 1.2.3
::TOKEN::
::endgroup::
::group::Output of greeter linux/arm64 (not finished)
::stop-commands::TOKEN
— build
in between
::TOKEN::
::endgroup::
`);
  });

  test('go where the caller folds them, each source with its name above what it wrote', () => {
    const folded: [string, string][] = [];
    const progress = createProgress({
      ...{ kind: 'groups', columns: () => 80, write: () => {} },
      clock: { ticks: () => 0, sleep: () => new Promise(() => {}) },
      group: (title, text) => folded.push([title, text]),
    });
    running = progress;
    for (const [text, source] of [
      ['one', 'build'],
      ['two\n', 'build'],
      ['three', 'a test'],
      ['four', 'build'],
    ] as const) {
      progress(said(text, source));
    }
    progress(trial('linux/amd64', 'done', '1 test'));
    progress(said('no', 'build', 'linux/arm64'));
    progress(trial('linux/arm64', 'done', 'no', false));
    progress(said('not', 'build', 'linux/s390x'));
    progress({ ...trial('linux/s390x', 'done'), ok: false, tried: false } as Event);
    progress(trial('linux/386', 'done', '1 test', true));
    progress.stop();
    expect(folded).toStrictEqual([
      ['Output of greeter linux/amd64 ✔', '— build\none\ntwo\n— a test\nthree\n— build\nfour\n'],
      ['Output of greeter linux/arm64 ✘', '— build\nno\n'],
      ['Output of greeter linux/s390x (not tested)', '— build\nnot\n'],
    ]);
  });

  test('each group has a token of its own', async () => {
    const { at, stop, written } = started('groups');
    await at(0, said('one'), said('two', 'build', 'linux/arm64'));
    stop();
    const tokens = [...written().matchAll(/^::stop-commands::(.+)$/gm)].map(([, token]) => token);
    expect(new Set(tokens).size).toBe(2);
  });

  test('of an output without end the end is kept', async () => {
    const { at, stop, written } = started('groups');
    for (let number = 0; number < 300; number += 1) await at(0, said(`${'x'.repeat(9_999)}\n`));
    await at(0, said('the last line\n'));
    stop();
    expect(written().length).toBeLessThan(1_100_000);
    expect(written()).toContain('… the beginning is left out\n');
    expect(written()).toContain('\nthe last line\n::');
  });

  test('whatever is written, the runner obeys nothing but our groups', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, async (one, other, third) => {
        const { at, stop, written } = started('groups');
        const own = { image: one, platform: other } as const;
        await at(
          0,
          { kind: 'stage', stage: one, detail: other },
          { kind: 'wait', registry: third, duration: 1 },
          { kind: 'trial', ...own, phase: 'building', detail: third },
          { kind: 'output', ...own, source: third, text: one },
          said(other, one),
          said(third, third),
          { kind: 'trial', ...own, phase: 'done', detail: one, ok: false },
        );
        stop();
        expect(obeyed(written())).toEqual(['group', 'endgroup', 'group', 'endgroup']);
      }),
    );
  });
});
