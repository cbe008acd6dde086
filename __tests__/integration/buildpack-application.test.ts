import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BuilderRegistry, builderRegistry } from './buildpacks.js';
import { type FaultRow, lasting, messageOf, noteFaults } from './fault-table.js';
import { errorsOf, sentences, withTmp } from './image-project.js';
import { command, project, type Run, runIn } from './rig.js';

/*
 * What is wrong with an application that is to be built with buildpacks ends a run with a sentence
 * and a place, and nothing is built. The builder is the rig's under the name and version of a
 * buildpack whose rules are known.
 */

const BUILDPACK = { id: 'heroku/python', version: '0.25.0' };

interface Case {
  readonly files: Readonly<Record<string, string>>;
  /** What cannot be written as files. */
  readonly prepare?: (folder: string) => Promise<unknown>;
  /** Of the build's `buildpack`. */
  readonly keys?: readonly string[];
  readonly exit: 1 | 2;
  /** Of the error, where there is evidence. */
  readonly code?: string;
  readonly says: string;
  /** Where the first thing that is wrong stands. */
  readonly at: string;
}

const PIN = { '.python-version': '3.13\n' };

const refused = (text: string, line: number, says: string): Case => ({
  files: { '.python-version': text },
  exit: 1,
  code: 'pin-invalid',
  says: `.python-version is refused by heroku/python 0.25.0: ${says}`,
  at: `.python-version:${line}`,
});

const CASES: Readonly<Record<string, Case>> = {
  'a pinned version that a known release of a buildpack does not offer': {
    files: { '.python-version': '# raised by a program\n3.14.0\n' },
    exit: 1,
    code: 'version-not-offered',
    says: '(heroku/python 0.25.0); newest: 3.13.',
    at: '.python-version:2',
  },
  'a pin file with two versions': refused(
    '3.13\n3.12\n',
    2,
    'it has 2 versions, "3.13", "3.12"; expected one.',
  ),
  'a pin file with a range': refused('>=3.12\r\n', 1, '">=3.12" is not a version'),
  'a pin file with something else in it': refused('latest\n', 1, '"latest" is not a version'),
  'a project descriptor of schema 0.1': {
    files: { ...PIN, 'project.toml': '[project]\nname = "app"\n' },
    exit: 2,
    says: 'it has no schema-version, which means 0.1, which is not read',
    at: 'project.toml',
  },
  'a project descriptor that is no TOML': {
    files: { ...PIN, 'project.toml': '[_]\nschema-version = 0.2.\n' },
    exit: 2,
    says: 'TOML',
    at: 'project.toml:2',
  },
  'a Procfile without the process that is asked for': {
    files: { ...PIN, Procfile: 'web: python --version\nworker: sleep 1\n' },
    keys: ['process: workers'],
    exit: 2,
    says: 'the Procfile has no process "workers"; did you mean "worker"?',
    at: 'sea-trial.yml:8',
  },
  'an application with a link that leads out of its folder': {
    files: PIN,
    prepare: (folder) => fs.symlink('/etc/hostname', join(folder, 'name')),
    exit: 2,
    says: 'links lead out of',
    at: 'sea-trial.yml',
  },
  'an application of more than 1 GiB': {
    files: { ...PIN, 'model.bin': '' },
    prepare: (folder) => fs.truncate(join(folder, 'model.bin'), 1024 ** 3 + 1),
    exit: 2,
    says: 'has more than 1073741824 bytes (1 GiB)',
    at: 'sea-trial.yml',
  },
};

/** The rig's builder for linux/amd64, with that buildpack in place of its own as far as labels say. */
async function pushKnown({ host, builder }: BuilderRegistry): Promise<void> {
  const tag = `${host}/known:1`;
  await command('crane', ['copy', '--platform', 'linux/amd64', builder, tag]);
  const { Labels } = JSON.parse(await command('crane', ['config', tag])).config as {
    Labels: Record<string, string>;
  };
  const labels = Object.entries(Labels)
    .filter(([name]) => /^io\.buildpacks\.(builder\.metadata|buildpack\.)/.test(name))
    .map(([name, value]) =>
      [name, value.replaceAll('sea-trial-rig/python', BUILDPACK.id)]
        .join('=')
        .replaceAll('"1.0.0"', JSON.stringify(BUILDPACK.version)),
    );
  const options = labels.flatMap((label) => ['--label', label]);
  await command('crane', ['mutate', tag, '--tag', tag, ...options]);
}

describe('an application that cannot be built with buildpacks', () => {
  let registry: BuilderRegistry;
  const rows: FaultRow[] = [];
  beforeAll(async () => {
    registry = await builderRegistry();
    await pushKnown(registry);
  });

  /** The first thing that is said to be wrong: with evidence its first error, else the first problem. */
  function firstOf(run: Run): { readonly at: string; readonly words: string } {
    const [error] = errorsOf(run);
    if (error !== undefined) {
      return { at: `${error.location?.file}:${error.location?.line}`, words: messageOf(run) };
    }
    const [, at = '', words = ''] = /^ {2}(\S+) {2,}(\S[\s\S]*)/m.exec(run.stderr) ?? [];
    return { at, words: lasting(words) };
  }

  test.each(Object.entries(CASES))(
    'for %s is said so before anything is built',
    async (fault, wanted) => {
      const { files, prepare, keys = [] } = wanted;
      const folder = await project({
        ...files,
        'sea-trial.yml': [
          'images:',
          '  - name: ghcr.io/acme/application',
          '    platforms: [linux/amd64]',
          '    build:',
          '      buildpack:',
          `        builder: ${registry.host}/known:1`,
          `        run-image: ${registry.host}/run:1`,
          ...keys.map((key) => `        ${key}`),
        ].join('\n'),
      });
      await prepare?.(folder);
      const { env, left } = await withTmp();
      const run = await runIn(folder, [], { env });
      const { at, words } = firstOf(run);
      expect({ at, words: sentences(words), said: run.stderr, exit: run.code }).toEqual({
        at: expect.stringContaining(wanted.at),
        words: expect.stringContaining(wanted.says),
        said: run.stderr,
        exit: wanted.exit,
      });
      expect(errorsOf(run).map(({ code }) => code)).toEqual(wanted.code ? [wanted.code] : []);
      expect(run.evidence?.trials.filter(({ build }) => build !== undefined) ?? []).toEqual([]);
      expect(await left()).toEqual([]);
      rows.push({ fault, stage: 'environment', exit: run.code, message: words, left: [] });
    },
  );

  test('comes to what docs/faults.md says', () => {
    expect(rows).toHaveLength(Object.keys(CASES).length);
    noteFaults(rows);
  });
});
