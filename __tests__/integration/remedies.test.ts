import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { runAction } from '../e2e/harness.js';
import { type FaultRow, lasting, messageOf, noteFaults } from './fault-table.js';
import { busybox, errorsOf, repeated, sentences, unique } from './image-project.js';
import { CLI, command, distribution, leftovers, project, type Run, rig, runIn } from './rig.js';

/*
 * What a report says to do about images that fail, and which findings it leaves to another
 * one. All run beside each other.
 */

const BOTH = 'platforms: [linux/amd64, linux/arm64]';

const HUB = rig.get('SEA_TRIAL_HUB') ?? 'docker.io';

const image = (name: string, ...lines: readonly string[]) =>
  ['images:', `  - name: ${name}`, ...lines.map((line) => `    ${line}`), ''].join('\n');

interface Case {
  /** Where the run meets it. */
  readonly stage: FaultRow['stage'];
  readonly files: Readonly<Record<string, string>>;
  /** Codes of all errors in the evidence, and of those that the report names. */
  readonly errors: readonly string[];
  readonly shown: readonly string[];
  readonly says: readonly string[];
  /** Unless it is 1. */
  readonly exit?: number;
  /** The warning of a run that passes. */
  readonly warns?: string;
}

/** A program that the build stage takes from its own platform, as a compiler would make it. */
const compiled = (...lines: readonly string[]) =>
  [
    ...lines,
    'RUN cp /bin/busybox /busybox',
    'FROM busybox:1.37',
    'COPY --from=build /busybox /busybox',
    unique(),
    'ENTRYPOINT ["/busybox", "uname"]',
    '',
  ].join('\n');

function cases(digest: string): Readonly<Record<string, Case>> {
  return {
    'a base that is pinned to one platform': {
      stage: 'inspect',
      files: {
        Dockerfile: `FROM busybox@${digest}\n${unique()}\nCMD ["true"]\n`,
        'sea-trial.yml': image('acme/tester', BOTH, 'tests: [[uname, -m]]'),
      },
      errors: ['arch-mismatch', 'equal-layers'],
      shown: ['arch-mismatch'],
      says: [
        'The base of the last stage is for linux/amd64',
        'linux/arm64 has the same layers as linux/amd64',
        'Dockerfile:1 → pin the digest of the index, not that of linux/amd64 alone',
      ],
    },
    'a default of ARG that hides the platform': {
      stage: 'inspect',
      files: {
        Dockerfile: compiled(
          'FROM --platform=$BUILDPLATFORM busybox:1.37 AS build',
          'ARG TARGETARCH=amd64',
        ),
        'sea-trial.yml': image('acme/greeter', BOTH, 'tests: [[/busybox, uname]]'),
      },
      errors: ['arch-mismatch'],
      shown: ['arch-mismatch'],
      says: [
        'ARG TARGETARCH=amd64 hides the value that BuildKit sets, arm64.',
        'Dockerfile:2 → write ARG TARGETARCH without a value',
        'linux/arm64 is built with TARGETARCH=amd64',
      ],
    },
    'a program without its x bit': {
      stage: 'inspect',
      files: {
        Dockerfile: busybox('COPY run.sh /run.sh', 'ENTRYPOINT ["/run.sh"]'),
        'run.sh': '#!/bin/sh\necho hello\n',
        'sea-trial.yml': image('acme/x', BOTH),
      },
      errors: [
        'program-not-executable',
        'cannot-execute',
        'program-not-executable',
        'cannot-execute',
      ],
      shown: ['program-not-executable'],
      says: [
        '/run.sh, which ENTRYPOINT names, is not executable.',
        'Dockerfile:2 → use COPY --chmod=0755 in this step',
        'rerun: sea-trial run --only x',
      ],
    },
    'a COPY of a file that .dockerignore leaves out': {
      stage: 'environment',
      files: {
        Dockerfile: busybox('COPY app.txt /'),
        'app.txt': 'x\n',
        '.dockerignore': '# generated\n*.txt\n',
        'sea-trial.yml': image('acme/ignored', 'tests: [["true"]]'),
      },
      errors: ['source-missing'],
      shown: ['source-missing'],
      says: [
        'Dockerfile:2',
        '.dockerignore:2 (*.txt) leaves app.txt out of the context',
        'not tested: its Dockerfile copies a file that the build context does not have',
      ],
    },
    'a COPY of a file that an argument names and the context does not have': {
      stage: 'build',
      files: {
        Dockerfile: busybox('ARG FILE=ap.txt', 'COPY $FILE /'),
        'app.txt': 'x\n',
        'sea-trial.yml': image('acme/named', 'tests: [["true"]]'),
      },
      errors: ['build-failed'],
      shown: ['build-failed'],
      says: ['There is no "ap.txt" in the context "."; did you mean "app.txt"?'],
    },
    'a FROM whose argument has no value': {
      stage: 'environment',
      files: {
        Dockerfile: 'ARG BASE\nFROM $BASE\n',
        'sea-trial.yml': image('acme/baseless', BOTH, 'tests: [["true"]]'),
      },
      errors: ['base-unset'],
      shown: ['base-unset'],
      says: ['FROM $BASE names no image: BASE has no value.', 'Dockerfile:2'],
    },
    'a step that fails alike on three platforms': {
      stage: 'build',
      files: {
        Dockerfile: busybox('RUN echo no words && exit 7'),
        'sea-trial.yml': image(
          'acme/alike',
          'platforms: [linux/amd64, linux/arm64, linux/s390x]',
          'tests: [["true"]]',
        ),
      },
      errors: ['build-failed', 'build-failed', 'build-failed'],
      shown: ['build-failed'],
      says: ['linux/amd64, linux/arm64 and linux/s390x'],
    },
    'a build argument that no ARG takes': {
      stage: 'environment',
      files: {
        Dockerfile: busybox('ARG VERSION=1', 'CMD ["true"]'),
        'sea-trial.yml': image('acme/args', 'build: { args: { VERSOIN: 2 } }', 'tests: [["true"]]'),
      },
      exit: 0,
      errors: [],
      shown: [],
      says: [],
      warns: 'No ARG of Dockerfile takes the build argument "VERSOIN"; did you mean "VERSION"?',
    },
    'an SBOM scanner that is not there': {
      stage: 'environment',
      files: {
        Dockerfile: busybox('CMD ["true"]'),
        'sea-trial.yml': image(
          'acme/scanned',
          `build: { sbom: generator=${HUB}/acme/no-such-scanner:1 }`,
          'tests: [["true"]]',
        ),
      },
      exit: 3,
      errors: ['not-pulled'],
      shown: ['not-pulled'],
      says: ['the image that scans for the SBOM cannot be pulled'],
    },
  };
}

const NAMES = Object.keys(cases(''));
const runs = new Map<string, { readonly run: Run; readonly wanted: Case }>();

beforeAll(async () => {
  const platform = ['--insecure', '--platform', 'linux/amd64'];
  const digest = await command('crane', ['digest', ...platform, `${HUB}/library/busybox:1.37`]);
  const all = Object.entries(cases(digest.trim())).map(async ([name, wanted]) => {
    runs.set(name, { run: await runIn(await project(wanted.files)), wanted });
  });
  await Promise.all(all);
}, 180_000);

test.each(NAMES)('%s: what to do, and each fault once', async (name) => {
  const found = runs.get(name);
  if (found?.run.evidence === undefined) throw new Error(found?.run.stderr);
  const { run, wanted } = found;
  const said = sentences(run.stdout);
  const shown = [...run.stdout.matchAll(/^error {2}(\S+)/gm)].map(([, code]) => code);
  expect({
    errors: errorsOf(run)
      .map(({ code }) => code)
      .sort(),
    shown,
    missing: wanted.says.filter((words) => !said.includes(words)),
    repeated: repeated(run),
  }).toEqual({ errors: [...wanted.errors].sort(), shown: wanted.shown, missing: [], repeated: [] });
  expect([run.code, await leftovers(run.evidence)]).toEqual([wanted.exit ?? 1, []]);
  const warnings = found.run.evidence.findings.filter(({ severity }) => severity === 'warning');
  if (wanted.warns !== undefined) {
    expect(warnings.map(({ message }) => message)).toEqual([wanted.warns]);
    expect(run.stderr).toContain(wanted.warns);
  }
  // What a registry says of an image that it does not have is another with each.
  const message = wanted.warns ?? messageOf(run).replace(/( cannot be pulled): .*/, '$1');
  noteFaults([{ fault: name, stage: wanted.stage, exit: run.code, message, left: [] }]);
});

/** What is refused with all its problems before anything is started. */
const REFUSED: Readonly<Record<string, { readonly lines: readonly string[]; says: string[] }>> = {
  'a line that is indented otherwise than those beside it': {
    lines: ['platforms: [linux/amd64]', ' tests: [["true"]]', 'foreign: []'],
    says: [
      'sea-trial.yml:4:6 this is not valid YAML: the line is indented unlike the keys beside it, or its value holds ": " and needs quotes',
    ],
  },
  'limits and hosts of RUN that are none': {
    lines: ['build: { shm_size: 64q, extra_hosts: [nowhere], ulimits: { nofile: many } }'],
    says: [
      '"64q" is not a size',
      'the host "nowhere" has no address',
      '"many" is not a limit of nofile',
    ],
  },
};

test.each(Object.entries(REFUSED))('%s: refused, each problem once', async (fault, wanted) => {
  const folder = await project({
    Dockerfile: busybox(),
    'sea-trial.yml': image('acme/refused', ...wanted.lines),
  });
  const { code, stderr, evidence } = await runIn(folder);
  const problems = stderr.split('\n').filter((line) => line.startsWith('  sea-trial.yml:'));
  expect({ code, evidence, problems: problems.map((line) => lasting(line)) }).toEqual({
    code: 2,
    evidence: undefined,
    problems: wanted.says.map((words) => expect.stringContaining(words)),
  });
  const message = lasting(problems[0]?.replace(/^ +\S+ +/, '') ?? '');
  noteFaults([{ fault, stage: 'environment', exit: code, message, left: [] }]);
});

interface Step {
  readonly with: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** Begins the annotation. */
  readonly says: string;
}

const BESIDE = { Dockerfile: 'FROM busybox:1.37\n' };

/** What the action's inputs have wrong, as its annotation says it. */
const STEPS: Readonly<Record<string, Step>> = {
  'a job without a step that checks out': {
    with: {},
    files: {},
    says: 'there is no sea-trial.yml in ',
  },
  'a branch with a slash as a tag': {
    with: { tags: 'ghcr.io/acme/x:feature/login' },
    says: 'input "tags": ',
  },
  'an annotation at a level that an index made here does not have': {
    with: { tags: 'ghcr.io/acme/x:1', annotations: 'manifest-descriptor:a=b' },
    says: 'input "annotations": ',
  },
  'a buildx that is too old': {
    with: { tags: 'ghcr.io/acme/x:1', version: 'v0.12.1' },
    says: 'input "version": buildx v0.12.1 is too old',
  },
};

test.each(Object.entries(STEPS))('%s: refused in one annotation', async (fault, step) => {
  const workspace = await project(step.files ?? BESIDE);
  const result = await runAction({ workspace, with: step.with });
  await result.clean();
  const messages = result.annotations.map(({ message }) => message);
  expect([result.exitCode, messages]).toEqual([2, [expect.stringMatching(`^${step.says}`)]]);
  const message = lasting(messages[0] ?? '');
  noteFaults([{ fault, stage: 'environment', exit: result.exitCode, message, left: [] }]);
});

test('an edited test builds nothing again once the configuration is left out', async () => {
  const folder = await project({
    Dockerfile: `FROM busybox:1.37\nCOPY . .\nRUN date > /built # ${unique()}\nCMD ["cat", "/built"]\n`,
    'sea-trial.yml': image('acme/edited', 'tests: [cat /built]'),
  });
  const notes = ({ evidence }: Run) =>
    evidence?.findings
      .filter(({ code }) => code === 'configuration-copied')
      .map(({ message, location }) => `${location?.line} ${message}`);
  const cached = ({ evidence }: Run) =>
    evidence?.trials[0]?.build?.steps
      .filter(({ name }) => /COPY|RUN/.test(name))
      .map((step) => step.cached);
  const edit = async () => {
    const path = join(folder, 'sea-trial.yml');
    await writeFile(path, `${await readFile(path, 'utf8')}# edited\n`);
  };
  const first = await runIn(folder);
  expect([first.code, notes(first)]).toEqual([
    0,
    [
      expect.stringMatching(
        /^2 COPY \. \. copies sea-trial\.yml: .*\.dockerignore leaves it out\.$/,
      ),
    ],
  ]);
  await edit();
  expect(cached(await runIn(folder))).toEqual([false, false]);
  await writeFile(join(folder, '.dockerignore'), 'sea-trial.yml\n.dockerignore\n');
  const without = await runIn(folder);
  expect([without.code, notes(without)]).toEqual([0, []]);
  await edit();
  expect(cached(await runIn(folder))).toEqual([true, true]);
});

test('the base is an annotation of each manifest, and of the index where they agree', async () => {
  const host = await distribution();
  const folder = await project({
    Dockerfile: busybox('CMD ["true"]'),
    'apart.Dockerfile': [
      'FROM busybox:1.37 AS arm64',
      'FROM busybox AS amd64',
      'FROM $TARGETARCH',
      unique(),
      '',
    ].join('\n'),
    'sea-trial.yml': [
      BOTH,
      'images:',
      '  - { name: acme.test/one, tests: [["true"]] }',
      '  - { name: acme.test/apart, build: { dockerfile: apart.Dockerfile }, tests: [["true"]] }',
      '',
    ].join('\n'),
  });
  const run = await runIn(folder, ['--push', '--registry', host]);
  expect([run.code, run.stderr]).toEqual([0, expect.any(String)]);
  const digestOf = async (tag: string) =>
    (await command('crane', ['digest', '--insecure', `${HUB}/library/busybox:${tag}`])).trim();
  const annotationsOf = async (name: string) => {
    const reference = `${host}/${name}:latest`;
    const index = JSON.parse(await command('crane', ['manifest', '--insecure', reference]));
    const own = await Promise.all(
      ['linux/amd64', 'linux/arm64'].map(async (platform) => {
        const args = ['digest', '--insecure', '--platform', platform, reference];
        const digest = (await command('crane', args)).trim();
        const manifest = await command('crane', [
          'manifest',
          '--insecure',
          `${host}/${name}@${digest}`,
        ]);
        return JSON.parse(manifest).annotations;
      }),
    );
    return [index.annotations, ...own].map((all) => [
      all?.['org.opencontainers.image.base.name'],
      all?.['org.opencontainers.image.base.digest'],
    ]);
  };
  const tagged = ['docker.io/library/busybox:1.37', await digestOf('1.37')];
  const latest = ['docker.io/library/busybox:latest', await digestOf('latest')];
  expect(await annotationsOf('one')).toEqual([tagged, tagged, tagged]);
  const none = [undefined, undefined];
  const isSame = tagged[1] === latest[1] && tagged[0] === latest[0];
  expect(await annotationsOf('apart')).toEqual([isSame ? tagged : none, latest, tagged]);
});

test('plan --resolve reads the digests of bases, ready to pin, and starts nothing', async () => {
  const missing = `${HUB}/library/busybox:no-such-tag`;
  const folder = await project({
    Dockerfile: [
      'FROM busybox:1.37 AS one',
      `FROM busybox@sha256:${'a'.repeat(64)} AS pinned`,
      `FROM ${missing} AS missing`,
      'FROM one',
      'COPY --from=pinned / /',
      'COPY --from=missing / /',
      '',
    ].join('\n'),
    'sea-trial.yml': image('acme/resolved', 'platforms: [linux/amd64]'),
  });
  const plan = (...more: readonly string[]) =>
    command('env', ['-C', folder, process.execPath, CLI, 'plan', ...more]);
  const index = `${HUB}/library/busybox:1.37`;
  const digest = (await command('crane', ['digest', '--insecure', index])).trim();
  const said = await plan('--resolve');
  expect(said.slice(said.indexOf('bases\n')).split('\n')).toEqual([
    'bases',
    `  resolved, line 1  busybox:1.37 can be pinned as busybox:1.37@${digest}`,
    `  resolved, line 2  busybox@sha256:${'a'.repeat(64)} is pinned`,
    expect.stringMatching(/^ {2}resolved, line 3 .*no-such-tag cannot be read/),
    '',
  ]);
  expect(JSON.parse(await plan('--resolve', '--json')).bases[0]).toEqual({
    image: 'resolved',
    reference: 'busybox:1.37',
    line: 1,
    pinned: `busybox:1.37@${digest}`,
  });
  expect(await plan()).not.toContain('bases');
});
