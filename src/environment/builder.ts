import { join } from 'node:path';
import { EngineError, type EngineFacts } from '../engine/index.js';
import { childEnvironment, type Output, type Ports } from '../ports/index.js';
import { type Builder, buildkitdConfig, loopbackMirrors, readBuilders } from './buildx.js';

type World = Pick<Ports, 'exec' | 'env' | 'files'>;

/** The BuildKit that a builder of our own runs: buildx's default, written down. */
export const BUILDKIT_IMAGE = 'moby/buildkit:buildx-stable-1';

/** The oldest buildx whose `ls` speaks JSON and whose builds report as rawjson. */
const OLDEST = [0, 13] as const;

async function docker(world: World, args: readonly string[], signal?: AbortSignal) {
  const output: Output = await world.exec.run({
    file: 'docker',
    args,
    env: childEnvironment(world.env),
    ...(signal === undefined ? {} : { signal }),
  });
  signal?.throwIfAborted();
  return output;
}

/** An error whose message ends with the last line that was said, if any was. */
function failure(message: string, said = ''): EngineError {
  const lines = said.trim().split('\n').slice(-5);
  const last = lines.at(-1)?.replace(/^ERROR: /, '') ?? '';
  return new EngineError('failed', last === '' ? message : `${message} ${last}`, lines.join('\n'));
}

/** Rejects in words a docker client without buildx, or with one that is too old. */
export function requireBuildx(version: string | undefined): string {
  if (version === undefined) {
    throw new EngineError(
      'not-installed',
      'The docker client has no buildx plugin; install docker-buildx 0.13 or later.',
      '',
    );
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === OLDEST[0] && minor < OLDEST[1]) {
    throw new EngineError(
      'not-installed',
      `The docker client's buildx is ${version}; 0.13 or later is needed, so update docker-buildx.`,
      '',
    );
  }
  return version;
}

async function listBuilders(world: World, signal: AbortSignal): Promise<readonly Builder[]> {
  const output = await docker(world, ['buildx', 'ls', '--format', 'json'], signal);
  if (output.code !== 0) throw failure('docker buildx could not list its builders:', output.stderr);
  return readBuilders(output.stdout);
}

/** Whether an OCI layout can come out of a builder of that driver. */
function exports(driver: string, store: EngineFacts['store']): boolean {
  return driver !== 'docker' || store === 'containerd';
}

/** The builder that was asked for by its name; `EngineError` where it cannot serve. */
export function namedBuilder(
  builders: readonly Builder[],
  name: string,
  store: EngineFacts['store'],
): Builder {
  const found = builders.find((builder) => builder.name === name);
  if (found === undefined) {
    const names = builders.map((builder) => builder.name).join(', ');
    throw failure(`There is no builder "${name}"; docker buildx knows ${names || 'none'}.`);
  }
  if (!exports(found.driver, store)) {
    throw failure(
      `The builder "${name}" has the driver docker, which cannot export an image while the engine keeps its images in the classic store; name a builder with the driver docker-container, or none.`,
    );
  }
  const errors = [found.error, ...found.nodes.map((node) => node.error)].filter(
    (error) => error !== undefined,
  );
  if (errors.length > 0 && found.nodes.every((node) => node.error !== undefined)) {
    throw failure(`The builder "${name}" does not answer:`, errors.join('\n'));
  }
  return found;
}

/**
 * The builder to be used where none was named, or undefined where one has to be
 * made. `context` is the name of the docker context in use: the builder of the
 * engine itself is called like it.
 */
export function suitableBuilder(
  builders: readonly Builder[],
  store: EngineFacts['store'],
  context: string,
): Builder | undefined {
  if (store === 'containerd') {
    return builders.find(({ driver, name }) => driver === 'docker' && name === context);
  }
  return builders.find(
    ({ driver, current, nodes, error }) =>
      driver === 'docker-container' &&
      current &&
      error === undefined &&
      nodes.every((node) => node.error === undefined),
  );
}

/** The builder that is there for a run, or undefined where one has to be made. */
export async function findBuilder(
  asked: string | undefined,
  store: EngineFacts['store'],
  world: World,
  signal: AbortSignal,
): Promise<Builder | undefined> {
  const [builders, context] = await Promise.all([
    listBuilders(world, signal),
    docker(world, ['context', 'show'], signal),
  ]);
  const name = asked ?? world.env.BUILDX_BUILDER;
  if (name !== undefined && name !== '') return namedBuilder(builders, name, store);
  return suitableBuilder(builders, store, context.stdout.trim() || 'default');
}

/** The name of the builder that a run makes for itself. */
export function ownBuilderName(runId: string): string {
  return `sea-trial-${runId.replace(/[^A-Za-z0-9._-]/g, '-')}`;
}

/**
 * Makes a docker-container builder for this run. Only where the engine takes its
 * images from a mirror on its own loopback does the builder get the host's
 * network and that mirror. Where it rejects, a part of the builder may be there.
 */
export async function createBuilder(
  runId: string,
  mirrors: readonly string[],
  world: World,
  signal: AbortSignal,
): Promise<Builder> {
  const name = ownBuilderName(runId);
  const local = loopbackMirrors(mirrors);
  const folder = local.length > 0 ? await world.files.makeTemporary('sea-trial-') : undefined;
  try {
    const config = folder === undefined ? [] : await writeConfig(folder, local, world);
    const driver = ['--driver', 'docker-container', '--driver-opt', `image=${BUILDKIT_IMAGE}`];
    const args = ['--name', name, ...driver, ...config, '--bootstrap'];
    const output = await docker(world, ['buildx', 'create', ...args], signal);
    if (output.code !== 0) {
      throw failure(
        `A docker-container builder from ${BUILDKIT_IMAGE} could not be started:`,
        output.stderr,
      );
    }
    const made = (await listBuilders(world, signal)).find((builder) => builder.name === name);
    if (made === undefined) throw failure(`The builder "${name}" was made, but is not there.`);
    return made;
  } finally {
    if (folder !== undefined) await world.files.remove(folder);
  }
}

async function writeConfig(folder: string, mirrors: readonly URL[], world: World) {
  const file = join(folder, 'buildkitd.toml');
  await world.files.write(file, buildkitdConfig(mirrors));
  return ['--driver-opt', 'network=host', '--buildkitd-config', file];
}

/** Removes a builder with its container and cache; one that is not there is no error. */
export async function removeBuilder(name: string, world: World): Promise<void> {
  const output = await docker(world, ['buildx', 'rm', '--force', name]);
  if (output.code !== 0 && !/no builder .* found/i.test(output.stderr)) {
    throw failure(`The builder "${name}" could not be removed:`, output.stderr);
  }
}
