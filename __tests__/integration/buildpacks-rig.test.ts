/**
 * Compares everything that pack has in the engine.
 * @engine alone
 */
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type BuilderRegistry,
  type BuildNetwork,
  builderRegistry,
  buildNetwork,
} from './buildpacks.js';
import { afterwards, command, project } from './rig.js';

/*
 * What scripts/rig/buildpacks.sh makes, used with pack alone: every other test of buildpacks
 * rests on it.
 */

const ARCHITECTURES = ['amd64', 'arm64'] as const;
const MACHINES = { amd64: 'x86_64', arm64: 'aarch64' };

/** What the engine holds, but for what other tests may bring and take meanwhile. */
async function held(): Promise<readonly string[]> {
  const lists = [
    ['ps', '--all', '--filter', 'label=author=pack', '--format', 'container {{.ID}}'],
    ['images', '--format', 'image {{.Repository}}:{{.Tag}}'],
    ['volume', 'ls', '--format', 'volume {{.Name}}'],
    ['network', 'ls', '--format', 'network {{.Name}}'],
  ];
  const texts = await Promise.all(lists.map((args) => command('docker', args)));
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => / pack[-.]/.test(line) || line.startsWith('container '))
    .sort();
}

interface Config {
  readonly architecture: string;
  readonly config: { readonly Labels: Readonly<Record<string, string>> };
}

const configOf = async (reference: string, ...more: readonly string[]): Promise<Config> =>
  JSON.parse(await command('crane', ['config', reference, ...more]));

describe('the builder of the rig', () => {
  const before = held();
  let registry: BuilderRegistry;
  let network: BuildNetwork;
  let app = '';
  beforeAll(async () => {
    await before;
    registry = await builderRegistry();
    network = await buildNetwork(registry.host);
    // pack pulls what the index names for a platform, by that digest, and keeps it.
    const ofBuilder = ['image', 'ls', '--quiet', '--no-trunc', `${registry.host}/builder`];
    afterwards(async () => {
      const ids = (await command('docker', ofBuilder)).split('\n').filter((id) => id !== '');
      await command('docker', ['image', 'rm', '--force', ...ids]);
    });
    app = await project({
      '.python-version': '3.12 # what the deployment has\n',
      Procfile: 'web: echo "Python $PYTHON_VERSION on $(uname -m)"\nworker: python --version\n',
    });
  });

  /** Builds the application for one platform; answers its reference with the digest that pack reports. */
  async function build(architecture: string): Promise<string> {
    const cache = `sea-trial-test-${process.pid}-${architecture}`;
    const home = await project({});
    afterwards(() => command('docker', ['volume', 'rm', '--force', cache]));
    await command(
      'pack',
      [
        ...['build', `${network.host}/app:${architecture}`, '--path', app, '--publish'],
        ...['--builder', registry.builder, '--platform', `linux/${architecture}`],
        ...['--run-image', registry.runImage.replace(registry.host, network.host)],
        ...['--network', network.name, '--pull-policy', 'if-not-present', '--trust-builder'],
        ...['--cache', `type=build;format=volume;name=${cache}`, '--report-output-dir', home],
      ],
      { PACK_HOME: home },
    );
    const report = await fs.readFile(join(home, 'report.toml'), 'utf8');
    return `${registry.host}/app@${/digest = "(sha256:[0-9a-f]{64})"/.exec(report)?.[1]}`;
  }

  test.each(ARCHITECTURES)('has for %s what builders have', async (architecture) => {
    const platform = ['--platform', `linux/${architecture}`];
    const { architecture: itself, config } = await configOf(registry.builder, ...platform);
    const label = (name: string) => JSON.parse(config.Labels[`io.buildpacks.${name}`] ?? 'null');
    const python = { id: 'sea-trial-rig/python', version: '1.0.0' };
    expect(itself).toBe(architecture);
    expect(label('builder.metadata')).toMatchObject({
      buildpacks: [python],
      images: [{ image: 'sea-trial-rig/run:1' }],
      lifecycle: {
        version: '0.21.17',
        apis: { platform: { supported: expect.arrayContaining(['0.15']) } },
      },
      createdBy: { name: 'Pack CLI', version: '0.40.9' },
    });
    expect(label('buildpack.order')).toEqual([{ group: [python] }]);
    expect(label('buildpack.layers')).toMatchObject({
      [python.id]: { [python.version]: { layerDiffID: expect.stringMatching(/^sha256:/) } },
    });
  });

  test.each(ARCHITECTURES)(
    'builds an application for %s that runs through the launcher',
    async (architecture) => {
      const image = await build(architecture);
      afterwards(() => command('docker', ['image', 'rm', '--force', image]));
      const run = (...args: readonly string[]) =>
        command('docker', ['run', '--rm', '--platform', `linux/${architecture}`, ...args]);
      const { architecture: itself, config } = await configOf(image);
      expect(itself).toBe(architecture);
      expect(JSON.parse(config.Labels['io.buildpacks.build.metadata'] ?? 'null')).toMatchObject({
        buildpacks: [{ id: 'sea-trial-rig/python', version: '1.0.0' }],
        processes: [{ type: 'web' }, { type: 'worker' }],
        launcher: { version: '0.21.17' },
      });
      const machine = MACHINES[architecture];
      expect(await run(image)).toBe(`Python 3.12.11 on ${machine}\n`);
      expect(await run('--entrypoint', 'worker', image)).toBe('Python 3.12.11\n');
      const launched = ['--entrypoint', 'launcher', image];
      expect(await run(...launched, '--', 'python', '--version')).toBe('Python 3.12.11\n');
      expect(await run(...launched, 'echo "$PYTHON_VERSION" | cut -c 1-4')).toBe('3.12\n');
      expect(await build(architecture)).toBe(image);
    },
  );

  test('says which versions there are when a pin asks for another', async () => {
    await fs.writeFile(join(app, '.python-version'), '3.14\n');
    const problem = await build('amd64').catch((reason) => `${reason.stdout}${reason.stderr}`);
    expect(problem).toContain('Python 3.14 is not offered here. The newest is 3.13.');
    expect(problem).toContain('failed with status code: 51');
  });

  test('leaves nothing in the engine but what it is told to keep', async () => {
    expect(await held()).toEqual(await before);
  });
});
