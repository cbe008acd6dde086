import type { EngineFacts } from '../engine/index.js';
import type { Ports } from '../ports/index.js';
import { DOCKER_HUB } from '../reference/index.js';
import { defined } from '../types/index.js';
import type { BuildxClient } from './buildx.js';
import { nativePlatforms } from './create.js';
import type { Builder } from './list.js';
import type { BuilderInUse } from './nodes.js';
import { podLost } from './pod-watch.js';
import { withoutLogins } from './proxies.js';

/** The builder of a run. */
export interface UsedBuilder {
  readonly name: string;
  readonly driver: string;
  /** Its machines, each with those of the run's platforms that it runs natively. */
  readonly nodes: readonly {
    readonly name: string;
    readonly native: ReadonlySet<string>;
    /** BuildKit's version, where it is known. */
    readonly buildkit?: string;
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
  client: BuildxClient & Pick<Ports, 'clock'>,
): UsedBuilder {
  const { name, driver, nodes } = builder;
  const machines = nodes.map((node) => {
    const native = nativePlatforms(node);
    return {
      name: node.name,
      native: new Set(platforms.filter((one) => native.includes(one))),
      ...defined({ buildkit: node.buildkit }),
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
  const its = { ...client, env: { ...client.env, ...env }, driver };
  const lost = (signal: AbortSignal) => podLost(builder, its, signal);
  const watched = driver === 'kubernetes' ? { lost } : {};
  return { name, driver, nodes: machines, mayMirror, asEngine, env, ...watched };
}
