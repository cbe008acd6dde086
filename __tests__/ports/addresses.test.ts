import { describe, expect, test } from '@jest/globals';
import { isMetadataAddress } from '../../src/ports/addresses.js';
import { addressClass, inRange } from '../../src/ports/index.js';

test.each([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['10.0.0.1', '10.0.0.1/32', true],
  ['10.0.0.1', '0.0.0.0/0', true],
  ['10.0.0.1', '10.0.0.0/33', false],
  ['10.0.0.1', '10.0.0.0', false],
  ['10.0.0.1', '10.0.0.0/', false],
  ['10.0.0.1', '10.0.0.0/x8', false],
  ['10.0.0.1', '10.0.0.0/8x', false],
  ['10.0.0.1', '10.0.0.0/8e0', false],
  ['10.0.0.1', '10.0.0.0/-8', false],
  ['10.0.0.1', '10.0.0.0/0008', false],
  ['10.0.0.1', 'net/8', false],
  ['name', '10.0.0.0/8', false],
  ['fd00::1', 'fd00::/8', true],
  ['fd00::1', 'fd00::/128', false],
  ['fd00::1', 'fd00::/129', false],
  ['fd00::1', '10.0.0.0/8', false],
  ['10.0.0.1', 'fd00::/8', false],
])('%s is in %s: %s', (address, range, expected) => {
  expect(inRange(address, range)).toBe(expected);
});

describe('how far an address can be reached', () => {
  test.each([
    ['169.254.169.254', 'link-local'],
    ['168.63.129.16', 'link-local'],
    ['168.63.129.17', 'public'],
    ['100.100.100.200', 'link-local'],
    ['100.100.100.201', 'private'],
    ['fd00:ec2::254', 'link-local'],
    ['fd00:ec2::255', 'private'],
    ['fe80::1', 'link-local'],
    ['febf::1', 'link-local'],
    ['fec0::1', 'public'],
    ['0.0.0.0', 'link-local'],
    ['0.1.2.3', 'link-local'],
    ['::', 'link-local'],
    ['::2', 'public'],
    ['10.255.255.255', 'private'],
    ['172.15.255.255', 'public'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['192.169.0.1', 'public'],
    ['100.63.255.255', 'public'],
    ['100.127.255.255', 'private'],
    ['fc00::1', 'private'],
    ['fe00::1', 'public'],
    ['8.8.8.8', 'public'],
    ['', undefined],
    ['name', undefined],
    ['1.2.3', undefined],
  ])('%s: %s', (address, expected) => {
    expect(addressClass(address)).toBe(expected);
  });

  test.each([
    ['fe80::1%eth0', true],
    ['169.254.0.1', true],
    ['::ffff:169.254.169.254', true],
    ['10.0.0.1', false],
    ['0.0.0.0', false],
    ['name%169.254.0.1', false],
  ])('%s may be a cloud’s metadata service: %s', (address, expected) => {
    expect(isMetadataAddress(address)).toBe(expected);
  });
});
