import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
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
  readonly files: Readonly<Record<string, string>>;
  /** Codes of all errors in the evidence, and of those that the report names. */
  readonly errors: readonly string[];
  readonly shown: readonly string[];
  readonly says: readonly string[];
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
    'a default that hides the platform': {
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
    'a source that .dockerignore leaves out': {
      files: {
        Dockerfile: busybox('COPY app.txt /'),
        'app.txt': 'x\n',
        '.dockerignore': '# generated\n*.txt\n',
        'sea-trial.yml': image('acme/ignored', 'tests: [["true"]]'),
      },
      errors: ['build-failed'],
      shown: ['build-failed'],
      says: ['.dockerignore:2 (*.txt) leaves app.txt out of the context'],
    },
    'an SBOM scanner that is not there': {
      files: {
        Dockerfile: busybox('CMD ["true"]'),
        'sea-trial.yml': image(
          'acme/scanned',
          `build: { sbom: generator=${HUB}/acme/no-such-scanner:1 }`,
          'tests: [["true"]]',
        ),
      },
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
  expect(await leftovers(run.evidence)).toEqual([]);
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
