import { type AddressClass, addressClass, type Resolve } from '../ports/index.js';
import { isLoopback } from '../reference/index.js';

/** How far a host can be reached. */
type Reach = 'loopback' | AddressClass;

/** Names that no public name server knows: RFC 6762, 6761, 8375, ICANN's .internal, routers' .lan, and bare ones. */
const PRIVATE_NAME = /^[^.]+$|\.(local|internal|lan|test|home\.arpa)$/;

/** Google's metadata service, which a proxy could be asked for as well. */
const METADATA_NAME = 'metadata.google.internal';

/** By the written form alone. `hostname` is a URL's, so numbers like 0x7f.1 are already in their usual form. */
export function reachOf(hostname: string): Reach {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (isLoopback(host)) return 'loopback';
  const address = addressClass(host.replace(/^\[|\]$/g, ''));
  if (address !== undefined) return address;
  if (host === METADATA_NAME) return 'link-local';
  return PRIVATE_NAME.test(host) ? 'private' : 'public';
}

function reachOfAddress(address: string): Reach {
  // The network card behind a `%` is no part of a URL.
  const bare = address.replace(/%.*/, '');
  return reachOf(new URL(bare.includes(':') ? `http://[${bare}]` : `http://${bare}`).hostname);
}

const IS_LINK_LOCAL = "is link-local, or the address of a cloud's metadata service";

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
 * plainly), never link-local (nor a cloud's metadata service), and inside a
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
    return `${realm.host} is this machine, and the registry is not`;
  }
  if (there === 'private' && here === 'public') {
    return `${realm.host} is in a private network, and the registry is not`;
  }
  const isPlain = registry.protocol === 'http:' && realm.hostname === registry.hostname;
  if (realm.protocol === 'https:') return undefined;
  if (realm.protocol === 'http:' && (there === 'loopback' || isPlain)) return undefined;
  return `${realm.protocol}//${realm.host} is not HTTPS`;
}

/**
 * Why a redirect or an upload's location must not be followed, or undefined. Where
 * a name leads is seen when it is connected to (`blockMetadata`).
 */
export function locationProblem(to: URL, from: URL): string | undefined {
  if (to.protocol !== 'https:' && to.protocol !== 'http:') {
    return `${to.protocol} is not a protocol of a registry`;
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
