/**
 * Adds and removes a handler that old-emulator needs, too.
 * @engine alone
 */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { alone, handlers, unregister } from './home.js';
import { afterwards, CLI, command, environment, project, ROOT, startRun } from './rig.js';
import './needs-root.js';

const PLATFORM = 'linux/mips64le';
const HANDLER = 'qemu-mips64el';

const MISC = '/proc/sys/fs/binfmt_misc';

// Whatever happens here, the machine is as it was.
beforeAll(() => alone(HANDLER), 1_800_000);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function emulation(home: string, ...args: readonly string[]): Promise<Ended> {
  return emulationOf({}, home, ...args);
}

function emulationOf(
  more: Readonly<Record<string, string>>,
  home: string,
  ...args: readonly string[]
): Promise<Ended> {
  const env = { ...environment, HOME: home, XDG_STATE_HOME: '', ...more };
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
    expect(words.stdout).toMatch(/native +linux\//);
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
    const started = startRun(folder, ['--binfmt-image', image], { env });
    while (!(await handlers(HANDLER)).includes(HANDLER)) {
      if (started.child.exitCode !== null) throw new Error((await started.ended).stderr);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    started.child.kill('SIGKILL');
    await started.ended;
    const cleaned = await command(process.execPath, [CLI, 'clean'], env);
    expect(cleaned).toContain('1 emulator');
    expect(await handlers(HANDLER)).toEqual(before);
    await command('docker', ['image', 'inspect', image]);
  }, 60_000);

  test.each([
    [[], 'emulation needs an action: list, prove, install, remove'],
    [['instal'], 'emulation has no action "instal"; there are: list, prove, install, remove'],
    [['prove', 'linux/arm65'], '"linux/arm65" is not a platform; expected the form linux/arm64'],
    [['list', 'linux/arm64'], 'emulation list shows everything; it takes no platforms'],
  ])('%j is a usage error', async (args, message) => {
    const ended = await emulation(await project({}), ...args);
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

/** An ELF file of this machine without a single instruction: its first step is its last. */
function crashing(): Buffer {
  const file = Buffer.alloc(120);
  if (endianness() !== 'LE') throw new Error('written for little-endian machines');
  file.write('\u007fELF\u0002\u0001\u0001', 'latin1');
  file.writeUInt16LE(2, 16); // ET_EXEC
  file.writeUInt16LE(process.arch === 'arm64' ? 183 : 62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(64n, 32); // program headers; the entry stays 0, where nothing is
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64); // PT_LOAD, to be read
  file.writeUInt32LE(4, 68);
  file.writeBigUInt64LE(0x400000n, 80);
  file.writeBigUInt64LE(0x400000n, 88);
  file.writeBigUInt64LE(120n, 96);
  file.writeBigUInt64LE(120n, 104);
  file.writeBigUInt64LE(4096n, 112);
  return file;
}

/**
 * The engine behind somebody who refuses privileged containers, as an authorization
 * plugin of a company does. Answers its DOCKER_HOST.
 */
async function withoutPrivileges(): Promise<string> {
  const path = join(await project({}), 'engine.sock');
  const message = 'authorization denied by plugin harbour: no privileged containers';
  const body = JSON.stringify({ message });
  const head = `HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: '/var/run/docker.sock', allowHalfOpen: true });
    for (const socket of [client, engine]) open.add(socket.on('error', () => socket.destroy()));
    let held = Buffer.alloc(0);
    client.on('data', (chunk) => {
      held = Buffer.concat([held, chunk]);
      const text = held.toString('latin1');
      if (/^POST \S*\/containers\/create/.test(text)) {
        const length = Number(/^content-length: (\d+)/im.exec(text)?.[1]);
        // The whole request has to be here before it can be judged.
        if (!(text.length >= text.indexOf('\r\n\r\n') + 4 + length)) return;
        if (text.includes('"Privileged":true')) client.write(`${head}\r\n\r\n${body}`);
        else engine.write(held);
      } else engine.write(held);
      held = Buffer.alloc(0);
    });
    client.on('end', () => engine.end());
    engine.pipe(client);
    client.on('close', () => engine.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  afterwards(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `unix://${path}`;
}

describe('a handler that is there and', () => {
  let image = '';
  let emulators = '';

  beforeAll(async () => {
    image = (await command(join(ROOT, 'scripts', 'rig', 'binfmt-image.sh'), [])).trim();
    emulators = await project({});
    const id = (await command('docker', ['create', image])).trim();
    for (const path of ['usr/bin/qemu-loongarch64', 'usr/bin/qemu-mips64el', 'binfmt.d']) {
      await command('docker', ['cp', `${id}:/${path}`, emulators]);
    }
    await command('docker', ['rm', id]);
    await fs.writeFile(join(emulators, 'crashing'), crashing(), { mode: 0o755 });
  }, 120_000);

  afterEach(() => unregister(HANDLER));

  test.each([
    [
      'has no flag F',
      'qemu-mips64el',
      'POC',
      'its emulator is registered, but containers do not see it (no such file or directory)',
    ],
    [
      'has no flag P',
      'qemu-mips64el',
      'OCF',
      'a started program loses its name: argv[0] arrived as /proof-linux-mips64le instead of sea-trial-again',
    ],
    [
      "is another architecture's",
      'qemu-loongarch64',
      'POCF',
      'its programs are run by something else: found an emulator for another architecture',
    ],
    [
      'crashes',
      'crashing',
      'POCF',
      'a one-kilobyte program crashed there (signal 11, segmentation fault)',
    ],
  ])('%s is told as that, and stays as it is', async (_, interpreter, flags, problem) => {
    const home = await project({});
    const line = await fs.readFile(join(emulators, `binfmt.d/${HANDLER}.conf`), 'utf8');
    const path = join(emulators, interpreter);
    // Without the flag F the path is looked for in each container, where it is not.
    await fs.writeFile(
      join(MISC, 'register'),
      line.trim().replace(/[^:]*:[^:]*$/, `${path}:${flags}`),
    );
    const there = await fs.readFile(join(MISC, HANDLER), 'utf8');

    const { code, stdout } = await emulation(home, 'install', PLATFORM, '--binfmt-image', image);
    expect([code, stdout]).toEqual([
      3,
      expect.stringContaining(`✘ cannot be run here: ${problem}`),
    ]);
    expect(stdout).toContain(
      'Nothing was installed; handlers that are registered already stay as they are, working or not.',
    );
    expect(stdout).toContain('ask its administrator');
    expect(await fs.readFile(join(MISC, HANDLER), 'utf8')).toBe(there);
  });

  test('is missing where nobody may register one is told as that', async () => {
    const home = await project({});
    const engine = { DOCKER_HOST: await withoutPrivileges() };
    const install = ['install', PLATFORM, '--binfmt-image', image];
    const { code, stdout } = await emulationOf(engine, home, ...install);
    expect([code, stdout]).toEqual([3, expect.stringContaining(`${image} could not register one`)]);
    expect(stdout).toContain('authorization denied by plugin harbour: no privileged containers');
    expect(stdout).toContain('This engine does not allow emulators to be registered');
    expect(stdout).not.toContain('docker run --privileged');
    const { platforms } = JSON.parse(
      (await emulationOf(engine, home, ...install, '--json')).stdout,
    ) as { platforms: object[] };
    expect(platforms).toMatchObject([{ platform: PLATFORM, proved: false, missing: false }]);
  });
});
