import { type RunRecord, removeIfPulled, type Undo } from '../cleanup/index.js';
import {
  atEndpoint,
  dockerEngine,
  type Engine,
  type EngineFacts,
  type Shared,
} from '../engine/index.js';
import type { Ports } from '../ports/index.js';
import { DOCKER_HUB } from '../registry/index.js';
import {
  builderImages,
  createBuilder,
  type NodeImage,
  nativePlatforms,
  ownBuilderName,
} from './create.js';
import type { Builder } from './list.js';
import { type BuilderInUse, useNativeNodes } from './nodes.js';
import { type BuilderOptions, DEFAULT_BUILDER } from './options.js';
import { podLost } from './pod-watch.js';
import { withoutLogins } from './proxies.js';
import { removeBuilder } from './remove.js';
import type { Buildx } from './tools/provide-buildx.js';

/** What a run asks of a builder that is made for it. */
interface BuilderAsked {
  readonly builder?: string;
  readonly wish?: BuilderOptions;
  readonly entitlements?: readonly string[];
  readonly registries?: readonly string[];
}

interface Work {
  readonly ports: Ports;
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly record: RunRecord;
  readonly undo: Undo;
}

/** The builder of a run. */
export interface UsedBuilder {
  readonly name: string;
  readonly driver: string;
  /** Its machines, each with those of the run's platforms that it runs natively. */
  readonly nodes: readonly {
    readonly name: string;
    readonly native: ReadonlySet<string>;
    /** Where it is, as far as buildx says. */
    readonly endpoint?: string;
  }[];
  /** Whether it may have a registry's images from somewhere that we do not ask. */
  mayMirror(registry: string): boolean;
  /** Whether it goes to registries as the machine of the engine in use does, by no way of its own. */
  readonly asEngine: boolean;
  /** Variables with which buildx knows it. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Resolves with the name of a node that is lost, and rejects with the signal's
   * reason; undefined where buildx notices by itself.
   */
  lost?(signal: AbortSignal): Promise<string>;
}

/** BuildKit's image goes again from where the builder's nodes are. */
async function removeLaterFrom({ image, endpoint }: NodeImage, work: Work): Promise<void> {
  const { ports, engine, record, undo } = work;
  if (endpoint === undefined) return removeIfPulled(image, engine, record, undo);
  const there = dockerEngine(atEndpoint(ports, endpoint));
  // Where it does not answer buildx will say so, in its own words.
  await removeIfPulled(image, there, record, undo, endpoint).catch(() => {});
}

/** Makes a builder as it is asked for; what a run has made for itself is undone. Rejects with `EngineError`. */
export async function makeBuilder(
  asked: BuilderAsked,
  buildx: Buildx,
  facts: EngineFacts,
  sharesLoopback: Promise<Shared>,
  work: Work,
) {
  const { ports, signal, record, undo } = work;
  const { wish = DEFAULT_BUILDER, entitlements = [], registries = [] } = asked;
  const name = asked.builder ?? ownBuilderName(record.run);
  const driver = wish.driver === undefined ? {} : { driver: wish.driver };
  const world = { ...ports, buildx, ...driver };
  if (wish.cleanup) {
    const images = builderImages(wish);
    for (const image of images) await removeLaterFrom(image, work);
    const nodes = wish.nodes.flatMap((node) => node.name ?? []);
    const endpoints = images.flatMap(({ endpoint }) => endpoint ?? []);
    const places = images.length === 0 ? {} : { nodes, endpoints };
    await record.note({ builder: name, keepState: wish.keepState, ...driver, ...places });
    undo.add(() => removeBuilder(name, world, wish));
  }
  const owner = wish.cleanup
    ? { ...record.origin, builder: name, keepState: wish.keepState }
    : undefined;
  const order = {
    name,
    wish,
    engine: facts,
    sharesLoopback,
    registries,
    entitlements,
    owner,
    makeFolder: record.makeFolder,
  };
  try {
    return await createBuilder(order, world, signal);
  } catch (error) {
    // One that is kept at the end is kept whole or not at all.
    if (!wish.cleanup) undo.add(() => removeBuilder(name, world));
    throw error;
  }
}

/** A builder that is there, each platform on the node that runs it natively. */
export function placed(
  found: Builder,
  platforms: readonly string[],
  buildx: Buildx,
  { ports, signal, record, undo }: Work,
): Promise<BuilderInUse> {
  const makeFolder = async () => {
    const folder = await record.makeFolder();
    undo.add(() => ports.files.remove(folder));
    return folder;
  };
  return useNativeNodes(found, platforms, makeFolder, { ...ports, buildx }, signal);
}

/** A docker context of another name may be another machine. */
function isAsEngine({ driver, nodes }: Builder, proxies: EngineFacts['proxies']): boolean {
  if (driver === 'docker') return Object.keys(proxies).length === 0;
  const here = nodes.every(
    ({ endpoint = 'default', ownRoads }) => !ownRoads && /^(default$|unix:)/.test(endpoint),
  );
  return driver === 'docker-container' && here;
}

/** What a run needs to know of its builder. */
export function usedBuilder(
  { builder, env }: BuilderInUse,
  platforms: readonly string[],
  { mirrors, proxies }: Pick<EngineFacts, 'mirrors' | 'proxies'>,
  ports: Work['ports'],
  buildx: Buildx,
): UsedBuilder {
  const { name, driver, nodes } = builder;
  const machines = nodes.map((node) => {
    const native = nativePlatforms(node);
    return {
      name: node.name,
      native: new Set(platforms.filter((one) => native.includes(one))),
      ...(node.endpoint === undefined ? {} : { endpoint: withoutLogins(node.endpoint) }),
    };
  });
  // The engine's mirrors are for Docker Hub, and those are asked.
  const asked = new Set(mirrors.map((url) => (URL.canParse(url) ? new URL(url).host : url)));
  const mayMirror = (registry: string) =>
    driver === 'remote' ||
    nodes.some(({ mirrors: own }) =>
      own?.get(registry)?.some((host) => registry !== DOCKER_HUB || !asked.has(host)),
    );
  const asEngine = isAsEngine(builder, proxies);
  const world = { ...ports, env: { ...ports.env, ...env }, buildx, driver };
  const lost = (signal: AbortSignal) => podLost(builder, world, signal);
  const watched = driver === 'kubernetes' ? { lost } : {};
  return { name, driver, nodes: machines, mayMirror, asEngine, env, ...watched };
}
