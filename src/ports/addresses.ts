import { BlockList, isIP } from 'node:net';

/** Whether an address is in a range (`10.0.0.0/8`); false where either is none. */
export function inRange(address: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const [kind, own] = [isIP(network), isIP(address)];
  const most = kind === 4 ? 32 : 128;
  if (kind === 0 || own !== kind || !/^\d{1,3}$/.test(bits) || Number(bits) > most) return false;
  const family = kind === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
}

/** Where clouds tell the machines in them their secrets: link-local, AWS by IPv6, Alibaba, Azure. */
const METADATA = new BlockList();
METADATA.addSubnet('169.254.0.0', 16, 'ipv4');
METADATA.addSubnet('fe80::', 10, 'ipv6');
METADATA.addAddress('fd00:ec2::254', 'ipv6');
METADATA.addAddress('100.100.100.200', 'ipv4');
METADATA.addAddress('168.63.129.16', 'ipv4');

/** Whether an address is link-local or one of a cloud's metadata service. */
export function isMetadata(address: string): boolean {
  // The network card behind a `%` is no part of the address.
  const bare = address.replace(/%.*$/, '');
  const kind = isIP(bare);
  return kind !== 0 && METADATA.check(bare, kind === 4 ? 'ipv4' : 'ipv6');
}
