import { BlockList, isIP } from 'node:net';

const FAMILIES = { 4: 'ipv4', 6: 'ipv6' } as const;

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  return FAMILIES[isIP(address) as 4 | 6];
}

/** A list of ranges; it also finds IPv4 addresses as IPv6 writes them. */
function rangesOf(...ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/');
    list.addSubnet(network, Number(bits), familyOf(network) ?? 'ipv4');
  }
  return list;
}

/** Whether an address is in a range (`10.0.0.0/8`); false where either is none. */
export function inRange(address: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const family = familyOf(network);
  const most = family === 'ipv4' ? 32 : 128;
  if (family === undefined || familyOf(address) !== family) return false;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most && rangesOf(range).check(address, family);
}

/** Where clouds give the machines in them their secrets: link-local, AWS by IPv6, Alibaba, Azure. */
const METADATA = rangesOf(
  ...['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254/128', '100.100.100.200/32', '168.63.129.16/32'],
);

const UNSPECIFIED = rangesOf('0.0.0.0/8', '::/128');

/** RFC 1918, RFC 6598 (carriers), RFC 4193. */
const PRIVATE = rangesOf(
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'],
);

/**
 * How far an address can be reached, this machine's own ones aside. What no connection
 * should go to counts as link-local: a cloud's metadata service and unspecified addresses.
 */
export type AddressClass = 'link-local' | 'private' | 'public';

/** The class of an address; undefined for what is none. */
export function addressClass(address: string): AddressClass | undefined {
  const family = familyOf(address);
  if (family === undefined) return undefined;
  if (isMetadataAddress(address) || UNSPECIFIED.check(address, family)) return 'link-local';
  return PRIVATE.check(address, family) ? 'private' : 'public';
}

/** Whether an address is link-local or one of a cloud's metadata service. */
export function isMetadataAddress(address: string): boolean {
  // The network card behind a `%` is no part of the address.
  const bare = address.replace(/%.*$/, '');
  return METADATA.check(bare, familyOf(bare));
}
