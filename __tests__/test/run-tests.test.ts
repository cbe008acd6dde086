import { describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { createBackgroundTasks } from '../../src/engine/background-tasks.js';
import { EngineError } from '../../src/engine/index.js';
import {
  createRedactor,
  type ImageFacts,
  type PlannedTest,
  type TestProgram,
} from '../../src/evidence/index.js';
import { realPorts } from '../../src/ports/index.js';
import { resultOf } from '../../src/test/result.js';
import { runTests } from '../../src/test/run-tests.js';
import { plannedImage, plannedTest } from '../plans.js';
import { engineThat, engineWith, quickClock } from './engine.js';

const order = (names: readonly string[]) => ({
  platform: 'linux/amd64',
  imageId: 'sha256:aa',
  image: { shell: [] } as unknown as ImageFacts,
  labels: {},
  planned: plannedImage({ tests: names.map((name) => plannedTest({ name })) }),
  emulated: false,
  programOf: () => undefined,
  root: '/',
  layout: async () => '/layout',
});

const redactor = createRedactor();

test('all tests have ended, and their containers are known, before an error is passed on', async () => {
  const { engine, asked } = engineWith({});
  let started = 0;
  const faulty = engineThat({
    ...engine,
    async create(spec) {
      started += 1;
      if (started === 1) throw new TypeError('a fault of ours');
      await new Promise((resolve) => setTimeout(resolve, 50));
      return engine.create(spec);
    },
  });
  const background = createBackgroundTasks();
  const tools = {
    engine: faulty,
    ports: realPorts(),
    limit: pLimit(2),
    later: (removal: () => Promise<void>) => background.add(removal()),
    redactor,
    listen() {},
  };
  await expect(runTests(order(['one', 'two']), tools)).rejects.toThrow('a fault of ours');
  expect(await background.settled()).toEqual([]);
  expect(asked).toEqual(['start c1', 'remove c1']);
});

test('a client that could not be started is the surroundings’ fault, and no exit 0 of the program', async () => {
  const { engine } = engineWith({});
  const busy = engineThat({
    ...engine,
    start: (container) => ({
      ...engine.start(container),
      ended: Promise.resolve({ code: null, signal: null, notStarted: 'EAGAIN' }),
    }),
  });
  const background = createBackgroundTasks();
  const tools = {
    engine: busy,
    ports: realPorts(),
    limit: pLimit(2),
    later: (removal: () => Promise<void>) => background.add(removal()),
    redactor,
    listen() {},
  };
  const { tests } = await runTests(order(['one']), tools);
  expect(tests).toMatchObject([
    { outcome: 'errored', reason: 'The docker client could not be started: EAGAIN.' },
  ]);
});

test.each([
  ['one byte each', 'x'.repeat(70_000), 65_536, true],
  ['three bytes each, none cut in two', '€'.repeat(30_000), 65_535, true],
  ['short', '€', 3, false],
])('of an output, so many bytes are kept: %s', (_, text, bytes, truncated) => {
  const output = { text, bytes: Buffer.byteLength(text), truncated: false };
  const ending = {
    exitCode: 0,
    timedOut: false,
    outOfMemory: false,
    stdout: output,
    stderr: output,
  };
  const { stdout } = resultOf(
    plannedTest(),
    ending,
    { milliseconds: 1, why: '' },
    {
      redactor,
      clock: { ticks: () => 0 },
    },
  );
  expect([Buffer.byteLength(stdout.text), stdout.truncated]).toEqual([bytes, truncated]);
  expect(text.endsWith(stdout.text)).toBe(true);
});

test.each<[string, TestProgram | undefined, boolean, number, string]>([
  ['emulated', { path: '/bin/sh', emulated: true }, true, 4, 'times 4 under emulation'],
  ['native', { path: '/bin/sh', emulated: false }, true, 1, '(timeout: 0.05s)'],
  ['unknown', undefined, true, 4, 'times 4 on a platform that is emulated'],
  ['unknown on a native platform', { path: '/x' }, false, 1, '(timeout: 0.05s)'],
])('the limit of time of a program: %s', async (_, program, emulated, factor, words) => {
  const { engine } = engineWith({ kills: 1 });
  const tools = {
    engine,
    ports: { ...realPorts(), clock: quickClock() },
    limit: pLimit(1),
    later() {},
    redactor,
    listen() {},
  };
  const asked = order([]);
  const planned = plannedImage({ tests: [plannedTest({ timeout: 50 })] });
  const { tests } = await runTests(
    { ...asked, planned, emulated, programOf: () => program },
    tools,
  );
  expect(tests[0]?.reason).toContain(`${(factor * 50) / 1000} s`);
  expect(tests[0]?.reason).toContain(words);
  expect(tests[0]?.program).toEqual(program);
});

test.each([
  ['its own limit, where that is shorter', 3_000, 3_000],
  ['five seconds', 60_000, 5_000],
])('a program that is only started is watched for %s', async (_, timeout, watched) => {
  const { engine } = engineWith({ kills: 1 });
  const clock = quickClock();
  const tools = {
    engine,
    ports: { ...realPorts(), clock },
    limit: pLimit(1),
    later() {},
    redactor,
    listen() {},
  };
  const { run: _run, ...start } = plannedTest({ kind: 'start', timeout });
  const planned = plannedImage({ tests: [start] });
  const { tests } = await runTests({ ...order([]), planned }, tools);
  expect(tests).toMatchObject([{ outcome: 'passed', kind: 'start' }]);
  expect(tests[0]).not.toHaveProperty('executed');
  expect(clock.slept[0]).toBe(watched);
});

test('what was not executed was not emulated', async () => {
  const { engine } = engineWith({ state: { error: 'exec: "/app": exec format error' } });
  const tools = {
    engine,
    ports: realPorts(),
    limit: pLimit(1),
    later() {},
    redactor,
    listen() {},
  };
  const program = { path: '/app', architecture: 'arm64', emulated: true };
  const asked = { ...order(['one']), emulated: true, programOf: () => program };
  const { tests } = await runTests(asked, tools);
  expect(tests).toMatchObject([{ cause: 'not-executable' }]);
  expect(tests[0]?.program).toEqual({ path: '/app', architecture: 'arm64' });
});

test('a user that the image does not have is looked for where it is named', async () => {
  const error = 'unable to find user app: no matching entries in passwd file';
  const { engine } = engineWith({ state: { error } });
  const tools = {
    engine,
    ports: realPorts(),
    limit: pLimit(1),
    later() {},
    redactor,
    listen() {},
  };
  const asked = order(['one', 'two']);
  const [one, two] = asked.planned.tests;
  if (one === undefined || two === undefined) throw new Error('two tests are asked for');
  const planned = { ...asked.planned, tests: [one, { ...two, user: 'app' }] };
  const { findings } = await runTests({ ...asked, planned }, tools);
  expect(findings.map(({ remedy }) => remedy)).toEqual([
    expect.stringContaining('or change USER, which names it'),
    expect.stringContaining('or change "user" of the test, which names it'),
  ]);
});

test('a test whose shell goes on behind a line that failed is noted, with what was executed', async () => {
  const { engine } = engineWith({});
  const tools = { engine, ports: realPorts(), limit: pLimit(2), later() {}, redactor, listen() {} };
  const run = { shell: 'false\ntrue' };
  const location = { file: 'sea-trial.yml', line: 3, column: 5 };
  const image = (shell: readonly string[]) => ({
    ...order([]),
    image: { shell } as unknown as ImageFacts,
    planned: plannedImage({ tests: [plannedTest({ run, location })] }),
  });
  const fish = await runTests(image(['/usr/bin/fish', '-c']), tools);
  expect(fish.tests).toMatchObject([
    { outcome: 'passed', executed: ['/usr/bin/fish', '-c', 'false\ntrue'] },
  ]);
  expect(fish.findings).toMatchObject([
    {
      code: 'lines-go-on',
      severity: 'note',
      subject: { test: 'works' },
      location,
      message: expect.stringContaining('/usr/bin/fish'),
    },
  ]);
  const { tests, findings } = await runTests(image([]), tools);
  expect(tests).toMatchObject([{ executed: ['/bin/sh', '-e', '-c', 'false\ntrue'] }]);
  expect(findings).toEqual([]);
});

describe('an interruption', () => {
  const INTERRUPTED = { outcome: 'not-run', reason: 'the run was interrupted' };

  async function interrupted(when: 'before' | 'during' | 'failing') {
    const stop = new AbortController();
    if (when === 'before') stop.abort();
    const { engine, asked } = engineWith({ state: { exitCode: 1 } });
    const ending = engineThat({
      ...engine,
      async inspect(container) {
        stop.abort();
        if (when === 'failing') throw new EngineError('failed', 'The client was ended.', '');
        return engine.inspect(container);
      },
    });
    const heard: unknown[] = [];
    const tools = {
      engine: ending,
      ports: realPorts(),
      limit: pLimit(1),
      later() {},
      redactor,
      listen: (event: unknown) => void heard.push(event),
      signal: stop.signal,
    };
    return { ...(await runTests(order(['one', 'two']), tools)), asked, heard };
  }

  test('before a test: it is not begun', async () => {
    const { tests, findings, asked, heard } = await interrupted('before');
    expect(tests).toMatchObject([INTERRUPTED, INTERRUPTED]);
    expect(tests.map(({ duration }) => duration)).toEqual([0, 0]);
    expect([findings, asked, heard]).toEqual([[], [], []]);
  });

  test.each(['during', 'failing'] as const)(
    'in a test (%s): it is no failure of it',
    async (when) => {
      const { tests, findings, heard } = await interrupted(when);
      expect(tests).toMatchObject([INTERRUPTED, INTERRUPTED]);
      expect(findings).toEqual([]);
      expect(heard).toEqual([
        {
          kind: 'trial',
          image: 'greeter',
          platform: 'linux/amd64',
          phase: 'testing',
          detail: 'one',
        },
      ]);
    },
  );
});

test('an engine that fails errs the test, and the others are run', async () => {
  const { engine } = engineWith({});
  let made = 0;
  const faulty = engineThat({
    ...engine,
    async create(spec) {
      made += 1;
      if (made === 1) throw new EngineError('failed', 'It is gone.', '');
      return engine.create(spec);
    },
  });
  const tools = {
    engine: faulty,
    ports: realPorts(),
    limit: pLimit(1),
    later() {},
    redactor,
    listen() {},
  };
  const { tests, findings } = await runTests(order(['one', 'two']), tools);
  expect(tests).toMatchObject([
    { name: 'one', outcome: 'errored', cause: 'environment', reason: 'It is gone.' },
    { name: 'two', outcome: 'passed', exitCode: 0, expectedExitCode: 0 },
  ]);
  expect(tests.every(({ started }) => !Number.isNaN(Date.parse(started ?? '')))).toBe(true);
  expect(findings.map(({ code, subject }) => [code, subject.test])).toEqual([
    ['test-errored', 'one'],
  ]);
});

test('tests of other platforms are not run', async () => {
  const { engine } = engineWith({});
  const tools = { engine, ports: realPorts(), limit: pLimit(1), later() {}, redactor, listen() {} };
  const tests = [
    plannedTest({ name: 'here', platforms: ['linux/amd64'] }),
    plannedTest({ name: 'elsewhere', platforms: ['linux/arm64'] }),
    plannedTest({ name: 'anywhere' }),
  ];
  const ran = await runTests({ ...order([]), planned: plannedImage({ tests }) }, tools);
  expect(ran.tests.map(({ name }) => name)).toEqual(['here', 'anywhere']);
});

describe('a test on the host', () => {
  async function onHost(exec: readonly string[], more: Partial<PlannedTest> = {}) {
    const tools = {
      engine: engineThat({}),
      ports: realPorts(),
      limit: pLimit(1),
      later() {},
      redactor,
      listen() {},
    };
    const planned = plannedImage({
      tests: [plannedTest({ kind: 'host', run: { exec }, ...more })],
    });
    const layout = async () => '/layout/of/its/own';
    const { tests } = await runTests({ ...order([]), planned, layout, root: '/' }, tools);
    return tests[0];
  }

  test('has the image in a layout of its own, and no container', async () => {
    const script = 'echo "$SEA_TRIAL_LAYOUT $SEA_TRIAL_IMAGE $SEA_TRIAL_PLATFORM"';
    const stdout = '^/layout/of/its/own sha256:aa linux/amd64$';
    expect(await onHost(['sh', '-c', script], { stdout })).toMatchObject({
      outcome: 'passed',
      executed: ['sh', '-c', script],
      exitCode: 0,
      expectedExitCode: 0,
    });
  });

  test('whose program is not there could not be executed', async () => {
    expect(await onHost(['./not-there'])).toMatchObject({
      outcome: 'failed',
      cause: 'not-executable',
    });
  });

  test('that a signal ended has its name', async () => {
    expect(await onHost(['sh', '-c', 'kill -SEGV $$'])).toMatchObject({
      outcome: 'failed',
      cause: 'signal',
      signal: 'SIGSEGV',
      exitCode: 139,
    });
  });
});
