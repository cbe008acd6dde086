/** Docker Hub as docker writes it in the names of images (github.com/distribution/reference). */
export const DOCKER_HUB = 'docker.io';

/** The host of Docker Hub's API; docker's client has its certificates under this name, too. */
export const HUB_API = 'registry-1.docker.io';

/**
 * The name by which docker's config.json and credential helpers know a registry:
 * its host, and for Docker Hub the address of an API that is no more.
 */
export function loginKey(registry: string): string {
  return registry === DOCKER_HUB ? 'https://index.docker.io/v1/' : registry;
}
