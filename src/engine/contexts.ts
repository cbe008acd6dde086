import type { Ports } from '../ports/index.js';
import { docker } from './client.js';

function isAddress(endpoint: string): boolean {
  return /^\w+:\/\//.test(endpoint);
}

/**
 * The docker contexts that there are; undefined where the docker client does not
 * say. One that is only named by the environment would be listed among them.
 */
export async function dockerContexts(
  world: Pick<Ports, 'exec' | 'env'>,
): Promise<readonly string[] | undefined> {
  const args = ['context', 'ls', '--format', '{{.Name}}'];
  const { code, stdout } = await docker(atEndpoint(world, 'default'), args);
  return code === 0 ? stdout.split('\n').filter((line) => line !== '') : undefined;
}

/**
 * Those of the endpoints that name a docker context which is not there. What may
 * be a host and its port is none.
 */
export function lostContexts(
  endpoints: readonly string[],
  contexts: readonly string[],
): readonly string[] {
  return [...new Set(endpoints)].filter(
    (one) => !isAddress(one) && !one.includes(':') && ![...contexts, 'default'].includes(one),
  );
}

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
  return {
    ...world,
    env: { ...others, [isAddress(endpoint) ? 'DOCKER_HOST' : 'DOCKER_CONTEXT']: endpoint },
  };
}
