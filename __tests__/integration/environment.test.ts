import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { dockerEngine } from '../../src/engine/index.js';
import { prepare } from '../../src/environment/index.js';
import type { EnvironmentNeeds } from '../../src/environment/needs.js';
import { type Command, childEnvironment, realPorts } from '../../src/ports/index.js';
import { recordInMemory } from '../cleanup/record-in-memory.js';
import { handlers } from './home.js';

const ports = realPorts();

const never = new AbortController().signal;

/** Platforms whose handlers the set-up registers. */
const EMULATED = ['linux/arm64', 'linux/arm/v7', 'linux/s390x', 'linux/ppc64le', 'linux/riscv64'];

async function docker(...args: readonly string[]): Promise<string> {
  const env = childEnvironment(ports.env);
  const { code, stdout, stderr } = await ports.exec.run({ file: 'docker', args, env });
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** Containers, images and builders of a run. */
async function leftBehind(runId: string): Promise<readonly string[]> {
  const label = `label=sea-trial.run=${runId}`;
  const containers = await docker('ps', '-aq', '--filter', label);
  const images = await docker('images', '-aq', '--filter', label);
  const builders = await docker('buildx', 'ls', '--format', '{{.Name}}');
  const own = builders.split('\n').filter((name) => name.includes(runId));
  return [...containers.split('\n'), ...images.split('\n'), ...own].filter((name) => name !== '');
}

function toolsOf(runId: string) {
  const record = recordInMemory(runId);
  return { engine: dockerEngine(ports), ports, record, signal: never };
}

/** A docker client that does not get the image that installs emulators. */
function withoutInstaller(): typeof ports {
  const run: typeof ports.exec.run = (command, limit) => {
    const args = command.args.map((arg) => arg.replace(/^docker.io.tonistiigi/, '127.0.0.1:1'));
    return ports.exec.run({ ...command, args }, limit);
  };
  return { ...ports, exec: { ...ports.exec, run } };
}

describe('prepare', () => {
  test('proves every platform by running a program of it, and leaves nothing behind', async () => {
    const runId = randomUUID();
    const before = await handlers();
    const asked = { platforms: ['linux/amd64', ...EMULATED], builder: {} };
    const environment = await prepare(asked, toolsOf(runId));
    const known = await environment.known;
    await environment.undo();

    const { engine, platforms } = known.surroundings;
    expect(known.findings).toEqual([]);
    expect([...known.runnable]).toEqual(asked.platforms);
    expect(platforms.map(({ proof }) => proof?.replace(/,.*/, ''))).toEqual([
      'a program ran as x86_64',
      'a program ran as aarch64',
      // A 64-bit arm that runs it natively says so.
      expect.stringMatching(/^a program ran as (armv[78]l|aarch64)$/),
      'a program ran as s390x',
      'a program ran as ppc64le',
      'a program ran as riscv64',
    ]);
    for (const { platform, emulated, handler } of platforms) {
      if (platform === 'linux/arm/v7') continue;
      expect([platform, emulated]).toEqual([platform, platform !== engine.platform]);
      expect([platform, handler !== undefined]).toEqual([platform, emulated]);
    }
    expect(await leftBehind(runId)).toEqual([]);
    expect(await handlers()).toEqual(before);
  });

  test('says of each platform without a handler why it cannot be run, and what to do', async () => {
    const rare = new Map([['linux/mips64', 'qemu-mips64']]);
    const registered = await handlers();
    const [there, missing] = [true, false].map((wanted) =>
      [...rare].filter(([, name]) => registered.includes(name) === wanted).map(([one]) => one),
    );
    const asked = { platforms: ['linux/amd64', ...rare.keys()], builder: {} };
    const tools = { ...toolsOf(randomUUID()), ports: withoutInstaller() };
    const environment = await prepare(asked, tools);
    const known = await environment.known;
    await environment.undo();

    expect(known.runnable).toEqual(new Set(['linux/amd64', ...(there ?? [])]));
    expect(known.findings).toEqual(
      missing?.map((platform) =>
        expect.objectContaining({
          code: 'platform-not-runnable',
          severity: 'error',
          subject: { platform },
          message: expect.stringContaining(
            `${platform} cannot be run here: no emulator is registered for its programs (exec format error), and docker.io/tonistiigi/binfmt could not register one: `,
          ),
          remedy: expect.stringContaining(`--install ${platform.slice('linux/'.length)}`),
        }),
      ),
    );
    expect(await leftBehind(tools.record.run)).toEqual([]);
  });

  test.each<[string, EnvironmentNeeds, RegExp]>([
    ['an engine', {}, /^docker info /],
    ['an engine and a platform', { platforms: ['linux/amd64'] }, /^docker (?!buildx|pull)/],
    ['an engine and a builder', { builder: {} }, /buildx ls|^docker (info|context|pull) /],
  ])('starts nothing that %s does not need', async (_, needs, wanted) => {
    const runId = randomUUID();
    const started: string[] = [];
    const seen = ({ file, args }: Command) => started.push([file, ...args].join(' '));
    const exec: typeof ports.exec = {
      run: (command, limit) => {
        seen(command);
        return ports.exec.run(command, limit);
      },
      start: (command) => {
        seen(command);
        return ports.exec.start(command);
      },
    };
    const counted = { ...ports, exec };
    const tools = { ...toolsOf(runId), engine: dockerEngine(counted), ports: counted };
    const environment = await prepare(needs, tools);
    if ('known' in environment) await environment.known;
    await environment.undo();
    expect(started).not.toEqual([]);
    expect(started.filter((line) => !wanted.test(line))).toEqual([]);
    expect(await leftBehind(runId)).toEqual([]);
  });

  test('undoes everything when it is interrupted', async () => {
    const runId = randomUUID();
    const stop = new AbortController();
    const engine = dockerEngine(ports);
    const seen: string[] = [];
    const interrupted: typeof engine = {
      ...engine,
      start(container) {
        seen.push(container);
        stop.abort(new Error('SIGINT'));
        return engine.start(container);
      },
    };
    const environment = await prepare(
      { platforms: EMULATED, builder: {} },
      { ...toolsOf(runId), engine: interrupted, signal: stop.signal },
    );
    await expect(environment.known).rejects.toThrow('SIGINT');
    await expect(environment.status('linux/arm64')).rejects.toThrow('SIGINT');
    await environment.undo();
    expect(seen).not.toEqual([]);
    expect(await leftBehind(runId)).toEqual([]);
  });

  test('names the builders that there are when the one asked for is not', async () => {
    const asked = { builder: { name: 'no-such-builder' } };
    await expect(prepare(asked, toolsOf(randomUUID()))).rejects.toThrow(
      /^There is no builder "no-such-builder"; docker buildx knows .*default/,
    );
  });
});
