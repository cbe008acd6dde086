import { describe, expect, test } from '@jest/globals';
import { EngineError } from '../../src/engine/index.js';
import type { ImageFacts, PlannedTest } from '../../src/evidence/index.js';
import type { Clock } from '../../src/ports/index.js';
import { containerOf, runInContainer } from '../../src/test/container.js';
import { plannedTest } from '../plans.js';
import { engineWith, type Program, quickClock } from './engine.js';

const image = { shell: ['/bin/ash', '-ec'] } as unknown as ImageFacts;
const tested = {
  platform: 'linux/arm64',
  imageId: 'sha256:aa',
  image,
  labels: { run: '1' },
  emulated: false,
};

describe('the container of a test', () => {
  const plain = {
    image: 'sha256:aa',
    platform: 'linux/arm64',
    arguments: [],
    env: {},
    labels: { run: '1' },
  };

  test.each<[string, Partial<PlannedTest>, object]>([
    [
      "a text goes through the image's shell",
      { run: { shell: 'a b' } },
      { ...plain, entrypoint: '/bin/ash', arguments: ['-ec', 'a b'] },
    ],
    [
      'a list is executed as it is',
      { run: { exec: ['a', 'b c'] } },
      { ...plain, entrypoint: 'a', arguments: ['b c'] },
    ],
    [
      'everything else is handed on',
      { run: { exec: ['a'] }, env: { A: '1' }, user: 'u', workdir: '/w', network: 'none' },
      { ...plain, entrypoint: 'a', env: { A: '1' }, user: 'u', workdir: '/w', network: 'none' },
    ],
  ])('%s', (_, more, spec) => {
    expect(containerOf(plannedTest(more), tested)).toEqual(spec);
  });

  test('the image’s own program is started without a word', () => {
    const { run: _, ...start } = plannedTest({ kind: 'start' });
    expect(containerOf(start, tested)).toEqual(plain);
  });

  test('a text with several lines counts the file that the shell is', () => {
    const run = { shell: 'a\nb' };
    const ends = containerOf(plannedTest({ run }), tested);
    const goesOn = containerOf(plannedTest({ run }), { ...tested, shellFile: '/usr/bin/fish' });
    expect(ends.arguments).toEqual(['-e', '-ec', 'a\nb']);
    expect(goesOn.arguments).toEqual(['-ec', 'a\nb']);
  });

  test('where an image names no shell, it is /bin/sh', () => {
    const bare = { ...tested, image: { shell: [] } as unknown as ImageFacts };
    expect(containerOf(plannedTest(), bare)).toMatchObject({
      entrypoint: '/bin/sh',
      arguments: ['-c', 'true'],
    });
  });
});

/** A clock on which the limit of a test never comes. */
function unlimited(clock: Clock): Clock {
  const never = (signal?: AbortSignal) =>
    new Promise<void>((_, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason)),
    );
  return {
    ...clock,
    sleep: (time, signal) => (time === 700 ? never(signal) : clock.sleep(time, signal)),
  };
}

async function run(
  program: Program,
  signal?: AbortSignal,
  prepare: (container: string, signal: AbortSignal) => Promise<void> = async () => {},
  emulated = false,
  clock: Clock = program.blocked === undefined ? quickClock() : unlimited(quickClock()),
) {
  const world = engineWith(program);
  const removals: Promise<void>[] = [];
  const later = (removal: () => Promise<void>) => void removals.push(removal());
  const ending = runInContainer(
    plannedTest({ timeout: 700 }),
    { ...tested, emulated },
    { timeout: 700, prepare },
    { engine: world.engine, clock, later, signal },
  );
  const result = await ending.catch((error: unknown) => error);
  await Promise.all(removals);
  return { ...world, result };
}

const nothing = { text: '', bytes: 0, truncated: false };

describe('how a program in a container ended', () => {
  test.each<[string, Program, object]>([
    ['by itself', { state: { exitCode: 3 } }, { exitCode: 3, timedOut: false, outOfMemory: false }],
    [
      'for want of memory',
      { state: { exitCode: 137, outOfMemory: true } },
      { exitCode: 137, outOfMemory: true },
    ],
    [
      'before it began: runc does not find it',
      {
        stderr: 'Error response from daemon: …',
        state: {
          exitCode: 127,
          error:
            'failed to create task: runc create failed: exec: "x": executable file not found in $PATH',
        },
      },
      {
        notStarted: 'exec: "x": executable file not found in $PATH',
        exitCode: 127,
        timedOut: false,
        outOfMemory: false,
        stdout: nothing,
        stderr: nothing,
      },
    ],
    [
      'before it began: there is no such user',
      {
        state: {
          exitCode: 128,
          error: 'unable to find user x: no matching entries in passwd file',
        },
      },
      { notStarted: 'unable to find user x: no matching entries in passwd file' },
    ],
    [
      'before it began, in words with spaces around them',
      { state: { exitCode: 127, error: 'runc create failed: \nexec: "x": not found \n' } },
      { notStarted: 'exec: "x": not found' },
    ],
    [
      'before it began, in words without a reason behind the place where it stands',
      { state: { exitCode: 128, error: ' chdir /w: error during container init: ' } },
      { notStarted: 'chdir /w: error during container init:' },
    ],
    ...['name can\'t be empty: "=x"', 'value can\'t contain null(\\x00): "a=\\x00b"'].map(
      (words): [string, Program, object] => [
        `before it began: environment variable ${words}`,
        {
          state: {
            exitCode: 128,
            error: `failed to create task for container: OCI runtime create failed: runc create failed: unable to start container process: error during container init: environment variable ${words}`,
          },
        },
        { notStarted: `environment variable ${words}` },
      ],
    ),
    [
      'before it began: execve failed in the container',
      { stderr: 'exec /app: exec format error\n', state: { exitCode: 255 } },
      { notStarted: 'exec /app: exec format error' },
    ],
  ])('%s', async (_, program, expected) => {
    const { result, asked } = await run(program);
    expect(result).toMatchObject(expected);
    expect(asked).toEqual(['start c1', 'remove c1']);
  });

  test('a program that only speaks of exec was started', async () => {
    const { result } = await run({
      stdout: 'x',
      stderr: 'exec /app: exec format error\n',
      state: { exitCode: 1 },
    });
    expect(result).not.toHaveProperty('notStarted');
    const well = await run({ stderr: 'exec /app: exec format error\n', state: { exitCode: 0 } });
    expect(well.result).toMatchObject({ exitCode: 0 });
    expect(well.result).not.toHaveProperty('notStarted');
  });

  test.each([1, 3])('at its limit, after %d kills: no exit code counts', async (kills) => {
    const { result, asked } = await run({ kills, stdout: 'so far', state: { exitCode: 137 } });
    expect(result).toMatchObject({ timedOut: true, stdout: { text: 'so far' } });
    expect(result).not.toHaveProperty('exitCode');
    expect(asked).toEqual(['start c1', ...Array(kills).fill('kill c1'), 'remove c1']);
  });
});

describe('an image that the engine cannot unpack', () => {
  const layer = `sha256:${'9'.repeat(64)}`;
  const mount = '/var/lib/docker/containerd/daemon/tmpmounts/containerd-mount12';
  const unpacking = (words: string) => `failed to extract layer ${layer}: ${words}`;

  // Words of Docker 28.5.2 with the containerd store.
  test.each([
    ['a damaged gzip', unpacking('gzip: invalid checksum')],
    ['bytes behind the gzip', unpacking('gzip: invalid header')],
    ['a layer that is cut short', unpacking(`mount callback failed on ${mount}: unexpected EOF`)],
    ['no archive', unpacking(`mount callback failed on ${mount}: archive/tar: invalid tar header`)],
    [
      'a long extended header',
      unpacking(`mount callback failed on ${mount}: archive/tar: header field too long`),
    ],
    [
      'a damaged zstd',
      unpacking(`mount callback failed on ${mount}: reserved bit set on frame header`),
    ],
    [
      'a hard link to nothing',
      unpacking(
        `mount callback failed on ${mount}: link ${mount}/etc/x ${mount}/bin/x: no such file or directory`,
      ),
    ],
    ['other bytes than its diff_ids say', `wrong diff id calculated on extraction "${layer}"`],
  ])('for %s is at fault itself', async (_, words) => {
    const { result, asked } = await run({
      refused: `Error response from daemon: apply layer error for "": ${words}\n\nRun 'docker create --help' for more information`,
    });
    const told = words
      .replace(`mount callback failed on ${mount}: `, '')
      .replaceAll(`${mount}/`, '/');
    expect(result).toEqual({
      notStarted: `its layers cannot be unpacked: ${told}`,
      timedOut: false,
      outOfMemory: false,
      stdout: nothing,
      stderr: nothing,
    });
    expect(asked).toEqual([]);
  });

  test.each([unpacking('input/output error'), 'parent snapshot x does not exist'])(
    'for %s is not',
    async (words) => {
      const { result } = await run({ refused: words });
      expect(result).toBeInstanceOf(EngineError);
    },
  );
});

describe("what is the engine's fault is no result of a test", () => {
  test('a client that lost the container: exit code 0 of a running one means nothing', async () => {
    const { result, asked } = await run({ state: { running: true, exitCode: 0 } });
    expect(result).toBeInstanceOf(EngineError);
    expect(result).toMatchObject({
      code: 'failed',
      message: 'The Docker engine lost a container; it was still running.',
    });
    expect(asked).toEqual(['start c1', 'remove c1']);
  });

  test('a container that nothing ends', async () => {
    const { result, asked } = await run({ kills: 99, state: { running: true } });
    expect(result).toBeInstanceOf(EngineError);
    expect((result as Error).message).toBe(
      'The Docker engine did not stop a container after its time limit; it was still running.',
    );
    expect(asked).toEqual(['start c1', ...Array(6).fill('kill c1'), 'leave', 'remove c1']);
  });

  test('a container that nothing ends, whose program has died', async () => {
    const stderr = 'one\nqemu: uncaught target signal 11 (Segmentation fault) - core dumped\n';
    const program = { stderr, kills: 99, blocked: ['fffffffe7ffbfaff'], state: { running: true } };
    const { result } = await run(program, undefined, undefined, true);
    expect(result).toMatchObject({
      message:
        'The Docker engine did not stop a container after its time limit; it was still running.',
      said: stderr.trim(),
    });
  });

  test('a container that is lost: of its stderr the last five lines are told', async () => {
    const stderr = ['', 'a', 'b', 'c', 'd', 'e', 'f', ''].join('\n');
    const { result } = await run({ stderr, state: { running: true } });
    expect(result).toMatchObject({ said: 'b\nc\nd\ne\nf' });
  });

  test('a network that cannot be set up', async () => {
    const error = 'failed to set up container networking: network x not found';
    const { result } = await run({ state: { exitCode: 128, error } });
    expect(result).toMatchObject({
      code: 'failed',
      message: `The Docker engine could not start a container: ${error}`,
    });
  });

  test('files that could not be copied: it is not started', async () => {
    const failing = async () => {
      throw new EngineError('failed', 'no', '');
    };
    const { result, asked } = await run({}, undefined, failing);
    expect(result).toMatchObject({ message: 'no' });
    expect(asked).toEqual(['remove c1']);
  });

  test('files whose copying takes longer than the test may: it is ended, and not started', async () => {
    let ended = false;
    const endless = (_: string, signal: AbortSignal) =>
      new Promise<void>((_, reject) =>
        signal.addEventListener('abort', () => {
          ended = true;
          reject(signal.reason);
        }),
      );
    const { result, asked } = await run({}, undefined, endless);
    expect(result).toBeInstanceOf(EngineError);
    expect(result).toMatchObject({
      message: expect.stringContaining('copied into its container within 700ms'),
    });
    expect([ended, asked]).toEqual([true, ['remove c1']]);
  });
});

test('the time in which its files were copied is taken from that of the program', async () => {
  const clock = quickClock();
  let now = 0;
  const copying = async () => {
    now += 500;
  };
  const { result } = await run({ kills: 1 }, undefined, copying, false, {
    ...clock,
    ticks: () => now,
  });
  expect(result).toMatchObject({ timedOut: true, copying: 500 });
  expect(clock.slept).toContain(200);
});

test('an interruption ends it, whatever is left of its time', async () => {
  const { result, asked } = await run({ kills: 1 }, AbortSignal.abort('SIGINT'));
  expect(result).toMatchObject({ timedOut: false });
  expect(asked).toEqual(['start c1', 'kill c1', 'remove c1']);
});

describe('a program that dies by a signal', () => {
  const said = 'qemu: uncaught target signal 11 (Segmentation fault) - core dumped\n';
  const dead = ['fffffffe7ffbfaff'];
  const ended = (program: Program, emulated: boolean) =>
    run(program, undefined, undefined, emulated).then(({ result }) => result);

  test('is told by the exit code of its container', async () => {
    const result = await ended({ state: { exitCode: 139 } }, false);
    expect(result).toMatchObject({ exitCode: 139, signal: 'SIGSEGV' });
    expect(await ended({ state: { exitCode: 7 } }, false)).not.toHaveProperty('signal');
  });

  test('under emulation, and with it only the emulator: its container is ended at once', async () => {
    const result = await ended(
      { stderr: said, kills: 1, blocked: dead, state: { exitCode: 137 } },
      true,
    );
    expect(result).toMatchObject({ timedOut: false, exitCode: 139, signal: 'SIGSEGV' });
  });

  test('under emulation, without a word: at the limit of time', async () => {
    const program = { kills: 1, blocked: dead, state: { exitCode: 137 } };
    const { result } = await run(program, undefined, undefined, true, quickClock());
    expect(result).toMatchObject({ timedOut: false, signal: 'SIGSEGV' });
  });

  test('under emulation, on an engine that lists no signals: at the limit of time', async () => {
    const result = await ended({ stderr: said, kills: 1, state: { exitCode: 137 } }, true);
    expect(result).toMatchObject({ timedOut: true, signal: 'SIGSEGV' });
  });

  test('is not one that goes on when one that it has started died so', async () => {
    const program = { stderr: said, kills: 1, blocked: ['0'], state: { exitCode: 137 } };
    const { result } = await run(program, undefined, undefined, true, quickClock());
    expect(result).toMatchObject({ timedOut: true });
    expect(result).not.toHaveProperty('signal');
  });

  test('natively the words of an emulator mean nothing', async () => {
    const result = await ended({ stderr: said, kills: 1, state: { exitCode: 137 } }, false);
    expect(result).toMatchObject({ timedOut: true });
    expect(result).not.toHaveProperty('signal');
  });

  test("an emulator's own fault is told where programs are emulated, and nowhere else", async () => {
    const fault = 'qemu-aarch64: QEMU internal SIGSEGV {code=MAPERR, addr=0x20}';
    const program = { stderr: `${fault}\n`, state: { exitCode: 139 } };
    expect(await ended(program, true)).toMatchObject({ emulatorFault: fault });
    expect(await ended(program, false)).not.toHaveProperty('emulatorFault');
  });

  test('words of tar are its fault where it is known to refuse tar', async () => {
    const said = 'tar: f: Cannot open: Function not implemented';
    const program = { stderr: `${said}\n`, state: { exitCode: 2 } };
    const endedWith = async (emulation: object) => {
      const { engine } = engineWith(program);
      const limits = { timeout: 700, prepare: async () => {} };
      const subject = { ...tested, ...emulation };
      const tools = { engine, clock: unlimited(quickClock()), later: () => {}, signal: undefined };
      return runInContainer(plannedTest({}), subject, limits, tools);
    };
    const tarWords = 'Function not implemented';
    expect(await endedWith({ emulated: true, tarWords })).toMatchObject({ emulatorFault: said });
    for (const other of [{ emulated: true }, { emulated: false, tarWords }]) {
      expect(await endedWith(other)).not.toHaveProperty('emulatorFault');
    }
  });
});
