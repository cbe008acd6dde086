import type { Credential, Credentials } from './credentials.js';
import { DOCKER_HUB, HUB_API } from './hub.js';

/** A login that was given to a run, for this run alone. */
export interface Login {
  /** As in a Reference: `ghcr.io`, `docker.io`. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

const HUB_NAMES: ReadonlySet<string> = new Set([
  'index.docker.io',
  HUB_API,
  'registry.hub.docker.com',
  'hub.docker.com',
]);

/** What stands in a login's address where its host should: without scheme and path, in small letters. */
export function hostIn(address: string): string {
  return address
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
}

/** The registry that a login's address means: `https://index.docker.io/v1/` is `docker.io`. */
export function registryOf(address: string): string {
  const host = hostIn(address);
  return host === '' || HUB_NAMES.has(host) ? DOCKER_HUB : host;
}

function credentialOf({ username, password }: Login): Credential {
  return { kind: 'basic', username, password };
}

/** Credentials in which logins given for a run come before what is known otherwise. */
export function withLogins(logins: readonly Login[], others: Credentials): Credentials {
  const given = new Map(logins.map((login) => [login.registry, credentialOf(login)]));
  return async (registry) => given.get(registry) ?? others(registry);
}
