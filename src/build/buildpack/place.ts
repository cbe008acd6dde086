import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { EngineError } from '../../engine/index.js';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../registry/index.js';
import type { PackPlace } from './command.js';
import type { PackTools } from './order.js';

/** A network and a registry of one build's own. */
export interface OpenPlace extends Omit<PackPlace, 'bindings' | 'application'> {
  /** The engine's address on the network, at which the registry is reached from there. */
  readonly gateway: string;
  readonly registry: EmbeddedRegistry;
  /** The image's path in that registry. */
  readonly repository: string;
  /** The path of the cache in that registry. */
  readonly cacheRepository: string;
  readonly tag: string;
  /** A folder for what pack keeps. */
  readonly home: string;
  /** Closes the registry; what the build has left in the engine is removed meanwhile. */
  close(): Promise<void>;
}

const TAG = 'built';

const ELSEWHERE =
  'Builds with buildpacks need an engine on this machine, with its own network there.';

function notHere(gateway: string): EngineError {
  const message = `The gateway of the engine's networks, ${gateway}, is not an address of this machine, so that a build cannot reach its registry here. ${ELSEWHERE}`;
  return new EngineError('failed', message, '');
}

/**
 * Makes the network of a build and starts its registry on the network's gateway, where the
 * lifecycle reaches it and nothing else of this machine's loopback. The registry's
 * repositories are below a path that cannot be guessed; that of the image takes one alone, for
 * what buildpacks leave running can see that path and would put its own in the place of it.
 * Another holds the cache, where registries do (`withCache`). A build that shares this
 * machine's network (`onHost`) reaches it on the loopback. Rejects with `EngineError`.
 */
export async function openPlace(
  { networks, labels, folder, files, later }: PackTools,
  layout: string,
  { onHost, withCache }: { readonly onHost: boolean; readonly withCache: boolean },
): Promise<OpenPlace> {
  const { name: network, gateway } = await networks.create(labels);
  const removed = async () => void (await networks.remove(network));
  const directory = join(folder, 'builds', network);
  try {
    if (gateway === undefined) throw notHere('which has no IPv4 address');
    const within = `${network}/${randomBytes(16).toString('hex')}`;
    const [repository, cacheRepository] = [`${within}/app`, `${within}/cache`];
    const [home, stored] = [join(directory, 'home'), join(directory, 'registry')];
    await files.makeDirectory(home);
    await files.makeDirectory(stored);
    const setup = {
      files,
      directory: stored,
      layout,
      beside: gateway,
      within,
      single: repository,
    };
    const registry = await startEmbeddedRegistry(setup).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EADDRNOTAVAIL' ? notHere(gateway) : error;
    });
    const host = onHost ? registry.host : registry.beside;
    return {
      name: `${host}/${repository}:${TAG}`,
      ...(withCache ? { cacheImage: `${host}/${cacheRepository}:${TAG}` } : {}),
      network: onHost ? 'host' : network,
      report: home,
      descriptor: join(home, 'project.toml'),
      gateway,
      registry,
      repository,
      cacheRepository,
      tag: TAG,
      home,
      async close() {
        await registry.close();
        later(removed());
        later(files.remove(directory));
      },
    };
  } catch (error) {
    later(removed());
    throw error;
  }
}
