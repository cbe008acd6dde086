import type { Ports } from '../../ports/index.js';
import { type ClientPorts, docker } from './client.js';

function isAddress(endpoint: string): boolean {
  return /^\w+:\/\//.test(endpoint);
}

/**
 * The docker contexts that exist; undefined where the docker client does not list
 * them. It is asked without the environment's own choice, which it would list as well.
 */
export async function dockerContexts(ports: ClientPorts): Promise<readonly string[] | undefined> {
  const args = ['context', 'ls', '--format', '{{.Name}}'];
  const { code, stdout } = await docker(atEndpoint(ports, 'default'), args);
  return code === 0 ? stdout.split('\n').filter((line) => line !== '') : undefined;
}

/**
 * Those of the endpoints that name a docker context which does not exist. What may be
 * a host and its port is not taken for a name.
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
 * Ports whose docker client reaches the engine of a buildx node: `endpoint` is a docker
 * context or an address, and undefined for the engine in use.
 */
export function atEndpoint<P extends Pick<Ports, 'env'>>(
  ports: P,
  endpoint: string | undefined,
): P {
  if (endpoint === undefined) return ports;
  const { DOCKER_CONTEXT: _, ...env } = ports.env;
  // The context "default" is the engine that DOCKER_HOST names.
  if (endpoint === 'default') return { ...ports, env };
  const { DOCKER_HOST: __, ...others } = env;
  return {
    ...ports,
    env: { ...others, [isAddress(endpoint) ? 'DOCKER_HOST' : 'DOCKER_CONTEXT']: endpoint },
  };
}

/** Where an engine is that nothing names. */
export const USUAL_HOST = 'unix:///var/run/docker.sock';

/** Where the engine of a context is, such as `unix:///run/docker.sock`; undefined where that is not known. */
export async function contextHost(name: string, ports: ClientPorts): Promise<string | undefined> {
  const format = '{{.Endpoints.docker.Host}}';
  const { code, stdout } = await docker(ports, ['context', 'inspect', '--format', format, name]);
  const host = stdout.trim();
  return code === 0 && isAddress(host) ? host : undefined;
}
