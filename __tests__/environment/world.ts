import { PassThrough, Readable } from 'node:stream';
import { BINFMT_IMAGE } from '../../src/emulation/handlers.js';
import type { ContainerSpec, Engine, EngineFacts } from '../../src/engine/index.js';
import { architectureOf } from '../../src/platform/native.js';
import type { Command, CommandOutput, Exit, Ports } from '../../src/ports/index.js';

const UNAMES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  s390x: 's390x',
};

const EMULATORS: Readonly<Record<string, string>> = { arm64: 'qemu-aarch64', s390x: 'qemu-s390x' };

/** How the world behaves, and what it holds; tests change it and look at it afterwards. */
export interface World {
  facts: EngineFacts;
  /** Architectures that programs run for, and under which name argv[0] arrives. */
  readonly handlers: Map<string, string>;
  /** Architectures that the binfmt image can install; undefined where it cannot be pulled. */
  installable: readonly string[] | undefined;
  uninstalls: boolean;
  /** Never ends a container by itself. */
  hangs: boolean;
  /** Architectures whose programs openat2(2) fails for, with the number of the error. */
  readonly openat2: Map<string, number>;
  /** The version that emulators tell of themselves; undefined for those that do not. */
  qemu: string | undefined;
  /** What a builder that was made fails with when it is started. */
  startFails: string | undefined;
  readonly images: Set<string>;
  readonly containers: Set<string>;
  readonly builders: Set<string>;
  /** Commands in the order they came, without options that every one has. */
  readonly commands: string[];
}

export function createWorld(more: Partial<World> = {}): World {
  return {
    facts: {
      name: 'docker',
      version: '28.5.2',
      store: 'containerd',
      platform: 'linux/amd64',
      rootless: false,
      context: 'default',
      buildx: '0.29.1',
      mirrors: [],
      insecure: { hosts: [], ranges: [] },
      proxies: {},
    },
    handlers: new Map([['amd64', 'sea-trial-again']]),
    installable: undefined,
    uninstalls: true,
    hangs: false,
    openat2: new Map(),
    qemu: undefined,
    startFails: undefined,
    images: new Set(),
    containers: new Set(),
    builders: new Set(),
    commands: [],
    ...more,
  };
}

function runOf(spec: ContainerSpec | undefined, world: World) {
  const platform = spec?.entrypoint?.replace('/proof-', '').replaceAll('-', '/') ?? '';
  const architecture = architectureOf(platform);
  const name = world.handlers.get(architecture);
  if (name === undefined) return { stdout: '', stderr: 'exec format error\n', exitCode: 1 };
  if (spec?.env.QEMU_VERSION !== undefined && architecture !== 'amd64') {
    const stdout = `${EMULATORS[architecture]} version ${world.qemu} (Debian 1:${world.qemu}+ds-3)\n`;
    return { stdout: world.qemu === undefined ? 'machine x\n' : stdout, stderr: '', exitCode: 0 };
  }
  const exe = architecture === 'amd64' ? spec?.entrypoint : `/usr/bin/${EMULATORS[architecture]}`;
  const lines = [`machine ${architecture}`, `uname ${UNAMES[architecture]}`, `name ${name}`];
  const openat2 = `openat2 ${String(world.openat2.get(architecture) ?? 0).padStart(3, '0')}`;
  const stdout = [...lines, openat2, `exe ${exe}`, 'exit 042', ''].join('\n');
  return { stdout, stderr: '', exitCode: 23 };
}

const text = (content: string) => Readable.from([Buffer.from(content)]);

/** An engine that runs what the world has handlers for. */
export function engineOf(world: World): Engine {
  const specs = new Map<string, ContainerSpec>();
  const kills = new Map<string, () => void>();
  const ids = { containers: 0 };
  return {
    facts: async () => world.facts,
    async load(archive) {
      await archive.toArray();
    },
    names: async (image) => (world.images.has(image) ? [image] : undefined),
    imageId: async (name) => (world.images.has(name) ? name : undefined),
    loadRecords: async () => [],
    recordLoad: async () => {},
    forgetLoad: async () => {},
    name: async () => {},
    async removeImage(id) {
      world.images.delete(id);
    },
    async create(spec) {
      ids.containers += 1;
      const id = `container-${ids.containers}`;
      specs.set(id, spec);
      world.containers.add(id);
      return id;
    },
    copyIn: async () => {},
    copyOut: async () => {},
    start(container) {
      const run = runOf(specs.get(container), world);
      if (!world.hangs) {
        const ended = Promise.resolve<Exit>({ code: run.exitCode, signal: null });
        return { stdout: text(run.stdout), stderr: text(run.stderr), ended, leave: () => {} };
      }
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const ended = new Promise<Exit>((resolve) => {
        kills.set(container, () => {
          stdout.end();
          stderr.end();
          resolve({ code: 137, signal: null });
        });
      });
      return { stdout, stderr, ended, leave: () => {} };
    },
    async inspect(container) {
      const { exitCode } = runOf(specs.get(container), world);
      const code = world.hangs ? 137 : exitCode;
      return { running: false, exitCode: code, outOfMemory: false, error: '' };
    },
    blockedSignals: async () => [],
    async kill(container) {
      world.commands.push(`kill ${container}`);
      kills.get(container)?.();
    },
    async remove(container) {
      world.containers.delete(container);
    },
    containers: async () => [...world.containers],
  };
}

function done(stdout: string, stderr = '', code = 0): CommandOutput {
  return { code, signal: null, stdout, stderr };
}

function emulators(world: World): string {
  const names = [...world.handlers.keys()].map((architecture) => EMULATORS[architecture]);
  return JSON.stringify({ supported: [], emulators: names.filter((name) => name !== undefined) });
}

function binfmt([option, list = '']: readonly string[], world: World): CommandOutput {
  if (world.installable === undefined) {
    return done('', `docker: Error response from daemon: ${BINFMT_IMAGE}: not found.\n`, 125);
  }
  world.images.add(BINFMT_IMAGE);
  for (const one of list.split(',')) {
    const architecture = Object.keys(EMULATORS).find((key) => EMULATORS[key] === one);
    if (option === '--install' && world.installable.includes(one)) {
      world.handlers.set(one, 'sea-trial-again');
    }
    if (option === '--uninstall' && world.uninstalls) world.handlers.delete(architecture ?? '');
  }
  return done(emulators(world), `error: cannot register all of ${list}\n`);
}

function builderLines(world: World): string {
  const own = [...world.builders].map((Name) => ({ Name, Driver: 'docker-container', Nodes: [] }));
  const all = [{ Name: 'default', Driver: 'docker', Current: true, Nodes: [] }, ...own];
  return all.map((builder) => JSON.stringify(builder)).join('\n');
}

function buildx([command = '', ...args]: readonly string[], world: World): CommandOutput {
  const name = args[args.indexOf('--name') + 1] ?? '';
  switch (command) {
    case 'ls':
      return done(builderLines(world));
    case 'create':
      world.builders.add(name);
      return done(name);
    case 'inspect':
      if (world.startFails !== undefined) return done('', world.startFails, 1);
      world.images.add('moby/buildkit:buildx-stable-1');
      return done('');
    default:
      world.builders.delete(args.at(-1) ?? '');
      return done('');
  }
}

/** Ports with a docker client that acts on the world, and files that exist in memory. */
export function portsOf(
  world: World,
  real: Ports,
): Ports & { readonly written: Map<string, string> } {
  const written = new Map<string, string>();
  const run = async ({ args: [first = '', ...rest] }: Command) => {
    if (first === 'pull') return done('', 'connection refused', 1);
    if (first === 'image') {
      const [verb, image = ''] = [rest[0], rest.at(-1)];
      const known = world.images.has(image);
      if (verb === 'rm') world.images.delete(image);
      return known ? done('[]') : done('', 'No such image', 1);
    }
    if (first === 'kill') return done('', 'No such container', 1);
    if (first === 'buildx') {
      if (rest[0] !== 'ls') world.commands.push(`buildx ${rest.join(' ')}`);
      return buildx(rest, world);
    }
    const args = rest.slice(rest.indexOf(BINFMT_IMAGE) + 1);
    world.commands.push(['binfmt', ...args].join(' '));
    return binfmt(args, world);
  };
  const files: Ports['files'] = {
    ...real.files,
    // The docker client's plugin is no program by itself here.
    isExecutable: async () => false,
    list: async () => [],
    makeTemporary: async () => '/tmp/folder',
    async write(path, content) {
      written.set(path, content.toString());
    },
    async remove(path) {
      for (const name of written.keys()) if (name.startsWith(path)) written.delete(name);
    },
  };
  return { ...real, env: {}, exec: { ...real.exec, run }, files, written };
}
