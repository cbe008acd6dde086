import { describe, expect, test } from '@jest/globals';
import { buildpackFailure } from '../../../src/build/buildpack/failure.js';
import { buildpackImage, plannedBuildpack } from '../../plans.js';
import { atWork, DETECTED, DETECTED_VERBOSE, ended, finished, readOutput } from './output.js';

const order = { image: buildpackImage(), platform: 'linux/arm64' };

/** What pack's output comes to; pack itself always exits with 1. */
const failed = (...lines: readonly string[]) =>
  buildpackFailure(order, readOutput(...lines).progress, 1);

/** pack's own error, before any container has started. */
const refused = (said: string) => failed(`ERROR: failed to build: ${said}`);

describe('a buildpack that fails', () => {
  test('is named, with its own last lines', () => {
    expect(
      failed(
        ...DETECTED_VERBOSE,
        ...atWork('heroku/python@0.25.0', 'Installing Python'),
        ...finished('heroku/python@0.25.0'),
        ...atWork('heroku/procfile@4.0.0', '[Error: no process]', 'ERROR: line 3 is wrong'),
        'Timer: Builder ran for 8.53ms and ended at 2026-11-30T01:21:02Z',
        ...ended(51, 'failed to build: exit status 1'),
      ),
    ).toMatchObject({
      code: 'build-failed',
      subject: { image: 'greeter', platform: 'linux/arm64' },
      message: 'buildpack heroku/procfile 4.0.0 failed: exit status 1',
      detail: ['[Error: no process]', 'ERROR: line 3 is wrong'],
    });
  });

  test('is named where it is the only one, though the lifecycle does not tell', () => {
    const only = DETECTED.filter((line) => !line.startsWith('heroku/procfile'));
    expect(
      failed(...only, 'Python 3.99 is not offered', ...ended(51, 'failed to build: exit status 1')),
    ).toMatchObject({
      message: 'buildpack heroku/python 0.25.0 failed: exit status 1',
      detail: expect.arrayContaining(['Python 3.99 is not offered']),
    });
  });

  test('is one of those that take part where nothing tells which', () => {
    expect(failed(...DETECTED, ...ended(51, 'failed to build: exit status 1')).message).toBe(
      'one of the buildpacks heroku/python 0.25.0, heroku/procfile 4.0.0 failed: exit status 1',
    );
  });

  test('ends a build by its exit code where the creator is run without pack', () => {
    const image = buildpackImage({ build: plannedBuildpack({ flow: 'creator' }) });
    const { progress } = readOutput(
      ...DETECTED_VERBOSE,
      ...atWork('heroku/python@0.25.0'),
      'ERROR: failed to build: exit status 1',
    );
    expect(buildpackFailure({ ...order, image }, progress, 51).message).toBe(
      'buildpack heroku/python 0.25.0 failed: exit status 1',
    );
  });

  test('fails for want of space where it says so at its end, which is not the fault of the image', () => {
    const full = [...atWork('heroku/python@0.25.0', 'OSError: [Errno 28] No space left on device')];
    expect(
      failed(...DETECTED_VERBOSE, ...full, ...ended(51, 'failed to build: exit status 1')),
    ).toMatchObject({ code: 'engine-failed', message: expect.stringMatching(/disk is full/) });
  });

  test('may write as many errors as it likes: what counts is what the lifecycle says behind them', () => {
    const errors = Array.from({ length: 100 }, (_, at) => `ERROR: no match ${at}`);
    const finding = failed(
      ...DETECTED_VERBOSE,
      ...atWork('heroku/python@0.25.0', ...errors),
      ...ended(51, 'failed to build: exit status 1'),
    );
    expect(finding.message).toBe('buildpack heroku/python 0.25.0 failed: exit status 1');
    expect(finding.detail).toEqual(errors.slice(-20));
  });

  test('is the fault of an emulator that says so, and only where programs are emulated', () => {
    const { progress } = readOutput(
      ...DETECTED_VERBOSE,
      ...atWork('heroku/python@0.25.0', 'qemu: fatal: Illegal instruction'),
      ...ended(51, 'failed to build: exit status 1'),
    );
    expect(buildpackFailure({ ...order, emulated: true }, progress, 1).code).toBe(
      'platform-not-runnable',
    );
    expect(buildpackFailure(order, progress, 1).code).toBe('build-failed');
  });

  test('is the fault of an emulator that refuses tar, where that is known', () => {
    const { progress } = readOutput(
      ...DETECTED_VERBOSE,
      ...atWork('heroku/python@0.25.0', 'tar: f: Cannot open: Function not implemented'),
      ...ended(51, 'failed to build: exit status 2'),
    );
    const tarWords = 'Function not implemented';
    const codes = [{ emulated: true, tarWords }, { emulated: true }, { tarWords }].map(
      (emulation) => buildpackFailure({ ...order, ...emulation }, progress, 1).code,
    );
    expect(codes).toEqual(['platform-not-runnable', 'build-failed', 'build-failed']);
  });
});

describe('an application that no buildpack takes', () => {
  test('is said with what each buildpack answered, once each', () => {
    const finding = failed(
      '===> DETECTING',
      '======== Results ========',
      'fail: heroku/go@0.4.1',
      'skip: heroku/procfile@4.0.0',
      '======== Results ========',
      'fail: heroku/python@0.25.0',
      'skip: heroku/procfile@4.0.0',
      'ERROR: No buildpack groups passed detection.',
      'ERROR: Please check that you are running against the correct path.',
      ...ended(20, 'failed to detect: no buildpacks participating'),
    );
    expect(finding).toMatchObject({
      code: 'build-failed',
      message:
        'no buildpack of the builder (heroku/go 0.4.1, heroku/procfile 4.0.0, heroku/python 0.25.0) builds this application',
      remedy: expect.stringContaining('requirements.txt'),
      detail: [
        'fail: heroku/go 0.4.1',
        'skip: heroku/procfile 4.0.0',
        'fail: heroku/python 0.25.0',
      ],
    });
  });

  test('names five of many buildpacks', () => {
    const asked = Array.from({ length: 9 }, (_, at) => `fail: b/${at}@1.0`);
    const finding = failed('===> DETECTING', '======== Results ========', ...asked, ...ended(20));
    expect(finding.message).toMatch(/\(b\/0 1\.0, .*, b\/4 1\.0 and 4 more\)/);
  });

  test('is a failure of the buildpack that ended with an error when it looked at it', () => {
    expect(
      failed(
        '===> DETECTING',
        '======== Output: heroku/python@0.25.0 ========',
        'the pin cannot be read',
        '======== Results ========',
        'err:  heroku/python@0.25.0 (1)',
        'ERROR: No buildpack groups passed detection.',
        ...ended(21, 'failed to detect: buildpack(s) failed with err'),
      ),
    ).toMatchObject({
      code: 'build-failed',
      message:
        'buildpack heroku/python 0.25.0 failed with exit 1 while it looked at the application',
      detail: ['the pin cannot be read'],
    });
  });

  test('is no failure of those that looked at it without one, whatever a buildpack writes', () => {
    expect(
      failed(
        '===> DETECTING',
        '======== Output: b/one@1.0 ========',
        'err:  b/none@9.9 (7)',
        '======== Error: b/one@1.0 ========',
        'it is broken',
        '======== Output: b/two@2.0 ========',
        'so is this',
        '======== Results ========',
        'pass: b/fine@3.0',
        'err:  b/one@1.0 (1)',
        'err:  b/two@2.0',
        'fail: b/other@4.0',
        ...ended(21, 'failed to detect: buildpack(s) failed with err'),
      ),
    ).toMatchObject({
      message:
        'buildpack b/one 1.0, b/two 2.0 failed with exit 1 while it looked at the application',
      detail: ['err:  b/none@9.9 (7)', 'it is broken'],
    });
  });

  test('is a failure of a buildpack that has written nothing', () => {
    expect(
      failed(
        '===> DETECTING',
        '======== Results ========',
        'err:  b/one@1.0 (1)',
        ...ended(21, 'failed to detect: buildpack(s) failed with err'),
      ).detail,
    ).toStrictEqual([]);
  });

  test('is a failure of a buildpack also where nothing tells which', () => {
    expect(failed('===> DETECTING', ...ended(21, 'failed to detect: x'))).toMatchObject({
      code: 'build-failed',
      message: 'a buildpack failed while it looked at the application: failed to detect: x',
      remedy: 'Fix what the buildpack names in its output.',
    });
  });

  test('is said without names where none is known', () => {
    expect(failed('===> DETECTING', ...ended(20))).toMatchObject({
      message: 'no buildpack of the builder builds this application',
      detail: [],
    });
  });
});

describe('an exit code of the lifecycle', () => {
  test.each([
    [3, 'parse arguments', 'engine-failed', /^the lifecycle refuses how it was started: /],
    [92, 'failed to build: x', 'build-failed', /^an image extension failed: /],
    [102, 'failed to build: x', 'build-failed', /^an image extension failed: /],
    [11, 'set platform API: platform API version is incompatible', 'build-failed', /Platform API/],
    [12, 'set API for buildpack: incompatible', 'build-failed', /Buildpack API of a buildpack/],
    [22, 'failed to detect: x', 'build-failed', /could not be asked/],
    [32, 'failed to analyze: x', 'registry-failed', /images of the build/],
    [42, 'failed to restore: x', 'engine-failed', /earlier build/],
    [52, 'failed to build: x', 'build-failed', /does not take/],
    [62, 'failed to export: x', 'build-failed', /exported/],
    [91, 'failed to build: x', 'build-failed', /extension/],
    [137, '', 'engine-failed', /memory/],
    [99, 'something new', 'build-failed', /the build failed: something new/],
  ])('%s (%s) is %s', (status, said, code, words) => {
    const finding = failed('===> ANALYZING', ...ended(status, ...(said === '' ? [] : [said])));
    expect(finding).toMatchObject({ code, message: expect.stringMatching(words) });
  });
});

describe('what is told of a failure', () => {
  const image = buildpackImage({ location: { file: 'sea-trial.yml', line: 3 } });

  test('is the whole finding, at the line of its image', () => {
    const { progress } = readOutput(
      ...DETECTED_VERBOSE,
      ...atWork('heroku/python@0.25.0', 'one', 'two'),
      ...ended(51, 'failed to build: exit status 1'),
    );
    expect(buildpackFailure({ ...order, image }, progress, 1)).toStrictEqual({
      code: 'build-failed',
      severity: 'error',
      subject: { image: 'greeter', platform: 'linux/arm64' },
      message: 'buildpack heroku/python 0.25.0 failed: exit status 1',
      remedy: 'Fix what the buildpack names in its output.',
      location: { file: 'sea-trial.yml', line: 3 },
      detail: ['one', 'two'],
    });
    expect(buildpackFailure(order, progress, 1)).not.toHaveProperty('location');
  });

  test('are the last twenty lines, of the step or else of all', () => {
    const lines = Array.from({ length: 30 }, (_, at) => `line ${at}`);
    const before = failed(...lines, 'ERROR: failed to build: x');
    expect([before.message, before.detail]).toEqual(['the build failed: x', lines.slice(10)]);
    const within = failed('===> EXPORTING', ...lines, ...ended(62, 'failed to export: x'));
    expect([within.message, within.detail]).toEqual([
      'the image could not be exported: failed to export: x',
      lines.slice(10),
    ]);
  });

  test('is the last line where there is no error, and the exit code where that is all', () => {
    expect(failed('===> ANALYZING', 'it stands here').message).toBe(
      'the build failed: it stands here',
    );
    expect(failed('===> ANALYZING', ...ended(62)).message).toBe(
      'the image could not be exported: failed with status code: 62',
    );
  });

  test('is that a buildpack failed where none is known', () => {
    expect(failed('===> BUILDING', ...ended(51, 'failed to build: x')).message).toBe(
      'a buildpack failed: x',
    );
  });

  test('names no more than five of many buildpacks', () => {
    const taking = (count: number) => {
      const names = Array.from({ length: count }, (_, at) => `b/${at}  1.0`);
      return failed('===> DETECTING', ...names, '===> BUILDING', ...ended(51, 'x')).message;
    };
    expect(taking(5)).toBe(
      'one of the buildpacks b/0 1.0, b/1 1.0, b/2 1.0, b/3 1.0, b/4 1.0 failed: x',
    );
    expect(taking(6)).toContain('b/4 1.0 and 1 more failed: x');
  });

  test('is a full disk only where that is said at the end, or by the lifecycle', () => {
    const said = 'write /x: No space left on device';
    const code = (...log: readonly string[]) =>
      failed(
        ...DETECTED_VERBOSE,
        ...atWork('b/x@1', ...log),
        ...ended(51, 'failed to build: exit status 1'),
      );
    const behind = (count: number) => code(said, ...Array.from({ length: count }, () => 'more'));
    // Two of the last five lines are the errors of the lifecycle and of pack.
    expect([behind(2).code, behind(3).code]).toEqual(['engine-failed', 'build-failed']);
    expect(behind(0)).toMatchObject({
      message: "the engine's disk is full: exit status 1",
      remedy: "Free space on the engine's disk, then run again.",
    });
    expect(refused(said).code).toBe('engine-failed');
  });

  test.each([
    ['exec /cnb/lifecycle/creator: exec format error', 'platform-not-runnable'],
    ['exec creator: exec format error', 'platform-not-runnable'],
    ['exec /bin/sh: exec format error', 'build-failed'],
  ])('%s before any phase is %s', (said, code) => {
    expect(failed(said, ...ended(1)).code).toBe(code);
    expect(refused(said).code).toBe(code);
  });

  test('is not by the exit code of a step where pack tells none', () => {
    const { progress } = readOutput(...DETECTED, 'ERROR: failed to build: exit status 1');
    expect(buildpackFailure(order, progress, 51).message).toBe('the build failed: exit status 1');
    const image = buildpackImage({ build: plannedBuildpack({ flow: 'creator' }) });
    const ends = buildpackFailure({ ...order, image }, readOutput(...DETECTED).progress, undefined);
    expect(ends.message).toMatch(/^the build failed: /);
  });
});

describe('what the tools say themselves', () => {
  test.each([
    [
      'failed to fetch builder image: Error response from daemon: client version 1.38 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version',
      'engine-failed',
      /this pack speaks version 1\.38 of the Docker API/,
    ],
    [
      'failed to export: failed to write image to the following tags: [172.18.0.1:4000/n/s/app:built: PUT http://172.18.0.1:4000/v2/n/s/app/manifests/built: MANIFEST_INVALID: this repository takes one manifest, which stays]',
      'build-failed',
      /^a program that the build has started published another image before the lifecycle did$/,
    ],
    [
      "Builder 'heroku/builder:20' is incompatible with this version of pack",
      'build-failed',
      /no Platform API in common/,
    ],
    [
      "failed to fetch builder image 'index.docker.io/x/y:1': image 'index.docker.io/x/y:1' does not exist in registry: not found",
      'not-pulled',
      /does not exist/,
    ],
    [
      "invalid builder 'r.io/b@sha256:1': builder 'r.io/b@sha256:1' missing label 'io.buildpacks.builder.metadata' -- try recreating builder",
      'engine-failed',
      /^the engine's copy of the builder is incomplete/,
    ],
    [
      'failed to fetch builder image: no matching manifest for linux/arm64 in the manifest list entries',
      'not-pulled',
      /does not exist for this platform/,
    ],
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'engine-failed',
      /connection to the Docker engine/,
    ],
    ['invalid run-image: pull access denied for x', 'not-pulled', /credentials/],
    ['invalid run-image: toomanyrequests: You have reached your limit', 'not-pulled', /limits/],
    ['write /tmp/x: no space left on device', 'engine-failed', /disk is full/],
    [
      'getting run image: Get "http://127.0.0.1:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused',
      'registry-failed',
      /on this machine's loopback/,
    ],
    ['pull: GET https://x/: dial tcp 10.0.0.1:443: i/o timeout', 'registry-failed', /reached/],
    [
      'getting run image: Get "https://x/v2/": proxyconnect tcp: dial tcp 127.0.0.1:3128: connect: connection refused',
      'registry-failed',
      /^a proxy on this machine's loopback cannot be reached from the build: /,
    ],
    [
      'Error response from daemon: client version 1.99 is too new. Maximum supported API version is 1.51',
      'engine-failed',
      /^this pack speaks version 1\.99 of the Docker API, which the engine does not serve yet: /,
    ],
    [
      'unable to find a supported Platform API version',
      'build-failed',
      /^pack and the builder's lifecycle have no Platform API in common: /,
    ],
    ['GET https://x/: UNAUTHORIZED: no', 'not-pulled', /with the credentials there are: /],
    ['GET https://x/: unexpected status 403 Forbidden', 'not-pulled', /credentials there are: /],
    ['GET https://x/: MANIFEST_UNKNOWN', 'not-pulled', /the build needs does not exist: /],
    ['invalid builder: x', 'not-pulled', /^the builder or its run image cannot be used: /],
    ['failed to get run image: x', 'registry-failed', /^the lifecycle cannot use a registry: /],
    ['failed to resolve something else', 'build-failed', /the build failed: failed to resolve/],
  ])('%s', (said, code, words) => {
    expect(refused(said)).toMatchObject({ code, message: expect.stringMatching(words) });
  });

  test('a run image without the platform is told by the registry of it, whatever the exit code', () => {
    const said =
      'failed to initialize analyzer: getting run image: connect to repo store "r/run:1": no child with platform linux/arm64 in index r/run:1';
    for (const status of [1, 32]) {
      expect(failed('===> ANALYZING', ...ended(status, said))).toMatchObject({
        code: 'not-pulled',
        message: expect.stringMatching(/^an image that the build needs does not exist for this/),
      });
    }
  });

  test('a registry that the lifecycle cannot reach is not the fault of the image', () => {
    const said =
      'failed to initialize analyzer: validating registry read access: failed to ensure registry read access to 172.18.0.1:5000/app:1: Get "http://172.18.0.1:5000/v2/": dial tcp 172.18.0.1:5000: connect: connection refused';
    expect(failed('===> ANALYZING', ...ended(32, said))).toMatchObject({
      code: 'registry-failed',
      message: expect.stringContaining('172.18.0.1:5000'),
    });
  });

  test('a process type that the application does not have is named', () => {
    const said = "failed to export: tried to set worker to default but it doesn't exist";
    expect(failed('===> EXPORTING', ...ended(62, said))).toMatchObject({
      code: 'build-failed',
      message: 'the application has no process type "worker"',
    });
  });

  test('a lifecycle that cannot be executed is a platform that does not run here', () => {
    expect(failed('exec /cnb/lifecycle/creator: exec format error', ...ended(255))).toMatchObject({
      code: 'platform-not-runnable',
    });
    expect(
      failed(
        ...DETECTED_VERBOSE,
        ...atWork('b/x@1', 'exec /cnb/lifecycle/creator: exec format error'),
        ...ended(51, 'failed to build: exit status 1'),
      ).code,
    ).toBe('build-failed');
  });

  test('an output that ends without an error is a failure all the same', () => {
    expect(failed('===> ANALYZING')).toMatchObject({
      code: 'build-failed',
      message: 'the build failed: it ended without an error message',
    });
  });
});
