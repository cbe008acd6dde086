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
