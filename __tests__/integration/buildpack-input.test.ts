import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BuilderRegistry, builderRegistry } from './buildpacks.js';
import { type FaultRow, messageOf, noteFaults } from './fault-table.js';
import { brief, errorsOf, repeated, sentences, withTmp } from './image-project.js';
import { command, project, type Run, runIn } from './rig.js';

/*
 * What is wrong with a build with buildpacks and is known before it: each is an error, nothing
 * is pulled into the engine, and nothing is built.
 */

interface Case {
  /** Of the build's `buildpack`, beside the builder and the run image of the rig. */
  readonly buildpack?: Readonly<Record<string, string>>;
  readonly platforms?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly errors: readonly string[];
  readonly exit: number;
  /** Words of what is said. */
  readonly says: readonly string[];
  /** Where the first error is, as `FILE:LINE`. */
  readonly at?: string;
}

const BOTH = ['linux/amd64', 'linux/arm64'];
const UNUSABLE = BOTH.map((platform) => `builder-unusable ${platform}`);

const CASES: Readonly<Record<string, (registry: BuilderRegistry) => Case>> = {
  'a builder without the platform': ({ builder }) => ({
    platforms: ['linux/amd64', 'linux/s390x'],
    errors: ['builder-unusable linux/s390x'],
    exit: 1,
    says: [`The builder ${builder} has no image for linux/s390x; it has linux/amd64, linux/arm64.`],
    at: 'sea-trial.yml:7',
  }),
  'a builder that is no builder': ({ runImage }) => ({
    buildpack: { builder: runImage },
    errors: UNUSABLE,
    exit: 1,
    says: [`${runImage} is not a builder`, 'lacks the labels "io.buildpacks.builder.metadata"'],
  }),
  'a builder of an unknown API': ({ host }) => ({
    buildpack: { builder: `${host}/future:1` },
    platforms: ['linux/amd64'],
    errors: ['builder-unusable linux/amd64'],
    exit: 1,
    says: ['its lifecycle 9.0.0 serves the Platform APIs 7.0; pack serves 0.3 to 0.15'],
  }),
  'a builder whose labels are damaged': ({ host }) => ({
    buildpack: { builder: `${host}/damaged:1` },
    platforms: ['linux/amd64'],
    errors: ['builder-unusable linux/amd64'],
    exit: 1,
    says: ['label io.buildpacks.builder.metadata is not a JSON object'],
  }),
  'a builder that is not there': ({ host }) => ({
    buildpack: { builder: `${host}/gone:1` },
    errors: ['not-pulled'],
    exit: 3,
    says: [`${host}/gone:1 cannot be pulled`],
  }),
  'a run image of another architecture': ({ host }) => ({
    buildpack: { 'run-image': `${host}/run-arm:1` },
    platforms: ['linux/amd64'],
    errors: ['builder-unusable linux/amd64'],
    exit: 1,
    says: [`The run image ${host}/run-arm:1 has no image for linux/amd64; it has linux/arm64.`],
  }),
  'a buildpack that the builder does not have': ({ builder }) => ({
    buildpack: { buildpacks: '[sea-trial-rig/pyhton]' },
    errors: ['builder-unusable linux/amd64'],
    exit: 1,
    says: [
      `The builder ${builder} has no buildpack sea-trial-rig/pyhton; did you mean "sea-trial-rig/python"?`,
    ],
  }),
  'a pinned version that the builder does not offer': ({ builder }) => ({
    files: { '.python-version': '# newer than the deployment\r\n3.14\r\n' },
    errors: ['version-not-offered'],
    exit: 1,
    says: [
      `3.14 is not offered by ${builder} (sea-trial-rig/python 1.0.0); newest: 3.13.`,
      'Pin 3.13, or choose a builder that offers it.',
    ],
    at: '.python-version:2',
  }),
};

/** Builders that pack would not make: the rig's, with another label, for linux/amd64. */
async function makeOthers({ host, builder, runImage }: BuilderRegistry): Promise<void> {
  const metadata = (value: string) => `io.buildpacks.builder.metadata=${value}`;
  const apis = { platform: { supported: ['7.0'] }, buildpack: { supported: ['0.10'] } };
  const future = JSON.stringify({ lifecycle: { version: '9.0.0', apis } });
  const platform = ['--platform', 'linux/amd64'];
  await command('crane', ['copy', ...platform, builder, `${host}/amd:1`]);
  for (const [name, label] of [
    ['future', future],
    ['damaged', '{"lifecycle"'],
  ] as const) {
    const tag = `${host}/${name}:1`;
    await command('crane', ['mutate', `${host}/amd:1`, '--tag', tag, '--label', metadata(label)]);
  }
  await command('crane', ['copy', '--platform', 'linux/arm64', runImage, `${host}/run-arm:1`]);
}

describe('bad input of a build with buildpacks', () => {
  let registry: BuilderRegistry;
  const runs = new Map<string, Run>();
  const rows: FaultRow[] = [];
  beforeAll(async () => {
    registry = await builderRegistry();
    await makeOthers(registry);
  });

  async function outcome(name: string, wanted: Case) {
    const { builder, runImage } = registry;
    const keys = { builder, 'run-image': runImage, ...wanted.buildpack };
    const text = [
      'images:',
      '  - name: ghcr.io/acme/webapp',
      '    tags: [dev]',
      `    platforms: [${(wanted.platforms ?? BOTH).join(', ')}]`,
      '    build:',
      '      buildpack:',
      ...Object.entries(keys).map(([key, value]) => `        ${key}: ${value}`),
      '    tests: [{ name: passes, run: [python, --version] }]',
    ].join('\n');
    const files = { '.python-version': '3.13\n', ...wanted.files };
    const folder = await project({ 'sea-trial.yml': text, ...files });
    const { env, left } = await withTmp();
    const run = await runIn(folder, [], { env });
    runs.set(name, run);
    const said = sentences(run.stdout);
    const [first] = errorsOf(run);
    rows.push({
      fault: name,
      stage: 'environment',
      exit: run.code,
      message: messageOf(run),
      left: await left(),
    });
    return {
      exit: run.code,
      errors: errorsOf(run).map(brief),
      missing: wanted.says.filter((words) => !said.includes(words)),
      repeated: repeated(run),
      built: run.evidence?.trials.filter(({ build }) => build !== undefined).length,
      at: wanted.at === undefined ? undefined : `${first?.location?.file}:${first?.location?.line}`,
      left: await left(),
    };
  }

  test.each(Object.keys(CASES))(
    '%s is said before anything is built',
    async (name) => {
      const wanted = CASES[name]?.(registry);
      if (wanted === undefined) throw new Error(`there is no case ${name}`);
      const { exit, errors, at } = wanted;
      const expected = { exit, errors, missing: [], repeated: [], built: 0, at, left: [] };
      const seen = await outcome(name, wanted);
      // What was said is shown only where something is missing.
      const shown = seen.missing.length === 0 ? {} : { said: runs.get(name)?.stdout };
      expect({ ...seen, ...shown }).toEqual(expected);
    },
    60_000,
  );

  test('none of it is pulled into the engine', async () => {
    const images = ['images', '--quiet', '--filter', `reference=${registry.host}/*`];
    expect(await command('docker', images)).toBe('');
  });

  test('each comes to what docs/faults.md says', () => {
    noteFaults(rows);
  });
});
