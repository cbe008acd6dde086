import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type Finding, finding, type TestResult, visible } from '../../src/evidence/index.js';
import { renderSummary, renderTerminal } from '../../src/report/index.js';
import {
  archMismatch,
  digestOf,
  evidenceOf,
  failedOnS390x,
  fleet,
  output,
  plannedImage,
  plannedTest,
  publicationOf,
  testResult,
  trialOf,
} from '../evidence/sample.js';
import { hostile } from './hostile.js';

const plain = { colour: false };
const index = digestOf('greeter index');

describe('the report in a terminal', () => {
  test('when it is over', () => {
    expect(renderTerminal(evidenceOf(), plain)).toBe(`\
✔ greeter  tested on 3 platforms, published and verified                  1m 58s

  linux/amd64   12.4 MB   1 test   sha256:c5d66ad3…
  linux/arm64   12.4 MB   1 test   sha256:039ea983…   emulated
  linux/s390x   12.4 MB   1 test   sha256:59b15bcb…   emulated

  ghcr.io/acme/greeter:1.2.3@${index}
    also tagged latest
  What was tested is what the registry serves: 3 of 3 platforms, 2 tags.
`);
  });

  test('what was pushed from a checkout with changes is told with them', () => {
    const paths = Array.from({ length: 12 }, (_, at) => `file${at}`);
    const source = { ...evidenceOf().run.source, dirty: paths };
    const text = renderTerminal(evidenceOf({ run: { source } }), plain);
    expect(text).toMatch(/\n {2}Built with changes that are not committed: file0, file1, /);
    expect(text).toContain('file9 and 2 more.');
    const tried = renderTerminal(evidenceOf({ run: { source }, embedded: true }), plain);
    expect(tried).not.toContain('not committed');
  });

  test('errors that the configuration does not count as such are told, also where nothing was found', () => {
    const severities = { 'arch-mismatch': 'off', 'platform-lost': 'warning' } as const;
    const rest = { 'tree-differs': 'off', 'started-only': 'error' } as const;
    const plan = { severities: { ...severities, ...rest } };
    const lowered = evidenceOf({ plan });
    expect(renderTerminal(lowered, plain)).toContain(
      '\n  Not counted as errors, since "checks" lowers them: arch-mismatch: off,\n  platform-lost: warning.\n',
    );
    const [, facts = ''] = renderSummary(lowered).split('\n\n');
    expect(facts).toMatch(
      / · <code>arch-mismatch: off<\/code> · <code>platform-lost: warning<\/code>/,
    );
    expect(renderTerminal(evidenceOf({ plan: { severities: rest } }), plain)).not.toContain(
      'checks',
    );
  });

  test('a test that failed and was made a warning is told as one', () => {
    const failed = failedOnS390x();
    const plan = { ...failed.plan, severities: { 'test-failed': 'warning' } as const };
    const trials = failed.trials.map((trial) => ({
      ...trial,
      tests: trial.tests.map((test) => ({ ...test, executed: ['/bin/sh', '-c', 'sum *'] })),
    }));
    const text = renderTerminal({ ...failed, plan, trials }, plain);
    expect(text).toContain(
      'warning  test-failed  greeter, linux/s390x\n  Test "sums big files" ended with exit 1; expected was 0.\n    executed  /bin/sh -c \'sum *\'\n',
    );
    expect(renderSummary({ ...failed, plan, trials })).toContain(
      'ended with exit 1; expected was 0. (executed <code>/bin/sh -c &#39;sum &#42;&#39;</code>) ',
    );
    expect(text).not.toContain('rerun:');
    expect(renderSummary({ ...failed, plan })).toContain(
      '- <code>test-failed</code> greeter, linux/s390x: Test &#34;sums big files&#34; ended with exit 1',
    );
  });

  test('where no test is written it says what was done instead', () => {
    const start = testResult({ name: 'starts', kind: 'start' });
    const tests = [plannedTest({ name: 'starts', kind: 'start' })];
    const images = [plannedImage({ platforms: ['linux/amd64'], tests })];
    const trials = [trialOf('greeter', 'linux/amd64', { tests: [start] })];
    expect(renderTerminal(evidenceOf({ images, trials }), plain)).toContain(
      '  linux/amd64   12.4 MB   started   sha256:',
    );
    expect(renderSummary(evidenceOf({ images, trials }))).toContain('| ✔ started<br>');
  });

  test('calls no test emulated of which that is not known', () => {
    const ran = (emulated?: boolean) =>
      testResult({
        name: `${emulated}`,
        program: { path: '/bin/sh', ...(emulated === undefined ? {} : { emulated }) },
      });
    const row = (...results: readonly TestResult[]) => {
      const tests = results.map(({ name }) => plannedTest({ name }));
      const images = [plannedImage({ platforms: ['linux/arm64'], tests })];
      const trials = [trialOf('greeter', 'linux/arm64', { tests: results })];
      const evidence = evidenceOf({ images, trials });
      const [line = ''] = renderTerminal(evidence, plain).match(/^ {2}linux\/arm64.*$/m) ?? [];
      const word = /(?:\d of \d tests )?emulated$/.exec(line)?.[0] ?? '';
      expect(renderSummary(evidence).includes('emulated</sub>')).toBe(word !== '');
      return word;
    };
    expect(row(ran(true))).toBe('emulated');
    expect(row(ran(true), ran(false), ran())).toBe('1 of 3 tests emulated');
    expect(row(ran(false), ran())).toBe('');
  });

  test('when it is not', () => {
    expect(renderTerminal(failedOnS390x(), plain)).toBe(`\
✘ greeter  failed on linux/s390x; nothing was published                   2m 04s

error  test-failed  greeter, linux/s390x (emulated)
  test "sums big files": exit 1, expected 0
    defined   sea-trial.yml:10:9
    stdout    checksum 0x00000000
    expected  /checksum 0x[1-9a-f]/
    stderr
      | reading 4096 bytes
      | short read at 2048
  rerun: sea-trial run --only greeter@linux/s390x

  linux/amd64 and linux/arm64 passed.
`);
  });

  test('a failed test shows what was executed', () => {
    const executed = ['/bin/sh', '-e', '-c', 'make test\necho ok'];
    const tests = [testResult({ outcome: 'failed', exitCode: 1, expectedExitCode: 0, executed })];
    const evidence = evidenceOf({ trials: [trialOf('greeter', 'linux/amd64', { tests })] });
    const line = "/bin/sh -e -c $'make test\\necho ok'";
    expect(renderTerminal(evidence, plain)).toContain(`    executed  ${line}\n`);
    expect(renderSummary(evidence)).toMatch(/It executed <code>.*make test.*<\/code>\./);
  });

  describe('what a test wrote', () => {
    const failing = (stdout: string, pattern: string) => {
      const result = testResult({
        outcome: 'failed',
        checks: [
          {
            what: 'stdout',
            expected: `/${pattern}/`,
            found: visible(stdout).slice(-400) || 'nothing',
            ok: false,
          },
        ],
        stdout: output(stdout),
      });
      const images = [plannedImage({ platforms: ['linux/amd64'] })];
      const trials = [trialOf('greeter', 'linux/amd64', { tests: [result] })];
      return evidenceOf({ images, trials, publications: [] });
    };

    test('is shown in its lines', () => {
      const text = renderTerminal(failing('one\ntwo\n\nthree\n', '^two$'), plain);
      expect(text).toContain(`
    defined   sea-trial.yml:7:9
    stdout
      | one
      | two
      |
      | three
    expected  /^two$/
  rerun:`);
    });

    test('is shown with what cannot be seen, where its pattern did not match', () => {
      const text = renderTerminal(failing('ok \r\n', '^ok$'), plain);
      expect(text).toContain('    stdout    ok\\x20\\r\n    expected  /^ok$/\n');
      expect(renderTerminal(failing('\u001b[32mone\u001b[0m\ntwo \n', '^two$'), plain)).toContain(`
    stdout
      | \\x1b[32mone\\x1b[0m
      | two\\x20
    expected  /^two$/
`);
      expect(renderTerminal(failing('\n', '^ok$'), plain)).toContain('    stdout    nothing\n');
    });

    test('is bounded, and the rest is where it was kept', () => {
      const many = Array.from({ length: 40 }, (_, at) => `line ${at}`).join('\n');
      const text = renderTerminal(failing(`${many}\n`, '^x$'), {
        ...plain,
        evidenceFile: 'out.json',
      });
      expect(text).toContain('    stdout, its last lines\n      | line 28\n');
      expect(text).toContain('    expected  /^x$/\n    the whole output is in out.json\n');
      expect(renderTerminal(failing(`${many}\n`, '^x$'), plain)).not.toContain('output is in');
      const short = renderTerminal(failing('one\n', '^x$'), { ...plain, evidenceFile: 'out.json' });
      expect(short).toContain('    stdout    one\n');
      expect(short).not.toContain('output is in');
    });

    test.each(['stdout', 'stderr'] as const)('is told to be more where its %s was cut', (name) => {
      const cut = { ...output('one\n'), truncated: true };
      const tests = [testResult({ outcome: 'failed', checks: [], [name]: cut })];
      const trials = [trialOf('greeter', 'linux/amd64', { tests })];
      const text = renderTerminal(evidenceOf({ trials }), { ...plain, evidenceFile: 'out.json' });
      expect(text).toContain('    more of the output is in out.json\n');
    });

    test('goes on below where it is wider than the terminal', () => {
      const long = `${'x'.repeat(100)}end`;
      expect(renderTerminal(failing(`${long}\n`, '^x$'), plain)).toContain(`
    stdout
      | ${'x'.repeat(72)}
        ${'x'.repeat(28)}end
    expected  /^x$/
`);
    });
  });

  test('a finding', () => {
    const evidence = evidenceOf({
      findings: [
        { ...archMismatch, detail: ['The build stage runs on the build platform.'] },
        finding('build-warning', { image: 'greeter', platform: 'linux/amd64' }, 'FromAsCasing', {
          location: { file: 'Dockerfile', line: 1 },
        }),
        finding('build-warning', { image: 'greeter', platform: 'linux/arm64' }, 'FromAsCasing', {
          location: { file: 'Dockerfile', line: 1 },
        }),
      ],
      publications: [],
    });
    expect(renderTerminal(evidence, plain)).toBe(`\
✘ greeter  failed on linux/arm64; nothing was published                   1m 58s

error  arch-mismatch  greeter, linux/arm64
  /usr/local/bin/greeter is an ELF for amd64; the image is for linux/arm64.
    found     e_machine 62 (x86-64)     in layer 3 of 5, COPY --from=build
    expected  e_machine 183 (AArch64)   platform of the index and of the config
    | The build stage runs on the build platform.
  Dockerfile:7  →  use GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM
  rerun: sea-trial run --only greeter@linux/arm64

  linux/amd64 and linux/s390x passed.

note  build-warning  greeter, linux/amd64, linux/arm64
  FromAsCasing
  Dockerfile:1
`);
  });

  test('beside an error about what is served nothing is called verified', () => {
    const where = { image: 'greeter', reference: 'ghcr.io/acme/greeter' };
    const message =
      'ghcr.io/acme/greeter does not serve layer 1 of the attestation of linux/amd64: the registry answers 404.';
    const evidence = evidenceOf({ findings: [finding('served-other', where, message)] });
    const text = renderTerminal(evidence, plain);
    expect(text).toContain('greeter  tested on 3 platforms; published, not verified');
    expect(text.replace(/\s+/g, ' ').split(message)).toHaveLength(2);
    expect(text.replace(/\s+/g, ' ')).toContain(
      'greeter is not verified: what was read back is not what was tested (served-other).',
    );
    for (const report of [text, renderSummary(evidence)]) {
      expect(report).toContain('published, not verified');
      expect(report).not.toMatch(/and verified|What was tested|--only/);
    }
  });

  test('what stays in the engine is named, whether its tags are embedded or not', () => {
    const platforms = ['linux/amd64', 'linux/arm64'];
    const name = 'ghcr.io/acme/greeter:1.2.3';
    const trials = platforms.map((platform) => {
      const facts = trialOf('greeter', platform);
      const names = [platform === 'linux/amd64' ? name : `${name}-linux-arm64`];
      const id = facts.built?.config.digest ?? '';
      return { ...facts, loaded: { id, digestOf: 'config', names } as const };
    });
    const sample = { images: [plannedImage({ platforms })], trials };
    const embedded = evidenceOf({ ...sample, embedded: true });
    const text = renderTerminal(embedded, plain);
    const lines = [
      `  in the engine: ${name}   linux/amd64`,
      `  in the engine: ${name}-linux-arm64   linux/arm64`,
    ];
    expect(text).toContain(`\n${lines.join('\n')}\n`);
    expect(text).toContain('    kept in no registry; --push');
    expect(renderTerminal(evidenceOf(sample), plain)).toContain(lines.join('\n'));
    const summary = renderSummary(embedded);
    expect(summary).toContain(`in the engine: <code>${name}</code> (linux/amd64)`);
    expect(summary).toContain('(kept in no registry; use');
    const part = evidenceOf({ ...sample, publications: [], plan: { partial: true } });
    expect(renderTerminal(part, plain)).toContain(lines.join('\n'));
  });

  test('what is embedded never looks like a live reference', () => {
    const text = renderTerminal(evidenceOf({ embedded: true }), plain);
    expect(text).toContain(`\
  embedded: acme/greeter:1.2.3
    also tagged latest
    kept nowhere; --push (push: true) publishes to ghcr.io/acme/greeter:1.2.3
`);
    expect(text).toContain(
      'What was tested is what the embedded registry served: 3 of 3 platforms',
    );
    expect(text).not.toContain(index);
    const request = evidenceOf({ embedded: true, run: { pullRequest: true } });
    expect(renderTerminal(request, plain)).toContain(
      'kept nowhere; a pull request publishes nothing',
    );
  });

  test('repositories of several registries are each named', () => {
    const tags = ['v1', 'latest'];
    const targets = ['acme/linter', 'ghcr.io/acme/linter'].map((repository) => ({
      repository,
      tags,
    }));
    const images = [plannedImage({ id: 'linter', platforms: ['linux/amd64'], targets })];
    const all = { images, embedded: true };
    expect(renderTerminal(evidenceOf(all), plain)).toContain(`
  embedded: acme/linter:v1
    also tagged latest
    kept nowhere; --push (push: true) publishes to docker.io/acme/linter:v1 and ghcr.io/acme/linter:v1
  What was tested is what the embedded registry served: 1 of 1 platform, 4 tags
  in 2 repositories.
`);
    expect(renderSummary(evidenceOf(all))).toContain(
      'embedded: <code>acme/linter:v1</code>, also tagged <code>latest</code> (kept nowhere; use <code>push: true</code> to publish to <code>docker.io/acme/linter:v1</code> and <code>ghcr.io/acme/linter:v1</code>)',
    );
    const pushed = renderTerminal(evidenceOf({ images }), plain);
    for (const { repository } of targets) expect(pushed).toContain(`\n  ${repository}:v1@sha256:`);
    expect(pushed.replace(/\s+/g, ' ')).toContain(
      'what docker.io and ghcr.io serve: 1 of 1 platform, 4 tags in 2 repositories.',
    );
    // With other tags it is another line.
    const [hub, ghcr] = targets as [(typeof targets)[0], (typeof targets)[0]];
    const apart = [plannedImage({ id: 'linter', targets: [hub, { ...ghcr, tags: ['edge'] }] })];
    const text = renderTerminal(evidenceOf({ images: apart, embedded: true }), plain);
    expect(text.match(/publishes to .*/g)).toEqual([
      'publishes to docker.io/acme/linter:v1',
      'publishes to ghcr.io/acme/linter:edge',
    ]);
  });

  test.each<[string, boolean, boolean, string]>([
    ['an untrusted run', true, false, 'an untrusted run publishes nothing'],
    ['a merge group', false, false, 'a merge group publishes nothing'],
    ['a trusted run', false, true, '--push (push: true) publishes to ghcr.io/acme/greeter:1.2.3'],
  ])('%s says why nothing was pushed', (_, untrusted, pushes, words) => {
    const run = { trust: { untrusted, pushes, reason: 'a table says so' } };
    expect(renderTerminal(evidenceOf({ embedded: true, run }), plain)).toContain(words);
  });

  test('several images end in one line for all', () => {
    const text = renderTerminal(fleet(), plain);
    expect(
      text.match(/^✔ \w+ {2}tested on 5 platforms, published and verified +50s$/gm),
    ).toHaveLength(3);
    expect(text.trimEnd().split('\n').at(-1)).toBe(
      '✔ 3 images, 15 trials: all passed, published and verified                 2m 11s',
    );
  });

  test('an image that passed says why it is not published, and the way out', () => {
    const platforms = ['linux/amd64'];
    const images = [
      plannedImage({ id: 'good', platforms }),
      plannedImage({ id: 'bad', platforms }),
    ];
    const failed = testResult({ outcome: 'failed', exitCode: 1 });
    const trials = [
      trialOf('good', 'linux/amd64'),
      trialOf('bad', 'linux/amd64', { tests: [failed] }),
    ];
    const kept = (image: string, notPublished: string) => ({
      ...{ image, notPublished, targets: [], served: [] },
    });
    const publications = [
      kept('good', 'bad on linux/amd64 did not pass'),
      kept('bad', 'linux/amd64 did not pass'),
    ];
    const evidence = evidenceOf({ images, trials, publications });
    expect(renderTerminal(evidence, plain)).toContain(`
  good is not published: bad on linux/amd64 did not pass. With "publish:
  per-image" no image waits for others.
`);
    expect(renderTerminal(evidence, plain)).not.toContain('bad is not published');
    expect(renderSummary(evidence)).toContain(
      '<b>good</b> is not published: bad on linux/amd64 did not pass. With &#34;publish: per-image&#34; no image waits for others.',
    );
  });

  test('a run that was interrupted says how far it came and which tags moved', () => {
    const image = plannedImage();
    const trials = image.platforms.map((platform) => trialOf('greeter', platform));
    const whole = publicationOf(image, trials);
    const text = renderTerminal(
      evidenceOf({
        trials,
        run: { interrupted: 'SIGINT' },
        publications: [{ ...whole, targets: whole.targets.slice(0, 1), served: [] }],
      }),
      plain,
    );
    expect(text).toContain('1 tag moved before it stopped');
    expect(text).toContain(`ghcr.io/acme/greeter:1.2.3@${index}`);
    expect(text).toContain('⚠ interrupted; 3 of 3 trials had passed');
  });

  test('a trial that never began gives its reason', () => {
    const trials = [
      trialOf('greeter', 'linux/amd64'),
      trialOf('greeter', 'linux/arm64'),
      { ...trialOf('greeter', 'linux/s390x'), tests: [], notRun: 'no builder builds for it' },
    ];
    const text = renderTerminal(evidenceOf({ trials, publications: [] }), plain);
    expect(text).toContain('not tested on linux/s390x; nothing was published');
    expect(text).toContain('  linux/s390x  not tested: no builder builds for it\n');
  });

  test('errors that name no image come before the images, advice behind them', () => {
    const remedy = 'Log in to it.';
    const findings = [
      finding('not-pulled', {}, 'A cache is not had.', { severity: 'warning', remedy }),
      finding('not-authorized', {}, 'ghcr.io requires a login.', { remedy }),
    ];
    const notRun = 'ghcr.io does not accept it';
    const platforms = ['linux/amd64', 'linux/arm64'];
    const images = [plannedImage({ platforms })];
    const trials = platforms.map((platform) => ({
      ...{ image: 'greeter', platform, emulated: false, tests: [], duration: 0 },
      notRun,
    }));
    const evidence = evidenceOf({ images, findings, trials, publications: [] });
    expect(renderTerminal(evidence, plain)).toBe(`\
error  not-authorized
  ghcr.io requires a login.
  Log in to it.

⚠ greeter  not tested on linux/amd64 and linux/arm64; nothing was         1m 58s
  published

  linux/amd64 and linux/arm64  not tested: ghcr.io does not accept it

warning  not-pulled
  A cache is not had.
  Log in to it.
`);
  });

  test('only commands are named that can be typed', () => {
    const named = evidenceOf({
      ...failedOnS390x(),
      plan: { ...failedOnS390x().plan, configuration: 'ci/my trial.yml' },
      images: failedOnS390x().plan.images,
    });
    expect(renderTerminal(named, plain)).toContain(
      "rerun: sea-trial run --config 'ci/my trial.yml' --only greeter@linux/s390x",
    );
  });

  test('what the inputs describe is repeated with a file that says the same', () => {
    const failed = failedOnS390x();
    const { configuration: _, ...plan } = failed.plan;
    const images = plan.images.map(({ location: _place, ...image }) => image);
    const evidence = { ...failed, plan: { ...plan, images } };
    expect(renderTerminal(evidence, plain)).toContain(`
  rerun: write sea-trial.yml as the job's summary shows, then
         sea-trial run --only greeter@linux/s390x
`);
    const text = renderSummary(evidence);
    expect(text).toContain('Write this to <code>sea-trial.yml</code>:\n\n```yaml\nimages:\n');
    expect(text).toContain('```sh\nsea-trial run --only greeter@linux/s390x\nsea-trial run\n```');
    const beside = { ...evidence, plan: { ...plan, images, configuration: 'ci/checks.yml' } };
    expect(renderSummary(beside)).toContain('Add this to <code>ci/checks.yml</code>:');
    expect(renderSummary(failed)).not.toContain('```yaml');
  });

  test('a command asks for all that the run was asked for', () => {
    const options = [
      { name: 'only', value: 'greeter' },
      { name: 'set', value: 'NAME=it is "mine"' },
      { name: 'set', value: "LINES=a\nit's" },
      { name: 'grant', value: 'mounts' },
      { name: 'builder', value: 'big' },
    ];
    const failed = failedOnS390x();
    const evidence = { ...failed, run: { ...failed.run, options } };
    const more = `--set 'NAME=it is "mine"' --set $'LINES=a\\nit\\'s' --grant mounts --builder big`;
    expect(renderTerminal(evidence, plain)).toContain(
      `rerun: sea-trial run --only greeter@linux/s390x ${more}\n`,
    );
    expect(renderSummary(evidence)).toContain(
      `sea-trial run --only greeter@linux/s390x ${more}\nsea-trial run --only greeter ${more}\n`,
    );
  });

  test.each(['equal-layers', 'empty-on-one-platform'] as const)(
    'the command takes all platforms of an image for %s, which one of them does not show',
    (code) => {
      const subject = { image: 'greeter', platform: 'linux/s390x' };
      const findings = [finding(code, subject, 'they differ')];
      expect(renderTerminal(evidenceOf({ findings }), plain)).toContain(
        '\n  rerun: sea-trial run --only greeter\n',
      );
    },
  );

  describe('after a failure of publishing', () => {
    const options = [
      { name: 'only', value: 'greeter' },
      { name: 'set', value: 'A=1' },
      { name: 'registry', value: 'mirror.example/x' },
    ];
    const refused = (more: Partial<Finding> = {}): Finding => ({
      ...finding(
        'registry-failed',
        { image: 'greeter', reference: 'ghcr.io/acme/greeter', tag: 'latest' },
        'ghcr.io refuses writing the tag latest.',
      ),
      ...more,
    });
    const whole = 'sea-trial run --push --registry mirror.example/x --only greeter --set A=1';

    test('the command repeats the run, with all that it was asked to publish', () => {
      const sample = { findings: [refused()], run: { options } };
      const text = renderTerminal(evidenceOf(sample), plain);
      expect(text).toContain(`\n  rerun: ${whole}\n`);
      expect(renderSummary(evidenceOf(sample))).toContain(
        `Run it again:\n\n\`\`\`sh\n${whole}\n\`\`\``,
      );
      const source = { ...evidenceOf().run.source, dirty: ['Dockerfile'] };
      const dirty = evidenceOf({ ...sample, run: { options: [], source } });
      expect(renderTerminal(dirty, plain)).toContain('rerun: sea-trial run --push --allow-dirty\n');
    });

    test.each<[string, Finding, string | undefined]>([
      [
        'what is served for one platform',
        refused({
          code: 'served-other',
          subject: { image: 'greeter', platform: 'linux/amd64', reference: 'ghcr.io/acme/greeter' },
        }),
        whole,
      ],
      [
        'what was broken off',
        refused({ code: 'publication-failed', subject: { image: 'greeter' } }),
        whole,
      ],
      [
        'a cache of one build',
        refused({ subject: { image: 'greeter', platform: 'linux/arm64' } }),
        'sea-trial run --only greeter@linux/arm64 --set A=1',
      ],
      // To repeat it would undo what somebody else has pushed.
      ['a tag that moved', refused({ code: 'tag-moved' }), undefined],
    ])('%s', (_, one, command) => {
      const text = renderTerminal(evidenceOf({ findings: [one], run: { options } }), plain);
      expect(/rerun: (.*)/.exec(text)?.[1]).toBe(command);
    });

    test('an embedded registry needs no --push', () => {
      const text = renderTerminal(evidenceOf({ embedded: true, findings: [refused()] }), plain);
      expect(text).toContain('  rerun: sea-trial run\n');
    });
  });

  test('colours repeat what is there without them', () => {
    for (const evidence of [evidenceOf(), failedOnS390x(), fleet()]) {
      const coloured = renderTerminal(evidence, { colour: true });
      expect(coloured).toContain('\u001b[');
      expect(stripVTControlCharacters(coloured)).toBe(renderTerminal(evidence, plain));
    }
  });

  test('only references are wider than the terminal, and nothing hostile comes through', () => {
    fc.assert(
      fc.property(hostile, hostile, fc.integer({ min: 60, max: 160 }), (one, other, columns) => {
        const tests = [
          testResult({
            name: one,
            outcome: 'failed',
            reason: other,
            checks: [{ what: 'stdout', expected: one, found: other, ok: false }],
            stdout: { text: one, bytes: 1, truncated: false },
          }),
        ];
        const trials = [trialOf('greeter', 'linux/amd64', { tests })];
        const findings = [{ ...archMismatch, message: one, detail: [other], remedy: one }];
        const images = [plannedImage({ platforms: ['linux/amd64'] })];
        const text = renderTerminal(evidenceOf({ images, trials, findings, publications: [] }), {
          ...plain,
          columns,
        });
        expect(text).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}]/u);
      }),
    );
  });
});
