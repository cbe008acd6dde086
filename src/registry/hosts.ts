import { isLoopback, isMetadata, type Resolve } from '../ports/index.js';

/** How far a host can be reached; a cloud's metadata service counts as link-local, wherever it is. */
type Reach = 'loopback' | 'link-local' | 'private' | 'public';

function ofIPv4(host: string): Reach {
  const [a = 0, b = 0] = host.split('.').map(Number);
  if (isMetadata(host) || a === 0) return 'link-local';
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
  if (address === '::' || isMetadata(address)) return 'link-local';
  return /^f[cd]/.test(address) ? 'private' : 'public';
}

/** Names that no public name server knows: RFC 6762, 6761, 8375, ICANN's .internal, routers' .lan, and bare ones. */
const PRIVATE_NAME = /^[^.]+$|\.(local|internal|lan|test|home\.arpa)$/;

/** Google's metadata service, which a proxy could be asked for as well. */
const METADATA_NAME = 'metadata.google.internal';

/** By the written form alone. `hostname` is a URL's, so numbers like 0x7f.1 are already in their usual form. */
export function reachOf(hostname: string): Reach {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (isLoopback(host)) return 'loopback';
  if (host.startsWith('[')) return ofIPv6(host.slice(1, -1));
  if (/^\d+(\.\d+){3}$/.test(host)) return ofIPv4(host);
  if (host === METADATA_NAME) return 'link-local';
  return PRIVATE_NAME.test(host) ? 'private' : 'public';
}

function reachOfAddress(address: string): Reach {
  // The network card behind a `%` is no part of a URL.
  const bare = address.replace(/%.*$/, '');
  return reachOf(new URL(bare.includes(':') ? `http://[${bare}]` : `http://${bare}`).hostname);
}

const IS_LINK_LOCAL = 'is a link-local address, or one where clouds keep their secrets';

interface Ends {
  readonly realm: Reach;
  readonly registry: Reach;
}

/**
 * What names mean here: a registry is private where all its addresses are, and a
 * token service is private, or worse, where one of its addresses is. A name that
 * leads to this machine is private; only one that says so is the machine.
 */
async function endsOf(realm: URL, registry: URL, resolve: Resolve): Promise<Ends> {
  const written = { realm: reachOf(realm.hostname), registry: reachOf(registry.hostname) };
  if (realm.host === registry.host || written.realm === 'loopback') return written;
  const there = (await resolve(realm)).map(reachOfAddress);
  const here = written.registry === 'public' ? (await resolve(registry)).map(reachOfAddress) : [];
  const isWithin = here.length > 0 && here.every((one) => one !== 'public');
  const inside = there.some((one) => one !== 'public') ? 'private' : written.realm;
  return {
    realm: there.includes('link-local') ? 'link-local' : inside,
    registry: isWithin ? 'private' : written.registry,
  };
}

/**
 * Why a token service must not be asked, or undefined: it has to be HTTPS
 * (loopback aside, and the registry's own machine where that may be spoken to
 * plainly), never link-local (where clouds keep their secrets), and inside a
 * private network only where the registry is too.
 */
export async function realmProblem(
  realm: URL,
  registry: URL,
  resolve: Resolve,
): Promise<string | undefined> {
  const { realm: there, registry: here } = await endsOf(realm, registry, resolve);
  if (realm.username !== '' || realm.password !== '') return 'its address holds a password';
  if (there === 'link-local' && realm.host !== registry.host) {
    return `${realm.host} ${IS_LINK_LOCAL}`;
  }
  if (there === 'loopback' && here !== 'loopback') {
    return `${realm.host} is this machine and the registry is not`;
  }
  if (there === 'private' && here === 'public') {
    return `${realm.host} is in a private network and the registry is not`;
  }
  const isPlain = registry.protocol === 'http:' && realm.hostname === registry.hostname;
  if (realm.protocol === 'https:') return undefined;
  if (realm.protocol === 'http:' && (there === 'loopback' || isPlain)) return undefined;
  return `${realm.protocol}//${realm.host} is not HTTPS`;
}

/**
 * Why a redirect or an upload's location must not be followed, or undefined. Where
 * a name leads is seen when it is connected to (`wary`).
 */
export function locationProblem(to: URL, from: URL): string | undefined {
  if (to.protocol !== 'https:' && to.protocol !== 'http:') {
    return `${to.protocol} is no protocol of a registry`;
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    return `it leads from HTTPS to plain HTTP at ${to.host}`;
  }
  // A registry that is there itself may lead to itself.
  if (to.host !== from.host && reachOf(to.hostname) === 'link-local') {
    return `${to.host} ${IS_LINK_LOCAL}`;
  }
  return undefined;
}
