// biome-ignore-all lint/suspicious/noTemplateCurlyInString: an argument of the Dockerfile.
import { expect, test } from '@jest/globals';
import { busybox } from './image-project.js';
import { leftovers, project, runIn } from './rig.js';

/* Builds that are others on each platform, through the engine. */

const DOCKERFILE = busybox('ARG ARCH', 'COPY ${ARCH}/name /name', 'CMD ["cat", "/name"]');

const FILES = {
  Dockerfile: DOCKERFILE,
  'amd64/name': 'built for amd64\n',
  'arm64/name': 'built for arm64\n',
};

const IMAGE = `images:
  - name: ghcr.io/acme/manager
    platforms: [linux/amd64, linux/arm64]
    build: { context: ., args: { ARCH: '{arch}' } }
    tests:
      - { name: has its own file, run: cat /name, stdout: '^built for {arch}$' }
`;

test('an argument is another one on each platform, and so is what a test expects', async () => {
  const run = await runIn(await project({ ...FILES, 'sea-trial.yml': IMAGE }));
  expect([run.code, run.stderr.match(/error/i)]).toEqual([0, null]);
  const { evidence } = run;
  expect(
    evidence?.trials.map(({ platform, tests }) => [
      platform,
      tests.map(({ name, outcome, stdout }) => [name, outcome, stdout.text]),
    ]),
  ).toEqual(
    ['amd64', 'arm64'].map((arch) => [
      `linux/${arch}`,
      [['has its own file', 'passed', `built for ${arch}\n`]],
    ]),
  );
  expect(evidence?.plan.images[0]?.perPlatform).toEqual({
    'linux/amd64': { args: { ARCH: 'amd64' } },
    'linux/arm64': { args: { ARCH: 'arm64' } },
  });
  expect(await leftovers(evidence)).toEqual([]);
});

test('a platform that got the file of another one fails, and only that', async () => {
  const swapped = { ...FILES, 'arm64/name': FILES['amd64/name'] };
  const run = await runIn(await project({ ...swapped, 'sea-trial.yml': IMAGE }));
  expect(run.code).toBe(1);
  expect(run.evidence?.trials.map(({ tests }) => tests.map(({ outcome }) => outcome))).toEqual([
    ['passed'],
    ['failed'],
  ]);
});
