import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { privateEngine } from '../integration/private-engine.js';
import { CLI, command, environment, project, startRun } from '../integration/rig.js';

/*
 * Fifty runs that are killed with everything they started, each at another moment, on an engine
 * of their own. `npm run test:deep` runs this; it takes minutes.
 */

const KILLS = 50;
/** Milliseconds: a run of this project takes about two thirds of it on an idle machine. */
const LONGEST = 6_000;

/** The moment of a kill: spread evenly, in another order than that of the kills. */
function momentOf(kill: number): number {
  const order = createHash('sha256').update(`${kill}`).digest().readUInt32BE(0) / 2 ** 32;
  return Math.round(order * LONGEST);
}

const CONFIG = [
  'images:',
  '  - name: ghcr.io/acme/ship',
  '    tags: [dev]',
  '    platforms: [linux/amd64, linux/arm64]',
  '    tests: [{ name: passes, run: ["true"] }]',
].join('\n');

test('after fifty kills and one clean, the engine and the folders are as before', async () => {
  const engine = await privateEngine();
  const home = await project({ 'tmp/.keep': '' });
  const env = {
    ...{ HOME: home, TMPDIR: join(home, 'tmp'), XDG_STATE_HOME: '' },
    DOCKER_HOST: engine.host,
  };
  const listed = async (...args: readonly string[]) =>
    (await command('docker', args, env)).split('\n').filter((line) => line !== '');
  const everything = async () => ({
    containers: await listed('ps', '--all', '--format', '{{.Names}} {{.Image}}'),
    images: await listed('images', '--all', '--format', '{{.Repository}}:{{.Tag}}'),
    volumes: await listed('volume', 'ls', '--format', '{{.Name}}'),
    networks: await listed('network', 'ls', '--format', '{{.Name}}'),
    builders: await listed('buildx', 'ls', '--format', '{{.Name}}'),
    handlers: (await fs.readdir('/proc/sys/fs/binfmt_misc')).sort(),
    temporary: (await fs.readdir(env.TMPDIR)).sort(),
  });
  const before = await everything();
  const ends: (number | null)[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const folder = await project({
      'sea-trial.yml': CONFIG,
      Dockerfile: `FROM busybox:1.37\nRUN echo ${randomUUID()} > /id\n`,
    });
    const started = startRun(folder, [], { env, detached: true });
    const group = -(started.child.pid ?? 0);
    const timer = setTimeout(() => process.kill(group, 'SIGKILL'), momentOf(kill));
    ends.push((await started.ended).code);
    clearTimeout(timer);
    await fs.rm(folder, { recursive: true, force: true });
  }
  // A kill has no exit code; where none has struck, this test shows nothing.
  expect(ends.filter((code) => code === null).length).toBeGreaterThan(KILLS / 2);
  expect(ends.filter((code) => code !== null && code !== 0)).toEqual([]);
  const cleaning = { env: { ...environment, ...env } };
  await promisify(execFile)(process.execPath, [CLI, 'clean'], cleaning);
  expect(await everything()).toEqual(before);
}, 1_800_000);
