import { describe, expect, test } from '@jest/globals';
import {
  type BuildpackPlan,
  type Evidence,
  type Finding,
  finding,
  type Trial,
} from '../../src/evidence/index.js';
import { renderSummary } from '../../src/report/index.js';
import {
  digestOf,
  evidenceOf,
  failedOnS390x,
  output,
  plannedImage,
  publicationOf,
  testResult,
  trialOf,
} from '../evidence/sample.js';
import { plannedBuildpack } from '../plans.js';

const amd64 = [plannedImage({ platforms: ['linux/amd64'] })];

/** The text that is folded under a title; undefined where the page has no such part. */
function foldedIn(evidence: Evidence, title: string): string | undefined {
  const [, rest] = renderSummary(evidence).split(`<summary>${title}</summary>\n\n`);
  return rest?.split('\n\n</details>')[0];
}

const withTrial = (more: Partial<Trial>, sample: Parameters<typeof evidenceOf>[0] = {}) =>
  evidenceOf({ images: amd64, trials: [trialOf('greeter', 'linux/amd64', more)], ...sample });

describe('what passed', () => {
  test('is a row for each trial, with what of its build was cached and all of its tests', () => {
    const tests = [
      testResult(),
      testResult({ name: 'not planned', outcome: 'not-run', duration: 0 }),
    ];
    expect(foldedIn(withTrial({ tests }), '1 trial passed')).toBe(
      [
        '| image | platform | build | cached | size | tests |',
        '| --- | --- | --- | --- | --- | --- |',
        '| greeter | linux/amd64 | 3.1s | 1 of 3 steps | 12.4 MB | ✔ says its version 0.4s<br>· not planned 0.0s |',
      ].join('\n'),
    );
  });

  test('has a cross at a test whose failure is no error, and nothing of a build that it does not know', () => {
    const tests = [testResult({ outcome: 'failed', exitCode: 1 })];
    const { build: _build, ...trial } = trialOf('greeter', 'linux/amd64', { tests });
    const evidence = evidenceOf({
      images: amd64,
      trials: [trial],
      plan: { severities: { 'test-failed': 'warning' } },
      findings: [
        finding(
          'test-failed',
          { image: 'greeter', platform: 'linux/amd64', test: 'says its version' },
          'it failed',
        ),
      ],
    });
    const title = '1 trial passed, 1 with failed tests, which "checks" allows';
    expect(foldedIn(evidence, title)?.split('\n').at(-1)).toBe(
      '| greeter | linux/amd64 |  |  | 12.4 MB | ✘ says its version 0.4s |',
    );
  });

  test('is not there where nothing has', () => {
    const evidence = withTrial({ tests: [testResult({ outcome: 'failed' })] });
    expect(renderSummary(evidence)).not.toMatch(/trials? passed/);
    expect(foldedIn(failedOnS390x(), '2 trials passed')?.split('\n')).toHaveLength(4);
  });
});

describe('the environment', () => {
  const environmentWith = (
    more: Partial<NonNullable<Evidence['environment']>> = {},
    run: Partial<Evidence['run']> = {},
  ) => {
    const evidence = evidenceOf({ run });
    const { environment } = evidence;
    if (environment === undefined) throw new Error('the sample has none');
    return foldedIn({ ...evidence, environment: { ...environment, ...more } }, 'Environment');
  };
  const { engine, builder } = evidenceOf().environment ?? {};
  if (engine === undefined || builder === undefined) throw new Error('the sample has none');
  const lines = (text: string | undefined) => text?.split('\n') ?? [];

  test('is the program, the revision, the engine, the builder and the platforms', () => {
    expect(environmentWith()).toBe(
      [
        '- sea-trial 0.1.0',
        '- revision <code>8d3aa51c0ffee8d3aa51c0ffee8d3aa51c0ffee0</code>',
        '- engine docker 28.0.4, classic image store, linux/amd64',
        '- builder <code>sea-trial</code>, driver docker-container, buildx 0.23.0, BuildKit 0.21.1',
        '- linux/amd64 native',
        '- linux/arm64 emulated by qemu 10.0.2, verified: ran uname -m',
        '- linux/s390x emulated by qemu 10.0.2, verified: ran uname -m',
      ].join('\n'),
    );
  });

  test.each([
    ['', { sharesFiles: 'yes', sharesLoopback: 'yes' }],
    [', rootless', { rootless: true }],
    [', with a file system of its own', { sharesFiles: 'no' }],
    [', with a loopback of its own', { sharesLoopback: 'no' }],
    [
      ', rootless, with a file system and a loopback of its own',
      { rootless: true, sharesFiles: 'no', sharesLoopback: 'no' },
    ],
  ] as const)('says what the engine is apart from its name: "%s"', (words, more) => {
    const text = environmentWith({ engine: { ...engine, ...more } });
    expect(lines(text)[2]).toBe(`- engine docker 28.0.4, classic image store, linux/amd64${words}`);
  });

  test('has each version of BuildKit once, also the one of an engine', () => {
    const nodes = ['0.21.1', '0.20.0', '0.21.1', undefined].map((buildkit, at) => ({
      ...{ name: `node${at}`, platforms: [] },
      ...(buildkit === undefined ? {} : { buildkit }),
    }));
    expect(lines(environmentWith({ builder: { ...builder, nodes } }))[3]).toMatch(
      / BuildKit 0\.21\.1, 0\.20\.0, built into the engine$/,
    );
  });

  test('says of each platform how it runs, as far as that is known', () => {
    const platforms = [
      { platform: 'linux/amd64', emulated: false, proof: 'ran it' },
      { platform: 'linux/arm64', emulated: true, proof: 'ran it' },
      { platform: 'linux/s390x', emulated: true, handler: 'qemu' },
    ];
    expect(lines(environmentWith({ platforms })).slice(-3)).toStrictEqual([
      '- linux/amd64 native, verified: ran it',
      '- linux/arm64 emulated, verified: ran it',
      '- linux/s390x not verified to run here',
    ]);
  });

  test('names the first twenty files that are not committed', () => {
    const dirty = Array.from({ length: 22 }, (_, at) => `file${at}`);
    const { revision: _, ...source } = evidenceOf().run.source;
    const text = environmentWith({}, { source: { ...source, dirty } });
    const codes = dirty.slice(0, 20).map((path) => `<code>${path}</code>`);
    expect(lines(text).slice(0, 3)).toStrictEqual([
      '- sea-trial 0.1.0',
      `- not committed: ${codes.join(', ')}`,
      expect.stringMatching(/^- engine/),
    ]);
  });

  test.each([
    [true, '- untrusted: so it is'],
    [false, '- trusted: so it is'],
  ])('says whether the run is trusted: %s is untrusted', (untrusted, line) => {
    const trust = { untrusted, pushes: false, reason: 'so it is' };
    expect(lines(environmentWith({}, { trust }))[2]).toBe(line);
  });

  test('is the program alone where the run did not come to it', () => {
    const { environment: _, ...evidence } = evidenceOf({
      run: { source: { dirty: [] } },
    });
    expect(foldedIn(evidence, 'Environment')).toBe('- sea-trial 0.1.0');
  });

  describe('of an image from buildpacks', () => {
    const bases = ['a/builder:1', 'a/run:1'].map((reference) => ({
      ...{ reference, digest: digestOf(reference) },
    }));
    const trialWith = (image: string, platform: string, own: readonly (typeof bases)[0][]) => {
      const trial = trialOf(image, platform);
      return { ...trial, ...(trial.build && { build: { ...trial.build, bases: own } }) };
    };
    const linesOf = (trials: readonly Trial[], plan: Partial<BuildpackPlan> = {}) => {
      const images = ['greeter', 'other'].map((id) => ({
        ...plannedImage({ id, platforms: ['linux/amd64', 'linux/arm64'] }),
        build: plannedBuildpack(plan),
      }));
      return lines(foldedIn(evidenceOf({ images, trials }), 'Environment'))
        .filter((line) => line.includes('buildpacks of'))
        .map((line) => line.replaceAll('&#64;', '@'));
    };
    const line = (id: string, by: string) =>
      `- ${id}: buildpacks of the builder <code>a/builder:1@${digestOf('a/builder:1')}</code>, on the run image <code>a/run:1@${digestOf('a/run:1')}</code>, by ${by}`;

    test('has the builder and the run image of its own first build that tells both', () => {
      const trials = [
        trialWith('other', 'linux/amd64', []),
        trialWith('greeter', 'linux/amd64', bases.slice(0, 1)),
        trialWith('greeter', 'linux/arm64', bases),
      ];
      expect(linesOf(trials)).toStrictEqual([line('greeter', 'pack')]);
      expect(linesOf(trials, { flow: 'creator' as BuildpackPlan['flow'] })).toStrictEqual([
        line('greeter', "the lifecycle's creator"),
      ]);
    });

    test('has nothing where no build tells both', () => {
      const { build: _, ...bare } = trialOf('greeter', 'linux/arm64');
      const one = trialWith('greeter', 'linux/amd64', bases.slice(0, 1));
      expect(linesOf([one, bare])).toStrictEqual([]);
    });
  });
});

describe('the head of the page', () => {
  const headOf = (evidence: Evidence) => renderSummary(evidence).split('\n').slice(0, 3);
  const { source } = evidenceOf().run;

  test.each<[string, Partial<Evidence['run']>]>([
    ['1m 58s · main · <code>8d3aa51</code>', {}],
    ['1m 58s · v1 · <code>8d3aa51</code>', { source: { ...source, ref: 'refs/tags/v1' } }],
    [
      '1m 58s · refs/pull/1/merge · <code>8d3aa51</code>',
      { source: { ...source, ref: 'refs/pull/1/merge' } },
    ],
    ['1m 58s · x/refs/heads/y', { source: { ref: 'x/refs/heads/y', dirty: [] } }],
    ['1m 58s', { source: { dirty: [] } }],
    [
      '1m 58s · attempt 2 · with changes that are not committed',
      { attempt: 2, source: { dirty: ['a'] } },
    ],
  ])('says what was run: %s', (facts, run) => {
    expect(headOf(evidenceOf({ run }))).toStrictEqual([
      '## ✔ greeter tested on 3 platforms, published and verified',
      '',
      facts,
    ]);
  });

  test.each<[string, Evidence]>([
    ['✘', failedOnS390x()],
    ['⚠', evidenceOf({ run: { interrupted: 'SIGTERM' } })],
    ['⚠', withTrial({ tests: [testResult({ outcome: 'errored' })] }, { publications: [] })],
  ])('has the mark %s', (mark, evidence) => {
    expect(headOf(evidence)[0]).toMatch(new RegExp(`^## ${mark} \\w`));
  });
});

describe('the grid', () => {
  const gridOf = (evidence: Evidence) =>
    renderSummary(evidence)
      .split('\n')
      .filter((line) => /^\| <b>|^\| {2}\|/.test(line));

  test('has a column for each platform, empty for an image that is not for it', () => {
    const images = [
      plannedImage({ id: 'one', platforms: ['linux/amd64'] }),
      plannedImage({ id: 'two', platforms: ['linux/arm64', 'linux/amd64'] }),
    ];
    expect(gridOf(evidenceOf({ images }))).toStrictEqual([
      '|  | linux/amd64 | linux/arm64 |',
      '| <b>one</b> | ✔ 1 test<br><sub>6.0s</sub> |  |',
      '| <b>two</b> | ✔ 1 test<br><sub>6.0s</sub> | ✔ 1 test<br><sub>38s · emulated</sub> |',
    ]);
  });

  test.each<[string, readonly Trial[]]>([
    ['· not tested', []],
    [
      '· not tested<br><sub>38s</sub>',
      [trialOf('greeter', 'linux/arm64', { tests: [], notRun: 'no' })],
    ],
    ['· not tested', [trialOf('greeter', 'linux/arm64', { tests: [], notRun: 'no', duration: 0 })]],
    [
      '⚠ could not be tested<br><sub>0 of 1 test · 38s · emulated</sub>',
      [trialOf('greeter', 'linux/arm64', { tests: [testResult({ outcome: 'errored' })] })],
    ],
    [
      '✘ failed<br><sub>0 of 1 test · 38s · emulated</sub>',
      [trialOf('greeter', 'linux/arm64', { tests: [testResult({ outcome: 'failed' })] })],
    ],
  ])('says of a trial: %s', (cell, trials) => {
    const images = [plannedImage({ platforms: ['linux/arm64'] })];
    expect(gridOf(evidenceOf({ images, trials, publications: [] }))[1]).toBe(
      `| <b>greeter</b> | ${cell} |`,
    );
  });
});

describe('of an image', () => {
  test('nothing is told where nothing was built', () => {
    const trial = trialOf('greeter', 'linux/amd64', { tests: [], notRun: 'no' });
    const { built: _built, loaded: _loaded, ...bare } = trial;
    const evidence = evidenceOf({ images: amd64, trials: [bare], publications: [] });
    const text = renderSummary(evidence);
    expect(text).toContain(
      '| · not tested<br><sub>6.0s</sub> |\n\n<details open><summary>Timeline',
    );
    expect(foldedIn(evidence, 'Digests')).toBeUndefined();
  });

  test('of several each has its name, and no line says that it is also tagged where it is not', () => {
    const targets = [{ repository: 'ghcr.io/acme/x', tags: ['1'] }];
    const images = ['one', 'two'].map((id) =>
      plannedImage({ id, platforms: ['linux/amd64'], targets }),
    );
    const text = renderSummary(evidenceOf({ images }));
    expect(text).toContain(
      `\n\n**one** tested on 1 platform, published and verified\n\n\`\`\`text\nghcr.io/acme/x:1@${digestOf('one index')}\n\`\`\`\n\nlinux/amd64 12.4 MB<br>What`,
    );
    expect(foldedIn(evidenceOf({ images }), 'Digests')).toBe(
      [
        '| image | platform | manifest |',
        '| --- | --- | --- |',
        `| one | linux/amd64 | <code>${digestOf('one linux/amd64 manifest')}</code> |`,
        `| two | linux/amd64 | <code>${digestOf('two linux/amd64 manifest')}</code> |`,
      ].join('\n'),
    );
    expect(foldedIn(evidenceOf({ images }), 'Bases, as they can be pinned')).toMatch(
      /<\/code> \| one and two \|$/,
    );
  });

  test('what is embedded is in no block to be copied', () => {
    const text = renderSummary(evidenceOf({ images: amd64, embedded: true }));
    expect(text).toContain('\n\nembedded: <code>acme/greeter:1.2.3</code>');
    expect(text.split('<details')[0]).not.toContain('```');
  });

  test('other tags are told for each group of repositories that has them', () => {
    const targets = [
      { repository: 'ghcr.io/acme/x', tags: ['1', 'latest'] },
      { repository: 'quay.io/acme/x', tags: ['1', 'edge'] },
    ];
    const images = [plannedImage({ platforms: ['linux/amd64'], targets })];
    expect(renderSummary(evidenceOf({ images }))).toContain(
      '\n\n<code>ghcr.io/acme/x</code> also tagged <code>latest</code><br><code>quay.io/acme/x</code> also tagged <code>edge</code>\n\n',
    );
  });

  test('a name in the engine says that it did not pass', () => {
    const names = ['ghcr.io/acme/greeter:1'];
    const trial = trialOf('greeter', 'linux/amd64', {
      loaded: { id: digestOf('x'), digestOf: 'config', names },
      tests: [testResult({ outcome: 'failed' })],
    });
    const evidence = evidenceOf({ images: amd64, trials: [trial], publications: [] });
    expect(renderSummary(evidence)).toContain(
      'in the engine: <code>ghcr.io/acme/greeter:1</code> (linux/amd64, not passed)',
    );
  });

  test('what it weighed before is compared where a platform had it', () => {
    const trials = [trialOf('greeter', 'linux/amd64')];
    const whole = publicationOf(amd64[0] ?? plannedImage(), trials);
    const served = (digest: string, platform: string) => ({
      ...whole,
      targets: whole.targets.map((one) => ({
        ...one,
        before: { digest, platforms: [{ platform, size: 12_402_048 }] },
      })),
    });
    const lineOf = (digest: string, platform: string) =>
      renderSummary(evidenceOf({ images: amd64, trials, publications: [served(digest, platform)] }))
        .split('\n')
        .find((line) => line.includes('served'));
    expect(lineOf(digestOf('x'), 'linux/amd64')).toBe(
      `linux/amd64 12.4 MB (same size)<br><code>1.2.3</code> served <code>${digestOf('x').slice(0, 15)}…</code> before<br>What was tested is what the registry serves: 1 of 1 platform, 2 tags.`,
    );
    expect(lineOf(digestOf('x'), 'linux/arm64')).toMatch(/^linux\/amd64 12\.4 MB<br>/);
  });

  test('bases are those of Dockerfiles alone', () => {
    const images = [{ ...amd64[0], build: plannedBuildpack() } as (typeof amd64)[0]];
    expect(foldedIn(evidenceOf({ images }), 'Bases, as they can be pinned')).toBeUndefined();
  });
});

describe('what is wrong', () => {
  const failing = (more: Parameters<typeof testResult>[0], findings: readonly Finding[] = []) =>
    withTrial(
      { tests: [testResult({ outcome: 'failed', checks: [], stdout: output(''), ...more })] },
      { publications: [], findings },
    );
  const problemOf = (evidence: Evidence) =>
    renderSummary(evidence).split('<details open>')[1]?.split('\n\n</details>')[0];
  const subject = { image: 'greeter', platform: 'linux/amd64', test: 'says its version' };

  test('is a test with all that it did', () => {
    const executed = ['/bin/sh', '-c', 'x y'];
    const evidence = failing({ executed, stderr: output('\none\n\ntwo\n') }, [
      finding('program-killed', subject, 'it was killed', { remedy: 'Give it more memory.' }),
    ]);
    expect(problemOf(evidence)).toBe(`\
<summary>✘ <b>greeter, linux/amd64</b>: <code>program-killed</code> in test <code>says its version</code>, failed</summary>

The test is defined in <code>sea-trial.yml:7:9</code>.

It executed <code>/bin/sh -c &#39;x y&#39;</code>.

Last lines of its stderr:

\`\`\`text
one

two
\`\`\`

Give it more memory.

Run it again:

\`\`\`sh
sea-trial run --only greeter
\`\`\``);
  });

  test('is a test without what is not known of it', () => {
    const { location: _, ...start } = testResult({ name: 'starts', kind: 'start' });
    const tests = [{ ...start, outcome: 'failed' as const, checks: [], stdout: output('') }];
    expect(problemOf(withTrial({ tests }, { publications: [] }))).toBe(`\
<summary>✘ <b>greeter, linux/amd64</b>: <code>test-failed</code> in test <code>starts</code>, failed</summary>

Run it again:

\`\`\`sh
sea-trial run --only greeter
\`\`\``);
  });

  test('is a finding with both sides, its details, its place and what to do', () => {
    const detail = Array.from({ length: 32 }, (_, at) => `line ${at}`);
    const whole = finding('arch-mismatch', { image: 'greeter', platform: 'linux/amd64' }, 'no', {
      found: { value: 'a', from: 'here' },
      expected: { value: 'b', from: 'there' },
      location: { file: 'Dockerfile', line: 7 },
      ...{ detail, remedy: 'Do it.' },
    });
    const of = (...findings: readonly Finding[]) =>
      problemOf(evidenceOf({ images: amd64, findings, publications: [] }));
    const again = 'Run it again:\n\n```sh\nsea-trial run --only greeter\n```';
    const head = '<summary>✘ <b>greeter, linux/amd64</b>: <code>arch-mismatch</code></summary>';
    expect(of(whole)).toBe(`\
${head}

no

- found <code>a</code> here
- expected <code>b</code> there

\`\`\`text
${detail.slice(2).join('\n')}
\`\`\`

<code>Dockerfile:7</code> → Do it.

${again}`);
    const { found: _found, location: _location, detail: _detail, remedy: _remedy, ...less } = whole;
    expect(of(less)).toBe(`${head}\n\nno\n\n- expected <code>b</code> there\n\n${again}`);
    const { expected: _expected, ...bare } = less;
    expect(of(bare)).toBe(`${head}\n\nno\n\n${again}`);
    expect(of({ ...bare, remedy: 'Do it.' })).toBe(`${head}\n\nno\n\nDo it.\n\n${again}`);
    expect(of({ ...bare, location: { file: 'a' } })).toBe(
      `${head}\n\nno\n\n<code>a</code>\n\n${again}`,
    );
  });

  test('is named the run where it is about no image', () => {
    const findings = [finding('engine-failed', {}, 'no', { remedy: 'Do it.' })];
    expect(problemOf(evidenceOf({ findings, publications: [] }))).toBe(
      '<summary>✘ <b>the run</b>: <code>engine-failed</code></summary>\n\nno\n\nDo it.',
    );
  });

  test('says for which platforms nothing was tested, and why', () => {
    const images = [plannedImage({ platforms: ['linux/amd64', 'linux/arm64'] })];
    expect(renderSummary(evidenceOf({ images, trials: [], publications: [] }))).toContain(
      '\n\n⚠ <b>greeter, linux/amd64, linux/arm64</b> not tested: the run ended before it began\n\n',
    );
  });
});

describe('advice', () => {
  const adviceOf = (...findings: readonly Finding[]) =>
    /\*\*⚠ Worth a look\*\*\n\n((?:- .*\n)+)/
      .exec(renderSummary(evidenceOf({ findings })))?.[1]
      ?.trimEnd()
      .split('\n');
  const warning = (subject: Finding['subject'], more: Partial<Finding> = {}) => {
    const { remedy: _, ...one } = finding('base-moved', subject, 'it moved', more);
    return { ...one, severity: 'warning' as const, ...more };
  };

  test('is a line for each warning, those of images first', () => {
    const place = { location: { file: 'Dockerfile', line: 1 }, remedy: 'Pin it.' };
    expect(
      adviceOf(
        warning({}),
        warning({ image: 'greeter' }),
        warning({ image: 'greeter', platform: 'linux/amd64' }, place),
        warning({ image: 'greeter', platform: 'linux/arm64' }, place),
      ),
    ).toStrictEqual([
      '- <code>base-moved</code> greeter: it moved',
      '- <code>base-moved</code> greeter, linux/amd64, linux/arm64: it moved <code>Dockerfile:1</code> → Pin it.',
      '- <code>base-moved</code> it moved',
    ]);
  });

  test('is folded where it is a note, without what to do', () => {
    const notes = [1, 2].map((line) =>
      finding('build-warning', { image: 'greeter' }, 'FromAsCasing', {
        location: { file: 'Dockerfile', line },
        ...{ severity: 'note' as const, remedy: 'Do it.' },
      }),
    );
    expect(foldedIn(evidenceOf({ findings: notes }), 'Notes (2)')).toBe(
      [1, 2]
        .map(
          (at) =>
            `- <code>build-warning</code> greeter: FromAsCasing <code>Dockerfile:${at}</code>`,
        )
        .join('\n'),
    );
    expect(adviceOf(...notes)).toBeUndefined();
    expect(renderSummary(evidenceOf())).not.toContain('Notes');
  });
});

describe('the timeline', () => {
  const chartOf = (evidence: Evidence) =>
    /section [\s\S]*?(?=\n```)/.exec(renderSummary(evidence))?.[0].split('\n');
  const trial = trialOf('greeter', 'linux/amd64');
  const build = trial.build ?? { started: '', duration: 0, steps: [], warnings: [], bases: [] };

  test('names image and platform where there are several images', () => {
    const images = ['a:b', 'c'].map((id) => plannedImage({ id, platforms: ['linux/amd64'] }));
    expect(chartOf(evidenceOf({ images }))).toStrictEqual([
      'section a-b linux/amd64',
      '  build :done, 5000, 3100ms',
      '  test :active, 10000, 420ms',
      '  section c linux/amd64',
      '  build :done, 5000, 3100ms',
      '  test :active, 10000, 420ms',
    ]);
  });

  test('has no bar that begins before the run or takes no time, and one test bar for all tests', () => {
    const tests = [
      testResult({ started: '2026-05-04T09:30:20.000Z', duration: 1_000 }),
      testResult({ name: 'b', started: '2026-05-04T09:30:10.000Z', duration: 500 }),
      { ...testResult({ name: 'c', outcome: 'not-run' }), started: undefined as never },
    ];
    const early = { ...build, started: '2026-05-04T09:29:50.000Z', duration: 0.2 };
    expect(chartOf(withTrial({ build: early, tests }))).toStrictEqual([
      'section linux/amd64',
      '  build :done, 0, 1ms',
      '  test :active, 10000, 11000ms',
    ]);
  });

  test('marks what was not built, and has no bar for tests that did not run', () => {
    const { built: _, ...bare } = trialOf('greeter', 'linux/amd64', { tests: [], notRun: 'no' });
    expect(chartOf(evidenceOf({ images: amd64, trials: [bare], publications: [] }))).toStrictEqual([
      'section linux/amd64',
      '  build :crit, 5000, 3100ms',
    ]);
  });

  test('is not there where nothing was built', () => {
    const { build: _, ...bare } = trial;
    expect(foldedIn(evidenceOf({ images: amd64, trials: [bare] }), 'Timeline')).toBeUndefined();
  });

  test('of buildpacks has twelve steps at most, and the whole build where no step has a time', () => {
    const images = [{ ...amd64[0], build: plannedBuildpack() } as (typeof amd64)[0]];
    const step = (at: number) => ({ name: `step ${at}`, cached: false });
    const started = '2026-05-04T09:30:05.000Z';
    const steps = Array.from({ length: 14 }, (_, at) => ({ ...step(at), started, duration: 10 }));
    const of = (own: typeof build.steps) =>
      chartOf(
        evidenceOf({ images, trials: [{ ...trial, build: { ...build, steps: own } }] }),
      )?.slice(1, -1);
    expect(of(steps)).toStrictEqual(
      steps.slice(0, 12).map(({ name }) => `  ${name} :done, 5000, 10ms`),
    );
    expect(of([step(0)])).toStrictEqual(['  build :done, 5000, 3100ms']);
    expect(of([step(0), { ...step(1), started }])).toStrictEqual(['  step 1 :done, 5000, 1ms']);
  });

  test.each([
    [6, true],
    [7, false],
  ])('of %i trials is open: %s', (count, open) => {
    const platforms = Array.from({ length: count }, (_, at) => `linux/p${at}`);
    const text = renderSummary(evidenceOf({ images: [plannedImage({ platforms })] }));
    expect(text.includes('<details open><summary>Timeline')).toBe(open);
    expect(text.includes('<details><summary>Timeline')).toBe(!open);
  });
});

describe('what is to be written before it can run again', () => {
  const failed = failedOnS390x();
  const { configuration: _configuration, ...plan } = failed.plan;
  const images = plan.images.map(({ location: _place, ...image }) => image);

  test('is shown, and each command says so', () => {
    const text = renderSummary({ ...failed, plan: { ...plan, images } });
    expect(text).toContain(
      'Run it again, with the <code>sea-trial.yml</code> that is shown under “Run it again on your machine”:\n\n```sh\nsea-trial run --only greeter@linux/s390x\n```',
    );
    expect(text).toContain(
      '<summary>Run it again on your machine</summary>\n\nThe inputs of the action describe the image; the command line needs it in a file. Write this to <code>sea-trial.yml</code>:\n\n```yaml\nimages:\n  - name: ghcr.io/acme/greeter\n',
    );
  });
});
