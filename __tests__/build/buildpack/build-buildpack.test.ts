import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { buildBuildpack } from '../../../src/build/buildpack/build-buildpack.js';
import { builderLauncher } from '../../../src/build/buildpack/launcher.js';
import type { BuildpackOrder } from '../../../src/build/buildpack/order.js';
import { type BuildpackPlan, createRedactor } from '../../../src/evidence/index.js';
import { createLayout, digestOf, writeTar } from '../../../src/oci/index.js';
import { realPorts } from '../../../src/ports/index.js';
import { anonymous, createRegistryClient } from '../../../src/registry/index.js';
import { engineThat } from '../../test/engine.js';
import { buildpackOrder } from './order.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sea-trial-build-'));
});
afterEach(() => rm(root, { recursive: true }));

/** A build with a program in pack's place that ends well and leaves this report. */
async function built(
  report: string,
  more: Partial<BuildpackOrder['pack']> = {},
  { first = 'true', ...plan }: Partial<BuildpackPlan> & { readonly first?: string } = {},
) {
  const ports = realPorts();
  const pack = join(root, 'pack');
  const removals: Promise<void>[] = [];
  const lines = [
    '#!/bin/sh',
    `echo "$*" >${root}/arguments`,
    first,
    'while [ "$1" != --report-output-dir ]; do shift; done',
    `cat >"$2/report.toml" <<'END'\n${report}\nEND`,
  ];
  await writeFile(pack, `${lines.join('\n')}\n`, { mode: 0o755 });
  const { http, clock, resolve, files } = ports;
  const networks = {
    create: async () => ({ name: 'sea-trial-local-1', gateway: '127.0.0.1' }),
    remove: async () => 0,
    makeVolume: async () => {},
    removeVolume: async () => {},
  };
  const tools = {
    ...{ file: pack, files, folder: root, networks, labels: {} },
    later: (work: Promise<void>) => void removals.push(work),
    ...{ willPull: async () => {}, logins: {} },
    client: createRegistryClient({ http, clock, resolve, credentials: anonymous }),
    ...more,
  } as unknown as BuildpackOrder['pack'];
  const layout = await createLayout(files, join(root, 'layout'));
  const result = await buildBuildpack(
    { ...buildpackOrder(plan, tools), root },
    {
      ports,
      layout,
      scans: new Map(),
      secretEnvironment: {},
      redactor: createRedactor(),
      listen: () => {},
    },
  );
  await Promise.all(removals);
  return result;
}

test.each([
  [`sha256:${'a'.repeat(64)}`, /^What the build has published cannot be read: .*404/],
  ['sha256:short', /^The build ended without an error, and has published no image\.$/],
])(
  'a report that names what was not published fails the build, and not the run: %s',
  async (digest, said) => {
    const { image, findings } = await built(`[image]\ndigest = "${digest}"`);
    expect(image).toBeUndefined();
    expect(findings).toEqual([
      expect.objectContaining({ code: 'build-failed', message: expect.stringMatching(said) }),
    ]);
  },
);

test('a lifecycle that holds the login for the run image is named by its digest, and removed', async () => {
  const pulled: string[] = [];
  const pack = {
    willPull: async (reference: string) => void pulled.push(reference.split('@')[0] ?? ''),
    lifecycle: async (version: string, platform: string) => `hub/lifecycle@${version}-${platform}`,
  };
  const logins = { 'https://index.docker.io/v1/': { auth: 'eDp5' } };
  const given = () => readFile(join(root, 'arguments'), 'utf8');
  await built('', { ...pack, logins });
  const lifecycle = 'hub/lifecycle@0.21.17-linux/arm64';
  expect(await given()).toContain(`--publish --lifecycle-image ${lifecycle} --no-color`);
  expect(pulled.sort()).toEqual(['heroku/builder', 'hub/lifecycle']);
  await built('', pack);
  expect(await given()).not.toContain('--lifecycle-image');
});

test('a build that does not end in its time fails with the step that stood still', async () => {
  const steps = ['===> BUILDING', 'Running build for buildpack test/own@1.0.0', 'one'];
  const first = `${steps.map((line) => `echo '${line}'`).join('\n')}\nsleep 60`;
  const { image, findings, build } = await built('', {}, { timeout: 1_500, first });
  expect(image).toBeUndefined();
  expect(findings).toEqual([
    expect.objectContaining({
      code: 'build-failed',
      message:
        'the build did not end within 1s500ms: step build test/own 1.0.0 was still running after 1s, without output for 1s',
      detail: ['one'],
      remedy: expect.stringContaining('raise "timeout"'),
    }),
  ]);
  expect(build.duration).toBeLessThan(30_000);
});

test("the builder's launcher is read from a container of it that never starts", async () => {
  const asked: string[] = [];
  const engine = engineThat({
    async create({ image, platform }) {
      asked.push(`create ${image} ${platform}`);
      return 'c1';
    },
    async copyOut(container, path, read) {
      asked.push(`copy ${path} from ${container}`);
      await read(
        writeTar([{ name: 'launcher', size: 3, mode: 0o755, content: Buffer.from('elf') }]),
      );
    },
    remove: async (container) => void asked.push(`remove ${container}`),
  });
  const pack = { engine, labels: {} };
  expect(await builderLauncher(buildpackOrder({}, pack))).toBe(digestOf(Buffer.from('elf')));
  const builder = `heroku/builder@sha256:${'b'.repeat(64)}`;
  expect(asked).toEqual([
    `create ${builder} linux/arm64`,
    'copy /cnb/lifecycle/launcher from c1',
    'remove c1',
  ]);
  const folder = engineThat({
    ...engine,
    copyOut: (_, __, read) =>
      read(writeTar([{ name: 'launcher', kind: 'directory', mode: 0o755 }])),
  });
  await expect(builderLauncher(buildpackOrder({}, { ...pack, engine: folder }))).rejects.toThrow(
    `/cnb/lifecycle/launcher of the builder ${builder} cannot be read: it is not a file.`,
  );
});
