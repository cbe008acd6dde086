import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { TestResult } from '../../src/evidence/index.js';
import { leftovers, project, type Run, runIn } from './rig.js';

const NATIVE = 'linux/amd64';
const EMULATED = 'linux/arm64';

/** No two runs, of whatever tests, may share an image: who loads one removes it. */
const unique = () => `LABEL unique=${randomBytes(8).toString('hex')}`;

const DOCKERFILE = [
  'FROM busybox:1.37',
  'RUN echo "sailor:x:1234:1234:::/bin/sh" >> /etc/passwd && ln -s /usr /linked',
  'ENV GIVEN=by-image KEPT=by-image',
  'WORKDIR /home',
  'SHELL ["/bin/sh", "-e", "-c"]',
  'ENTRYPOINT ["/bin/echo", "the entrypoint ran"]',
  unique(),
].join('\n');

const TESTS = `
      - { name: shell, run: 'echo one; false; echo two', exit-code: 1, stdout: '\\Aone\\n\\z' }
      - { name: list, run: [echo, '$HOME', 'a  b'], stdout: '\\A\\$HOME a  b\\n\\z' }
      - { name: go patterns, run: 'echo HELLO; echo 42 >&2', stdout: '(?i)^hello[[:space:]]', stderr: '\\A[[:digit:]]{2}\\n\\z' }
      - { name: machine, run: uname -m, platforms: [linux/amd64], stdout: '^x86_64\\n$' }
      - { name: exit, run: [sh, -c, exit 42], exit-code: 42 }
      - { name: env, run: echo $GIVEN $KEPT, env: { GIVEN: 'by test, $HOME' }, stdout: '^by test, \\$HOME by-image\\n' }
      - { name: user by number, run: id -u; id -g, user: '4321:99', stdout: '\\A4321\\n99\\n\\z' }
      - { name: user by name, run: id -u, user: sailor, stdout: '\\A1234\\n\\z' }
      - { name: workdir of the image, run: [pwd], stdout: '\\A/home\\n\\z' }
      - { name: workdir, run: [pwd], workdir: /usr, stdout: '\\A/usr\\n\\z' }
      - { name: offline, run: 'ip -o link | grep -c .', network: none, stdout: '\\A1\\n\\z' }
      - name: mounts
        mounts:
          - data/file.txt:/mounted.txt
          - data:/data
          - data/file.txt:/not/there/yet/file.txt
          - data/file.txt:/tmp/file.txt
          - data/link:/followed
          - data/file.txt:/linked/file.txt
        run: |
          cat /mounted.txt /data/file.txt /data/sub/deep.txt /not/there/yet/file.txt /tmp/file.txt /followed /usr/file.txt
          readlink /data/link
          stat -c %a /tmp /data/tool /data/sub
          /data/tool
          echo changed > /data/file.txt
          echo new > /data/new.txt
        stdout: '\\A(a file\\n){2}deep\\n(a file\\n){4}file.txt\\n1777\\n755\\n750\\ntool ran\\n\\z'
      - { name: the first to go where memory ends, run: [cat, /proc/1/oom_score_adj], stdout: '\\A1000\\n\\z' }
      - { name: what another test wrote, run: [ls, /data], exit-code: 1 }
      - { name: nothing left of the image's own run, run: ':', stdout: '\\A\\z' }
      - { name: failed check, run: echo out; echo err >&2; exit 3, exit-code: 4, stdout: '^other$', stderr: err }
      - { name: no such program, run: [nope] }
      - name: on the host
        on: host
        run: |
          echo "$SEA_TRIAL_PLATFORM"
          docker run --rm --platform "$SEA_TRIAL_PLATFORM" --entrypoint uname "$SEA_TRIAL_IMAGE" -m
          test -n "$(ls "$SEA_TRIAL_LAYOUT/blobs/sha256")" && cat "$SEA_TRIAL_LAYOUT/oci-layout"; echo
          skopeo inspect --format '{{.Architecture}}' "oci:$SEA_TRIAL_LAYOUT"
          test -f data/file.txt && pwd
          env | grep -c GITHUB_TOKEN_FOR_TEST
        exit-code: 1
      - { name: host folder, on: host, workdir: data, run: [cat, file.txt], stdout: '\\Aa file\\n\\z' }
`;

const CONFIG = `
platforms: [${NATIVE}, ${EMULATED}]
images:
  - name: acme.test/inside
    tests:${TESTS}
  - name: acme.test/limits
    build: { dockerfile: limits.Dockerfile }
    tests:
      - { name: emulated takes longer, run: sleep 6, timeout: 4s }
      - { name: host leaves a daemon, on: host, platforms: [${NATIVE}], run: 'setsid sleep 600 & true', timeout: 3s }
      - { name: host hangs with children, on: host, platforms: [${NATIVE}], run: 'sleep 600 & sleep 600; echo no', timeout: 1s }
  - name: acme.test/brief
    build: { dockerfile: brief.Dockerfile }
  - name: acme.test/long
    build: { dockerfile: long.Dockerfile }
`;

async function runOnce(): Promise<{ readonly folder: string; readonly run: Run }> {
  const folder = await project({
    'sea-trial.yml': CONFIG,
    Dockerfile: DOCKERFILE,
    'limits.Dockerfile': `FROM busybox:1.37\n${unique()}`,
    'brief.Dockerfile': `FROM busybox:1.37\nCMD ["sh", "-c", "exit 7"]\n${unique()}`,
    'long.Dockerfile': `FROM busybox:1.37\nCMD ["sleep", "600"]\n${unique()}`,
    'data/file.txt': 'a file\n',
    'data/sub/deep.txt': 'deep\n',
    'data/tool': '#!/bin/sh\necho tool ran\n',
  });
  await fs.symlink('file.txt', join(folder, 'data', 'link'));
  await fs.chmod(join(folder, 'data', 'tool'), 0o755);
  await fs.chmod(join(folder, 'data', 'sub'), 0o750);
  const env = { GITHUB_TOKEN_FOR_TEST: 'x' };
  return { folder, run: await runIn(folder, ['--grant', 'mounts'], { env }) };
}

function resultsOf({ evidence }: Run, image: string, platform: string) {
  const trial = evidence?.trials.find((one) => one.image === image && one.platform === platform);
  return new Map(trial?.tests.map((result) => [result.name, result]));
}

const ended = ({ outcome, reason }: Partial<TestResult> = {}) => ({ outcome, reason });

test('tests inside the image, on its platform, as they were written', async () => {
  const { folder, run } = await runOnce();
  for (const platform of [NATIVE, EMULATED]) {
    const results = resultsOf(run, 'inside', platform);
    const failing = [...results.values()].filter(({ outcome }) => outcome !== 'passed');
    expect(failing.map(({ name, outcome, reason }) => [platform, name, outcome, reason])).toEqual([
      [platform, 'failed check', 'failed', 'exit 3, expected 4; stdout does not match /^other$/'],
      [
        platform,
        'no such program',
        'failed',
        'could not be executed: exec: "nope": executable file not found in $PATH',
      ],
    ]);
    expect(results.has('machine')).toBe(platform === NATIVE);
    const host = results.get('on the host')?.stdout.text.split('\n') ?? [];
    expect(host).toEqual([
      platform,
      platform === NATIVE ? 'x86_64' : 'aarch64',
      expect.stringContaining('"imageLayoutVersion":"1.0.0"'),
      platform.replace('linux/', ''),
      await fs.realpath(folder),
      '0',
      '',
    ]);
    expect(run.evidence?.findings).toContainEqual(
      expect.objectContaining({
        code: 'cannot-execute',
        subject: { image: 'inside', platform, test: 'no such program' },
      }),
    );
  }

  // What tests wrote stayed in their containers.
  expect(await fs.readFile(join(folder, 'data', 'file.txt'), 'utf8')).toBe('a file\n');
  expect(await fs.readdir(join(folder, 'data'))).not.toContain('new.txt');

  const slow = (platform: string) => resultsOf(run, 'limits', platform);
  expect(ended(slow(NATIVE).get('emulated takes longer'))).toEqual({
    outcome: 'failed',
    reason: 'did not end within 4 s (timeout: 4s)',
  });
  expect(ended(slow(EMULATED).get('emulated takes longer'))).toEqual({ outcome: 'passed' });
  expect(ended(slow(NATIVE).get('host hangs with children'))).toEqual({
    outcome: 'failed',
    reason: 'did not end within 1 s (timeout: 1s)',
  });

  expect(ended(slow(NATIVE).get('host leaves a daemon'))).toEqual({ outcome: 'passed' });

  for (const image of ['brief', 'long']) {
    for (const platform of [NATIVE, EMULATED]) {
      expect(ended(resultsOf(run, image, platform).get('starts'))).toEqual({ outcome: 'passed' });
      expect(run.evidence?.findings).toContainEqual(
        expect.objectContaining({
          code: 'started-only',
          severity: 'warning',
          subject: { image, platform, test: 'starts' },
        }),
      );
    }
  }
  expect(run.code).toBe(1);
  expect(await leftovers(run.evidence)).toEqual([]);
}, 180_000);

test('a test has its time for the copying of its mounts, too', async () => {
  const folder = await project({
    'sea-trial.yml': [
      `platforms: [${NATIVE}]`,
      'images:',
      '  - name: ghcr.io/acme/copies',
      '    tests: [{ name: much, run: "true", mounts: ["much:/much"], timeout: 1s }]',
    ].join('\n'),
    Dockerfile: `FROM busybox:1.37\n${unique()}\n`,
    '.dockerignore': '*\n',
  });
  // It has no blocks, and takes longer than a second to be sent through a pipe.
  await fs.writeFile(join(folder, 'much'), '');
  await fs.truncate(join(folder, 'much'), 8 * 1024 ** 3);
  const run = await runIn(folder);
  const [result] = run.evidence?.trials[0]?.tests ?? [];
  expect(result).toMatchObject({
    outcome: 'errored',
    cause: 'environment',
    reason: expect.stringContaining('could not be copied into its container within 1s'),
  });
  expect(result?.duration).toBeLessThan(15_000);
  expect(run.code).toBe(3);
  expect(await leftovers(run.evidence)).toEqual([]);
}, 60_000);

test('--parallel 1: builds one after the other, and tests too', async () => {
  const lock = 'mkdir lock && sleep 0.3 && rmdir lock';
  const images = ['one', 'two'].flatMap((name) => [
    `  - name: ghcr.io/acme/${name}`,
    `    build: { args: { NAME: ${name} } }`,
    '    tests:',
    ...['first', 'second'].map((test) => `      - { name: ${test}, on: host, run: ${lock} }`),
  ]);
  const folder = await project({
    'sea-trial.yml': [`platforms: [${NATIVE}]`, 'images:', ...images].join('\n'),
    Dockerfile: `FROM busybox:1.37\n${unique()}\nARG NAME\nRUN echo $NAME > /id\nCMD ["true"]\n`,
  });
  const run = await runIn(folder, ['--parallel', '1']);
  expect(run.evidence?.trials.flatMap(({ tests }) => tests.map(ended))).toEqual(
    Array.from({ length: 4 }, () => ({ outcome: 'passed' })),
  );
  const builds = (run.evidence?.trials ?? []).map(({ build }) => ({
    from: Date.parse(build?.started ?? ''),
    to: Date.parse(build?.started ?? '') + (build?.duration ?? 0),
  }));
  const [first, second] = builds.sort((a, b) => a.from - b.from);
  // Both are in whole milliseconds.
  expect(second?.from).toBeGreaterThanOrEqual((first?.to ?? Number.NaN) - 1);
});
