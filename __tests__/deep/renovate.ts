import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import {
  type BuilderRegistry,
  builderRegistry,
  buildNetwork,
  forgetCaches,
  newerBuilder,
  parityIn,
} from '../integration/buildpacks.js';
import { errorsOf } from '../integration/image-project.js';
import { command, environment, project, ROOT, runIn } from '../integration/rig.js';

/*
 * The preset in renovate/, read and run by Renovate itself, of the version in
 * scripts/deep/renovate. It is installed once for each version, which takes minutes.
 * `npm run test:deep -- renovate` runs this.
 */

const HOUR = 3_600_000;
const PRESET = join(ROOT, 'renovate/default.json');
const ID = 'renovated';
const PLATFORMS = ['linux/amd64', 'linux/arm64'];

const run = promisify(execFile);

/** The folder of the installed package; it appears when it is whole. */
async function installed(): Promise<string> {
  const source = join(ROOT, 'scripts/deep/renovate');
  const lock = await fs.readFile(join(source, 'package-lock.json'));
  const name = `renovate-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`;
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sea-trial');
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  const part = `${folder}.${process.pid}`;
  await fs.cp(source, part, { recursive: true });
  const flags = ['--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['ci', ...flags], { cwd: part });
  await fs.rename(part, folder);
  return folder;
}

/** What Renovate would replace in a file. */
interface Update {
  readonly file: string;
  readonly depName: string;
  readonly text: string;
  readonly before: { readonly value?: string; readonly digest?: string };
  readonly now: { readonly value?: string; readonly digest?: string };
}

interface ReportedDependency {
  readonly depName: string;
  readonly replaceString: string;
  readonly currentValue?: string;
  readonly currentDigest?: string;
  readonly warnings?: readonly unknown[];
  readonly updates: readonly { readonly newValue?: string; readonly newDigest?: string }[];
}

interface Report {
  readonly problems: readonly unknown[];
  readonly repositories: Readonly<
    Record<
      string,
      {
        readonly problems: readonly unknown[];
        readonly packageFiles: Readonly<
          Record<
            string,
            readonly {
              readonly packageFile: string;
              readonly deps: readonly ReportedDependency[];
            }[]
          >
        >;
      }
    >
  >;
}

/** Runs Renovate in a folder, where it makes no branches; answers what it would replace. */
async function renovate(renovateFolder: string, folder: string): Promise<readonly Update[]> {
  const file = join(await project({}), 'report.json');
  // The registries of the test have no TLS.
  const hostRules = [{ hostType: 'docker', insecureRegistry: true }];
  const env = {
    ...environment,
    LOG_LEVEL: 'warn',
    RENOVATE_HOST_RULES: JSON.stringify(hostRules),
    RENOVATE_BASE_DIR: await project({}),
  };
  const args = ['--platform=local', '--report-type=file', `--report-path=${file}`];
  await run(join(renovateFolder, 'node_modules/.bin/renovate'), args, { cwd: folder, env });
  const report: Report = JSON.parse(await fs.readFile(file, 'utf8'));
  const repositories = Object.values(report.repositories);
  const found = repositories.flatMap(({ packageFiles }) =>
    Object.values(packageFiles).flatMap((files) => files.flatMap(({ deps }) => deps)),
  );
  // What was found and could not be looked up would be no update either.
  const lost = found.flatMap(({ warnings }) => warnings ?? []);
  const failed = repositories.flatMap(({ problems }) => problems.map((one) => JSON.stringify(one)));
  const known = /internalHostAccess/;
  expect([lost, failed.filter((one) => !known.test(one))]).toEqual([[], []]);
  expect(found.map(({ depName }) => depName)).toHaveLength(3);
  return repositories.flatMap(({ packageFiles }) =>
    Object.values(packageFiles).flatMap((files) =>
      files.flatMap(({ packageFile, deps }) =>
        deps.flatMap(({ depName, replaceString, currentValue, currentDigest, updates }) =>
          updates.map(({ newValue, newDigest }) => ({
            file: packageFile,
            depName,
            text: replaceString,
            before: { value: currentValue, digest: currentDigest },
            now: { value: newValue, digest: newDigest },
          })),
        ),
      ),
    ),
  ) as readonly Update[];
}

/** Replaces as Renovate does: in the text that was found, the version and the digest. */
async function apply(folder: string, { file, text, before, now }: Update) {
  const path = join(folder, file);
  let replaced = text;
  for (const part of ['value', 'digest'] as const) {
    const [from, to] = [before[part], now[part]];
    if (from !== undefined && to !== undefined) replaced = replaced.replace(from, to);
  }
  const written = await fs.readFile(path, 'utf8');
  expect(written.split(text)).toHaveLength(2);
  await fs.writeFile(path, written.replace(text, replaced));
}

let tool = '';

beforeAll(async () => {
  tool = await installed();
}, HOUR);

test("the preset is one by Renovate's own validator", async () => {
  const validator = join(tool, 'node_modules/.bin/renovate-config-validator');
  const { stdout } = await run(validator, ['--strict', '--no-global', PRESET]);
  expect(stdout).toContain('Config validated successfully');
});

test('a preset with a key that Renovate does not know is none', async () => {
  const folder = await project({ 'default.json': '{ "customManagerz": [] }' });
  const validator = join(tool, 'node_modules/.bin/renovate-config-validator');
  await expect(
    run(validator, ['--strict', '--no-global', join(folder, 'default.json')]),
  ).rejects.toMatchObject({ code: 1 });
});

test('a builder that moved is reported for its pin; with that replaced, the lock is checked, and builds what it says', async () => {
  const registry: BuilderRegistry = await builderRegistry();
  const newer = await newerBuilder(registry, '3.14.0');
  const { host } = await buildNetwork(registry.host);
  forgetCaches(ID, PLATFORMS);
  const preset = JSON.parse(await fs.readFile(PRESET, 'utf8'));
  const app = await project({
    '.python-version': '3.13\n',
    Procfile: 'web: python --version\n',
    // Other managers ask Docker Hub, which need not be reached from where tests run.
    'renovate.json': JSON.stringify({ ...preset, enabledManagers: ['custom.regex'] }),
    'sea-trial.yml': `images:
  - name: ghcr.io/acme/${ID}
    platforms: [${PLATFORMS.join(', ')}]
    build:
      buildpack:
        builder: ${registry.host}/builder
        run-image: ${host}/run:1
    tests: [python --version]
`,
  });
  await command('git', ['-C', app, 'init', '--quiet']);
  await command('git', ['-C', app, 'add', '.']);
  // The tag is written down, so that Renovate has something to follow.
  await command('crane', ['copy', registry.builder, `${registry.host}/builder:latest`]);
  expect(await parityIn(app, ['lock', '--from', `${registry.host}/builder:latest`])).toMatchObject({
    code: 0,
  });
  await command('git', ['-C', app, 'add', '.']);
  expect(await renovate(tool, app)).toEqual([]);

  await command('crane', ['copy', newer, `${registry.host}/builder:latest`]);
  const updates = await renovate(tool, app);
  const digest = newer.split('@')[1];
  expect(updates).toEqual([
    expect.objectContaining({
      file: 'sea-trial.lock',
      depName: `${registry.host}/builder`,
      now: { value: 'latest', digest },
    }),
  ]);
  for (const update of updates) await apply(app, update);

  const checked = await parityIn(app, ['check']);
  expect(checked.out).toContain('sea-trial-rig/python 1.0.0 → 1.1.0');
  expect(checked.code).toBe(0);
  const ended = await runIn(app);
  expect(errorsOf(ended)).toEqual([]);
  expect(ended.evidence?.trials.map(({ platform, built }) => [platform, built?.platform])).toEqual(
    PLATFORMS.map((platform) => [platform, platform]),
  );
  // Labels that are not those of the builder are an error of the run: parity-differs.
  const build = ended.evidence?.plan.images[0]?.build;
  expect(build).toMatchObject({ builder: `${registry.host}/builder:latest@${digest}` });
  expect(ended.code).toBe(0);
});
