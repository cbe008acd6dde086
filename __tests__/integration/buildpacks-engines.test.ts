import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type BuilderRegistry,
  builderRegistry,
  buildNetwork,
  buildpackFiles,
} from './buildpacks.js';
import { noteBuildpacks } from './compatibility.js';
import { type FaultRow, messageOf, noteFaults } from './fault-table.js';
import { type PrivateEngine, privateEngine, smallDisk } from './private-engine.js';
import { CLI, command, environment, project, type Run, runIn, startRun } from './rig.js';

/*
 * Images from buildpacks on engines of the tests' own: with the classic store, on a machine
 * that is elsewhere, and after a kill.
 */

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

let registry: BuilderRegistry;
let runImage = '';
let engine: PrivateEngine;
beforeAll(async () => {
  [registry, engine] = await Promise.all([builderRegistry(), privateEngine()]);
  const { host } = await buildNetwork(registry.host);
  runImage = registry.runImage.replace(registry.host, host);
}, 60_000);

/** An application; with `build`, of a buildpack that does that. */
function application(build?: string): Promise<string> {
  const own = build === undefined ? '' : ', buildpacks: [./own]';
  return project({
    'sea-trial.yml': [
      'images:',
      '  - name: ghcr.io/acme/webapp',
      '    tags: [dev]',
      '    platforms: [linux/amd64]',
      `    build: { buildpack: { builder: "${registry.builder}", run-image: "${runImage}"${own} } }`,
    ].join('\n'),
    '.python-version': '3.12\n',
    Procfile: 'web: python --version\n',
    ...(build === undefined ? {} : buildpackFiles('own', build)),
  });
}

const docker = (...args: readonly string[]) =>
  command('docker', args, { DOCKER_HOST: engine.host });

/** Everything that the engine holds. */
async function held(): Promise<readonly string[]> {
  const lists = await Promise.all([
    docker('ps', '--all', '--format', 'container {{.Image}}'),
    docker('images', '--format', 'image {{.Repository}}'),
    docker('volume', 'ls', '--format', 'volume {{.Name}}'),
    docker('network', 'ls', '--format', 'network {{.Name}}'),
  ]);
  const ofEngine = ['network bridge', 'network host', 'network none'];
  return lists.flatMap(linesOf).filter((line) => !ofEngine.includes(line));
}

const kinds = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/[0-9a-f]{8,}|(?<=pack-\w+-)\w{10}/g, 'X')).toSorted();

const errorOf = ({ evidence }: Run) =>
  evidence?.findings.find(({ severity }) => severity === 'error');

const CACHE = expect.stringMatching(/^volume sea-trial-cache-[0-9a-f]{32}$/);

describe('images from buildpacks', () => {
  const rows: FaultRow[] = [];

  test('are built with the classic image store, of which their cache alone stays', async () => {
    const folder = await application();
    const file = join(folder, 'sea-trial.yml');
    const text = (await fs.readFile(file, 'utf8')).replace(
      '[linux/amd64]',
      '[linux/amd64, linux/arm64]',
    );
    for (const flow of ['pack', 'creator'] as const) {
      await fs.writeFile(file, text.replace('{ builder:', `{ flow: ${flow}, builder:`));
      const grant = ['--grant', 'trust-builder'];
      const run = await runIn(folder, grant, { env: { DOCKER_HOST: engine.host } });
      expect([run.code, run.stdout]).toEqual([
        0,
        expect.stringContaining('started on 2 platforms'),
      ]);
      expect(run.evidence?.environment?.engine.store).toBe('classic');
      // Whatever buildx has will do: none is made where no image needs one.
      expect(run.evidence?.environment?.builder.driver).toBe('docker');
      expect(await held()).toEqual([CACHE, CACHE]);
      await noteBuildpacks(run.evidence, flow, registry.builder);
    }
  }, 150_000);

  test('that an interruption or a kill ended leave nothing, the next after sea-trial clean', async () => {
    const folder = await application('touch /tmp/here; sleep 60');
    const home = await project({});
    const env = { DOCKER_HOST: engine.host, XDG_STATE_HOME: home };
    const building = async () => {
      const started = startRun(folder, [], { env });
      let early: string | undefined;
      void started.ended.then(({ code, stdout, stderr }) => {
        early = `it ended with ${code}:\n${stdout}${stderr}`;
      });
      const list = ['ps', '--format', '{{.Command}}', '--no-trunc'];
      while (!(await docker(...list)).includes('/cnb/lifecycle/creator')) {
        if (early !== undefined) throw new Error(early);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return started;
    };
    const stopped = await building();
    stopped.child.kill('SIGINT');
    const ended = await stopped.ended;
    expect([ended.code, kinds(await held())]).toEqual([
      130,
      // Two are of the test before.
      Array(3).fill('volume sea-trial-cache-X'),
    ]);
    expect(await fs.readdir(join(home, 'sea-trial', 'runs'))).toEqual([]);
    rows.push({
      fault: 'SIGINT while buildpacks build',
      stage: 'build',
      exit: ended.code,
      message: messageOf(ended),
      left: ['the caches of its builds'],
    });

    const killed = await building();
    killed.child.kill('SIGKILL');
    expect((await killed.ended).code).toBe(null);
    expect(kinds(await held())).toEqual(
      expect.arrayContaining([
        'container pack.local/builder/X:latest',
        'volume pack-app-X',
        'volume pack-layers-X',
      ]),
    );
    const clean = () =>
      new Promise<string>((resolve) => {
        execFile(
          process.execPath,
          [CLI, 'clean', '--caches'],
          { env: { ...environment, ...env } },
          (_, stdout, stderr) => resolve(`${stdout}${stderr}`),
        );
      });
    // Beside these, what other tests have killed may be found in the folder for what is temporary.
    const cleaned = await clean();
    expect(cleaned).toMatch(/^local-\w+: (1 process, )?1 network, 1 image, 1 folder removed$/m);
    expect(cleaned).toMatch(/^3 caches of builds with buildpacks removed$/m);
    expect(await held()).toEqual([]);
    rows.push({
      fault: 'SIGKILL while buildpacks build',
      stage: 'build',
      exit: null,
      message: 'Nothing; sea-trial clean --caches removes what is left.',
      left: [],
    });
  }, 120_000);

  test('are refused in words, before anything is pulled, on an engine of another machine', async () => {
    const namespace = `st-bp-${process.pid}`;
    // The engine's own builder does, which comes with this store.
    const config = { features: { 'containerd-snapshotter': true } };
    const elsewhere = await privateEngine({ namespace, config });
    const env = { DOCKER_HOST: elsewhere.host };
    const run = await runIn(await application(), [], { env });
    expect(run.code).toBe(3);
    expect(run.stdout.replace(/\s+/g, ' ')).toContain(
      'Images from buildpacks cannot be built on an engine of another machine: the registry of the build is on this one.',
    );
    expect(linesOf(await command('docker', ['images', '--quiet'], env))).toEqual([]);
    const fault = 'a build with buildpacks on an engine of another machine';
    rows.push({ fault, stage: 'environment', exit: run.code, message: messageOf(run), left: [] });
  }, 60_000);

  test('that fill the disk of the engine say so: it is not the application that is at fault', async () => {
    const root = await smallDisk(90);
    const small = await privateEngine({ dataRoot: join(root, 'data') });
    const folder = await application(
      'head -c 200000000 /dev/zero >"$CNB_LAYERS_DIR/large"\necho "it is written"',
    );
    const run = await runIn(folder, [], { env: { DOCKER_HOST: small.host } });
    expect([run.code, errorOf(run)]).toMatchObject([
      3,
      { code: 'engine-failed', message: expect.stringMatching(/^the engine's disk is full: /) },
    ]);
    const message = messageOf(run).replace(/(disk is full): .*/, '$1');
    const fault = "the engine's disk is full while buildpacks build";
    rows.push({ fault, stage: 'build', exit: run.code, message, left: [] });
  }, 90_000);

  test('with a pack older than the API of the engine allows are told what pack it takes', async () => {
    const real = (await command('sh', ['-c', 'command -v pack'])).trim();
    const words = `#!/bin/sh\nDOCKER_API_VERSION=1.20 exec ${real} "$@"\n`;
    const bin = await project({ pack: Buffer.from(words) });
    const env = { DOCKER_HOST: engine.host, PATH: `${bin}:${environment.PATH}` };
    const run = await runIn(await application(), [], { env });
    expect([run.code, errorOf(run)]).toMatchObject([
      3,
      { code: 'engine-failed', remedy: expect.stringMatching(/^Use a newer pack/) },
    ]);
    const fault = "a pack older than the engine's API allows";
    rows.push({ fault, stage: 'build', exit: run.code, message: messageOf(run), left: [] });
  }, 60_000);

  test('come to what docs/faults.md says where they are not built', () => {
    expect(rows).toHaveLength(5);
    noteFaults(rows);
  });
});
