import { describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { EngineError } from '../../src/engine/index.js';
import { finding } from '../../src/evidence/index.js';
import { realPorts } from '../../src/ports/index.js';
import { plannedTest, planOf } from '../plans.js';
import { exportFor, trialOf } from './trial-rig.js';

const TO = { image: 'greeter', platform: 'linux/amd64' };
const ARM = { ...TO, platform: 'linux/arm64' };

const codes = ({ findings }: Awaited<ReturnType<typeof trialOf>>) =>
  findings.map(({ code, severity }) => `${severity} ${code}`);

const anEmulated = {
  built: exportFor('arm64'),
  input: {
    platform: ARM.platform,
    native: false,
    platformStatus: async () => ({ runs: true, emulated: true }),
    recheckPlatform: async () => ({}),
  },
};

const aborted = () => {
  const stop = new AbortController();
  return { stop, signal: stop.signal };
};

describe('a trial', () => {
  test('builds, inspects, loads and tests one and the same image', async () => {
    const { trial, findings, done, phases, did, specs, built, problems } = await trialOf();
    expect(findings).toEqual([]);
    expect(trial).toMatchObject({
      ...TO,
      emulated: false,
      built: { manifest: { digest: built.manifest.digest }, platform: 'linux/amd64' },
      contents: { programs: [{ path: '/bin/app' }] },
      loaded: { id: built.manifest.digest, digestOf: 'manifest' },
      tests: [{ name: 'works', outcome: 'passed' }],
    });
    expect(specs).toMatchObject([
      { image: built.manifest.digest, platform: 'linux/amd64', labels: { 'sea-trial.run': 'run' } },
    ]);
    expect(phases.map(({ phase }) => phase)).toEqual([
      'building',
      'inspecting',
      'loading',
      'testing',
      'done',
    ]);
    expect(done).toEqual({ kind: 'trial', ...TO, phase: 'done', ok: true });
    // The container goes before its image, and nothing stays.
    expect([did, problems]).toEqual([['load', 'remove the image'], []]);
  });

  test('knows the base that its Dockerfile names', async () => {
    const dockerfile = 'FROM debian:12\nCOPY app /bin/app\n';
    expect((await trialOf({ input: { dockerfile } })).trial.contents?.base).toBe('debian:12');
    expect((await trialOf()).trial.contents).not.toHaveProperty('base');
  });

  test('whose test fails is done, and not ok', async () => {
    const failed = await trialOf({ program: { state: { exitCode: 3 } } });
    expect(failed.trial.tests).toMatchObject([{ outcome: 'failed', reason: 'exit 3, expected 0' }]);
    expect(codes(failed)).toEqual(['error test-failed']);
    expect([failed.done?.ok, failed.done?.tried]).toEqual([false, undefined]);
  });

  test('whose only error is configured to be a warning is ok, and says that a test failed', async () => {
    const plan = planOf({ severities: { 'test-failed': 'warning' } });
    const { done } = await trialOf({ program: { state: { exitCode: 3 } }, context: { plan } });
    const detail = '1 of 1 test failed, which "checks" allows';
    expect(done).toMatchObject({ ok: true, detail });
  });

  test('whose build fails has the facts of the build and no test', async () => {
    const { trial, findings, specs, did, done } = await trialOf({ exit: 1 });
    expect(findings).toMatchObject([{ code: 'build-failed', subject: TO }]);
    expect(trial).toMatchObject({ ...TO, emulated: false, tests: [], build: { steps: [] } });
    expect([trial.built, trial.notRun, specs, did, done?.ok]).toEqual([
      undefined,
      undefined,
      [],
      [],
      false,
    ]);
  });

  test('whose build fails is not tested, also where that is no error', async () => {
    const plan = planOf({ severities: { 'build-failed': 'off' } });
    const { done } = await trialOf({ exit: 1, context: { plan } });
    expect(done).toMatchObject({ ok: false, tried: false, detail: 'no image was built' });
  });

  test('of an image for another platform is found before any test', async () => {
    const { findings } = await trialOf({ built: exportFor('arm64') });
    expect(findings.map(({ code }) => code)).toContain('config-platform');
  });

  test('that the registries forbid begins no build, and says why', async () => {
    const outcome = await trialOf({ notRun: 'ghcr.io/acme/greeter does not accept it' });
    expect(outcome.trial).toEqual({
      ...TO,
      emulated: false,
      notRun: 'ghcr.io/acme/greeter does not accept it',
      tests: [],
      duration: 0,
    });
    expect([outcome.commands, outcome.findings, outcome.done]).toEqual([
      [],
      [],
      {
        kind: 'trial',
        ...TO,
        phase: 'done',
        ok: false,
        tried: false,
        detail: 'ghcr.io/acme/greeter does not accept it',
      },
    ]);
  });
});

describe('native and emulated', () => {
  test('what the proof says of the platform is what the trial says', async () => {
    const { trial } = await trialOf(anEmulated);
    expect(trial).toMatchObject({ ...ARM, emulated: true, tests: [{ outcome: 'passed' }] });
    expect(trial.tests[0]?.program).toMatchObject({ emulated: true });
    const native = await trialOf();
    expect([native.trial.emulated, native.trial.tests[0]?.program?.emulated]).toEqual([
      false,
      false,
    ]);
  });

  test('a platform that is not the machine’s and runs natively all the same is native', async () => {
    const input = {
      ...anEmulated.input,
      platformStatus: async () => ({ runs: true, emulated: false }),
    };
    const { trial } = await trialOf({ ...anEmulated, input });
    expect([trial.emulated, trial.tests[0]?.program?.emulated]).toEqual([false, false]);
  });

  test.each<[string, object, boolean]>([
    ["a build for the engine's own platform", { native: true }, false],
    ['a build for another one', { native: false }, true],
    ['a builder none of whose nodes runs it', { nodes: [{ name: 'a', native: false }] }, true],
    [
      'a builder with one node that runs it',
      {
        native: false,
        nodes: [
          { name: 'a', native: false },
          { name: 'b', native: true },
        ],
        metadataFile: '/m',
      },
      false,
    ],
  ])('emulated builds wait for a turn of their own: %s', async (_, input, isEmulated) => {
    let turns = 0;
    const limit = pLimit(1);
    const emulatedBuilds = ((work: () => unknown) => {
      turns += 1;
      return limit(work);
    }) as typeof limit;
    await trialOf({ input, context: { emulatedBuilds } });
    expect(turns).toBe(isEmulated ? 1 : 0);
  });

  test('a platform that does not run here is not built, for its layers would be wrong', async () => {
    const input = {
      ...anEmulated.input,
      platformStatus: async () => ({ runs: false, emulated: true }),
    };
    const { trial, commands, done } = await trialOf({ ...anEmulated, input });
    const notRun = 'this machine cannot run linux/arm64';
    expect(trial).toEqual({ ...ARM, emulated: true, notRun, tests: [], duration: 0 });
    expect([commands, done?.detail]).toEqual([[], notRun]);
  });

  test("the machine's own platform is built before its proof is over, and not tested if that fails", async () => {
    const { trial, commands, specs } = await trialOf({
      input: { platformStatus: async () => ({ runs: false, emulated: false }) },
    });
    expect(trial).toMatchObject({ notRun: 'this machine cannot run linux/amd64', tests: [] });
    expect([commands.length, trial.build !== undefined, specs]).toEqual([1, true, []]);
  });

  const tarWords = 'Function not implemented';
  const tarSaid = `tar: f: Cannot open: ${tarWords}`;
  const refusing = {
    ...anEmulated.input,
    platformStatus: async () => ({ runs: true, emulated: true, tarWords }),
  };

  test.each<[string, object, string]>([
    ["the engine's own builder", { driver: 'docker' }, 'platform-not-runnable'],
    [
      'a builder in a container of the engine',
      {
        driver: 'docker-container',
        nodes: [{ name: 'a', native: false, endpoint: 'unix:///var/run/docker.sock' }],
      },
      'platform-not-runnable',
    ],
    [
      'a builder on another engine',
      { driver: 'docker-container', nodes: [{ name: 'a', native: false, endpoint: 'far' }] },
      'build-failed',
    ],
    [
      'a builder with one node on another engine',
      {
        driver: 'docker-container',
        nodes: [
          { name: 'a', native: false, endpoint: 'default' },
          { name: 'b', native: false, endpoint: 'ssh://far/default' },
        ],
        metadataFile: '/m',
      },
      'build-failed',
    ],
    [
      'a builder elsewhere',
      { driver: 'remote', nodes: [{ name: 'a', native: false, endpoint: 'unix:///far.sock' }] },
      'build-failed',
    ],
  ])(
    "a step in which tar fails is the emulator's fault where that was looked at: %s",
    async (_, builder, code) => {
      const step = { digest: 'a', name: '[2/2] RUN tar -xf x', started: '2026-01-01T00:00:00Z' };
      const logs = [{ vertex: 'a', data: Buffer.from(tarSaid).toString('base64') }];
      const failed = await trialOf({
        exit: 1,
        input: { ...refusing, ...builder },
        progress: [
          JSON.stringify({ vertexes: [step], logs }),
          JSON.stringify({ vertexes: [{ ...step, error: 'exit code: 2' }] }),
        ],
      });
      expect(codes(failed)).toEqual([`error ${code}`]);
    },
  );

  test('a test in which tar fails under such an emulator could not be run', async () => {
    const program = { state: { exitCode: 2 }, stderr: `${tarSaid}\n` };
    const old = await trialOf({ ...anEmulated, input: refusing, program });
    expect(old.trial.tests).toMatchObject([{ outcome: 'errored', cause: 'environment' }]);
    const other = await trialOf({ ...anEmulated, program });
    expect(other.trial.tests).toMatchObject([{ outcome: 'failed' }]);
  });

  test('an emulator that is gone is not held against the image', async () => {
    const lost = finding('platform-not-runnable', ARM, 'it is gone.');
    const program = { state: { exitCode: 255 }, stderr: 'exec /bin/app: exec format error\n' };
    const input = { ...anEmulated.input, recheckPlatform: async () => ({ lost }) };
    const gone = await trialOf({ ...anEmulated, input, program });
    expect(gone.trial.tests).toMatchObject([{ outcome: 'errored' }]);
    expect(codes(gone)).toEqual(['error test-errored']);
    // Natively the same words are about the image, and nothing is proved again.
    const native = await trialOf({ program });
    expect(native.trial.tests).toMatchObject([{ outcome: 'failed' }]);
  });
});

describe('the image that was tested', () => {
  const onHost = [plannedTest({ kind: 'host', run: { exec: ['true'] } })];

  test('is the one that was built, or no test of it counts', async () => {
    const engineId = `sha256:${'0'.repeat(64)}`;
    const outcome = await trialOf({ engineId, image: { tests: onHost } });
    expect(outcome.trial).toMatchObject({ loaded: { id: engineId }, tests: [] });
    expect(codes(outcome)).toEqual(['error tested-other-bytes']);
    expect(outcome.done?.ok).toBe(false);
  });

  test('is given to a test on the host as a layout that holds it alone', async () => {
    const digest = exportFor('amd64').manifest.digest;
    const holdsIt = `grep -qF ${digest} "$SEA_TRIAL_LAYOUT/index.json"`;
    const tests = [plannedTest({ kind: 'host', run: { exec: ['sh', '-c', holdsIt] } })];
    const { trial } = await trialOf({ image: { tests }, clock: realPorts().clock });
    expect(trial.tests).toMatchObject([{ outcome: 'passed' }]);
  });

  test('is not asked for again where the tests have said already that the engine is gone', async () => {
    const gone = (error: Error) => ({
      program: { refused: 'no such image' },
      engine: { imageId: () => Promise.reject(error) },
    });
    const error = new EngineError('failed', 'It is gone.', '');
    const outcome = await trialOf(gone(error));
    expect(outcome.trial).toMatchObject({ tests: [{ outcome: 'errored' }] });
    expect(outcome.trial).not.toHaveProperty('loaded');
    expect(codes(outcome)).toEqual(['error test-errored']);
    await expect(trialOf(gone(new TypeError('a fault of ours')))).rejects.toThrow(
      'a fault of ours',
    );
    // Where no test says it, the question that fails is a finding.
    const { engine } = gone(error);
    const silent = await trialOf({ engine, image: { tests: onHost } });
    expect(codes(silent)).toEqual(['error engine-failed']);
  });

  test('is shown by a container that was made of its id, so that nothing is asked again', async () => {
    const engineId = `sha256:${'0'.repeat(64)}`;
    for (const exitCode of [0, 3]) {
      const { trial, built } = await trialOf({ engineId, program: { state: { exitCode } } });
      expect(trial.loaded?.id).toBe(built.manifest.digest);
    }
  });

  test('is shown by one container, whatever other tests run elsewhere', async () => {
    const engineId = `sha256:${'0'.repeat(64)}`;
    const tests = [...onHost, plannedTest({ run: { exec: ['/bin/app'] } })];
    const { trial, built } = await trialOf({ engineId, image: { tests } });
    expect(trial.tests).toMatchObject([{ kind: 'host' }, { kind: 'command', outcome: 'passed' }]);
    expect(trial.loaded?.id).toBe(built.manifest.digest);
  });

  test('stays where a container of it could not be removed, which is told', async () => {
    const inUse = new EngineError('failed', 'It is in use.', '');
    const { did, problems, trial } = await trialOf({
      engine: { remove: () => Promise.reject(inUse) },
    });
    expect(trial.tests).toMatchObject([{ outcome: 'passed' }]);
    expect(did).toEqual(['load']);
    expect(problems).toContain(inUse);
  });

  const passed = {};
  const failed = { program: { state: { exitCode: 1 } } };
  const kept = ['name ghcr.io/acme/greeter:dev'];

  test.each([
    ['passed', 'passed', passed, kept],
    ['failed', 'passed', failed, []],
    ['passed', 'always', passed, kept],
    ['failed', 'always', failed, kept],
  ] as const)('that %s, with load: %s, has its names or not', async (_, load, more, names) => {
    const { did, trial } = await trialOf({ ...more, context: { load } });
    expect(did).toEqual(['load', ...names, 'remove the image']);
    expect(trial.loaded?.names).toEqual(
      names.length === 0 ? undefined : ['ghcr.io/acme/greeter:dev'],
    );
  });

  test('gets no name where an interruption left out one of its tests', async () => {
    const { stop, signal } = aborted();
    const exited = { running: false, exitCode: 0, outOfMemory: false, error: '' };
    let ended = 0;
    const engine = {
      async inspect() {
        ended += 1;
        if (ended === 2) stop.abort();
        return exited;
      },
    };
    const run = { exec: ['/bin/app'] };
    const tests = ['first', 'second'].map((name) => plannedTest({ name, run }));
    const context = { load: 'passed' } as const;
    const { trial, did } = await trialOf({ engine, signal, image: { tests }, context });
    expect(trial.tests.map(({ outcome }) => outcome)).toEqual(['passed', 'not-run']);
    expect(did).toEqual(['load', 'remove the image']);
  });

  test('keeps no name without load', async () => {
    expect((await trialOf()).trial.loaded?.names).toBeUndefined();
  });

  test.each([true, false])(
    'does not take the name of another repository in an untrusted run (%s)',
    async (untrusted) => {
      const name = 'ghcr.io/acme/greeter:dev';
      const loadedNames = {
        taken: async () => [{ name, image: 'sha256:x' }],
        record: async () => {},
      };
      const outcome = await trialOf({ context: { load: 'passed', untrusted, loadedNames } });
      expect(outcome.did.includes(`name ${name}`)).toBe(!untrusted);
      expect(codes(outcome)).toEqual(untrusted ? ['error name-taken'] : []);
      expect(outcome.findings.map(({ subject }) => subject)).toEqual(
        untrusted ? [{ ...TO, reference: name }] : [],
      );
    },
  );
});

const INTERRUPTED = 'the run was interrupted';

describe('an interruption', () => {
  test('before a build begins: nothing is built', async () => {
    const { trial, commands, done } = await trialOf({ signal: AbortSignal.abort() });
    expect(trial).toMatchObject({ notRun: INTERRUPTED, tests: [], emulated: false });
    expect([commands, done?.tried, done?.ok]).toEqual([[], false, false]);
  });

  test('while it is built: the build has not failed', async () => {
    const { stop, signal } = aborted();
    const { trial, findings } = await trialOf({
      exit: 1,
      signal,
      whileBuilding: () => stop.abort(),
    });
    expect([trial.notRun, trial.built, findings]).toEqual([INTERRUPTED, undefined, []]);
  });

  test('after it was built: what was built is told, and its tests were not run', async () => {
    const { stop, signal } = aborted();
    const outcome = await trialOf({ signal, whileBuilding: () => stop.abort() });
    expect(outcome.trial.built?.manifest.digest).toBe(outcome.built?.manifest.digest);
    expect(outcome.trial.tests.map(({ outcome: is }) => is)).toEqual(['not-run']);
    expect([outcome.done?.tried, outcome.done?.detail, outcome.done?.ok]).toEqual([
      false,
      INTERRUPTED,
      false,
    ]);
  });

  test('while the proof is awaited: the trial was not run, and does not fail', async () => {
    const { stop, signal } = aborted();
    const input = {
      ...anEmulated.input,
      platformStatus: async () => {
        stop.abort();
        throw new Error('ended');
      },
    };
    const { trial } = await trialOf({ ...anEmulated, input, signal });
    expect(trial).toEqual({ ...ARM, emulated: true, notRun: INTERRUPTED, tests: [], duration: 0 });
  });

  test('is no excuse for a fault of ours', async () => {
    const input = { platformStatus: () => Promise.reject(new TypeError('a fault of ours')) };
    await expect(trialOf({ input })).rejects.toThrow('a fault of ours');
  });
});

describe('an engine that fails', () => {
  test('is a finding, and its disk is free for the next trial', async () => {
    const released: string[] = [];
    const disk = {
      reserve: async () => ({
        landed: () => void released.push('landed'),
        release: () => void released.push('released'),
      }),
      untilOver: async () => {},
    };
    const outcome = await trialOf({
      program: { refused: 'no such image' },
      context: { disk },
    });
    expect(outcome.trial.tests).toMatchObject([{ outcome: 'errored' }]);
    expect(codes(outcome)).toEqual(['error test-errored']);
    expect(released).toEqual(['landed', 'released']);
  });

  test('during the load is a finding without a test, and a fault of ours is none of its', async () => {
    const take = (error: Error) => ({
      context: { loadedImages: { take: () => Promise.reject(error) } },
    });
    const outcome = await trialOf(take(new EngineError('failed', 'It is gone.', '')));
    expect(outcome.findings).toMatchObject([{ code: 'engine-failed', subject: TO }]);
    expect([outcome.trial.tests, outcome.trial.notRun]).toEqual([[], undefined]);
    await expect(trialOf(take(new TypeError('a fault of ours')))).rejects.toThrow(
      'a fault of ours',
    );
    const interrupted = take(new EngineError('failed', 'It is gone.', ''));
    const { stop, signal } = aborted();
    const ended = await trialOf({ ...interrupted, signal, whileBuilding: () => stop.abort() });
    expect([ended.findings, ended.trial.tests]).toEqual([[], []]);
    expect(ended.trial.notRun).toBe(INTERRUPTED);
    expect(ended.trial.built?.manifest.digest).toBe(ended.built.manifest.digest);
  });

  test('during the load leaves its disk to the next trial', async () => {
    const released: string[] = [];
    const disk = {
      reserve: async () => ({
        landed: () => void released.push('landed'),
        release: () => void released.push('released'),
      }),
      untilOver: async () => {},
    };
    const gone = new EngineError('failed', 'It is gone.', '');
    await trialOf({ context: { disk, loadedImages: { take: () => Promise.reject(gone) } } });
    expect(released).toEqual(['released']);
  });

  test('needs room for the layers, packed and unpacked', async () => {
    const needs: number[] = [];
    const disk = {
      reserve: async (need: number) => {
        needs.push(need);
        return { landed() {}, release() {} };
      },
      untilOver: async () => {},
    };
    const { trial } = await trialOf({ context: { disk } });
    const [layer] = trial.built?.layers ?? [];
    expect(needs).toEqual([(layer?.size ?? 0) + (layer?.uncompressedSize ?? 0)]);
  });
});
