import { describe, expect, test } from '@jest/globals';
import { type Code, finding, type Trial } from '../../src/evidence/index.js';
import { renderSummary, renderTerminal } from '../../src/report/index.js';
import { reportOf } from '../../src/report/model/index.js';
import {
  evidenceOf,
  output,
  plannedImage,
  publicationOf,
  testResult,
  trialOf,
} from '../evidence/sample.js';

const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x'];

/** A test that fails on three platforms and writes what `stderr` says there. */
function failing(stderr: (platform: string) => string) {
  const trials = platforms.map((platform) =>
    trialOf('greeter', platform, {
      tests: [
        testResult({
          outcome: 'failed',
          exitCode: 3,
          checks: [],
          stdout: output(''),
          stderr: output(stderr(platform)),
        }),
      ],
    }),
  );
  const findings = platforms.map((platform) =>
    finding('test-failed', { image: 'greeter', platform, test: 'says its version' }, 'it failed'),
  );
  const notPublished = 'a trial failed';
  return evidenceOf({
    trials,
    findings,
    publications: [{ image: 'greeter', notPublished, targets: [], served: [] }],
  });
}

describe('what reports show', () => {
  test('is one failed test where it failed alike on several platforms, with its code', () => {
    const evidence = failing(() => 'no such file\n');
    expect(renderTerminal(evidence, { colour: false })).toBe(`\
✘ greeter  failed on linux/amd64, linux/arm64 and linux/s390x; nothing    1m 58s
  was published

error  test-failed  greeter, linux/amd64, linux/arm64 (emulated), linux/s390x
  (emulated)
  test "says its version": exit 3, expected 0
    defined   sea-trial.yml:7:9
    stderr
      | no such file
  rerun: sea-trial run --only greeter
`);
    const summary = renderSummary(evidence);
    expect(summary.match(/<summary>✘ /g)).toHaveLength(1);
    expect(summary).toContain(
      '<b>greeter, linux/amd64, linux/arm64 (emulated), linux/s390x (emulated)</b>: <code>test-failed</code>',
    );
  });

  test('is every failed test that differs in more than the name of its platform', () => {
    const shownOf = (stderr: (platform: string) => string) => {
      const [image] = reportOf(failing(stderr)).images;
      return image?.failedTests.map((one) => one.platforms.map(({ platform }) => platform));
    };
    const sizes = ['4', '8', '16'];
    const size = (platform: string) => `${sizes[platforms.indexOf(platform)]} files\n`;
    expect(shownOf(size)).toEqual(platforms.map((platform) => [platform]));
    expect(shownOf((platform) => `no such file on ${platform}\n`)).toEqual([platforms]);
  });

  test('is found by looking at each finding as often, however many tests failed', () => {
    const readsOf = (count: number) => {
      const names = Array.from({ length: count }, (_, at) => `test ${at}`);
      let reads = 0;
      const trials = platforms.map((platform) =>
        trialOf('greeter', platform, {
          tests: names.map((name) => testResult({ name, outcome: 'failed' })),
        }),
      );
      const findings = platforms.flatMap((platform) =>
        names.map((name) => {
          const subject = {
            image: 'greeter',
            platform,
            get test() {
              reads += 1;
              return name;
            },
          };
          return finding('test-failed', subject, `${name} failed`);
        }),
      );
      const [image] = reportOf(evidenceOf({ trials, findings, publications: [] })).images;
      expect(image?.failedTests.map(({ name }) => name)).toStrictEqual(names);
      expect(image?.errors).toStrictEqual([]);
      return reads;
    };
    expect(readsOf(10)).toBeGreaterThan(0);
    expect(readsOf(40)).toBeLessThanOrEqual(4 * readsOf(10));
  });

  test('is the code of what was found about a test, and what to do', () => {
    const tests = [
      testResult({ outcome: 'failed', cause: 'not-executable', reason: 'no such file' }),
    ];
    const subject = { image: 'greeter', platform: 'linux/amd64', test: 'says its version' };
    const findings = [
      finding('lines-go-on', subject, 'it goes on'),
      finding('cannot-execute', subject, 'no such file', { remedy: 'Look at ENTRYPOINT.' }),
    ];
    const trials = [trialOf('greeter', 'linux/amd64', { tests })];
    const [image] = reportOf(evidenceOf({ trials, findings })).images;
    expect(image?.failedTests).toEqual([
      expect.objectContaining({ code: 'cannot-execute', remedy: 'Look at ENTRYPOINT.' }),
    ]);
  });

  test('is an error once where a program fits another platform and the layers are equal, too', () => {
    const where = { image: 'greeter', platform: 'linux/arm64', path: '/app' };
    const findings = [
      finding('arch-mismatch', where, '/app is for amd64.', { detail: ['a line'] }),
      finding('equal-layers', where, 'linux/arm64 has the same layers as linux/amd64.'),
      finding('equal-layers', { ...where, platform: 'linux/s390x' }, 'so has linux/s390x'),
    ];
    const shown = (severities = {}) =>
      reportOf(evidenceOf({ findings, publications: [], plan: { severities } })).findings.map(
        ({ finding: { code, detail }, platforms: on }) => [code, on, detail],
      );
    const other = ['equal-layers', ['linux/s390x'], undefined];
    expect(shown()).toEqual([
      [
        'arch-mismatch',
        ['linux/arm64'],
        ['a line', 'linux/arm64 has the same layers as linux/amd64.'],
      ],
      other,
    ]);
    // A warning does not stand for an error.
    expect(shown({ 'arch-mismatch': 'warning' })).toEqual([
      ['equal-layers', ['linux/arm64'], undefined],
      other,
      ['arch-mismatch', ['linux/arm64'], ['a line']],
    ]);
  });

  test.each<[string, string, string, readonly string[]]>([
    ['that it is not executable', 'program-not-executable', '/app', []],
    ['that no kernel starts it', 'program-unstartable', '/app', []],
    ['of another program', 'arch-mismatch', '/other', ['starts']],
  ])('is why a program could not be started, once: an error %s', (_, code, path, tests) => {
    const result = testResult({
      name: 'starts',
      kind: 'start',
      outcome: 'failed',
      cause: 'not-executable',
      reason: 'permission denied',
      program: { path: '/app', emulated: false },
    });
    const where = { image: 'greeter', platform: 'linux/amd64' };
    const findings = [
      finding(code as 'arch-mismatch', { ...where, path }, 'so it is'),
      finding('cannot-execute', { ...where, test: 'starts' }, 'permission denied'),
    ];
    const images = [plannedImage({ platforms: ['linux/amd64'] })];
    const trials = [trialOf('greeter', 'linux/amd64', { tests: [result] })];
    const evidence = evidenceOf({ images, trials, findings, publications: [] });
    const { images: shown, findings: all, verdict } = reportOf(evidence);
    expect(verdict).toBe('failed');
    expect(shown[0]?.failedTests.map(({ name }) => name)).toEqual(tests);
    expect(all.map(({ finding: one }) => one.code)).toEqual([
      code,
      ...(tests.length === 0 ? [] : ['cannot-execute']),
    ]);
    expect(renderTerminal(evidence, { colour: false })).toContain('so it is');
  });

  test('is the command that repeats those platforms, or all of them', () => {
    const on = (some: readonly string[], partial = false) => {
      const findings = some.map((platform) =>
        finding('arch-mismatch', { image: 'greeter', platform }, 'wrong'),
      );
      const report = reportOf(evidenceOf({ findings, publications: [], plan: { partial } }));
      return report.findings.map(({ rerun }) => rerun);
    };
    expect(on(['linux/arm64', 'linux/s390x'])).toEqual([
      'sea-trial run --only greeter@linux/arm64,greeter@linux/s390x',
    ]);
    expect(on(platforms)).toEqual(['sea-trial run --only greeter']);
    expect(on(platforms, true)).toEqual([
      'sea-trial run --only greeter@linux/amd64,greeter@linux/arm64,greeter@linux/s390x',
    ]);
  });

  test('is no command for what files of the checkout keep from being built', () => {
    const trials = platforms.map((platform) => {
      const { build: _build, image: _image, ...rest } = trialOf('greeter', platform);
      return { ...rest, notRun: 'a version is not offered' } as Trial;
    });
    const on = (code: Code, of: readonly Trial[], subject: object) => {
      const findings = [finding(code, { image: 'greeter', ...subject }, 'it is so')];
      const publications = [
        { image: 'greeter', notPublished: 'a trial failed', targets: [], served: [] },
      ];
      const report = reportOf(evidenceOf({ trials: of, findings, publications }));
      return [report.findings.map(({ rerun }) => rerun), report.reruns.length];
    };
    const platform = 'linux/arm64';
    expect(on('version-not-offered', trials, { platform })).toEqual([[undefined], 3]);
    expect(on('version-not-offered', trials, {})).toEqual([[undefined], 1]);
    expect(on('lock-disagrees', trials, {})).toEqual([[undefined], 1]);
    expect(on('not-pulled', trials, { platform })[1]).toBe(4);
    expect(on('not-pulled', trials, { platform })[0]).toEqual([
      'sea-trial run --only greeter@linux/arm64',
    ]);
    const built = platforms.map((one) => trialOf('greeter', one));
    expect(on('arch-mismatch', built, { platform })).toEqual([
      ['sea-trial run --only greeter@linux/arm64'],
      2,
    ]);
  });

  test('is one line for the tags of a repository, and every registry by its name', () => {
    const image = plannedImage({
      targets: [
        { repository: 'ghcr.io/acme/greeter', tags: ['1.2.3', '1.2', '1', 'latest'] },
        { repository: 'acme/greeter', tags: ['1.2.3', '1.2', '1', 'latest'] },
        { repository: 'quay.io/acme/greeter', tags: ['1.2.3'] },
      ],
    });
    const trials = platforms.map((platform) => trialOf('greeter', platform));
    const publication = publicationOf(image, trials);
    const evidence = evidenceOf({ images: [image], trials, publications: [publication] });
    const digest = publication.index?.digest;
    expect(renderTerminal(evidence, { colour: false })).toContain(`
  ghcr.io/acme/greeter:1.2.3@${digest}
    also tagged 1.2, 1 and latest
  acme/greeter:1.2.3@${digest}
    also tagged 1.2, 1 and latest
  quay.io/acme/greeter:1.2.3@${digest}
  What was tested is what ghcr.io, docker.io and quay.io serve: 3 of 3
  platforms, 9 tags in 3 repositories.
`);
    const summary = renderSummary(evidence);
    expect(summary).toContain(`\
\`\`\`text
ghcr.io/acme/greeter:1.2.3@${digest}
acme/greeter:1.2.3@${digest}
quay.io/acme/greeter:1.2.3@${digest}
\`\`\`

<code>ghcr.io/acme/greeter</code>, <code>acme/greeter</code> also tagged <code>1.2</code>, <code>1</code>, <code>latest</code>
`);
  });
});
