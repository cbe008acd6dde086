import { describe, expect, test } from '@jest/globals';
import {
  type Evidence,
  type Finding,
  finding,
  type Publication,
  type TestResult,
  type Trial,
} from '../../src/evidence/index.js';
import { renderSummary, renderTerminal } from '../../src/report/index.js';
import { emulatedWords, reportOf, testWords, withoutHost } from '../../src/report/model/index.js';
import {
  digestOf,
  evidenceOf,
  failedOnS390x,
  plannedImage,
  plannedTest,
  publicationOf,
  type Sample,
  testResult,
  trialOf,
} from '../evidence/sample.js';
import { plannedBuildpack } from '../plans.js';

const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x'];
const ended = (outcome: TestResult['outcome']) => ({ tests: [testResult({ outcome })] });
const trials = platforms.map((platform) => trialOf('greeter', platform));
const whole = publicationOf(plannedImage(), trials);
const embedded = publicationOf(plannedImage(), trials, { embedded: true });

/** One image, of which this was published. */
const published = (publication: Publication, more: Sample = {}) =>
  evidenceOf({ publications: [publication], ...more });

/** Two images on one platform; the second one's trial is as it is told. */
function two(other: Partial<Trial> = {}, more: Sample = {}): Evidence {
  const images = ['good', 'bad'].map((id) => plannedImage({ id, platforms: ['linux/amd64'] }));
  const own = [trialOf('good', 'linux/amd64'), trialOf('bad', 'linux/amd64', other)];
  return evidenceOf({ images, trials: own, publications: [], ...more });
}

const error = (code: Parameters<typeof finding>[0], image?: string): Finding =>
  finding(code, image === undefined ? {} : { image }, 'it is so', { severity: 'error' });

describe('what became of an image is said in words', () => {
  test.each<[string, Evidence]>([
    [
      'failed on linux/amd64, could not be tested on linux/arm64, not tested on linux/s390x; nothing was published',
      evidenceOf({
        trials: [
          trialOf('greeter', 'linux/amd64', ended('failed')),
          trialOf('greeter', 'linux/arm64', ended('errored')),
          trialOf('greeter', 'linux/s390x', { tests: [], notRun: 'no builder' }),
        ],
        publications: [],
      }),
    ],
    ['tested on 3 platforms, published and verified', evidenceOf()],
    ['tested on 3 platforms; verified in the embedded registry', evidenceOf({ embedded: true })],
    [
      'tested on 3 platforms; in the embedded registry, not verified',
      published({ ...embedded, served: [] }, { embedded: true }),
    ],
    ['tested on 3 platforms; published, not verified', published({ ...whole, served: [] })],
    [
      'tested on 3 platforms; 1 tag moved before it stopped',
      published({ ...whole, targets: whole.targets.slice(0, 1) }),
    ],
    [
      'tested on 3 platforms; no tag is known to have moved',
      published({ ...whole, targets: [], served: [] }),
    ],
    [
      'tested on 3 platforms; a part of the plan, so nothing is tagged',
      evidenceOf({ publications: [], plan: { partial: true } }),
    ],
    ['tested on 3 platforms; nothing was published', evidenceOf({ publications: [] })],
    [
      'passed its tests, has errors; nothing was published',
      evidenceOf({ publications: [], findings: [error('arch-mismatch', 'greeter')] }),
    ],
    [
      'failed on linux/s390x; published and verified',
      { ...failedOnS390x(), publications: [whole] },
    ],
  ])('%s', (words, evidence) => {
    const { images, headline } = reportOf(evidence);
    expect(images[0]?.outcome).toBe(words);
    expect(headline).toBe(`greeter ${words}`);
  });
});

describe('only what was tested, and passed, is told so', () => {
  const lowered = { severities: { 'test-failed': 'off', 'program-killed': 'off' } } as const;
  const start = (outcome: TestResult['outcome']) =>
    testResult({ name: 'starts', kind: 'start', exitCode: 1, outcome });
  const named = (...names: readonly string[]) =>
    names.map((name) => testResult({ name, outcome: 'failed' }));
  const whereAre = (...each: readonly (readonly TestResult[])[]) => {
    const names = new Set(each.flat().map(({ name }) => name));
    const where = platforms.slice(0, each.length);
    const tests = [...names].map((name) => {
      const has = where.filter((_, at) => each[at]?.some((test) => test.name === name));
      return plannedTest({ name, platforms: has });
    });
    const images = [plannedImage({ platforms: where, tests })];
    const own = where.map((platform, at) =>
      trialOf('greeter', platform, { tests: each[at] ?? [] }),
    );
    return evidenceOf({ images, trials: own, plan: lowered });
  };

  test.each<[string, string, string, Evidence]>([
    [
      '⚠ greeter  0 of 2 tests passed on 1 platform, which "checks" allows (failed: "a", "b"); published and verified',
      'tested, and failed 2 tests,',
      '⚠ 0 of 2 tests',
      whereAre(named('a', 'b')),
    ],
    [
      '⚠ greeter  1 of 6 tests passed on 2 platforms, which "checks" allows (failed: "a" on linux/amd64, "b" on linux/arm64, "c" on linux/arm64, 2 more); published and verified',
      'tested, and failed 5 tests,',
      '⚠ 1 of 2 tests',
      whereAre([...named('a'), testResult()], named('b', 'c', 'd', 'e')),
    ],
    [
      '✔ greeter  started on 1 platform, published and verified',
      'started',
      '✔ started',
      whereAre([start('passed')]),
    ],
    [
      '✔ greeter  tested on 2 platforms, only started on linux/s390x, published and verified',
      'tested or started',
      '✔ started',
      whereAre([testResult()], [testResult()], [start('passed')]),
    ],
    [
      '⚠ greeter  not started on linux/amd64, which "checks" allows; published and verified',
      'built',
      '⚠ not started',
      whereAre([start('failed')]),
    ],
    [
      '⚠ greeter  tested on 1 platform, only started on linux/s390x, not started on linux/arm64, which "checks" allows; published and verified',
      'tested or started, and failed 1 test,',
      '⚠ not started',
      whereAre([testResult()], [start('failed')], [start('passed')]),
    ],
  ])('%s', (words, proved, cell, evidence) => {
    const text = renderTerminal(evidence, { colour: false, columns: 300 });
    expect(text).toMatch(new RegExp(`^${words.replace(/[()]/g, '\\$&')} +1m 58s\n`));
    expect(text).toContain(`  What was ${proved} is what the registry serves: `);
    const { mark, headline, verdict } = reportOf(evidence);
    expect([`${mark} ${headline}`, verdict]).toStrictEqual([words.replace('  ', ' '), 'passed']);
    expect(renderSummary(evidence)).toContain(`${cell}<br>`);
  });

  test('also where an image has errors or several are told of', () => {
    const errors = (evidence: Evidence) => ({
      ...evidence,
      findings: [error('arch-mismatch', 'greeter')],
      publications: [],
    });
    const headlines = [
      errors(whereAre(named('a'))),
      errors(whereAre([start('passed')])),
      two(ended('failed'), { plan: { ...lowered, partial: true } }),
    ].map((evidence) => {
      const { mark, headline } = reportOf(evidence);
      return `${mark} ${headline}`;
    });
    expect(headlines).toStrictEqual([
      '✘ greeter 0 of 1 test passed on 1 platform, which "checks" allows (failed: "a"), has errors; nothing was published',
      '✘ greeter started on 1 platform, has errors; nothing was published',
      '⚠ 2 images, 2 trials: all passed with failed tests of bad, which "checks" allows',
    ]);
  });
});

describe('the heading says how a run ended', () => {
  const start = testResult({ name: 'starts', kind: 'start' });
  const startedIn = (...ids: readonly string[]) =>
    ['good', 'bad'].map((id) => {
      const tests = ids.includes(id) ? { tests: [plannedTest({ name: 'starts' })] } : {};
      return plannedImage({ id, platforms: ['linux/amd64'], ...tests });
    });

  test.each<[string, Evidence]>([
    [
      'interrupted; 2 of 3 trials had passed',
      { ...failedOnS390x(), run: { ...failedOnS390x().run, interrupted: 'SIGINT' } },
    ],
    ['2 images, 2 trials: all passed', two({}, { plan: { partial: true } })],
    [
      '2 images, 2 trials: all passed or started',
      two({ tests: [start] }, { images: startedIn('bad'), plan: { partial: true } }),
    ],
    [
      '2 images, 2 trials: all started',
      two(
        {},
        {
          images: startedIn('good', 'bad'),
          trials: ['good', 'bad'].map((id) => trialOf(id, 'linux/amd64', { tests: [start] })),
          plan: { partial: true },
        },
      ),
    ],
    [
      '2 images, 6 trials: all passed, published and verified',
      evidenceOf({ images: [plannedImage(), plannedImage({ id: 'other' })] }),
    ],
    [
      '2 images, 6 trials: all passed, verified in the embedded registry',
      evidenceOf({
        images: [plannedImage(), plannedImage({ id: 'other' })],
        embedded: true,
      }),
    ],
    ['2 images, 2 trials: bad failed, 1 of 2 trials passed', two(ended('failed'))],
    [
      '2 images, 2 trials: bad could not be tested, 1 of 2 trials passed',
      two(ended('errored'), { plan: { partial: true } }),
    ],
    [
      '2 images, 2 trials: the run could not be tested, 2 of 2 trials passed',
      two({}, { findings: [error('engine-failed')] }),
    ],
    [
      '2 images, 2 trials: the run failed, 2 of 2 trials passed',
      two({}, { findings: [error('arch-mismatch')], plan: { partial: true } }),
    ],
  ])('%s', (words, evidence) => {
    expect(reportOf(evidence).headline).toBe(words);
  });

  test('a run without images has passed', () => {
    expect(reportOf(evidenceOf({ images: [] })).headline).toBe(
      '0 images, 0 trials: all passed, published and verified',
    );
  });
});

describe('why an image that passed is not published is said', () => {
  const kept = (image: string, notPublished = 'it waits'): Publication => ({
    ...{ image, notPublished, targets: [], served: [] },
  });
  const wayOut = ' With "publish: per-image" no image waits for others.';

  test.each<[string, Evidence, readonly (string | undefined)[]]>([
    [
      'with the way out where it waits for another one',
      two(ended('failed'), { publications: [kept('good'), kept('bad')] }),
      [`is not published: it waits.${wayOut}`, undefined],
    ],
    [
      'without it where none of the others is why',
      two({}, { publications: [kept('good'), kept('bad')] }),
      ['is not published: it waits.', 'is not published: it waits.'],
    ],
    [
      'without it where no image waits for others',
      two(ended('failed'), { publications: [kept('good')], plan: { publish: 'per-image' } }),
      ['is not published: it waits.', undefined],
    ],
    [
      'without it where nobody decided so',
      two(ended('failed')),
      ['is not published: nothing was published.', undefined],
    ],
    [
      'and that it is not verified where it is published',
      published({ ...whole, served: [] }),
      ['is not verified: ghcr.io/acme/greeter:1.2.3 was not read back.'],
    ],
    ['and nothing of one that is verified', evidenceOf(), [undefined]],
    [
      'and nothing beside an error that says why',
      evidenceOf({
        publications: [kept('greeter')],
        findings: [error('arch-mismatch', 'greeter')],
      }),
      [undefined],
    ],
  ])('%s', (_, evidence, words) => {
    expect(reportOf(evidence).images.map(({ notVerified }) => notVerified)).toStrictEqual(words);
  });
});

describe('why a test did not pass is said in a few words', () => {
  const check = (what: 'stdout' | 'stderr', ok = false) => ({
    ...{ what, ok, expected: '/x/', found: 'y' },
  });

  test.each<[string, Partial<TestResult>]>([
    ['did not end within 5 s', { cause: 'time-limit', reason: 'did not end within 5 s' }],
    ['exit 137, expected 0', { cause: 'memory', exitCode: 137 }],
    ['exit 1, expected 0', { exitCode: 1 }],
    ['exit -1, expected 0', { exitCode: -1, reason: 'it was ended: exit 2' }],
    [
      'exit 143 (it took SIGTERM), expected 0',
      {
        cause: 'exit-code',
        exitCode: 143,
        reason: 'exit 143 (it took SIGTERM), expected 0; stdout does not match /x/',
      },
    ],
    [
      'stdout and stderr not as expected',
      { cause: 'output', reason: 'no match', checks: [check('stdout'), check('stderr')] },
    ],
    [
      'stderr not as expected',
      { cause: 'output', checks: [check('stdout', true), check('stderr')] },
    ],
    ['it says why', { cause: 'output', reason: 'it says why', checks: [] }],
    [
      'it says why',
      { cause: 'exit-code', exitCode: undefined as never, reason: 'it says why', checks: [] },
    ],
    ['could not be run', { outcome: 'errored', checks: [] }],
    ['failed', { checks: [] }],
  ])('%s', (words, more) => {
    const tests = [testResult({ outcome: 'failed', ...more })];
    const [image] = reportOf(two({ tests })).images.slice(1);
    expect(image?.failedTests.map((one) => one.words)).toStrictEqual([words]);
  });
});

test.each([
  ['acme/x', 'acme/x'],
  ['ghcr.io/acme/x', 'acme/x'],
  ['localhost/x', 'x'],
  ['registry:5000/acme/x', 'acme/x'],
  ['localhosts/x', 'localhosts/x'],
  ['mylocalhost/x', 'mylocalhost/x'],
  ['busybox', 'busybox'],
  ['ghcr.io', 'ghcr.io'],
])('%s without its registry is %s', (repository, name) => {
  expect(withoutHost(repository)).toBe(name);
});

describe('of the tests of a trial it is said', () => {
  const start = (outcome: TestResult['outcome']) => testResult({ kind: 'start', outcome });
  const emulated = (value?: boolean) =>
    testResult({ program: { path: '/a', ...(value === undefined ? {} : { emulated: value }) } });

  test.each<[string, readonly TestResult[]]>([
    ['0 tests', []],
    ['1 test', [testResult()]],
    ['1 of 2 tests', [testResult(), testResult({ outcome: 'not-run' })]],
    ['0 of 2 tests', [testResult({ outcome: 'failed' }), testResult({ outcome: 'errored' })]],
    ['started', [start('passed')]],
    ['not started', [start('failed')]],
    ['2 tests', [start('passed'), testResult()]],
  ])('how many passed: %s', (words, tests) => {
    expect(testWords(tests)).toBe(words);
  });

  test.each<[string, readonly TestResult[]]>([
    ['', []],
    ['', [testResult(), emulated(false), emulated()]],
    ['emulated', [emulated(true), emulated(true)]],
    ['1 of 2 tests emulated', [emulated(true), emulated()]],
  ])('how many ran emulated programs: "%s"', (words, tests) => {
    expect(emulatedWords(tests)).toBe(words);
  });
});

test('an image takes as long as the run where it is the only one, otherwise as its longest trial', () => {
  const durations = (evidence: Evidence) =>
    reportOf(evidence).images.map(({ duration }) => duration);
  expect(durations(evidenceOf())).toStrictEqual([118_000]);
  expect(durations(two({ duration: 9_000 }))).toStrictEqual([6_000, 9_000]);
  const images = [plannedImage(), plannedImage({ id: 'other' })];
  expect(durations(evidenceOf({ images, trials, publications: [] }))).toStrictEqual([38_000, 0]);
});

describe('the main package of a Go program', () => {
  const go = (path?: string) => ({ toolchain: 'go1.26', settings: {}, ...(path && { path }) });
  const program = (role: 'entrypoint' | 'command' | 'other', path?: string) => ({
    ...{ path: '/app', role, layer: 1, size: 1, go: go(path) },
  });
  const of = (...programs: readonly (ReturnType<typeof program> | undefined)[]) => {
    const own = platforms.map((platform, at) => {
      const one = programs[at];
      return trialOf('greeter', platform, one && { contents: { files: 1, programs: [one] } });
    });
    return reportOf(evidenceOf({ trials: own })).images[0]?.mainPackages;
  };

  test('is told once where it is the same, of what is started alone', () => {
    const one = program('entrypoint', 'a/b');
    expect(of(one, program('command', 'a/b'), one)).toStrictEqual([{ path: 'a/b' }]);
    expect(of(one, undefined, one)).toStrictEqual([
      { platform: 'linux/amd64', path: 'a/b' },
      { platform: 'linux/s390x', path: 'a/b' },
    ]);
    expect(of(program('entrypoint'), program('other', 'a/b'))).toStrictEqual([]);
  });

  test('is told with its platform in a terminal where it differs', () => {
    const text = (path: string) =>
      renderTerminal(
        evidenceOf({
          images: [plannedImage({ platforms: platforms.slice(0, 2) })],
          trials: [program('entrypoint', 'a/b'), program('entrypoint', path)].map((one, at) =>
            trialOf('greeter', platforms[at] ?? '', { contents: { files: 1, programs: [one] } }),
          ),
        }),
        { colour: false },
      );
    expect(text('a/b')).toContain('\n\n  main package  a/b\n\n');
    expect(text('a/c')).toContain(
      '\n\n  main package of linux/amd64  a/b\n  main package of linux/arm64  a/c\n\n',
    );
  });
});

test('an image with a lock is told with the first builder that one of its builds names', () => {
  const digest = digestOf('builder');
  const lock = { file: 'sea-trial.lock', line: 4 };
  const of = (
    plan: Partial<ReturnType<typeof plannedBuildpack>>,
    references: readonly string[],
  ) => {
    const image = { ...plannedImage(), build: plannedBuildpack(plan) };
    const own = platforms.map((platform, at) => {
      const trial = trialOf('greeter', platform);
      const reference = references[at] ?? '';
      const bases = reference === '' ? [] : [{ reference, digest }];
      return { ...trial, ...(trial.build && { build: { ...trial.build, bases } }) };
    });
    return reportOf(evidenceOf({ images: [image], trials: own })).images[0]?.locked;
  };
  const builder = `a/b:1@${digest}`;
  const locked = { lock: 'sea-trial.lock:4', builder };
  expect(of({ lock }, ['', 'a/b:1', 'a/c:1'])).toStrictEqual(locked);
  expect(of({ lock }, [builder])).toStrictEqual(locked);
  expect(of({ lock }, [])).toBeUndefined();
  expect(of({}, ['a/b:1'])).toBeUndefined();
});
