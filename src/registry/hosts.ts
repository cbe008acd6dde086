import { isLoopback } from '../ports/index.js';

/** How far a host can be reached, by its written form alone; a name that is no address is public. */
export type Reach = 'loopback' | 'link-local' | 'private' | 'public';

function ofIPv4(host: string): Reach {
  const [a = 0, b = 0] = host.split('.').map(Number);
  if ((a === 169 && b === 254) || a === 0) return 'link-local';
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128);
  return isPrivate ? 'private' : 'public';
}

function ofIPv6(address: string): Reach {
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (mapped !== null) {
    const [high = 0, low = 0] = mapped.slice(1).map((part) => Number.parseInt(part, 16));
    return ofIPv4([high >> 8, high & 255, low >> 8, low & 255].join('.'));
  }
  if (address === '::' || /^fe[89ab]/.test(address)) return 'link-local';
  return /^f[cd]/.test(address) ? 'private' : 'public';
}

/** `hostname` is a URL's, so numbers like 0x7f.1 are already in their usual form. */
export function reachOf(hostname: string): Reach {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (isLoopback(host)) return 'loopback';
  if (host.startsWith('[')) return ofIPv6(host.slice(1, -1));
  return /^\d+(\.\d+){3}$/.test(host) ? ofIPv4(host) : 'public';
}

/**
 * Why a token service must not be asked, or undefined: it has to be HTTPS
 * (loopback aside), never link-local (where clouds keep their secrets), and
 * inside a private network only where the registry is too.
 */
export function realmProblem(realm: URL, registry: URL): string | undefined {
  const there = reachOf(realm.hostname);
  const here = reachOf(registry.hostname);
  if (realm.username !== '' || realm.password !== '') return 'its address holds a password';
  if (there === 'link-local') return `${realm.host} is a link-local address`;
  if (there === 'loopback' && here !== 'loopback') {
    return `${realm.host} is this machine and the registry is not`;
  }
  if (there === 'private' && here === 'public') {
    return `${realm.host} is in a private network and the registry is not`;
  }
  if (realm.protocol === 'https:' || (realm.protocol === 'http:' && there === 'loopback')) {
    return undefined;
  }
  return `${realm.protocol}//${realm.host} is not HTTPS`;
}

/** Why a redirect or an upload's location must not be followed, or undefined. */
export function locationProblem(to: URL, from: URL): string | undefined {
  if (to.protocol !== 'https:' && to.protocol !== 'http:') {
    return `${to.protocol} is no protocol of a registry`;
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    return `it leads from HTTPS to plain HTTP at ${to.host}`;
  }
  if (reachOf(to.hostname) === 'link-local') return `${to.host} is a link-local address`;
  return undefined;
}
