import { expect, test } from '@jest/globals';
import { isLoopback } from '../../src/reference/index.js';

const yes = ['localhost', 'LOCALHOST', 'x.localhost', 'localhost.', '127.9.9.9', '[::1]', '::1'];
const no = ['128.0.0.1', '127.0.0.1.example', 'local.host', 'notlocalhost', '.localhost', '[::2]'];

test.each([
  ...yes.map((host) => [host, true] as const),
  ...no.map((host) => [host, false] as const),
  [new URL('http://0x7f.1').hostname, true],
  [new URL('http://[::ffff:127.1.2.3]').hostname, true],
  [new URL('http://[::ffff:126.1.2.3]').hostname, false],
])('%s: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

test.each([
  ['127.10.200.255', true],
  ['127.0.0', false],
  ['127.0.0.1.1', false],
  ['1127.0.0.1', false],
  ['127.0.0.1000', false],
  ['::ffff:7f00:1', true],
  ['1::ffff:7f00:1', false],
  ['::ffff:7f00:1:2', false],
  ['::ffff:8000:1', false],
])('of addresses %s is one: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});
