import type { Ports } from '../ports/index.js';

/**
 * A world whose docker client speaks to the engine that buildx makes a node on:
 * a docker context or an address; undefined is the engine in use.
 */
export function atEndpoint<World extends Pick<Ports, 'env'>>(
  world: World,
  endpoint: string | undefined,
): World {
  if (endpoint === undefined) return world;
  const { DOCKER_CONTEXT: _, ...env } = world.env;
  // The context of that name is wherever DOCKER_HOST says.
  if (endpoint === 'default') return { ...world, env };
  const { DOCKER_HOST: __, ...others } = env;
  const isAddress = /^\w+:\/\//.test(endpoint);
  return { ...world, env: { ...others, [isAddress ? 'DOCKER_HOST' : 'DOCKER_CONTEXT']: endpoint } };
}
