import { isIP } from 'node:net';
import { proxyFor } from './proxies.js';

/**
 * The addresses that a URL's host has on this machine; none where it is an address
 * itself, where it has none, and where a proxy is asked to go there in our place.
 */
export type Resolve = (url: URL) => Promise<readonly string[]>;

function isProxied(url: URL, env: Readonly<Record<string, string | undefined>>): boolean {
  try {
    return proxyFor(url, env) !== undefined;
  } catch {
    // The request itself fails with the setting that cannot be used.
    return true;
  }
}

type AddressLookup = (name: string) => Promise<readonly { readonly address: string }[]>;

/** By the rules of the machine: /etc/hosts, then its name servers. */
const lookUp: AddressLookup = async (name) =>
  (await import('node:dns/promises')).lookup(name, { all: true });

/** The real port over node:dns. */
export function createResolve(
  env: Readonly<Record<string, string | undefined>>,
  lookup = lookUp,
): Resolve {
  return async (url) => {
    const name = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(name) !== 0 || isProxied(url, env)) return [];
    const found = await lookup(name).catch(() => []);
    return found.map(({ address }) => address);
  };
}
