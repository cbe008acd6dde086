/** Docker Hub as docker writes it in the names of images (github.com/distribution/reference). */
export const DOCKER_HUB = 'docker.io';

/** The host of Docker Hub's API; docker's client keeps its certificates under this name. */
export const HUB_API = 'registry-1.docker.io';

/**
 * Every host of Docker Hub: what docker reads as Docker Hub in a reference, what serves
 * the same images without being an alias in references, and what people write for a login.
 */
const HOSTS: ReadonlyMap<string, 'alias' | 'api' | 'website'> = new Map([
  [DOCKER_HUB, 'alias'],
  ['index.docker.io', 'alias'],
  [HUB_API, 'api'],
  ['registry.hub.docker.com', 'website'],
  ['hub.docker.com', 'website'],
]);

/** Whether docker reads a host in a reference as Docker Hub. */
export function isHubAlias(host: string): boolean {
  return HOSTS.get(host) === 'alias';
}

/** Whether a host serves Docker Hub's images. */
export function servesHub(host: string): boolean {
  return isHubAlias(host) || HOSTS.get(host) === 'api';
}

/**
 * The name by which docker's config.json and credential helpers know a registry: its
 * host, and for Docker Hub the address of an API that no longer exists.
 */
export function loginKey(registry: string): string {
  return registry === DOCKER_HUB ? 'https://index.docker.io/v1/' : registry;
}

/** The host in a login's address: without scheme and path, in lower case. */
export function hostIn(address: string): string {
  return address
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*/s, '')
    .toLowerCase();
}

/**
 * The registry that a login's address means, as in a `Reference`:
 * `https://index.docker.io/v1/`, `hub.docker.com` and no address at all are `docker.io`.
 */
export function registryOf(address: string): string {
  const host = hostIn(address);
  return host === '' || HOSTS.has(host) ? DOCKER_HUB : host;
}
