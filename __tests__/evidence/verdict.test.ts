import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  type Evidence,
  type Finding,
  finding,
  judge,
  judgeTrial,
  type Trial,
} from '../../src/evidence/index.js';
import {
  digestOf,
  evidenceOf,
  failedOnS390x,
  fleet,
  plannedImage,
  plannedTest,
  publicationOf,
  type Sample,
  testResult,
  trialOf,
} from './sample.js';

const one = plannedImage({ platforms: ['linux/amd64'] });
const subject = { image: 'greeter', platform: 'linux/amd64' };

function ofTrial(more: Partial<Trial>, sample: Sample = {}) {
  const trial = trialOf('greeter', 'linux/amd64', more);
  return judgeTrial(evidenceOf({ images: [one], trials: [trial], ...sample }), trial);
}

/** A trial that lacks some of its facts. */
function without(...names: (keyof Trial)[]): Trial {
  const kept = Object.entries(trialOf('greeter', 'linux/amd64')).filter(
    ([name]) => !names.includes(name as keyof Trial),
  );
  return Object.fromEntries(kept) as unknown as Trial;
}

/** A build whose last step failed. */
function failedAt(name: string): NonNullable<Trial['build']> {
  const first = { name: '[1/2] FROM debian', cached: true };
  const steps = [first, { name, cached: false, error: 'exit code: 2' }];
  return { started: '2026-05-04T09:30:00Z', duration: 1, warnings: [], bases: [], steps };
}

describe('judgeTrial', () => {
  test('passes when every planned test passed on the very image that was built', () => {
    expect(ofTrial({})).toEqual({ state: 'passed' });
    const { manifest } = trialOf('greeter', 'linux/amd64').built as NonNullable<Trial['built']>;
    expect(ofTrial({ loaded: { id: manifest.digest, digestOf: 'manifest' } })).toEqual({
      state: 'passed',
    });
  });

  test('fails with a failed test', () => {
    const tests = [testResult({ outcome: 'failed', reason: 'exit 1, expected 0' })];
    expect(ofTrial({ tests })).toEqual({
      state: 'failed',
      reason: 'test "says its version" failed: exit 1, expected 0',
    });
  });

  test.each([
    ['failed', 'test "says its version" failed'],
    ['errored', 'test "says its version" could not be run'],
    ['not-run', 'test "says its version" was not run'],
  ] as const)('a test that %s without a reason is told without one', (outcome, reason) => {
    expect(ofTrial({ tests: [testResult({ outcome })] })).toEqual({ state: outcome, reason });
  });

  test('a failed test does not fail it where its finding was lowered', () => {
    const tests = [testResult({ outcome: 'failed', reason: 'exit 1' })];
    const findings = [finding('test-failed', { ...subject, test: 'says its version' }, 'exit 1')];
    for (const severity of ['warning', 'note', 'off'] as const) {
      const { plan } = evidenceOf({ images: [one] });
      const severities = { 'test-failed': severity };
      expect(ofTrial({ tests }, { findings, plan: { ...plan, severities } }).state).toBe('passed');
      expect(ofTrial({ tests }, { plan: { ...plan, severities } }).state).toBe('passed');
    }
  });

  test('fails where the engine ran something else than what was built', () => {
    const other = digestOf('other');
    expect(ofTrial({ loaded: { id: other, digestOf: 'config' } })).toEqual({
      state: 'failed',
      reason: `the engine ran ${other}; the built image has the config ${digestOf('greeter linux/amd64 config')}`,
    });
  });

  test('fails with an error about the image, errs with one about the surroundings', () => {
    const failed = [finding('arch-mismatch', subject, 'is for amd64')];
    expect(ofTrial({}, { findings: failed })).toEqual({ state: 'failed', reason: 'is for amd64' });
    const errored = [finding('platform-not-runnable', subject, 'cannot run linux/s390x')];
    expect(ofTrial({}, { findings: errored })).toEqual({
      state: 'errored',
      reason: 'cannot run linux/s390x',
    });
    expect(ofTrial({}, { findings: [...errored, ...failed] }).state).toBe('failed');
  });

  test('a failed test counts by its own findings, not by those of another test', () => {
    const failed = ['one', 'two'].map((name) => testResult({ name, outcome: 'failed' }));
    const image = { ...one, tests: failed.map(({ name }) => plannedTest({ name })) };
    const about = (test: string, severity: 'error' | 'warning') =>
      finding('test-failed', { ...subject, test }, 'exit 1', { severity });
    const state = (...severities: readonly ('error' | 'warning')[]) => {
      const findings = severities.map((severity, at) => about(failed[at]?.name ?? '', severity));
      return ofTrial({ tests: failed }, { images: [image], findings }).reason;
    };
    expect(state('error', 'warning')).toContain('test "one" failed');
    expect(state('warning', 'error')).toContain('test "two" failed');
    expect(state('warning', 'warning')).toBeUndefined();
    // Without any finding about it, it counts.
    expect(state('warning')).toContain('test "two" failed');
  });

  test('errs with a test that could not be run', () => {
    const tests = [testResult({ outcome: 'errored', reason: 'the engine went away' })];
    expect(ofTrial({ tests })).toEqual({
      state: 'errored',
      reason: 'test "says its version" could not be run: the engine went away',
    });
  });

  test('findings about what is served, about other trials and mere warnings change nothing', () => {
    const findings = [
      finding('served-other', subject, 'serves something else'),
      finding('registry-failed', subject, '500'),
      finding('digest-mismatch', { ...subject, tag: 'dev' }, 'other bytes'),
      finding('digest-mismatch', { ...subject, reference: 'ghcr.io/a/b' }, 'other bytes'),
      finding('arch-mismatch', { image: 'greeter', platform: 'linux/arm64' }, 'amd64'),
      finding('started-only', subject, 'no test'),
    ];
    expect(ofTrial({}, { findings })).toEqual({ state: 'passed' });
  });

  test('a registry that gave no base before the build errs the trial', () => {
    const findings = [finding('registry-failed', subject, 'the cache could not be read')];
    const trial = { ...without('built', 'loaded'), tests: [] };
    const evidence = evidenceOf({ images: [one], trials: [trial], findings });
    expect(judgeTrial(evidence, trial)).toEqual({
      state: 'errored',
      reason: 'the cache could not be read',
    });
  });

  test.each<[string, Trial, string]>([
    ['not built', without('built', 'loaded'), 'no image was built'],
    [
      'not built since a step failed',
      { ...without('built', 'loaded'), build: failedAt('[2/2] RUN make') },
      'no image was built: step [2/2] RUN make failed',
    ],
    ['not loaded', without('loaded'), 'the image was not loaded into the engine'],
    ['without results', { ...without(), tests: [] }, 'test "says its version" was not run'],
    [
      'cut short',
      { ...without(), tests: [testResult({ outcome: 'not-run', reason: 'interrupted' })] },
      'test "says its version" was not run: interrupted',
    ],
    [
      'cut short before the engine showed what it holds',
      { ...without('loaded'), tests: [testResult({ outcome: 'not-run', reason: 'interrupted' })] },
      'test "says its version" was not run: interrupted',
    ],
    ['never started', { ...without(), notRun: 'no builder for it' }, 'no builder for it'],
  ])('%s, it was not run', (_, trial, reason) => {
    const evidence = evidenceOf({ images: [one], trials: [trial] });
    expect(judgeTrial(evidence, trial)).toEqual({ state: 'not-run', reason });
  });

  test('every planned test needs a result of its own', () => {
    const tests = ['one', 'two'].map((name) => plannedTest({ name }));
    const reason = (...names: readonly string[]) =>
      ofTrial({ tests: names.map((name) => testResult({ name })) }, { images: [{ ...one, tests }] })
        .reason;
    expect(reason('one', 'two')).toBeUndefined();
    expect(reason('one')).toBe('test "two" was not run');
    expect(reason('two')).toBe('test "one" was not run');
  });

  test('results prove nothing of a trial for which no test is planned', () => {
    const notPlanned = { state: 'not-run', reason: 'no test was planned' };
    for (const tests of [[], [testResult()]]) {
      expect(ofTrial({ tests }, { images: [{ ...one, tests: [] }] })).toEqual(notPlanned);
      expect(ofTrial({ tests }, { images: [{ ...one, id: 'other' }] })).toEqual(notPlanned);
    }
  });

  test('tests for other platforms need no result, but one test there must be', () => {
    const elsewhere = plannedTest({ platforms: ['linux/s390x'] });
    const image = plannedImage({ platforms: ['linux/amd64'], tests: [elsewhere] });
    const trial = { ...without(), tests: [] };
    const evidence = evidenceOf({ images: [image], trials: [trial] });
    expect(judgeTrial(evidence, trial)).toEqual({
      state: 'not-run',
      reason: 'no test was planned',
    });
  });
});

/** A run of one image on one platform, with what is given laid over it. */
function run(more: Sample): Evidence {
  return evidenceOf({ images: [one], ...more });
}

const failedTrial = trialOf('greeter', 'linux/amd64', {
  tests: [testResult({ outcome: 'failed' })],
});
const erroredTrial = trialOf('greeter', 'linux/amd64', {
  tests: [testResult({ outcome: 'errored' })],
});
const good = publicationOf(one, [trialOf('greeter', 'linux/amd64')]);
const built = trialOf('greeter', 'linux/amd64').built as NonNullable<Trial['built']>;
const served = good.served[0] as (typeof good.served)[number];
const platform = served.platforms[0] as (typeof served.platforms)[number];

function publishedWith(change: Partial<typeof served>): Sample {
  return {
    publications: [{ ...good, served: [{ ...served, ...change }, ...good.served.slice(1)] }],
  };
}

function platformWith(change: Partial<typeof platform>): Sample {
  return publishedWith({ platforms: [{ ...platform, ...change }] });
}

const about = { subject: built.manifest.digest };
const attestation = (name: string) => ({ ...built.manifest, digest: digestOf(name) });

/** A run whose own attestation is not published, but that of an index that a tag kept. */
function takenOver(attestations: readonly ReturnType<typeof attestation>[]): Evidence {
  const own = { ...attestation('own'), predicateTypes: [] };
  return run({
    trials: [trialOf('greeter', 'linux/amd64', { built: { ...built, attestations: [own] } })],
    publications: [
      {
        ...good,
        takenOver: {
          reference: 'ghcr.io/acme/greeter:1',
          composed: digestOf('composed'),
          attestations: [{ ...attestation('earlier'), ...about, predicateTypes: [] }],
        },
        served: good.served.map((one) => ({
          ...one,
          attestations: attestations.map((it) => ({ ...it, ...about })),
        })),
      },
    ],
  });
}

describe('judge', () => {
  test.each<[string, Evidence, string, number]>([
    ['all passed, published, verified', evidenceOf(), 'passed', 0],
    ['the same in the embedded registry', evidenceOf({ embedded: true }), 'passed', 0],
    ['three images on five platforms', fleet(), 'passed', 0],
    ['one test failed', failedOnS390x(), 'failed', 1],
    ['one test could not be run', run({ trials: [erroredTrial] }), 'errored', 3],
    [
      'failed and errored on different platforms: what cannot be said comes first',
      evidenceOf({
        trials: [
          failedTrial,
          { ...erroredTrial, platform: 'linux/arm64' },
          trialOf('greeter', 'linux/s390x'),
        ],
      }),
      'errored',
      3,
    ],
    ['interrupted by SIGHUP', run({ run: { interrupted: 'SIGHUP' } }), 'interrupted', 129],
    ['interrupted by SIGINT', run({ run: { interrupted: 'SIGINT' } }), 'interrupted', 130],
    [
      'interrupted by SIGTERM with a failed trial',
      run({ run: { interrupted: 'SIGTERM' }, trials: [failedTrial] }),
      'interrupted',
      143,
    ],
    ['a trial never began', run({ trials: [], publications: [] }), 'errored', 3],
    ['nothing was published though all passed', run({ publications: [] }), 'errored', 3],
    [
      'the registry refused',
      run({
        publications: [
          { image: 'greeter', notPublished: 'the registry said 403', targets: [], served: [] },
        ],
        findings: [finding('registry-failed', { image: 'greeter' }, '403')],
      }),
      'errored',
      3,
    ],
    [
      'one of two tags is missing',
      run({ publications: [{ ...good, targets: good.targets.slice(1) }] }),
      'errored',
      3,
    ],
    ['nothing was read back', run({ publications: [{ ...good, served: [] }] }), 'errored', 3],
    ['a layer is not listed', run(platformWith({ layers: [] })), 'failed', 1],
    [
      'a layer has other bytes',
      run(
        publishedWith({
          faults: platform.layers.map(({ digest }) => ({
            kind: 'corrupt' as const,
            part: 'layer 1',
            digest,
            detail: 'other bytes',
          })),
        }),
      ),
      'failed',
      1,
    ],
    [
      'another manifest is served',
      run(platformWith({ manifest: { ...platform.manifest, digest: digestOf('other') } })),
      'failed',
      1,
    ],
    ['a platform is missing', run(publishedWith({ platforms: [] })), 'failed', 1],
    [
      'a platform is served that was not tried',
      run(publishedWith({ platforms: [platform, { ...platform, platform: 'linux/s390x' }] })),
      'failed',
      1,
    ],
    [
      'the index is served as something else',
      run(
        publishedWith({
          index: { ...(served.index as typeof platform.manifest), mediaType: 'text/html' },
        }),
      ),
      'failed',
      1,
    ],
    [
      'a tag still serves what it served before the run',
      run({
        publications: [
          {
            ...good,
            targets: good.targets.map((target) => ({
              ...target,
              before: { digest: digestOf('before'), platforms: [] },
            })),
            served: good.served.map((one) => ({
              ...one,
              index: { ...platform.manifest, digest: digestOf('before') },
              platforms: [],
            })),
          },
        ],
      }),
      'errored',
      3,
    ],
    [
      'the attestations of an index that was taken over are served in place of its own',
      takenOver([attestation('earlier')]),
      'passed',
      0,
    ],
    ['one of these is missing', takenOver([]), 'failed', 1],
    [
      'another index is served',
      run(publishedWith({ index: { ...platform.manifest, digest: digestOf('other') } })),
      'failed',
      1,
    ],
    [
      'an error about the image as a whole',
      run({ findings: [finding('served-other', { image: 'greeter', tag: 'latest' }, 'other')] }),
      'failed',
      1,
    ],
    [
      'an attestation is missing',
      run({
        trials: [
          trialOf('greeter', 'linux/amd64', {
            built: { ...built, attestations: [{ ...built.manifest, predicateTypes: [] }] },
          }),
        ],
        publications: [good],
      }),
      'failed',
      1,
    ],
    [
      'an error that names no image',
      run({ findings: [finding('engine-failed', {}, 'the engine does not answer')] }),
      'errored',
      3,
    ],
    [
      'a part of a plan is not published and may pass',
      run({ plan: { partial: true }, publications: [] }),
      'passed',
      0,
    ],
    [
      'an image without targets may pass',
      evidenceOf({ images: [{ ...one, targets: [] }], publications: [] }),
      'passed',
      0,
    ],
    [
      'a warning that was raised',
      run({
        plan: { severities: { 'started-only': 'error' } },
        findings: [finding('started-only', subject, 'no test')],
      }),
      'failed',
      1,
    ],
  ])('%s', (_, evidence, verdict, exitCode) => {
    expect(judge(evidence)).toMatchObject({ verdict, exitCode });
  });

  test.each(['served-other', 'served-platforms', 'tag-moved', 'digest-mismatch'] as const)(
    'nothing is verified beside the finding %s',
    (code) => {
      const where = { image: 'greeter', reference: 'ghcr.io/acme/greeter' };
      const said = [finding(code, where, 'ghcr.io/acme/greeter serves something else.')];
      const [image] = judge(run({ findings: said })).images;
      expect(image).toMatchObject({
        state: 'failed',
        published: true,
        verified: false,
        contradicted: true,
        reason: `what was read back is not what was tested (${code})`,
      });
      const elsewhere = [finding(code, { ...where, image: 'other' }, 'other')];
      expect(judge(run({ findings: elsewhere })).images[0]?.verified).toBe(true);
    },
  );

  test('what was not read back, and is something else elsewhere, is contradicted', () => {
    const where = { image: 'greeter', reference: 'ghcr.io/acme/greeter' };
    const said = [finding('tag-moved', where, 'it moved.')];
    const publications = [{ ...good, served: [] }];
    expect(judge(run({ findings: said, publications })).images[0]).toMatchObject({
      verified: false,
      contradicted: true,
      reason: 'ghcr.io/acme/greeter:1.2.3 was not read back',
    });
  });

  test('severities are applied, off drops, what must hold cannot be lowered', () => {
    const findings: Finding[] = [
      finding('go-main', subject, 'one'),
      finding('build-warning', subject, 'two'),
      finding('served-other', subject, 'three'),
      finding('engine-failed', subject, 'four'),
      finding('base-moved', subject, 'five'),
    ];
    const severities = {
      'go-main': 'warning',
      'build-warning': 'off',
      'served-other': 'off',
      'engine-failed': 'note',
      'base-moved': 'error',
    } as const;
    const judged = judge(run({ findings, plan: { severities } }));
    expect(judged.findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['go-main', 'warning'],
      ['served-other', 'error'],
      ['engine-failed', 'error'],
      ['base-moved', 'error'],
    ]);
  });

  test('tells each image: its state, whether it is published and verified, and why not', () => {
    const images = [
      plannedImage(),
      plannedImage({ id: 'other', targets: [{ repository: 'ghcr.io/acme/other', tags: ['1'] }] }),
    ];
    const trials = images.flatMap(({ id, platforms }) => platforms.map((p) => trialOf(id, p)));
    const publications = [
      publicationOf(images[0] as (typeof images)[0], trials),
      { image: 'other', notPublished: 'the registry said 403', targets: [], served: [] },
    ];
    const judged = judge(evidenceOf({ images, trials, publications }));
    expect(
      judged.images.map(({ id, state, due, published, verified, reason }) => [
        id,
        state,
        due,
        published,
        verified,
        reason,
      ]),
    ).toEqual([
      ['greeter', 'passed', true, true, true, undefined],
      ['other', 'not-run', true, false, false, 'the registry said 403'],
    ]);
    expect(judged.images.map(({ publication }) => publication)).toEqual(publications);
    expect('publication' in (judge(run({ publications: [] })).images[0] ?? {})).toBe(false);
  });

  test('an image is as its worst trial, and as what was found of itself', () => {
    const platforms = ['linux/amd64', 'linux/arm64'];
    const images = ['greeter', 'other'].map((id) => plannedImage({ id, platforms, targets: [] }));
    const [failed, errored, notRun] = [
      { tests: [testResult({ outcome: 'failed' })] },
      { tests: [testResult({ outcome: 'errored' })] },
      { tests: [testResult({ outcome: 'not-run' })] },
    ] as const;
    const states = (first: Partial<Trial>, second: Partial<Trial>, ...findings: Finding[]) => {
      const trials = [
        trialOf('greeter', 'linux/amd64', first),
        trialOf('greeter', 'linux/arm64', second),
        ...platforms.map((platform) => trialOf('other', platform)),
      ];
      const evidence = evidenceOf({ images, trials, publications: [], findings });
      return judge(evidence).images.map(({ state }) => state);
    };
    expect(states({}, {})).toEqual(['passed', 'passed']);
    expect(states({}, failed)).toEqual(['failed', 'passed']);
    expect(states(errored, {})).toEqual(['errored', 'passed']);
    expect(states({}, notRun)).toEqual(['not-run', 'passed']);
    expect(states(errored, failed)).toEqual(['failed', 'passed']);
    expect(states(notRun, errored)).toEqual(['errored', 'passed']);
    const about = { image: 'greeter' };
    const empty = finding('empty-on-one-platform', about, 'It is empty.', { severity: 'error' });
    expect(states({}, {}, empty)).toEqual(['failed', 'passed']);
    expect(states({}, {}, { ...empty, severity: 'warning' })).toEqual(['passed', 'passed']);
    expect(states({}, {}, finding('engine-failed', about, 'It is gone.'))).toEqual([
      'errored',
      'passed',
    ]);
  });

  test('a trial that the run never came to was not run, and neither was its image', () => {
    const evidence = evidenceOf({ images: [one], trials: [], publications: [] });
    const { trials, images } = judge(evidence);
    expect(trials).toEqual([
      { ...subject, state: 'not-run', reason: 'the run ended before it began' },
    ]);
    expect(images).toMatchObject([{ state: 'not-run' }]);
  });

  test('an image without targets is not published, whatever a publication says', () => {
    const image = { ...one, targets: [] };
    const trials = [trialOf('greeter', 'linux/amd64')];
    const publications = [publicationOf(image, trials)];
    expect(judge(evidenceOf({ images: [image], trials, publications })).images).toMatchObject([
      { state: 'passed', due: false, published: false, verified: false, contradicted: false },
    ]);
  });

  test('what was found while it was read back contradicts it as an error alone', () => {
    const trials = [trialOf('greeter', 'linux/amd64')];
    const verified = (
      severity: 'error' | 'warning',
      image = 'greeter',
      severities: Evidence['plan']['severities'] = {},
    ) => {
      const found = finding('served-other', { image, tag: 'latest' }, 'It is other.', { severity });
      const publications = [publicationOf(one, trials)];
      const plan = { severities };
      return judge(run({ trials, publications, plan, findings: [found] })).images[0]?.verified;
    };
    expect([verified('error'), verified('warning'), verified('error', 'other')]).toEqual([
      false,
      true,
      true,
    ]);
    expect(verified('warning', 'greeter', { 'served-other': 'error' })).toBe(false);
    expect(verified('error', 'greeter', { 'served-other': 'off' })).toBe(false);
  });

  test.each([
    ['127.0.0.1:41233/acme/greeter', true],
    ['localhost:5000/acme/greeter', false],
    ['staging.example.com/mirror/acme/greeter', false],
  ])('%s stands for the repository that was asked for', (repository, embedded) => {
    const trials = [trialOf('greeter', 'linux/amd64')];
    const moved = { ...one, targets: [{ repository, tags: ['1.2.3', 'latest'] }] };
    const publication = publicationOf(moved, trials, { embedded });
    expect(judge(run({ trials, publications: [publication] })).verdict).toBe('passed');
  });

  test.each([
    'ghcr.io/acme/greeters',
    'ghcr.io/x-acme/greeter',
    'ghcr.io/greeter',
    'localhost:5000/acme/other',
  ])('%s does not', (repository) => {
    const trials = [trialOf('greeter', 'linux/amd64')];
    const moved = { ...one, targets: [{ repository, tags: ['1.2.3', 'latest'] }] };
    const [image] = judge(run({ trials, publications: [publicationOf(moved, trials)] })).images;
    expect(image).toMatchObject({
      published: false,
      verified: false,
      reason: 'ghcr.io/acme/greeter:1.2.3 was not published',
    });
  });

  test('each tag is compared with what its own repository serves under it', () => {
    const targets = ['ghcr.io/acme/greeter', 'quay.io/acme/greeter'].map((repository) => ({
      repository,
      tags: ['1', '2'],
    }));
    const image = { ...one, targets };
    const trials = [trialOf('greeter', 'linux/amd64')];
    const whole = publicationOf(image, trials);
    const other = { ...platform.manifest, digest: digestOf('other') };
    const reason = (reference: string) => {
      const changed = whole.served.map((it) =>
        it.reference === reference ? { ...it, index: other } : it,
      );
      expect(changed).not.toEqual(whole.served);
      const publications = [{ ...whole, served: changed }];
      return judge(evidenceOf({ images: [image], trials, publications })).images[0]?.reason;
    };
    for (const { reference } of whole.served) {
      expect(reason(reference)).toMatch(
        `${reference} serves the index with the digest ${digestOf('other')}; it was published with`,
      );
    }
  });

  const lag = (more: Partial<typeof good>, before?: string) => ({
    ...good,
    ...more,
    targets: good.targets.map((target) => ({
      ...target,
      ...(before === undefined ? {} : { before: { digest: digestOf(before), platforms: [] } }),
    })),
  });
  const serving = (name: string) =>
    good.served.map((it) => ({ ...it, index: { ...platform.manifest, digest: digestOf(name) } }));

  test.each([
    ['what its tag served before', lag({ served: serving('before') }, 'before'), 'before'],
    [
      'the index that was taken over',
      lag({
        served: serving('composed'),
        takenOver: { reference: 'x', composed: digestOf('composed'), attestations: [] },
      }),
      'composed',
    ],
  ])('a tag that still serves %s is not verified, and not contradicted', (_, publication, name) => {
    const [image] = judge(run({ publications: [publication] })).images;
    expect(image).toMatchObject({
      published: true,
      verified: false,
      contradicted: false,
      reason: `ghcr.io/acme/greeter:1.2.3 still serves ${digestOf(name)}; it was published as ${good.index?.digest}`,
    });
  });

  test('a tag that served the same index before is verified', () => {
    const [image] = judge(run({ publications: [lag({}, 'greeter index')] })).images;
    expect(image).toMatchObject({ published: true, verified: true, contradicted: false });
  });

  test('a tag that was published with another digest than the index has was not published', () => {
    const targets = good.targets.map((target) => ({ ...target, digest: digestOf('other') }));
    const judged = (more: Partial<typeof good>, plan: Sample['plan'] = {}) =>
      judge(run({ plan, publications: [{ ...good, targets, ...more }] })).images[0];
    const reason = 'ghcr.io/acme/greeter:1.2.3 was not published';
    expect(judged({})).toMatchObject({ due: true, published: false, verified: false, reason });
    // Why it stopped is the better reason, and none is needed of what is not due.
    expect(judged({ notPublished: 'interrupted' })?.reason).toBe('interrupted');
    expect(judged({}, { partial: true })).toMatchObject({ due: false, published: false });
    expect(judged({}, { partial: true })?.reason).toBeUndefined();
  });

  test('what is not published has a reason where it is due', () => {
    const reason = (partial: boolean) =>
      judge(run({ plan: { partial }, publications: [] })).images[0]?.reason;
    expect([reason(false), reason(true)]).toEqual(['nothing was published', undefined]);
  });

  test('one registry does not stand for another one of the plan', () => {
    const tags = ['1.2.3'];
    const targets = ['ghcr.io/acme/greeter', 'quay.io/acme/greeter'].map((repository) => ({
      repository,
      tags,
    }));
    const image = { ...one, targets };
    const trials = [trialOf('greeter', 'linux/amd64')];
    const whole = publicationOf(image, trials);
    const half = { ...whole, targets: whole.targets.slice(0, 1) };
    const judged = (publication: typeof whole) =>
      judge(evidenceOf({ images: [image], trials, publications: [publication] }));
    expect(judged(whole).verdict).toBe('passed');
    expect(judged(half).images[0]?.reason).toBe('quay.io/acme/greeter:1.2.3 was not published');
  });

  test('nothing but passed trials that are published and verified is ever passed', () => {
    const states = fc.constantFrom<Trial>(
      trialOf('greeter', 'linux/amd64'),
      failedTrial,
      erroredTrial,
      without('built', 'loaded'),
    );
    const publications = fc.constantFrom([good], [{ ...good, served: [] }], []);
    const interrupted = fc.constantFrom<Partial<Evidence['run']>>({}, { interrupted: 'SIGINT' });
    fc.assert(
      fc.property(states, publications, interrupted, (trial, published, stop) => {
        const judged = judge(run({ trials: [trial], publications: published, run: stop }));
        const sound =
          judged.trials.every(({ state }) => state === 'passed') &&
          judged.images.every(({ verified }) => verified) &&
          !('interrupted' in stop);
        expect(judged.verdict === 'passed').toBe(sound);
        expect(judged.exitCode === 0).toBe(sound);
      }),
    );
  });
});
