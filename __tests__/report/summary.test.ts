import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type BuildpackPlan, type Evidence, finding } from '../../src/evidence/index.js';
import { renderSummary, renderTerminal } from '../../src/report/index.js';
import { pageOf } from '../../src/report/summary/sections.js';
import {
  archMismatch,
  digestOf,
  evidenceOf,
  failedOnS390x,
  fleet,
  output,
  plannedImage,
  publicationOf,
  testResult,
  trialOf,
} from '../evidence/sample.js';
import { plannedBuildpack } from '../plans.js';
import { hostile } from './hostile.js';

const index = digestOf('greeter index');

/** Lines outside of fences, and what is still open at the end. */
function reading(markdown: string) {
  const outside: string[] = [];
  let fence = '';
  for (const line of markdown.split('\n')) {
    const mark = /^(`{3,})/.exec(line)?.[1] ?? '';
    if (fence !== '') {
      if (line === fence) fence = '';
    } else if (mark !== '') fence = mark;
    else outside.push(line);
  }
  const text = outside.join('\n');
  const opened = text.match(/<details/g)?.length ?? 0;
  const closed = text.match(/<\/details>/g)?.length ?? 0;
  return { outside, fence, opened, closed };
}

function expectWellFormed(markdown: string): void {
  const { outside, fence, opened, closed } = reading(markdown);
  expect(fence).toBe('');
  expect(closed).toBe(opened);
  let columns = 0;
  for (const line of outside) {
    const cells = line.startsWith('|') ? line.split('|').length : 0;
    if (cells > 0 && columns > 0) expect(cells).toBe(columns);
    columns = cells;
  }
}

/** Evidence with somebody else's words everywhere they can stand. */
function saying(one: string, other: string): Evidence {
  const tests = [
    testResult({
      name: one,
      outcome: 'failed',
      reason: other,
      checks: [{ what: 'stdout', expected: one, found: other, ok: false }],
      stdout: output(`${one}\n${other}`),
      stderr: output(other),
    }),
    testResult({ name: other }),
  ];
  const images = [plannedImage({ platforms: ['linux/amd64', 'linux/s390x'] })];
  const trials = [
    trialOf('greeter', 'linux/amd64', { tests }),
    trialOf('greeter', 'linux/s390x', { tests: [testResult(), testResult({ name: one })] }),
  ];
  const findings = [
    {
      ...archMismatch,
      message: one,
      detail: [other, one],
      remedy: other,
      found: { value: one, from: other },
    },
    finding('started-only', { image: 'greeter' }, one, { location: { file: other, line: 1 } }),
    finding('build-warning', { image: one, platform: other }, other),
  ];
  const source = { repository: one, revision: other, ref: one, dirty: [other, one] };
  return evidenceOf({ images, trials, findings, publications: [], run: { source } });
}

/** Names that a document from elsewhere could hold. */
function named(one: string, other: string): Evidence {
  const image = plannedImage({
    id: one,
    platforms: [other],
    targets: [{ repository: other, tags: [one] }],
  });
  const plan = { configuration: other };
  return evidenceOf({ images: [image, plannedImage()], plan });
}

describe('the summary', () => {
  test('of a passed run begins with the verdict, the grid and what to copy', () => {
    expect(renderSummary(evidenceOf())).toContain(`\
## ✔ greeter tested on 3 platforms, published and verified

1m 58s · main · <code>8d3aa51</code>

|  | linux/amd64 | linux/arm64 | linux/s390x |
| --- | --- | --- | --- |
| <b>greeter</b> | ✔ 1 test<br><sub>6.0s</sub> | ✔ 1 test<br><sub>38s · emulated</sub> | ✔ 1 test<br><sub>38s · emulated</sub> |

\`\`\`text
ghcr.io/acme/greeter:1.2.3@${index}
\`\`\`

also tagged <code>latest</code>

linux/amd64 12.4 MB · linux/arm64 12.4 MB · linux/s390x 12.4 MB<br>What was tested is what the registry serves: 3 of 3 platforms, 2 tags.
`);
  });

  test('of a failed run has the failure above everything, folded out', () => {
    const text = renderSummary(failedOnS390x());
    expect(text).toContain(`\
## ✘ greeter failed on linux/s390x; nothing was published

2m 04s · main · <code>8d3aa51</code>

<details open><summary>✘ <b>greeter, linux/s390x (emulated)</b>: <code>test-failed</code> in test <code>sums big files</code>, exit 1, expected 0</summary>

The test is defined in <code>sea-trial.yml:10:9</code>.

- stdout <code>checksum 0x00000000</code>
- expected <code>/checksum 0x&#91;1-9a-f&#93;/</code>

Last lines of its stderr:

\`\`\`text
reading 4096 bytes
short read at 2048
\`\`\`

Run it again:

\`\`\`sh
sea-trial run --only greeter@linux/s390x
\`\`\`

</details>

|  | linux/amd64 | linux/arm64 | linux/s390x |
`);
    expect(text).toContain('✘ failed<br><sub>1 of 2 tests · 38s · emulated</sub>');
    expect(text).not.toContain('ghcr.io');
  });

  test.each([
    ['ok \r\n', 'ok\\x20\\r', '- stdout <code>ok&#92;x20&#92;r</code>\n- expected', 'ok\\x20'],
    [
      'one\nok \n',
      'one\nok\\x20',
      'Last lines of its stdout:\n\n```text\none\nok\\x20\n```\n',
      undefined,
    ],
  ])('shows what cannot be seen of %j, once', (stdout, found, shown, not) => {
    const unseen = testResult({
      outcome: 'failed',
      checks: [{ what: 'stdout', expected: '/^ok$/', found, ok: false }],
      stdout: output(stdout),
    });
    const images = [plannedImage({ platforms: ['linux/amd64'] })];
    const trials = [trialOf('greeter', 'linux/amd64', { tests: [unseen] })];
    const text = renderSummary(evidenceOf({ images, trials, publications: [] }));
    expect(text).toContain(shown);
    if (not !== undefined) expect(text).not.toContain(not);
  });

  test('shows an output of several lines in its lines', () => {
    const lines = testResult({
      outcome: 'failed',
      checks: [{ what: 'stdout', expected: '/^two$/', found: 'one\ntwo', ok: false }],
      stdout: output('one\ntwo\n'),
    });
    const images = [plannedImage({ platforms: ['linux/amd64'] })];
    const trials = [trialOf('greeter', 'linux/amd64', { tests: [lines] })];
    expect(renderSummary(evidenceOf({ images, trials, publications: [] }))).toContain(`\
- stdout has several lines; the last are below
- expected <code>/&#94;two&#36;/</code>

Last lines of its stdout:

\`\`\`text
one
two
\`\`\`
`);
  });

  test('says what a tag served before, and how much larger each platform is now', () => {
    const text = renderSummary(fleet());
    expect(text).toContain('linux/amd64 31.0 MB (+1.0 MB) · linux/arm/v7 31.3 MB (+1.3 MB)');
    expect(text).toContain(
      `<code>1.4.0</code> served <code>${digestOf('controller before').slice(0, 15)}…</code> before`,
    );
    const image = plannedImage();
    const trials = image.platforms.map((platform) => trialOf('greeter', platform));
    const whole = publicationOf(image, trials);
    const again = {
      ...whole,
      targets: whole.targets.map((one) => ({
        ...one,
        before: { digest: one.digest, platforms: [] },
      })),
    };
    expect(renderSummary(evidenceOf({ trials, publications: [again] }))).toContain(
      '<code>1.2.3</code> served the same index before',
    );
  });

  test('bases of Dockerfiles are folded, each once, as they can be pinned', () => {
    const digest = digestOf('base');
    const trials = ['linux/amd64', 'linux/arm64'].map((platform) => {
      const trial = trialOf('greeter', platform);
      const bases = [
        { reference: 'busybox:1.37', digest, platform },
        { reference: `golang@${digest}`, digest },
      ];
      return { ...trial, ...(trial.build && { build: { ...trial.build, bases } }) };
    });
    const images = [plannedImage({ platforms: ['linux/amd64', 'linux/arm64'] })];
    const text = renderSummary(evidenceOf({ images, trials }));
    const [, folded = ''] = text.split('<summary>Bases, as they can be pinned</summary>');
    expect(folded.slice(0, folded.indexOf('</details>')).trim()).toBe(
      [
        '| base | images |',
        '| --- | --- |',
        `| <code>busybox:1.37&#64;${digest}</code> | greeter |`,
        `| <code>golang&#64;${digest}</code> | greeter |`,
      ].join('\n'),
    );
    const bare = trials.map((trial) => ({ ...trial, build: undefined }));
    expect(renderSummary(evidenceOf({ images, trials: bare }))).not.toContain('Bases');
  });

  test('what is embedded never looks like a live reference', () => {
    const text = renderSummary(evidenceOf({ embedded: true }));
    expect(text).toContain(
      'embedded: <code>acme/greeter:1.2.3</code>, also tagged <code>latest</code> (kept nowhere; use <code>push: true</code> to publish to <code>ghcr.io/acme/greeter:1.2.3</code>)',
    );
    expect(text).not.toContain(`@${index}`);
  });

  test('draws the time of builds and tests, folded in where there are many', () => {
    const chart = `\
\`\`\`mermaid
---
displayMode: compact
config:
  gantt:
    leftPadding: 86
---
gantt
  dateFormat x
  axisFormat %M:%S
  section linux/amd64
  build :done, 5000, 3100ms
  test :active, 10000, 420ms
  section linux/arm64
`;
    expect(renderSummary(evidenceOf())).toContain(
      `<details open><summary>Timeline</summary>\n\n${chart}`,
    );
    expect(renderSummary(failedOnS390x())).toContain('test :crit, 40000, 6200ms');
    expect(renderSummary(fleet())).toContain('<details><summary>Timeline</summary>');
  });

  test.each([
    [2_600, '  axisFormat %M:%S\n  tickInterval 1second\n'],
    [10_000, '  axisFormat %M:%S\n  section'],
    [3_600_000, '  axisFormat %H:%M:%S\n  section'],
  ])('has no two ticks alike in a run of %i ms', (duration, axis) => {
    const evidence = evidenceOf();
    expect(renderSummary({ ...evidence, run: { ...evidence.run, duration } })).toContain(axis);
  });

  test('names the environment and how to repeat it', () => {
    const text = renderSummary(evidenceOf());
    expect(text).toContain(`\
- engine docker 28.0.4, classic image store, linux/amd64
- builder <code>sea-trial</code>, driver docker-container, buildx 0.23.0, BuildKit 0.21.1
- linux/amd64 native
- linux/arm64 emulated by qemu 10.0.2, verified: ran uname -m
`);
    expect(text).toContain('```sh\nsea-trial run\n```');
  });

  test('says whether the run was trusted, and why', () => {
    const why = 'the event is issue_comment, and not in the checkout are: https://a.example/@b';
    const run = { trust: { untrusted: true, pushes: false, reason: why } };
    const line = renderSummary(evidenceOf({ run })).match(/^- untrusted: .*$/m)?.[0] ?? '';
    expect(line).toContain('the event is issue');
    expect(line).not.toMatch(/:\/\/|@b/);
  });

  test('stays well-formed whatever an image, a build or a test says', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const texts = [saying(one, other), named(one, other)].map((all) => renderSummary(all));
        for (const text of texts) expectWellFormed(text);
        for (const line of texts.flatMap((text) => reading(text).outside)) {
          const bare = line.replace(/<\/?(?:details|summary|b|code|sub|br)(?: open)?>/g, '');
          expect(bare).not.toMatch(/[<>`]|@\w|:\/\/|\]\(/);
          expect(bare).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}]/u);
        }
      }),
    );
  });

  test('leaves whole parts out to stay under its limit, the least telling first', () => {
    const evidence = saying('word '.repeat(50), 'other '.repeat(50));
    const whole = Buffer.byteLength(renderSummary(evidence));
    for (let limit = whole; limit > 900; limit -= 97) {
      const text = renderSummary(evidence, limit);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      expect(text).toMatch(/^## ✘ greeter failed on linux/);
      expectWellFormed(text);
    }
    const cut = renderSummary(evidence, whole - 1);
    expect(cut).not.toContain('trial passed');
    expect(cut).toContain(
      '_1 part of this page was left out to keep it small; the evidence has everything._',
    );
  });

  test('stays under 900 KiB with a thousand failing trials', () => {
    const platforms = ['linux/amd64', 'linux/arm64', 'linux/ppc64le', 'linux/s390x'];
    const images = Array.from({ length: 250 }, (_, at) =>
      plannedImage({ id: `image-${at}`, platforms }),
    );
    const log = output('ä line of a log that goes on and on\n'.repeat(300));
    const tests = [testResult({ outcome: 'failed', exitCode: 1, stdout: log, stderr: log })];
    const trials = images.flatMap(({ id }) => platforms.map((p) => trialOf(id, p, { tests })));
    const text = renderSummary(evidenceOf({ images, trials, publications: [] }));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(900 * 1024);
    expect(Buffer.byteLength(text)).toBeGreaterThan(800 * 1024);
    expectWellFormed(text);
  });

  test('stays under 900 KiB with 300 trials that say more than anybody reads', () => {
    const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x'];
    const giant = '🚢`|<@&\u202e\u001b[31m'.repeat(50_000);
    const images = Array.from({ length: 100 }, (_, at) =>
      plannedImage({
        id: `${giant.slice(0, 5_000)}${at}`,
        platforms,
        targets: [{ repository: `ghcr.io/${giant.slice(0, 3_000)}`, tags: ['1', giant] }],
      }),
    );
    const failed = testResult({
      name: giant,
      outcome: 'failed',
      reason: giant,
      checks: [{ what: giant, expected: giant, found: giant, ok: false }],
      stdout: output(giant),
      stderr: output(`${giant.slice(0, 30_000)}\n`.repeat(30)),
    });
    const trials = images.flatMap(({ id }) =>
      platforms.map((platform) => trialOf(id, platform, { tests: [failed, failed] })),
    );
    const side = { value: giant, from: giant };
    const findings = images.map(({ id }) =>
      finding('arch-mismatch', { image: id, path: giant }, giant, {
        found: side,
        expected: side,
        detail: [giant, giant],
        remedy: giant,
        location: { file: giant, line: 1 },
      }),
    );
    const dirty = Array.from({ length: 1_000 }, () => giant);
    const run = { source: { revision: giant, ref: giant, dirty } };
    const text = renderSummary(evidenceOf({ images, trials, findings, run }));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(900 * 1024);
    expect(Buffer.byteLength(text)).toBeGreaterThan(700 * 1024);
    expectWellFormed(text);
  });

  test('names the main packages of Go programs, one for all or each with its own', () => {
    const of = (path: (platform: string) => string) => {
      const image = plannedImage();
      const go = (platform: string) => ({
        toolchain: 'go1.26',
        path: path(platform),
        settings: {},
      });
      const trials = image.platforms.map((platform) => {
        const init = { path: '/tini', role: 'entrypoint', layer: 1, size: 1 } as const;
        const app = { ...init, path: '/app', go: go(platform) };
        return trialOf('greeter', platform, { contents: { files: 2, programs: [init, app] } });
      });
      return renderSummary(evidenceOf({ trials }))
        .split(/<br>|\n/)
        .filter((line) => line.startsWith('main package'));
    };
    expect(of(() => 'example.com/a|b')).toEqual(['main package <code>example.com/a&#124;b</code>']);
    expect(of((platform) => (platform === 'linux/arm64' ? 'x/other' : 'x/greeter'))).toEqual([
      'main package linux/amd64 <code>x/greeter</code> · linux/arm64 <code>x/other</code> · linux/s390x <code>x/greeter</code>',
    ]);
  });

  test('a page drops its last sections of the highest rank, and keeps rank 0', () => {
    const sections = [
      { text: 'a'.repeat(50), rank: 0 },
      { text: 'b'.repeat(50), rank: 1 },
      { text: 'c'.repeat(50), rank: 2 },
      { text: 'd'.repeat(50), rank: 2 },
      { text: '', rank: 3 },
    ];
    const first = (limit: number) =>
      pageOf(sections, limit)
        .match(/^(.)\1{9}/gm)
        ?.map(([sign]) => sign);
    expect([first(1_000), first(280), first(200), first(10)]).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'b', 'c'],
      ['a', 'b'],
      ['a'],
    ]);
  });
});

test('of images from buildpacks says where their labels are, of others nothing', () => {
  const image = plannedImage();
  const images = [{ ...image, build: plannedBuildpack() }];
  const sentence = 'are annotations of their index.';
  expect(renderSummary(evidenceOf({ images }))).toContain(sentence);
  expect(renderSummary(evidenceOf())).not.toContain(sentence);
});

describe('an image from buildpacks', () => {
  const step = (name: string, second: number, duration: number) => ({
    name,
    started: `2026-01-01T00:00:0${second}Z`,
    duration,
    cached: false,
  });

  function evidenceWith(
    bases: readonly { reference: string; digest: string }[],
    plan: Partial<BuildpackPlan> = {},
  ): Evidence {
    const image = { ...plannedImage(), build: plannedBuildpack(plan) };
    const trials = image.platforms.map((platform) => {
      const trial = trialOf('greeter', platform);
      const steps = [
        step('analyze', 5, 400),
        step('build heroku/python 0.25.0', 6, 2000),
        { ...step('export', 8, 100), error: 'failed to export: x' },
      ];
      const build = {
        ...trial.build,
        started: '2026-01-01T00:00:05Z',
        duration: 3100,
        warnings: [],
      };
      return { ...trial, build: { ...build, steps, bases: [...bases] } };
    });
    return evidenceOf({ images: [image], trials });
  }
  const summaryOf = (...asked: Parameters<typeof evidenceWith>) =>
    renderSummary(evidenceWith(...asked));
  const builder = { reference: 'heroku/builder:24', digest: digestOf('builder') };
  const runImage = { reference: `heroku/heroku@${digestOf('run')}`, digest: digestOf('run') };

  test('has the phases of its build in the timeline', () => {
    const text = summaryOf([]);
    const bars = /section linux\/amd64\n((?: {2}.*\n)*)/.exec(text)?.[1]?.split('\n') ?? [];
    expect(bars.map((bar) => bar.trim().split(',')[0])).toEqual([
      'analyze :done',
      'build heroku/python 0.25.0 :done',
      'export :crit',
      'test :active',
      'section linux/arm64',
      ...bars.slice(5).map((bar) => bar.trim().split(',')[0]),
    ]);
    expect(text).not.toMatch(/\d of 3 steps/);
  });

  test('is told with its builder and run image, each by its digest, where a build tells them', () => {
    expect(summaryOf([builder, runImage]).replaceAll('&#64;', '@')).toContain(
      `- greeter: buildpacks of the builder <code>heroku/builder:24@${builder.digest}</code>, on the run image <code>${runImage.reference}</code>, by pack`,
    );
    expect(summaryOf([])).not.toContain('buildpacks of the builder');
    expect(summaryOf([builder, runImage])).not.toContain('has it');
  });

  test('is told with its lock, in the terminal with the digest of the builder', () => {
    const locked = evidenceWith([builder, runImage], { lock: { file: 'sea-trial.lock', line: 4 } });
    expect(renderSummary(locked)).toContain(', by pack, as <code>sea-trial.lock:4</code> has it\n');
    expect(renderTerminal(locked, { colour: false })).toContain(
      `\n  as sea-trial.lock:4 has it, with the builder\n    heroku/builder:24@${builder.digest}\n`,
    );
    const open = renderTerminal(evidenceWith([builder, runImage]), { colour: false });
    expect(open).not.toContain('has it');
  });
});
