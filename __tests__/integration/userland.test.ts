import { beforeAll, describe, expect, test } from '@jest/globals';
import { sentences, unique } from './image-project.js';
import { project, type Run, rig, runIn, writeProof } from './rig.js';

/*
 * Images for linux/arm64 on an engine for linux/amd64, each a target of one Dockerfile. The
 * program `/proof` is always right: it is for arm64 and ends with 23.
 */

const PLATFORM = 'linux/arm64';
const RUNS = '{ name: runs, run: [/proof], exit-code: 23 }';

/** The digest of one platform's image, which no other platform has. */
async function digestOf(architecture: string): Promise<string> {
  const answer = await fetch(
    `http://${rig.get('SEA_TRIAL_HUB')}/v2/library/busybox/manifests/1.37`,
    {
      headers: {
        accept:
          'application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json',
      },
    },
  );
  const { manifests } = (await answer.json()) as {
    manifests: { digest: string; platform: { architecture: string } }[];
  };
  const found = manifests.find(({ platform }) => platform.architecture === architecture);
  if (found === undefined) throw new Error(`busybox:1.37 is not there for ${architecture}`);
  return found.digest;
}

const dockerfile = (pinned: string) =>
  [
    'FROM --platform=$BUILDPLATFORM busybox:1.37 AS tools',
    'RUN mkdir /out && for i in 1 2 3 4; do cp /bin/busybox /out/tool-$i; done',
    'FROM --platform=$BUILDPLATFORM busybox:1.37 AS wrong',
    'COPY proof /proof',
    'ENTRYPOINT ["/proof"]',
    `FROM busybox:1.37@${pinned} AS pinned`,
    'COPY proof /proof',
    'ENTRYPOINT ["/proof"]',
    'FROM wrong AS inherited',
    'ENTRYPOINT []',
    'CMD []',
    'FROM scratch AS bare',
    'COPY proof /proof',
    'ENTRYPOINT ["/proof"]',
    'FROM busybox:1.37 AS toolchain',
    'COPY proof /proof',
    'COPY --from=tools /out /opt/cross/bin',
    'FROM busybox:1.37 AS ordinary',
    'RUN ln -s ../bin/busybox /usr/bin/pwd',
    'COPY proof /proof',
    unique(),
  ].join('\n');

const image = (id: string, tests: string, target = id, foreign = '[]') =>
  [
    `  - name: acme.invalid/${id}`,
    `    platforms: [${PLATFORM}]`,
    `    build: { context: ., target: ${target} }`,
    `    foreign: ${foreign}`,
    `    tests: [${tests}]`,
  ].join('\n');

describe('a wrong userland', () => {
  let ended: Run;
  let pinned = '';
  beforeAll(async () => {
    pinned = await digestOf('amd64');
    const folder = await project({
      Dockerfile: dockerfile(pinned),
      'sea-trial.yml': [
        'publish: per-image',
        'images:',
        image('wrong', `${RUNS}, '/proof; test $? = 23'`),
        image('pinned', `"true"`),
        image('inherited', RUNS),
        image('bare', RUNS),
        image('toolchain', RUNS),
        image('ordinary', `${RUNS}, 'test "$(id -un)" = root', [pwd]`),
        image('permitted', RUNS, 'toolchain', "{ path: 'opt/cross/**', reason: a cross compiler }"),
        image('unused', RUNS, 'ordinary', "{ path: 'opt/no/**', reason: nothing }"),
      ].join('\n'),
    });
    await writeProof(folder, PLATFORM);
    ended = await runIn(folder);
    expect(ended.evidence ?? ended.stderr).toBe(ended.evidence);
  }, 120_000);

  const of = (id: string) =>
    ended.evidence?.findings
      .filter(({ code, subject }) => subject.image === id && /^(arch|foreign)-/.test(code))
      .map(({ code, severity, message, location, remedy }) => ({
        ...{ code, severity, message, line: location?.line, remedy },
      }));
  const isForAmd64 = `The base of the stage "STAGE" is for linux/amd64; the image is for ${PLATFORM}.`;

  test.each([
    ['wrong', 3, () => 'drop --platform=$BUILDPLATFORM from this FROM'],
    ['pinned', 6, () => 'pin the digest of the index, not that of linux/amd64 alone'],
    ['inherited', 3, () => 'drop --platform=$BUILDPLATFORM from this FROM'],
  ])('is an error with the line of the FROM that brings it: %s', (id, line, remedy) => {
    const message = isForAmd64.replace('STAGE', id);
    expect(of(id)).toEqual([
      { code: 'arch-mismatch', severity: 'error', message, line, remedy: remedy() },
    ]);
    const published = ended.evidence?.publications.find((one) => one.image === id);
    expect(published?.targets ?? []).toEqual([]);
  });

  test('is none where there is only a program, and in ordinary images', () => {
    expect(of('bare')).toEqual([]);
    expect(of('ordinary')).toEqual([]);
  });

  test('is none where foreign programs have a place of their own: a warning, or a note with the reason', () => {
    const count = '4 other ELF files are for amd64; the image is for linux/arm64.';
    expect(of('toolchain')).toMatchObject([{ severity: 'warning', message: count }]);
    const message = 'foreign: opt/cross/**, 4 files for amd64: a cross compiler';
    expect(of('permitted')).toMatchObject([{ code: 'foreign-files', severity: 'note', message }]);
    expect(of('unused')).toMatchObject([{ code: 'foreign-unused', severity: 'note' }]);
    expect(sentences(ended.stdout)).toContain(message);
  });

  test('what ran a test is in the evidence, and no test is called emulated that was not', () => {
    const ran = (id: string) =>
      ended.evidence?.trials
        .find((trial) => trial.image === id)
        ?.tests.map(({ outcome, program }) => [outcome, ...Object.values(program ?? {})]);
    expect(ran('wrong')).toEqual([
      ['passed', '/proof', 'arm64', true],
      ['passed', '/bin/busybox', 'amd64', false],
    ]);
    expect(ran('pinned')).toEqual([['passed', '/bin/busybox', 'amd64', false]]);
    expect(ran('ordinary')).toEqual([
      ['passed', '/proof', 'arm64', true],
      ['passed', '/bin/busybox', 'arm64', true],
      ['passed', '/bin/busybox', 'arm64', true],
    ]);
    expect(ended.code).toBe(1);
  });
});
