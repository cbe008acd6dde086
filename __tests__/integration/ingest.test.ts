import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createScanner, type LayerFacts } from '../../src/contents/index.js';
import { inspect } from '../../src/inspect/index.js';
import { createLayout, engineArchive, ingest, type Layout } from '../../src/oci/index.js';
import { realPorts } from '../../src/ports/index.js';
import { plannedBuild } from '../plans.js';

const { exec, files } = realPorts();
const env = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
);

const DOCKERFILE = `FROM busybox
RUN rm /bin/wget && mkdir /made && echo hello > /made/file && ln -s /made/file /link
COPY --chmod=755 run /usr/local/bin/run
ENTRYPOINT ["run"]
`;

let folder = '';
let layout: Layout;
const scans = new Map<string, LayerFacts>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-real-'));
  await writeFile(join(folder, 'Dockerfile'), DOCKERFILE);
  await writeFile(join(folder, 'run'), '#!/bin/sh\ncat /link\n');
  layout = await createLayout(files, join(folder, 'layout'));
});
afterAll(() => rm(folder, { recursive: true }));

async function build(platform: string, more: readonly string[] = []) {
  const running = exec.start({
    file: 'docker',
    args: [
      'buildx',
      'build',
      '--platform',
      platform,
      '--output',
      'type=oci,dest=-,name=example.org/ingest:test,oci-mediatypes=true',
      ...more,
      '--file',
      join(folder, 'Dockerfile'),
      folder,
    ],
    env,
  });
  const stderr = running.stderr.resume();
  const image = await ingest(running.stdout, layout, scans, createScanner);
  expect((await running.exit).code).toBe(0);
  stderr.destroy();
  return image;
}

describe('what BuildKit streams', () => {
  test.each(['linux/amd64', 'linux/arm64'])('for %s is read in one pass', async (platform) => {
    const image = await build(platform, ['--provenance', 'mode=min']);
    expect(image.problems).toEqual([]);
    expect(image.facts).toMatchObject({ platform, entrypoint: ['run'] });
    expect(image.facts.layers).toHaveLength(3);
    expect(image.attestations).toMatchObject([
      {
        of: image.facts.manifest.digest,
        statements: [{ predicateType: expect.stringMatching(/slsa.dev\/provenance/) }],
      },
    ]);
    const asked = { id: 'ingest', expect: {}, build: plannedBuild(), tests: [] };
    const { contents, findings } = inspect({ image: asked, platform }, image, { ticks: () => 0 });
    expect(findings).toEqual([]);
    expect(contents.programs.slice(0, 2)).toMatchObject([
      { path: '/usr/local/bin/run', role: 'entrypoint', layer: 3, script: '/bin/sh' },
      { role: 'interpreter', layer: 1, elf: { architecture: platform.slice('linux/'.length) } },
    ]);
    expect(await readdir(join(folder, 'layout/partial'))).toEqual([]);
  });

  test('without attestations names the manifest itself', async () => {
    const image = await build('linux/amd64', ['--provenance', 'false']);
    expect(image.problems).toEqual([]);
    expect(image.index).toMatchObject([{ digest: image.facts.manifest.digest }]);
  });

  test('is loaded by the engine from one archive and starts', async () => {
    const { facts } = await build('linux/amd64', ['--provenance', 'false']);
    const name = `sea-trial.invalid/ingest:${process.pid}`;
    const loading = exec.start({
      file: 'docker',
      args: ['load', '--quiet'],
      env,
      input: engineArchive(layout, facts, name),
    });
    loading.stdout.resume();
    loading.stderr.resume();
    expect((await loading.exit).code).toBe(0);
    try {
      const asked = ['image', 'inspect', '--format', '{{.Id}}', name];
      const id = (await exec.run({ file: 'docker', args: asked, env })).stdout.trim();
      expect([facts.manifest.digest, facts.config.digest]).toContain(id);
      const args = ['run', '--rm', '--network', 'none', name];
      expect((await exec.run({ file: 'docker', args, env })).stdout).toBe('hello\n');
    } finally {
      await exec.run({ file: 'docker', args: ['rmi', name], env });
    }
  });
});
