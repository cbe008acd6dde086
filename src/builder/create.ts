import { join } from 'node:path';
import { OWNER_VARIABLE, type Owner, ownerText } from '../cleanup/index.js';
import { type EngineFacts, failure, type Shared } from '../engine/index.js';
import { isNative } from '../platform/index.js';
import { buildxFolder, type Ports } from '../ports/index.js';
import { type DriverOption, writeOption } from '../reference/index.js';
import { onLoopback } from '../registry/index.js';
import {
  buildkitdConfig,
  type EngineRegistries,
  loopbackMirrors,
  settingsFor,
} from './buildkitd.js';
import { type BuildxClient, listBuilders, runBuildx } from './buildx.js';
import type { Builder, BuilderNode } from './list.js';
import type { BuilderOptions, NodeOptions } from './options.js';
import { areLocal, proxiesFor, proxyOptions, withoutLogins } from './proxies.js';
import { giveVariables, isVariable } from './variables.js';

/** The BuildKit that a builder of our own runs: buildx's default, written down. */
const BUILDKIT_IMAGE = 'moby/buildkit:buildx-stable-1';

/** A builder to be made. */
export interface NewBuilder {
  readonly name: string;
  readonly options: BuilderOptions;
  /** What the engine knows of registries and proxies. */
  readonly engine: EngineRegistries & Pick<EngineFacts, 'proxies'>;
  readonly sharesLoopback: Promise<Shared>;
  /** Hosts of the registries that the plan names. */
  readonly registries: readonly string[];
  /** What BuildKit may allow builds beyond the ordinary, as `security.insecure`. */
  readonly entitlements: readonly string[];
  /** The run that takes it away again, where one does. */
  readonly owner?: Owner | undefined;
  /** Makes a private folder, which the caller removes. */
  makeFolder(): Promise<string>;
}

/** A client in which a builder can be made. */
type CreatingClient = BuildxClient & Pick<Ports, 'resolve'>;

/** The name of the builder that a run makes for itself. */
export function ownBuilderName(runId: string): string {
  return `sea-trial-${runId.replace(/[^A-Za-z0-9._-]/g, '-')}`;
}

/** An image that a node's container will run, and where that is; undefined: the engine in use. */
export interface NodeImage {
  readonly image: string;
  readonly endpoint?: string;
}

function imageOf<T>(options: readonly DriverOption[], otherwise: T): string | T {
  return options.find(({ name }) => name === 'image')?.value ?? otherwise;
}

/** The images of a builder's nodes, each once for each engine; none where they are no containers of an engine. */
export function builderImages(options: BuilderOptions): readonly NodeImage[] {
  if ((options.driver ?? 'docker-container') !== 'docker-container') return [];
  const images = [options, ...options.nodes].map(
    ({ driverOptions: options, endpoint }): NodeImage => {
      const image = imageOf(options, BUILDKIT_IMAGE);
      return { image, ...(endpoint === undefined ? {} : { endpoint }) };
    },
  );
  const key = ({ image, endpoint = '' }: NodeImage) => `${image} ${endpoint}`;
  return [...new Map(images.map((one) => [key(one), one])).values()];
}

function many(flag: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [flag, value]);
}

/** Whether buildx starts BuildKit, so that its flags can be set. */
function isStarted(driver: string): boolean {
  return driver === 'docker-container' || driver === 'kubernetes';
}

function flagsOf(
  driver: string,
  given: string | undefined,
  entitlements: NewBuilder['entitlements'],
) {
  if (!isStarted(driver)) return [];
  // buildx itself adds network.host here; without a grant no build asks for it.
  const allowed = entitlements.map((name) => `--allow-insecure-entitlement=${name}`);
  const flags = [...(given === undefined ? [] : [given]), ...allowed].join(' ');
  return flags === '' ? [] : ['--buildkitd-flags', flags];
}

/** `--driver-opt` for each option that is no secret: arguments of processes are public. */
function driverOptions(
  driver: string,
  given: readonly DriverOption[],
  { owner }: NewBuilder,
): readonly string[] {
  const seen = given.filter((option) => !isVariable(option)).map(writeOption);
  if (driver !== 'docker-container') return many('--driver-opt', seen);
  const hasImage = imageOf(given, undefined) !== undefined;
  return many('--driver-opt', [
    ...(hasImage ? [] : [writeOption({ name: 'image', value: BUILDKIT_IMAGE })]),
    ...seen,
    ...(owner === undefined
      ? []
      : [writeOption({ name: `env.${OWNER_VARIABLE}`, value: ownerText(owner) })]),
  ]);
}

/** The user's own configuration of BuildKit; undefined where the builder would have none. */
async function givenConfiguration(
  { buildkitdConfig: given }: BuilderOptions,
  folder: string,
  { files, env }: BuildxClient,
): Promise<readonly string[] | undefined> {
  if (given !== undefined && 'file' in given) return ['--buildkitd-config', given.file];
  const file = join(folder, 'buildkitd.toml');
  if (given !== undefined) {
    await files.write(file, given.text);
    return ['--buildkitd-config', file];
  }
  // buildx takes this one by itself (docs.docker.com, "BuildKit TOML configuration").
  const home = buildxFolder(env);
  const usual = home && (await files.look(join(home, 'buildkitd.default.toml')));
  return usual === undefined ? undefined : [];
}

/** The configuration of BuildKit that makes it reach registries as the engine does. */
async function configuration(
  { engine, registries }: Pick<NewBuilder, 'engine' | 'registries'>,
  folder: string,
  client: CreatingClient,
): Promise<readonly string[]> {
  const { files } = client;
  const settings = await settingsFor(engine, registries, client);
  if (settings.size === 0) return [];
  const { text, certificates } = buildkitdConfig(settings, folder);
  for (const [path, pem] of certificates) await files.write(path, pem, 0o600);
  const file = join(folder, 'buildkitd.toml');
  await files.write(file, text);
  return ['--buildkitd-config', file];
}

/**
 * What a builder in a container is told of the network around it: registries,
 * proxies, and the host's own network where one of them is on the engine's
 * loopback. Only a builder on the engine's own machine is where that is.
 */
async function surroundingsOfBuilder(
  driver: string,
  order: NewBuilder,
  folder: string,
  client: CreatingClient,
): Promise<{ readonly args: readonly string[]; readonly proxies: readonly DriverOption[] }> {
  const { options, engine, registries, sharesLoopback } = order;
  const given = await givenConfiguration(options, folder, client);
  if (driver !== 'docker-container') return { args: given ?? [], proxies: [] };
  const here = options.endpoint === undefined;
  const apart = (await sharesLoopback) === 'no';
  const proxies = proxiesFor(client.env, engine.proxies, options.driverOptions, apart);
  const usable = here || !areLocal(proxies) ? proxies : {};
  const mirrors = engine.mirrors.filter((one) => here || loopbackMirrors([one]).length === 0);
  const settings =
    given ?? (await configuration({ engine: { ...engine, mirrors }, registries }, folder, client));
  const named = loopbackMirrors(mirrors).length > 0 || (here && registries.some(onLoopback));
  const local = (given === undefined && named) || areLocal(usable);
  const hasNetwork = options.driverOptions.some(({ name }) => name === 'network');
  const network = local && !hasNetwork ? ['--driver-opt', 'network=host'] : [];
  return { args: [...network, ...settings], proxies: proxyOptions(usable) };
}

/** Arguments of `buildx create` for a further node; `more` are the first one's, where it is in the same place. */
function nodeArguments(
  node: NodeOptions,
  driver: string,
  order: NewBuilder,
  more: readonly string[],
): readonly string[] {
  return [
    ...['--name', order.name, '--append'],
    ...(node.name === undefined ? [] : ['--node', node.name]),
    ...driverOptions(driver, node.driverOptions, order),
    ...flagsOf(driver, node.buildkitdFlags, order.entitlements),
    ...more,
    ...(node.platforms.length === 0 ? [] : ['--platform', node.platforms.join(',')]),
  ];
}

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

async function create(
  driver: string,
  node: Pick<NodeOptions, 'driverOptions' | 'endpoint'>,
  args: readonly string[],
  client: BuildxClient,
  signal: AbortSignal,
): Promise<void> {
  const where = node.endpoint === undefined ? [] : [node.endpoint];
  const output = await runBuildx(client, ['create', ...args, ...where], signal);
  if (output.code !== 0) throw notStarted(driver, node, [node], output.stderr);
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
  driver: string,
  { options, name, entitlements }: NewBuilder,
  client: BuildxClient,
  signal: AbortSignal,
): Promise<Builder> {
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
    await create(driver, wanted, args, client, signal);
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
  client: CreatingClient,
  signal: AbortSignal,
): Promise<Builder> {
  const { name, options, entitlements } = order;
  const driver = options.driver ?? 'docker-container';
  const folder = await order.makeFolder();
  try {
    const { args, proxies } = await surroundingsOfBuilder(driver, order, folder, client);
    const first = [
      ...['--name', name, '--driver', driver],
      ...driverOptions(driver, options.driverOptions, order),
      ...flagsOf(driver, options.buildkitdFlags, entitlements),
      ...args,
    ];
    await create(driver, options, first, client, signal);
    await giveVariables([...options.driverOptions, ...proxies], {}, name, client);
    // The nodes of a cluster have one network.
    const shared = driver === 'kubernetes' ? args : [];
    for (const node of options.nodes) {
      await create(driver, node, nodeArguments(node, driver, order, shared), client, signal);
      await giveVariables(node.driverOptions, node, name, client);
    }
    const started = await runBuildx(client, ['inspect', '--bootstrap', name], signal);
    if (started.code !== 0) {
      throw notStarted(driver, options, [options, ...options.nodes], started.stderr);
    }
    const made = await look(name, client, signal);
    // Kubernetes answers with its pods, which come and go, in place of the nodes.
    if (options.nodes.length === 0 || driver === 'kubernetes') return made;
    return await fixPlatforms(made, driver, order, client, signal);
  } finally {
    await client.files.remove(folder);
  }
}
