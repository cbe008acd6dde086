import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Command, CommandOutput, Exec, Exit } from '../../src/ports/index.js';
import { exportTar, type makeExport } from '../oci/images.js';

/* The docker client and buildx of a machine for linux/amd64, whose engine is in memory. */

/** How a program of a test ends. */
export interface Ended {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** What a build is asked for: the options of `buildx build`, each with its values. */
export type BuildOptions = ReadonlyMap<string, readonly string[]>;

export interface DockerDescribed {
  /** What a build exports; throws with the words with which it fails. */
  build(options: BuildOptions): ReturnType<typeof makeExport>;
  /** Lines of a build's progress. */
  readonly progress?: readonly string[];
  /** Goes on while a build does. */
  readonly whileBuilding?: () => Promise<void>;
  /** What the program of a test does. */
  readonly program?: (image: string) => Ended;
  /** Architectures that an emulator is registered for. */
  readonly emulates?: readonly string[];
  /** Number of the error with which these emulators refuse openat2(2). */
  readonly openat2?: number;
  /** Keys of `docker info` that are otherwise. */
  readonly info?: object;
  /** Is told of each command before it goes on; what it answers stands for what docker would. */
  readonly heed?: (command: string) => Partial<CommandOutput> | undefined;
}

const UNAMES: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

const done = (stdout = '', stderr = '', code = 0): CommandOutput => ({
  code,
  signal: null,
  stdout,
  stderr,
});

/** What the program of a platform's proof prints where its architecture runs. */
function proofOf(
  entrypoint: string,
  { emulates = [], openat2 }: Pick<DockerDescribed, 'emulates' | 'openat2'>,
): Ended {
  const architecture = entrypoint.replace('/proof-linux-', '').split('-')[0] ?? '';
  const isOwn = architecture === 'amd64';
  if (!isOwn && !emulates.includes(architecture)) {
    return { exitCode: 1, stderr: 'exec format error\n' };
  }
  const uname = UNAMES[architecture] ?? architecture;
  const exe = isOwn ? entrypoint : `/usr/bin/qemu-${uname}`;
  const lines = [`machine ${architecture}`, `uname ${uname}`, 'name sea-trial-again', `exe ${exe}`];
  if (openat2 !== undefined && !isOwn) lines.push(`openat2 ${openat2}`);
  return { exitCode: 23, stdout: [...lines, 'exit 042', ''].join('\n') };
}

/** Name and id of the image in a tar that an engine loads, by the containerd store's rules. */
function loadedFrom(tar: Buffer): readonly [string, string] {
  const text = tar.toString('latin1');
  const [, name = ''] = /"io\.containerd\.image\.name":"([^"]*)"/.exec(text) ?? [];
  const [, digest = ''] = /"manifests":\[\{[^}]*?"digest":"(sha256:[0-9a-f]+)"/.exec(text) ?? [];
  return [name, digest];
}

function optionsOf(args: readonly string[]): BuildOptions {
  const options = new Map<string, string[]>();
  for (const [at, arg] of args.entries()) {
    const [, name = '', value = args[at + 1] ?? ''] = /^--([a-z-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    options.set(name, [...(options.get(name) ?? []), value]);
  }
  return options;
}

/** Commands and what they did; names → ids, and containers, are what the engine has by now. */
export function dockerInMemory(described: DockerDescribed) {
  const { program = () => ({}), info = {}, heed = () => undefined } = described;
  const commands: string[] = [];
  const images = new Map<string, string>();
  const containers = new Map<string, { readonly image: string; readonly ended: Ended }>();
  const volumes = new Map<string, readonly string[]>();
  const builders = new Map([['default', 'docker']]);
  let made = 0;
  const builds: BuildOptions[] = [];
  const environments: Readonly<Record<string, string>>[] = [];
  const idOf = (image: string) =>
    images.get(image) ?? ([...images.values()].includes(image) ? image : undefined);
  const noImage = (image: string) => done('', `Error: No such image: ${image}\n`, 1);

  function imageCommand([verb = '', ...args]: readonly string[]): CommandOutput {
    const last = args.at(-1) ?? '';
    const id = idOf(verb === 'tag' ? (args[0] ?? '') : last);
    if (id === undefined) return noImage(last);
    if (verb === 'tag') images.set(last, id);
    if (verb === 'rm') images.delete(last);
    if (verb !== 'inspect') return done();
    const names = [...images].flatMap(([name, of]) => (of === id ? [name] : []));
    return done(args.includes('{{json .RepoTags}}') ? JSON.stringify(names) : id);
  }

  function create(args: readonly string[]): CommandOutput {
    const [entrypoint] = optionsOf(args).get('entrypoint') ?? [];
    const image = args.find((one) => idOf(one) !== undefined);
    if (image === undefined) return noImage(args.at(-1) ?? '');
    made += 1;
    const isProof = entrypoint?.startsWith('/proof-') ?? false;
    const ended = isProof ? proofOf(entrypoint ?? '', described) : program(idOf(image) ?? '');
    containers.set(`c${made}`, { image, ended });
    return done(`c${made}\n`);
  }

  function buildx([verb = '', ...args]: readonly string[]): CommandOutput {
    const [name = ''] = optionsOf(args).get('name') ?? [];
    if (verb === 'create') builders.set(name, optionsOf(args).get('driver')?.[0] ?? '');
    if (verb === 'rm') builders.delete(args.at(-1) ?? '');
    if (verb !== 'ls') return done();
    const lines = [...builders].map(([Name, Driver]) => {
      const node = { Name, Endpoint: 'default', Status: 'running', Version: 'v0.25.2' };
      const Nodes = [{ ...node, Platforms: ['linux/amd64'] }];
      return JSON.stringify({ Name, Driver, Current: Name === 'default', Nodes });
    });
    return done(lines.join('\n'));
  }

  async function answer({ args, input }: Command): Promise<CommandOutput> {
    const [first = '', ...rest] = args;
    const tar = input instanceof Readable ? await buffer(input) : undefined;
    switch (first) {
      case 'info': {
        const own = {
          ServerVersion: '28.5.2',
          OSType: 'linux',
          Architecture: 'x86_64',
          DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
          ClientInfo: { Context: 'default', Plugins: [{ Name: 'buildx', Version: 'v0.29.1' }] },
        };
        return done(JSON.stringify({ ...own, ...info }));
      }
      case 'buildx':
        return buildx(rest);
      case 'load':
        images.set(...loadedFrom(tar ?? Buffer.alloc(0)));
        return done();
      case 'image':
        return imageCommand(rest);
      case 'create':
        return create(rest);
      case 'container': {
        const states = rest.flatMap((one) => {
          const container = containers.get(one);
          if (container === undefined) return [];
          const { exitCode: ExitCode = 0 } = container.ended;
          return [JSON.stringify({ Running: false, ExitCode, OOMKilled: false, Error: '' })];
        });
        return done(states.join('\n'));
      }
      case 'rm':
        for (const one of rest) containers.delete(one);
        return done();
      case 'volume':
        if (rest[0] === 'ls')
          return done([...volumes.values()].map((one) => JSON.stringify(one)).join('\n'));
        if (rest[0] === 'create') {
          const labels = optionsOf(rest).get('label') ?? [];
          volumes.set(
            rest.at(-1) ?? '',
            labels.map((one) => one.slice(one.indexOf('=') + 1)),
          );
        }
        return done();
      case 'pull': {
        // The engine's loopback is this machine's: it asks there, and is refused.
        const url = (rest[0] ?? '').replace(/\/(.*)$/, '/v2/$1/manifests/latest');
        await fetch(`http://${url}`).catch(() => undefined);
        return done('', 'not found\n', 1);
      }
      case 'cp':
      case 'kill':
      case 'top':
      case 'ps':
        return done();
      default:
        return done('', `docker: '${first}' is not a docker command.\n`, 1);
    }
  }

  async function* exported(tar: Buffer): AsyncIterable<Buffer> {
    await described.whileBuilding?.();
    yield tar;
  }

  function noted({ file, args, env = {} }: Command): string {
    const line = [file, ...args].join(' ');
    commands.push(line);
    environments.push(env);
    return line;
  }

  const exec: Pick<Exec, 'run' | 'start'> = {
    async run(command) {
      const instead = heed(noted(command));
      if (instead !== undefined) return { ...done(), ...instead };
      return answer(command);
    },
    start(command) {
      heed(noted(command));
      const { args } = command;
      const ending = (
        { exitCode = 0, stdout = '', stderr = '' }: Ended,
        out: AsyncIterable<Buffer> | readonly Buffer[] = [Buffer.from(stdout)],
      ) => ({
        stdout: Readable.from(out),
        stderr: Readable.from([Buffer.from(stderr)]),
        exit: Promise.resolve<Exit>({ code: exitCode, signal: null }),
        kill() {},
      });
      if (args[0] === 'start') return ending(containers.get(args.at(-1) ?? '')?.ended ?? {});
      const options = optionsOf(args);
      builds.push(options);
      const said = (described.progress ?? []).map((line) => `${line}\n`).join('');
      try {
        return ending({ stderr: said }, exported(exportTar(described.build(options))));
      } catch (error) {
        return ending({ exitCode: 1, stderr: `${said}ERROR: ${(error as Error).message}\n` });
      }
    },
  };
  return { exec, commands, environments, builds, builders, images, containers, volumes };
}
