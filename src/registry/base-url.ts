import { DOCKER_HUB, HUB_API, onLoopback } from '../reference/index.js';

/**
 * Where a registry's API is: plain HTTP on this machine, HTTPS everywhere else;
 * Docker Hub's API has a host of its own.
 */
export function baseUrl(registry: string): string {
  if (registry === DOCKER_HUB) return `https://${HUB_API}`;
  return `${onLoopback(registry) ? 'http' : 'https'}://${registry}`;
}
