import { addressClass, inRange, type Resolve } from '../ports/index.js';
import { DOCKER_HUB } from '../reference/index.js';
import { baseUrl } from './base-url.js';

/** Hosts with their port, and ranges of addresses, that an engine calls insecure. */
interface Insecure {
  readonly hosts: readonly string[];
  readonly ranges: readonly string[];
}

/**
 * Whether a registry is one of those, by docker's own rule: it is named as it is
 * written in references, or an address behind its name is in a range.
 */
export async function isInsecure(
  registry: string,
  { hosts, ranges }: Insecure,
  resolve: Resolve,
): Promise<boolean> {
  if (registry === DOCKER_HUB) return false;
  if (hosts.includes(registry)) return true;
  if (ranges.length === 0) return false;
  const url = new URL(baseUrl(registry));
  // A name that is an address needs no resolution.
  const addresses = [url.hostname.replace(/^\[|\]$/g, ''), ...(await resolve(url))];
  return addresses.some((address) => ranges.some((range) => inRange(address, range)));
}

/**
 * Whether a registry is named by a private address. pack and the lifecycle speak to it
 * without TLS where it has none, whatever the engine says
 * (google/go-containerregistry, pkg/name/registry.go).
 */
export function isPrivateAddress(registry: string): boolean {
  const url = URL.parse(`http://${registry}`);
  return url !== null && addressClass(url.hostname) === 'private';
}
