import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { alone, handlers } from './home.js';
import { CLI, command, environment, project, ROOT, sail } from './rig.js';

const PLATFORM = 'linux/mips64le';
const HANDLER = 'qemu-mips64el';

// Whatever happens here, the machine is as it was.
beforeAll(() => alone(HANDLER), 1_800_000);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function emulation(home: string, ...args: readonly string[]): Promise<Ended> {
  const env = { ...environment, HOME: home, XDG_STATE_HOME: '' };
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, 'emulation', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

describe('sea-trial emulation', () => {
  test('lists what runs natively and which handlers there are', async () => {
    const home = await project({});
    const words = await emulation(home, 'list');
    expect(words.stdout).toMatch(/runs by itself +linux\//);
    const json = JSON.parse((await emulation(home, 'list', '--json')).stdout) as {
      handlers: { name: string; flags: string; installed: boolean }[];
    };
    const there = await handlers();
    const seen = json.handlers.map(({ name }) => name);
    expect(seen.filter((name) => there.includes(name))).toEqual(there);
    expect(json.handlers.every(({ installed }) => !installed)).toBe(true);
    for (const { name, flags } of json.handlers) {
      expect(words.stdout).toContain(`${name} (`);
      expect(words.stdout).toContain(`flags ${flags}`);
    }
  });

  test('proves, installs what is missing, proves it again, and takes away what it added', async () => {
    const home = await project({});
    const image = (await command(join(ROOT, 'scripts', 'rig', 'binfmt-image.sh'), [])).trim();
    const before = await handlers(HANDLER);
    expect(before).not.toContain(HANDLER);
    const missing = await emulation(home, 'prove', 'linux/amd64', PLATFORM);
    expect(missing.code).toBe(3);
    expect(missing.stdout).toMatch(/^linux\/amd64 +✔ native$/m);
    expect(missing.stdout).toMatch(
      /^linux\/mips64le +✘ cannot be run here: no emulator is registered for its programs/m,
    );
    expect(missing.stdout).toContain('--install mips64le');

    const installed = await emulation(
      home,
      ...['install', 'linux/amd64', PLATFORM, '--binfmt-image', image],
    );
    expect([installed.code, installed.stdout]).toEqual([
      0,
      expect.stringMatching(/^linux\/mips64le +✔ emulated by qemu-mips64el \(.*flags POCF\)$/m),
    ]);
    expect(installed.stdout).toContain(`Installed: ${HANDLER}.`);
    expect(await handlers(HANDLER)).toEqual([...before, HANDLER].sort());
    const again = ['install', PLATFORM, '--binfmt-image', image, '--json'];
    expect(JSON.parse((await emulation(home, ...again)).stdout)).toMatchObject({
      platforms: [{ platform: PLATFORM, proved: true, emulated: true }],
      added: [],
    });
    expect((await emulation(home, 'prove')).code).toBe(0);

    const other = await emulation(home, 'remove', 'linux/arm64', '--binfmt-image', image);
    expect(other.stdout).toContain('qemu-aarch64 was not installed by sea-trial and stays');
    const removed = await emulation(home, 'remove', '--json');
    expect(JSON.parse(removed.stdout)).toEqual({ removed: [HANDLER], kept: [] });
    expect(await handlers(HANDLER)).toEqual(before);
    expect(await fs.readdir(join(home, '.local/state/sea-trial/runs'))).toEqual([]);
    await command('docker', ['image', 'inspect', image]);
  }, 120_000);

  test('what a killed run has installed is taken away by sea-trial clean', async () => {
    const home = await project({});
    const image = (await command(join(ROOT, 'scripts', 'rig', 'binfmt-image.sh'), [])).trim();
    const before = await handlers(HANDLER);
    const folder = await project({
      'sea-trial.yml': `images: [{ name: a/b, platforms: [${PLATFORM}] }]\n`,
      Dockerfile: 'FROM scratch\nCOPY sea-trial.yml /\n',
    });
    const env = { HOME: home, XDG_STATE_HOME: '' };
    const sailing = sail(folder, ['--binfmt-image', image], { env });
    while (!(await handlers(HANDLER)).includes(HANDLER)) {
      if (sailing.child.exitCode !== null) throw new Error((await sailing.ended).stderr);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    sailing.child.kill('SIGKILL');
    await sailing.ended;
    const cleaned = await command(process.execPath, [CLI, 'clean'], env);
    expect(cleaned).toContain('1 emulator');
    expect(await handlers(HANDLER)).toEqual(before);
    await command('docker', ['image', 'inspect', image]);
  }, 60_000);

  test.each([
    [[], 'emulation needs to know what to do: list, prove, install, remove'],
    [['instal'], 'emulation cannot "instal"; there are: list, prove, install, remove'],
    [['prove', 'linux/arm65'], '"linux/arm65" is not a platform, as linux/arm64 is'],
    [['list', 'linux/arm64'], 'emulation list shows everything; it takes no platforms'],
  ])('%j is a usage error', async (args, message) => {
    const ended = await emulation(await project({}), ...args);
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
