import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterwards, CLI, command, distribution, environment, project, ROOT, rig } from './rig.js';

/** The builder of scripts/rig/buildpacks.sh in a registry of a test's own. */
export interface BuilderRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** References with the digest of an index of linux/amd64 and linux/arm64. */
  readonly builder: string;
  readonly runImage: string;
}

/** Pushes the builder and its run image to a registry that is there for this file's tests. */
export async function builderRegistry(): Promise<BuilderRegistry> {
  const layouts = rig.get('SEA_TRIAL_BUILDPACKS');
  if (layouts === undefined) throw new Error('there is no builder: run npm run setup');
  const host = await distribution();
  const push = async (name: string) => {
    const reference = await command('crane', ['push', join(layouts, name), `${host}/${name}:1`]);
    return reference.trim();
  };
  const [builder, runImage] = await Promise.all([push('builder'), push('run')]);
  return { host, builder, runImage };
}

/** Keeps the builder in the engine for this file's tests; each build would pull it, and remove it again. */
export async function keepBuilder(
  { builder }: BuilderRegistry,
  platforms: readonly string[],
): Promise<void> {
  const [name] = builder.split('@');
  for (const platform of platforms) {
    const digest = await command('crane', ['digest', builder, '--platform', platform]);
    const reference = `${name}@${digest.trim()}`;
    await command('docker', ['pull', '--quiet', '--platform', platform, reference]);
    afterwards(() => command('docker', ['image', 'rm', '--force', reference]));
  }
}

/** Files of a buildpack for every application, by path; `build` is what its bin/build does. */
export function buildpackFiles(
  folder: string,
  build: string,
): Readonly<Record<string, string | Buffer>> {
  const toml = [
    'api = "0.10"',
    '[buildpack]',
    'id = "sea-trial-test/own"',
    'version = "1.0.0"',
    ...['amd64', 'arm64'].flatMap((arch) => ['[[targets]]', 'os = "linux"', `arch = "${arch}"`]),
  ];
  return {
    [`${folder}/buildpack.toml`]: `${toml.join('\n')}\n`,
    [`${folder}/bin/detect`]: Buffer.from('#!/bin/sh\n'),
    [`${folder}/bin/build`]: Buffer.from(`#!/bin/sh\n${build}\n`),
  };
}

/** A network of the engine whose containers reach one registry of this machine's, and not its loopback. */
export interface BuildNetwork {
  readonly name: string;
  /** `GATEWAY:PORT`: the registry, for these containers and for this machine. */
  readonly host: string;
}

/** Makes a network, and lets its gateway pass on what comes for a registry on the loopback. */
export async function buildNetwork(registry: string): Promise<BuildNetwork> {
  const name = `sea-trial-test-${process.pid}`;
  await command('docker', ['network', 'create', name]);
  afterwards(() => command('docker', ['network', 'rm', name]));
  const gateway = '{{(index .IPAM.Config 0).Gateway}}';
  const address = (await command('docker', ['network', 'inspect', '-f', gateway, name])).trim();
  const [to, port] = registry.split(':');
  const server = createServer((client) => {
    const upstream = connect(Number(port), to);
    for (const [from, into] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', () => into.destroy()).pipe(into);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  afterwards(() => new Promise((resolve) => server.close(resolve)));
  const listened = server.address();
  if (listened === null || typeof listened === 'string') throw new Error('it does not listen');
  return { name, host: `${address}:${listened.port}` };
}

/** A buildpack for a builder of a test's own. */
interface OwnBuildpack {
  readonly id: string;
  readonly version: string;
  /** Where it is. */
  readonly folder: string;
}

/**
 * A builder as that of the rig, with other buildpacks, each a group of the order, for the
 * platforms; its reference with the digest of an index, under the tag `NAME:1`. In a registry
 * of `builderRegistry`.
 */
export async function builderWith(
  { host, runImage }: BuilderRegistry,
  name: string,
  buildpacks: readonly OwnBuildpack[],
  architectures: readonly string[] = ['amd64', 'arm64'],
): Promise<string> {
  const layouts = rig.get('SEA_TRIAL_BUILDPACKS') ?? '';
  await command('crane', ['push', join(layouts, 'build'), `${host}/build:1`]);
  const work = await project({});
  const refs = buildpacks.map(({ id, version, folder }) => ({
    ref: `{ id = "${id}", version = "${version}" }`,
    uri: `{ id = "${id}", version = "${version}", uri = "${folder}" }`,
  }));
  const digests: string[] = [];
  for (const architecture of architectures) {
    const config = join(work, `${architecture}.toml`);
    await fs.writeFile(
      config,
      `lifecycle = { uri = "${join(layouts, `${architecture}.tgz`)}" }
build = { image = "${host}/build:1" }
run = { images = [{ image = "${runImage}" }] }
buildpacks = [${refs.map(({ uri }) => uri).join(', ')}]
order = [${refs.map(({ ref }) => `{ group = [${ref}] }`).join(', ')}]
`,
    );
    const tag = `${host}/${name}:${architecture}`;
    const target = ['--target', `linux/${architecture}`, '--publish'];
    const home = { PACK_HOME: join(work, 'home') };
    await command('pack', ['builder', 'create', tag, '--config', config, ...target], home);
    digests.push(`${host}/${name}@${(await command('crane', ['digest', tag])).trim()}`);
  }
  const manifests = digests.flatMap((digest) => ['--manifest', digest]);
  await command('crane', ['index', 'append', '--tag', `${host}/${name}:1`, ...manifests]);
  return `${host}/${name}@${(await command('crane', ['digest', `${host}/${name}:1`])).trim()}`;
}

/** A builder as that of the rig, with a newer buildpack that offers `version` of Python too. */
export async function newerBuilder(
  registry: BuilderRegistry,
  version: string,
  architectures?: readonly string[],
): Promise<string> {
  const folder = join(await project({}), 'python');
  await fs.cp(join(ROOT, 'scripts/rig/buildpacks/python'), folder, { recursive: true });
  const toml = join(folder, 'buildpack.toml');
  const own = (await fs.readFile(toml, 'utf8')).replace('version = "1.0.0"', 'version = "1.1.0"');
  await fs.writeFile(
    toml,
    `${own}\n[[metadata.dependencies]]\nid = "python"\nversion = "${version}"\n`,
  );
  const buildpack = { id: 'sea-trial-rig/python', version: '1.1.0', folder };
  return builderWith(registry, 'newer', [buildpack], architectures);
}

/** Runs `sea-trial parity` in a folder, on an event of GitHub's where one is named. */
export async function parityIn(folder: string, args: readonly string[], event = '') {
  const env = { ...environment, GITHUB_EVENT_NAME: event };
  const child = spawn(process.execPath, [CLI, 'parity', ...args], { cwd: folder, env });
  const [out, said, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, out, said };
}

/** Removes the caches of an image when the file's tests are over. No other suite's image may have its id. */
export function forgetCaches(id: string, platforms: readonly string[]): void {
  afterwards(async () => {
    for (const platform of platforms) {
      const filter = ['--filter', `label=sea-trial.cache=${id} ${platform}`];
      const list = await command('docker', ['volume', 'ls', '--quiet', ...filter]);
      const ours = list.split('\n').filter((one) => one !== '');
      if (ours.length > 0) await command('docker', ['volume', 'rm', ...ours]);
    }
  });
}
