import { describe, expect, test } from '@jest/globals';
import { type Finding, finding, type TestResult } from '../../src/evidence/index.js';
import { annotationsOf, renderSummary, renderTerminal } from '../../src/report/index.js';
import { groupFindings, reportOf } from '../../src/report/model/index.js';
import { evidenceOf, output, plannedImage, testResult, trialOf } from '../evidence/sample.js';

const where = { image: 'greeter', platform: 'linux/amd64' };

describe('findings of several platforms', () => {
  const subject = { ...where, test: 'a', tag: '1', path: '/a' };
  const one = finding('arch-mismatch', subject, 'it is so', { location: { file: 'a', line: 1 } });

  test.each<[string, Partial<Finding>]>([
    ['code', { code: 'equal-layers' }],
    ['severity', { severity: 'warning' }],
    ['image', { subject: { ...subject, image: 'other' } }],
    ['test', { subject: { ...subject, test: 'b' } }],
    ['tag', { subject: { ...subject, tag: '2' } }],
    ['path', { subject: { ...subject, path: '/b' } }],
    ['message', { message: 'it is not' }],
    ['line', { location: { file: 'a', line: 2 } }],
  ])('are two where they differ in their %s', (_, more) => {
    const other = { ...one, ...more };
    expect(groupFindings([one, other]).map((group) => group.finding)).toStrictEqual([one, other]);
  });

  test('are one where they differ in nothing but the platform and what is found there', () => {
    const other = { ...one, subject: { ...subject, platform: 'linux/arm64' }, detail: ['x'] };
    const { platform: _, ...general } = subject;
    expect(groupFindings([one, other, { ...one, subject: general }])).toStrictEqual([
      { finding: one, platforms: ['linux/amd64', 'linux/arm64'], place: 'a:1' },
    ]);
  });

  test('are one where a step of the build failed that names the platform it is for', () => {
    const on = (platform: string, words: string, code: 'build-failed' | 'go-main') =>
      finding(code, { ...where, platform }, words);
    const groups = (code: 'build-failed' | 'go-main', last = 'failed') =>
      groupFindings([
        on('linux/arm64', 'step RUN GOARCH=arm64 make failed', code),
        on('linux/s390x', `step RUN GOARCH=s390x make ${last}`, code),
      ]).map(({ platforms }) => platforms);
    expect(groups('build-failed')).toStrictEqual([['linux/arm64', 'linux/s390x']]);
    expect(groups('build-failed', 'ended')).toStrictEqual([['linux/arm64'], ['linux/s390x']]);
    // Of other findings the platform's name is what they tell.
    expect(groups('go-main')).toStrictEqual([['linux/arm64'], ['linux/s390x']]);
  });

  test('are told by their severity, and of one severity by the stage that finds them', () => {
    const codes = [
      'build-warning',
      'base-moved',
      'test-failed',
      'started-only',
      'go-main',
    ] as const;
    const severities = ['note', 'warning', 'error', 'note', 'error'] as const;
    const all = codes.map((code, at) => {
      const { location: _, ...rest } = finding(code, where, 'so', {
        severity: severities[at] ?? 'note',
      });
      return rest;
    });
    const commands: string[] = [];
    const groups = groupFindings(all, ({ code }, platforms) => {
      commands.push(`${code} ${platforms}`);
      return code === 'go-main' ? undefined : `repeat ${code}`;
    });
    expect(groups.map(({ finding: { code }, rerun }) => [code, rerun])).toStrictEqual([
      ['go-main', undefined],
      ['test-failed', 'repeat test-failed'],
      ['base-moved', undefined],
      ['build-warning', undefined],
      ['started-only', undefined],
    ]);
    expect(commands).toStrictEqual(['test-failed linux/amd64', 'go-main linux/amd64']);
  });
});

/** What reports show of one image that says this of its tests and findings. */
function shown(
  tests: readonly TestResult[],
  findings: readonly Finding[],
  platforms = ['linux/amd64'],
) {
  const images = [plannedImage({ platforms })];
  const trials = platforms.map((platform) => trialOf('greeter', platform, { tests }));
  return reportOf(evidenceOf({ images, trials, findings, publications: [] }));
}

const failed = (more: Partial<TestResult> = {}) =>
  testResult({ name: 'starts', outcome: 'failed', checks: [], ...more });

describe('a failed test', () => {
  const own = { ...where, test: 'starts' };

  test.each<[string, Partial<TestResult>, readonly Finding[], object]>([
    ['is so by itself', {}, [], { code: 'test-failed', severity: 'error' }],
    [
      'that could not be run is so by itself',
      { outcome: 'errored' },
      [],
      { code: 'test-errored', severity: 'error' },
    ],
    [
      'has no remedy but its command',
      {},
      [finding('test-failed', own, 'no', { remedy: 'Repeat it.' })],
      { code: 'test-failed', severity: 'error' },
    ],
    [
      'that could not be run has its remedy',
      { outcome: 'errored' },
      [finding('test-errored', own, 'no', { remedy: 'Do it.' })],
      { code: 'test-errored', severity: 'error', remedy: 'Do it.' },
    ],
    [
      'that was killed has its remedy',
      {},
      [finding('program-killed', own, 'no', { remedy: 'Do it.', severity: 'warning' })],
      { code: 'program-killed', severity: 'warning', remedy: 'Do it.' },
    ],
    [
      'has nothing of what was found about others',
      {},
      [
        finding('program-killed', { ...own, test: 'other' }, 'no'),
        finding('program-killed', { ...own, platform: 'linux/arm64' }, 'no'),
        finding('program-killed', { ...own, image: 'other' }, 'no'),
      ],
      { code: 'test-failed', severity: 'error' },
    ],
  ])('%s', (_, more, findings, expected) => {
    const [test] = shown([failed(more)], findings).images[0]?.failedTests ?? [];
    const { code, severity, remedy } = test ?? {};
    expect({ code, severity, ...(remedy === undefined ? {} : { remedy }) }).toStrictEqual(expected);
  });

  test('is one of several platforms where all that differs is their name', () => {
    const platforms = ['linux/amd64', 'linux/arm64'];
    const groups = (test: (platform: string, architecture: string) => Partial<TestResult>) => {
      const trials = platforms.map((platform) => {
        const tests = [failed(test(platform, platform.slice(6)))];
        return trialOf('greeter', platform, { tests });
      });
      const images = [plannedImage({ platforms })];
      const [image] = reportOf(evidenceOf({ images, trials, publications: [] })).images;
      return image?.failedTests.map((one) => one.platforms.length);
    };
    const check = (found: string) => ({
      checks: [{ what: 'stderr', expected: '/x/', found, ok: false }],
    });
    expect(groups(() => ({}))).toStrictEqual([2]);
    expect(groups((_, name) => ({ cause: 'memory', reason: `no ${name}` }))).toStrictEqual([2]);
    expect(groups((_, name) => ({ stdout: output(`no ${name}`) }))).toStrictEqual([2]);
    expect(groups((name) => ({ ...check(''), stderr: output(`on ${name}`) }))).toStrictEqual([2]);
    expect(groups((_, name) => ({ executed: ['/bin/sh', name] }))).toStrictEqual([1, 1]);
    expect(groups((_, name) => ({ stdout: output(`${name.length} x`) }))).toStrictEqual([2]);
    expect(groups((name) => ({ exitCode: name.endsWith('amd64') ? 1 : 2 }))).toStrictEqual([1, 1]);
  });

  test('stands for what was found about it on its own platforms alone', () => {
    const platforms = ['linux/amd64', 'linux/arm64'];
    const trials = platforms.map((platform) =>
      trialOf('greeter', platform, {
        tests: [failed(platform === 'linux/amd64' ? {} : { outcome: 'passed' })],
      }),
    );
    const findings = platforms.map((platform) =>
      finding('lines-go-on', { image: 'greeter', platform, test: 'starts' }, 'it goes on'),
    );
    const images = [plannedImage({ platforms })];
    const [image] = reportOf(evidenceOf({ images, trials, findings, publications: [] })).images;
    expect(image?.advice.map((one) => one.platforms)).toStrictEqual([['linux/arm64']]);
  });

  test('that the configuration leaves out is none, whatever else is wrong, and explains nothing', () => {
    const said = finding('test-failed', own, 'no');
    const images = [plannedImage({ platforms: ['linux/amd64'] })];
    const of = (severity: 'off' | 'warning', tests: readonly TestResult[], more: Finding[]) => {
      const trials = [trialOf('greeter', 'linux/amd64', { tests })];
      const plan = { severities: { 'test-failed': severity } };
      const findings = [said, ...more];
      return reportOf(evidenceOf({ images, trials, findings, plan, publications: [] })).images[0];
    };
    const wrong = finding('go-main', where, 'another program');
    expect(of('warning', [failed()], [wrong])?.failedTests).toHaveLength(1);
    expect(of('off', [failed()], [wrong])?.failedTests).toStrictEqual([]);
    const left = testResult({ outcome: 'not-run', reason: 'no time' });
    expect(of('off', [failed(), left], [])?.problems).toStrictEqual([
      {
        unexplained: {
          words: 'not tested: test "says its version" was not run: no time',
          platforms: ['linux/amd64'],
        },
      },
    ]);
  });

  test('that passed or was not run is none', () => {
    const tests = [
      failed(),
      testResult({ name: 'b' }),
      testResult({ name: 'c', outcome: 'not-run' }),
    ];
    const [image] = shown(tests, []).images;
    expect(image?.failedTests.map(({ name }) => name)).toStrictEqual(['starts']);
  });
});

describe('that a program could not be executed', () => {
  const executing = (more: Partial<TestResult> = {}) =>
    failed({ cause: 'not-executable', reason: 'no', program: { path: '/app' }, ...more });
  const error = (code: Parameters<typeof finding>[0], more: Partial<Finding> = {}) =>
    finding(code, { ...where, path: '/app' }, 'so it is', { severity: 'error', ...more });
  const bare = (more: Partial<TestResult>) => {
    const { program: _, ...rest } = executing(more);
    return { ...rest, program: undefined as never };
  };

  test.each<[string, TestResult, Finding, boolean]>([
    ['it fits another platform', executing(), error('arch-mismatch'), true],
    ['its interpreter is missing', executing(), error('interpreter-missing'), true],
    ['it is missing', executing(), error('program-missing'), true],
    ['it is not executable', executing(), error('program-not-executable'), true],
    ['something else is wrong', executing(), error('go-main'), false],
    ['that is a warning', executing(), error('program-missing', { severity: 'warning' }), false],
    [
      'the test failed otherwise',
      executing({ cause: 'exit-code' }),
      error('program-missing'),
      false,
    ],
    [
      'it is so of another program',
      executing({ program: { path: '/other' } }),
      error('program-missing'),
      false,
    ],
    [
      'it is so on another platform',
      executing(),
      error('program-missing', { subject: { ...where, platform: 'linux/arm64', path: '/app' } }),
      false,
    ],
    [
      'it is known by what was executed',
      bare({ executed: ['/app', 'x'] }),
      error('arch-mismatch'),
      true,
    ],
    ['it is not known which, and one is missing', bare({}), error('program-missing'), true],
    ['it is not known which, and one fits another', bare({}), error('arch-mismatch'), false],
  ])('is told once where an error says why: %s', (_, test, why, once) => {
    const said = finding('cannot-execute', { ...where, test: 'starts' }, 'no');
    const general = finding('cannot-execute', where, 'no test says so');
    const report = shown([test], [why, said, general]);
    const codes = report.findings.map((one) => one.finding.message);
    expect(codes.includes('no')).toBe(!once);
    expect(codes).toContain('no test says so');
    expect(report.images[0]?.failedTests).toHaveLength(once ? 0 : 1);
  });
});

test('what may be why a test failed stands above it in every report, in the order of the stages', () => {
  const codes = ['publication-failed', 'of-another-version', 'config-platform', 'layers-refused'];
  const findings = [...codes, 'test-failed', 'build-failed', 'go-main', 'arg-with-default'].map(
    (code): Finding => ({
      ...{ code, severity: 'error', message: `of ${code}` },
      subject: code === 'test-failed' ? { ...where, test: 'starts' } : where,
    }),
  );
  const images = [plannedImage({ platforms: ['linux/amd64'] })];
  const trials = [trialOf('greeter', 'linux/amd64', { tests: [failed()] })];
  const evidence = evidenceOf({ images, trials, findings, publications: [] });
  const order = [
    ...['arg-with-default', 'build-failed', 'config-platform', 'go-main'],
    ...['layers-refused', 'test-failed', 'publication-failed', 'of-another-version'],
  ];
  const told = annotationsOf(evidence).map(({ title }) => title?.split(':')[0]);
  expect(told).toStrictEqual(order);
  const text = renderTerminal(evidence, { colour: false });
  expect([...text.matchAll(/^error {2}(\S+)/gm)].map(([, code]) => code)).toStrictEqual(order);
  const page = renderSummary(evidence);
  const titles = page.matchAll(/<summary>✘ .*?: <code>(.*?)<\/code>/g);
  expect([...titles].map(([, code]) => code)).toStrictEqual(order);
});

test('equal layers are lines of the first error about the program in them', () => {
  const other = { ...where, platform: 'linux/arm64' };
  const layers = ['one', 'two'].map((text) => finding('equal-layers', where, text));
  const findings = [
    finding('arch-mismatch', { ...where, path: '/a' }, 'first'),
    finding('arch-mismatch', { ...where, path: '/b' }, 'second', { detail: ['x'] }),
    finding('arch-mismatch', { ...other, path: '/a' }, 'other', { detail: ['y'] }),
    ...layers,
  ];
  const { findings: told } = shown([testResult()], findings, ['linux/amd64', 'linux/arm64']);
  expect(told.map(({ finding: { message, detail } }) => [message, detail])).toStrictEqual([
    ['first', ['one', 'two']],
    ['second', ['x']],
    ['other', ['y']],
  ]);
});

describe('a trial that did not pass and of which nothing else speaks', () => {
  const image = plannedImage();
  const [first = '', second = '', third = ''] = image.platforms;
  const not = (platform: string, notRun: string) =>
    trialOf('greeter', platform, { tests: [], notRun });

  test('is told with its reason, each reason once', () => {
    const trials = [not(first, 'a'), not(second, 'b'), not(third, 'a')];
    expect(reportOf(evidenceOf({ trials, publications: [] })).images[0]?.problems).toStrictEqual([
      { unexplained: { words: 'not tested: a', platforms: [first, third] } },
      { unexplained: { words: 'not tested: b', platforms: [second] } },
    ]);
  });

  test('is not told where an error of its image on its platform says why', () => {
    const trials = [not(first, 'a'), not(second, 'a'), not(third, 'a')];
    const findings = [
      finding('not-pulled', { image: 'greeter', platform: first }, 'no', { severity: 'error' }),
      finding('not-pulled', { image: 'greeter', platform: second }, 'no', { severity: 'warning' }),
      finding('not-pulled', { image: 'other', platform: third }, 'no', { severity: 'error' }),
    ];
    const [shownImage] = reportOf(evidenceOf({ trials, findings, publications: [] })).images;
    expect(shownImage?.problems.slice(1)).toStrictEqual([
      { unexplained: { words: 'not tested: a', platforms: [second, third] } },
    ]);
  });
});
