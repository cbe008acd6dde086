import { failure } from '../engine/index.js';
import { isNative } from '../platform/index.js';
import { type BuildxClient, listBuilders, runBuildx } from './buildx.js';
import {
  BUILDKIT_IMAGE,
  driverOptions,
  flagsOf,
  imageOf,
  nodeArguments,
} from './create-arguments.js';
import type { Builder, BuilderNode } from './list.js';
import { networkOf } from './network.js';
import type { CreatingClient, NewBuilder } from './new-builder.js';
import type { NodeOptions } from './options.js';
import { withoutLogins } from './proxies.js';
import { giveVariables } from './variables.js';

/** buildx only counts pods; the cluster knows why some are missing. */
const NOT_READY = /expected \d+ replicas to be ready, got \d+/;

function because(said: string): string {
  const words = withoutLogins(said);
  if (!NOT_READY.test(words)) return words;
  return `${words.trim()}; "kubectl get events" in the builder's namespace shows why, for about an hour. If a pod only needs more time, set the driver option timeout (default: 120s).`;
}

/** `nodes` are those that may have failed: the output of buildx names no endpoint. */
function notStarted(
  driver: string,
  { driverOptions: given }: Pick<NodeOptions, 'driverOptions'>,
  nodes: readonly Pick<NodeOptions, 'endpoint'>[],
  said: string,
) {
  const places = [...new Set(nodes.flatMap(({ endpoint }) => endpoint ?? []))];
  const at = places.length === 0 ? '' : ` at ${withoutLogins(places.join(' or '))}`;
  const image = imageOf(given, driver === 'docker-container' ? BUILDKIT_IMAGE : undefined);
  const from = image === undefined ? '' : ` from ${image}`;
  return failure(`A ${driver} builder${from}${at} could not be started:`, because(said));
}

/** Runs `buildx create` for a node. Rejects with `EngineError`. */
async function create(
  node: Pick<NodeOptions, 'driverOptions' | 'endpoint'> & { readonly driver: string },
  args: readonly string[],
  client: BuildxClient,
  signal: AbortSignal,
): Promise<void> {
  const where = node.endpoint === undefined ? [] : [node.endpoint];
  const output = await runBuildx(client, ['create', ...args, ...where], signal);
  if (output.code !== 0) throw notStarted(node.driver, node, [node], output.stderr);
}

async function look(name: string, client: BuildxClient, signal: AbortSignal): Promise<Builder> {
  const made = (await listBuilders(client, signal)).find((builder) => builder.name === name);
  if (made === undefined)
    throw failure(`The builder "${name}" was created, but buildx does not list it.`);
  const broken = made.nodes.find((node) => node.error !== undefined);
  if (broken !== undefined) {
    throw failure(`The node "${broken.name}" of the builder does not answer:`, broken.error);
  }
  return made;
}

/** The platforms that a node runs natively: the first is its own, those that follow may be emulated. */
export function nativePlatforms({ platforms }: BuilderNode): readonly string[] {
  const [own] = platforms;
  return own === undefined ? [] : platforms.filter((platform) => isNative(platform, own));
}

/**
 * Says of each node what it runs natively. buildx would otherwise give a platform
 * to the first node that knows it, emulated or not.
 */
async function fixPlatforms(
  made: Builder,
  { options, name, entitlements }: NewBuilder,
  client: BuildxClient,
  signal: AbortSignal,
): Promise<Builder> {
  const { driver } = made;
  // Last to first: buildx takes a platform from one node when another is given it.
  for (const [index, node] of [...made.nodes.entries()].reverse()) {
    const wanted = options.nodes[index - 1] ?? options;
    if ('platforms' in wanted && wanted.platforms.length > 0) continue;
    const platforms = nativePlatforms(node);
    if (platforms.length === 0) continue;
    const args = [
      ...['--name', name, '--append', '--node', node.name],
      // buildx forgets those that it is not told again, and nothing else.
      ...flagsOf(driver, wanted.buildkitdFlags, entitlements),
      ...['--platform', platforms.join(',')],
    ];
    await create({ ...wanted, driver }, args, client, signal);
  }
  return look(name, client, signal);
}

/**
 * Makes a builder with all its nodes, and starts it. Where nothing else is wanted
 * for, it is a docker-container builder, which speaks to registries as the engine
 * does; and only where a mirror, a proxy or a registry of the plan is on the
 * engine's loopback does that get the host's network. Where it rejects, a part of
 * the builder may be there.
 */
export async function createBuilder(
  order: NewBuilder,
  caller: CreatingClient,
  signal: AbortSignal,
): Promise<Builder> {
  const { name, options, entitlements } = order;
  const driver = options.driver ?? 'docker-container';
  const folder = await order.makeFolder();
  // A buildx that is killed leaves what it had in a folder for temporary files.
  const client = { ...caller, env: { ...caller.env, TMPDIR: folder } };
  try {
    const { args, proxies } = await networkOf(driver, order, folder, client);
    const first = [
      ...['--name', name, '--driver', driver],
      ...driverOptions(driver, options.driverOptions, order),
      ...flagsOf(driver, options.buildkitdFlags, entitlements),
      ...args,
    ];
    await create({ ...options, driver }, first, client, signal);
    await giveVariables([...options.driverOptions, ...proxies], {}, name, client);
    // The nodes of a cluster have one network.
    const shared = driver === 'kubernetes' ? args : [];
    for (const node of options.nodes) {
      const args = nodeArguments(node, driver, order, shared);
      await create({ ...node, driver }, args, client, signal);
      await giveVariables(node.driverOptions, node, name, client);
    }
    const started = await runBuildx(client, ['inspect', '--bootstrap', name], signal);
    if (started.code !== 0) {
      throw notStarted(driver, options, [options, ...options.nodes], started.stderr);
    }
    const made = await look(name, client, signal);
    // Kubernetes answers with its pods, which come and go, in place of the nodes.
    if (options.nodes.length === 0 || driver === 'kubernetes') return made;
    return await fixPlatforms(made, order, client, signal);
  } finally {
    await client.files.remove(folder);
  }
}
