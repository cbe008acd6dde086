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

/** The real port over node:dns, by the rules of the machine (/etc/hosts, then its name servers). */
export function createResolve(env: Readonly<Record<string, string | undefined>>): Resolve {
  return async (url) => {
    const name = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(name) !== 0 || isProxied(url, env)) return [];
    const { lookup } = await import('node:dns/promises');
    const found = await lookup(name, { all: true }).catch(() => []);
    return found.map(({ address }) => address);
  };
}
