import { join } from 'node:path';
import { type BuilderWish, NO_WISH, type NodeWish } from './builder-wish.js';
import { type Builder, buildkitdConfig, loopbackMirrors, type Node } from './buildx.js';
import { type BuildxWorld, listBuilders, runBuildx } from './buildx-client.js';
import { docker, failure } from './docker.js';
import { isNative } from './surroundings.js';

/** The BuildKit that a builder of our own runs: buildx's default, written down. */
export const BUILDKIT_IMAGE = 'moby/buildkit:buildx-stable-1';

/** A builder to be made. */
export interface Order {
  readonly name: string;
  readonly wish: BuilderWish;
  /** The engine's mirrors for Docker Hub. */
  readonly mirrors: readonly string[];
  /** What BuildKit may allow builds beyond the ordinary, as `security.insecure`. */
  readonly entitlements: readonly string[];
}

/** The name of the builder that a run makes for itself. */
export function ownBuilderName(runId: string): string {
  return `sea-trial-${runId.replace(/[^A-Za-z0-9._-]/g, '-')}`;
}

/** The image that the builder's container will run; undefined where no container of this engine does. */
export function builderImage({ driver, driverOptions, endpoint }: BuilderWish): string | undefined {
  if ((driver ?? 'docker-container') !== 'docker-container' || endpoint !== undefined) {
    return undefined;
  }
  const given = driverOptions.findLast((option) => option.startsWith('image='));
  return given?.slice('image='.length) ?? BUILDKIT_IMAGE;
}

function many(flag: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [flag, value]);
}

/** Whether it is we who start BuildKit, and so say how. */
function isStarted(driver: string): boolean {
  return driver === 'docker-container' || driver === 'kubernetes';
}

function flagsOf(driver: string, given: string | undefined, entitlements: Order['entitlements']) {
  if (!isStarted(driver)) return [];
  // buildx itself adds network.host here; without a grant no build asks for it.
  const allowed = entitlements.map((name) => `--allow-insecure-entitlement=${name}`);
  const flags = [...(given === undefined ? [] : [given]), ...allowed].join(' ');
  return flags === '' ? [] : ['--buildkitd-flags', flags];
}

function driverOptions(driver: string, given: readonly string[]): readonly string[] {
  const hasImage = given.some((option) => option.startsWith('image='));
  if (driver !== 'docker-container' || hasImage) return many('--driver-opt', given);
  return many('--driver-opt', [`image=${BUILDKIT_IMAGE}`, ...given]);
}

/** How BuildKit is configured, and the network that the configuration needs. */
async function configuration(
  driver: string,
  { wish, mirrors }: Order,
  folder: string,
  { files }: BuildxWorld,
): Promise<readonly string[]> {
  const given = wish.buildkitdConfig;
  if (given !== undefined && 'file' in given) return ['--buildkitd-config', given.file];
  const local = loopbackMirrors(mirrors);
  // Only a builder on the engine's own machine is where the engine's loopback is.
  const mirrored = driver === 'docker-container' && wish.endpoint === undefined && local.length > 0;
  if (given === undefined && !mirrored) return [];
  const file = join(folder, 'buildkitd.toml');
  await files.write(file, given?.text ?? buildkitdConfig(local));
  const hasNetwork = wish.driverOptions.some((option) => option.startsWith('network='));
  const network = given === undefined && !hasNetwork ? ['--driver-opt', 'network=host'] : [];
  return [...network, '--buildkitd-config', file];
}

function endpointOf({ endpoint }: Pick<NodeWish, 'endpoint'>): readonly string[] {
  return endpoint === undefined ? [] : [endpoint];
}

/** Arguments of `buildx create` for a further node. */
function nodeArguments(node: NodeWish, driver: string, { name, entitlements }: Order) {
  return [
    ...['--name', name, '--append'],
    ...(node.name === undefined ? [] : ['--node', node.name]),
    ...driverOptions(driver, node.driverOptions),
    ...flagsOf(driver, node.buildkitdFlags, entitlements),
    ...(node.platforms.length === 0 ? [] : ['--platform', node.platforms.join(',')]),
  ];
}

async function create(
  driver: string,
  args: readonly string[],
  world: BuildxWorld,
  signal: AbortSignal,
): Promise<void> {
  const output = await runBuildx(world, ['create', ...args], signal);
  if (output.code === 0) return;
  const image = args.findLast((arg) => arg.startsWith('image='))?.slice('image='.length);
  const from = image === undefined ? '' : ` from ${image}`;
  throw failure(`A ${driver} builder${from} could not be started:`, output.stderr);
}

async function look(name: string, world: BuildxWorld, signal: AbortSignal): Promise<Builder> {
  const made = (await listBuilders(world, signal)).find((builder) => builder.name === name);
  if (made === undefined) throw failure(`The builder "${name}" was made, but is not there.`);
  const broken = made.nodes.find((node) => node.error !== undefined);
  if (broken !== undefined) {
    throw failure(`The node "${broken.name}" of the builder does not answer:`, broken.error);
  }
  return made;
}

/** What a node runs natively: its first platform is its own, what follows may be emulated. */
export function nativePlatforms({ platforms }: Node): readonly string[] {
  const [own] = platforms;
  return own === undefined ? [] : platforms.filter((platform) => isNative(platform, own));
}

/**
 * Says of each node what it runs natively. buildx would otherwise give a platform
 * to the first node that knows it, emulated or not.
 */
async function fixPlatforms(
  made: Builder,
  first: readonly string[],
  driver: string,
  order: Order,
  world: BuildxWorld,
  signal: AbortSignal,
): Promise<Builder> {
  const { wish, name } = order;
  // Last to first: buildx takes a platform from one node when another is given it.
  for (const [index, node] of [...made.nodes.entries()].reverse()) {
    const appended = wish.nodes[index - 1];
    if (appended !== undefined && appended.platforms.length > 0) continue;
    const platforms = nativePlatforms(node);
    if (platforms.length === 0) continue;
    const again =
      appended === undefined
        ? ['--name', name, '--append', '--node', node.name, ...first]
        : nodeArguments({ ...appended, name: node.name }, driver, order);
    const args = [...again, '--platform', platforms.join(',')];
    await create(driver, [...args, ...endpointOf(appended ?? wish)], world, signal);
  }
  return look(name, world, signal);
}

/**
 * Makes a builder with all its nodes, and starts it. Where nothing else is wished
 * for, it is a docker-container builder; and only where the engine takes its
 * images from a mirror on its own loopback does that get the host's network and
 * that mirror. Where it rejects, a part of the builder may be there.
 */
export async function createBuilder(
  order: Order,
  world: BuildxWorld,
  signal: AbortSignal,
): Promise<Builder> {
  const { name, wish, entitlements } = order;
  const driver = wish.driver ?? 'docker-container';
  const folder = await world.files.makeTemporary(`${name}-`, world.env.RUNNER_TEMP);
  try {
    const first = [
      ...driverOptions(driver, wish.driverOptions),
      ...flagsOf(driver, wish.buildkitdFlags, entitlements),
      ...(await configuration(driver, order, folder, world)),
    ];
    const boot = ['--bootstrap'];
    const [last] = wish.nodes.slice(-1);
    const args = ['--name', name, '--driver', driver, ...first];
    const now = last === undefined ? boot : [];
    await create(driver, [...args, ...now, ...endpointOf(wish)], world, signal);
    for (const node of wish.nodes) {
      const more = [...nodeArguments(node, driver, order), ...(node === last ? boot : [])];
      await create(driver, [...more, ...endpointOf(node)], world, signal);
    }
    const made = await look(name, world, signal);
    // Kubernetes answers with its pods, which come and go, in place of the nodes.
    if (last === undefined || driver === 'kubernetes') return made;
    return await fixPlatforms(made, first, driver, order, world, signal);
  } finally {
    await world.files.remove(folder);
  }
}

/** Removes a builder with its container and cache; one that is not there is no error. */
export async function removeBuilder(
  name: string,
  world: BuildxWorld,
  { keepState }: Pick<BuilderWish, 'keepState'> = NO_WISH,
): Promise<void> {
  const kept = keepState ? ['--keep-state'] : [];
  // One that is only just starting does not hear that it is to stop, and ten seconds pass.
  if (!keepState) await docker(world, ['kill', `buildx_buildkit_${name}0`]);
  const output = await runBuildx(world, ['rm', '--force', ...kept, name]);
  if (output.code !== 0 && !/no builder .* found/i.test(output.stderr)) {
    throw failure(`The builder "${name}" could not be removed:`, output.stderr);
  }
}
