import { describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { createRedactor, type ImageFacts, type PlannedTest } from '../../src/evidence/index.js';
import { realPorts } from '../../src/ports/index.js';
import { containerOf, runInContainer } from '../../src/test/container.js';
import { kinds } from '../../src/test/kinds/index.js';
import { runTests } from '../../src/test/run-tests.js';
import { LABEL, metadata } from '../buildpacks/launcher-image.js';
import { buildpackImage, plannedTest } from '../plans.js';
import { engineWith, quickClock } from './engine.js';

const tested = {
  platform: 'linux/arm64',
  imageId: 'sha256:aa',
  image: { shell: ['/bin/ash', '-ec'] } as unknown as ImageFacts,
  labels: {},
  emulated: false,
  hasLauncher: true,
};

/** What a text writes to stderr before it does anything. */
const BEGINNING = '\u001esea-trial: the test begins\u001e';
const BEGINS = `printf '%s\\n' '${BEGINNING}' >&2\n`;

const bare = (more: Partial<PlannedTest>): PlannedTest => {
  const { run: _, ...rest } = plannedTest();
  return { ...rest, ...more };
};

describe('a test of an image with a launcher', () => {
  const launcher = '/cnb/lifecycle/launcher';

  test.each<[string, PlannedTest, object]>([
    [
      'that is a text is one word for the launcher, which starts bash',
      plannedTest({ run: { shell: 'a "$B"' } }),
      { entrypoint: launcher, arguments: [`${BEGINS}a "$B"`], env: {} },
    ],
    [
      'that is a text of several lines ends at the first one that fails',
      plannedTest({ run: { shell: 'a\nb\n' } }),
      { entrypoint: launcher, arguments: [`${BEGINS}set -e\na\nb\n`] },
    ],
    [
      'that is a text starts in its folder, for which the launcher has no ear',
      plannedTest({ run: { shell: 'a; b' }, workdir: "/it's" }),
      {
        entrypoint: launcher,
        arguments: [`${BEGINS}cd '/it'\\''s' || exit\na; b`],
        workdir: "/it's",
      },
    ],
    [
      'that is a list is executed as it is',
      plannedTest({ run: { exec: ['python', '-c', 'import app'] } }),
      { entrypoint: launcher, arguments: ['--', 'python', '-c', 'import app'], env: {} },
    ],
    [
      'that is a list starts in the folder that the launcher takes for the application’s',
      plannedTest({ run: { exec: ['a'] }, workdir: '/srv', env: { A: '1' }, user: 'u' }),
      {
        arguments: ['--', 'a'],
        env: { A: '1', CNB_APP_DIR: '/srv' },
        workdir: '/srv',
        user: 'u',
      },
    ],
    [
      'with a process type is what the image has by its name',
      bare({ process: 'worker' }),
      { entrypoint: '/cnb/process/worker', arguments: [] },
    ],
  ])('%s', (_, planned, spec) => {
    expect(containerOf(planned, tested)).toMatchObject(spec);
  });

  test('without a word of its own starts the default process', () => {
    const container = containerOf(bare({ kind: 'start' }), tested);
    expect(container).toMatchObject({ arguments: [] });
    expect(container.entrypoint).toBeUndefined();
  });
});

describe('what the launcher could not start', () => {
  async function endingOf(
    exitCode: number,
    stdout: string,
    hasLauncher = true,
    stderr = `${BEGINNING}\n`,
  ) {
    const { engine } = engineWith({ stdout, stderr, state: { exitCode } });
    return runInContainer(
      plannedTest(),
      { ...tested, hasLauncher },
      { timeout: 60_000, prepare: async () => {} },
      { engine, clock: quickClock(), later: (removal) => void removal() },
    );
  }
  const refused = (words: string) => `\u001b[31;1mERROR: \u001b[0mfailed to ${words}\n`;

  test.each([
    [
      82,
      'launch: path lookup: exec: "x": executable file not found in $PATH',
      'exec: "x": executable file not found in $PATH',
    ],
    [
      82,
      'launch: bash exec: no such file or directory',
      'exec /bin/bash: no such file or directory',
    ],
    [82, 'launch: direct exec: exec format error', 'exec: exec format error'],
    [
      82,
      'launch: determine start command: when there is no default process a command is required',
      'determine start command: when there is no default process a command is required',
    ],
    [
      11,
      "set platform API: platform API version '0.99' is incompatible with the lifecycle",
      "set platform API: platform API version '0.99' is incompatible with the lifecycle",
    ],
    [1, 'read metadata: permission denied', 'read metadata: permission denied'],
  ])('exit %s, %s', async (code, said, notStarted) => {
    expect(await endingOf(code, refused(said))).toMatchObject({ notStarted, exitCode: code });
  });

  test.each([
    ['another exit code', 1, refused('launch: path lookup: x'), true],
    ['words of a program of the application', 1, 'ERROR: failed to read the database\n', true],
    ['words in front of others', 82, `${refused('launch: x')}and more\n`, true],
    ['an image without a launcher', 82, refused('launch: x'), false],
  ])('is not told by %s', async (_, code, stdout, hasLauncher) => {
    expect((await endingOf(code, stdout, hasLauncher)).notStarted).toBeUndefined();
  });

  test.each([0, 1])('is a text whose shell a script of the image ended with %s', async (code) => {
    const ending = await endingOf(code, '', true, 'setting up\n');
    expect(ending).toMatchObject({
      notStarted:
        'a script that the image runs in each shell (.profile, profile.d or BASH_ENV) ended before the test began',
      stderr: { text: 'setting up\n' },
    });
  });

  test('is no text that says it has begun, which is in no output of it', async () => {
    const ending = await endingOf(0, 'out\n', true, `from a profile\n${BEGINNING}\nerr\n`);
    expect(ending.notStarted).toBeUndefined();
    expect(ending.stderr).toMatchObject({ text: 'from a profile\nerr\n', bytes: 19 });
  });

  test('says of a text that it needs a shell, which some images do not have', async () => {
    const ending = await endingOf(82, refused('launch: bash exec: no such file or directory'));
    const limit = { milliseconds: 60_000, why: '' };
    const redactor = { text: (text: string) => text };
    const tools = { redactor, clock: { ticks: () => 0 } };
    expect(kinds.command.judge(plannedTest(), ending, limit, tools)).toMatchObject({
      outcome: 'failed',
      cause: 'not-executable',
      reason:
        'could not be executed: exec /bin/bash: no such file or directory; a test written as text needs a shell in the image, one written as a list in JSON (["/greeter", "--version"]) does not',
    });
  });
});

test.each([
  [{ [LABEL]: metadata() }, 'there is no process type "none"; the image has web, worker'],
  [{}, 'there is no process type "none"; the image has none'],
])(
  'a process type that an image does not have is said with those that it has: %j',
  async (labels, said) => {
    const error = 'exec: "/cnb/process/none": stat /cnb/process/none: no such file or directory';
    const { engine } = engineWith({ state: { exitCode: 127, error } });
    const order = {
      ...tested,
      image: { shell: [], labels } as unknown as ImageFacts,
      planned: buildpackImage({ tests: [bare({ process: 'none' })] }),
      programOf: () => undefined,
      root: '/',
      layout: async () => '/layout',
    };
    const { tests, findings } = await runTests(order, {
      engine,
      ports: { ...realPorts(), clock: quickClock() },
      limit: pLimit(1),
      later: (removal) => void removal(),
      redactor: createRedactor(),
      listen() {},
    });
    expect(tests).toMatchObject([
      {
        outcome: 'failed',
        executed: ['/cnb/process/none'],
        reason: `could not be executed: ${said}`,
      },
    ]);
    expect(findings).toMatchObject([{ code: 'cannot-execute' }]);
  },
);
