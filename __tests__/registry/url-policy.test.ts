import { describe, expect, test } from '@jest/globals';
import { locationProblem, reachOf, realmProblem } from '../../src/registry/url-policy.js';

test.each([
  ['http://localhost', 'loopback'],
  ['http://a.localhost', 'loopback'],
  ['http://127.1.2.3', 'loopback'],
  ['http://0x7f.1', 'loopback'],
  ['http://2130706433', 'loopback'],
  ['http://[::1]', 'loopback'],
  ['http://[::ffff:127.0.0.1]', 'loopback'],
  ['http://169.254.169.254', 'link-local'],
  ['http://[::ffff:169.254.169.254]', 'link-local'],
  ['http://168.63.129.16', 'link-local'],
  ['http://100.100.100.200', 'link-local'],
  ['http://[fd00:ec2::254]', 'link-local'],
  ['http://metadata.google.internal.', 'link-local'],
  ['http://0.0.0.0', 'link-local'],
  ['http://[::]', 'link-local'],
  ['http://[fe80::1]', 'link-local'],
  ['http://10.1.2.3', 'private'],
  ['http://172.16.0.1', 'private'],
  ['http://172.31.0.1', 'private'],
  ['http://192.168.1.1', 'private'],
  ['http://100.64.0.1', 'private'],
  ['http://[fd00::1]', 'private'],
  ['http://172.32.0.1', 'public'],
  ['http://8.8.8.8', 'public'],
  ['http://[2001:db8::1]', 'public'],
  ['http://auth.example', 'public'],
  ['http://registry', 'private'],
  ['http://reg.local', 'private'],
  ['http://reg.acme.internal.', 'private'],
  ['http://REG.lan', 'private'],
  ['http://reg.home.arpa', 'private'],
  ['http://reg.test', 'private'],
  ['http://internal.example', 'public'],
  ['http://lan.example', 'public'],
])('%s is %s', (url, reach) => {
  expect(reachOf(new URL(url).hostname)).toBe(reach);
});

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1'],
  'auth.example': ['8.8.8.8'],
  'reg.example': ['8.8.4.4', '2001:4860::1'],
  'within.example': ['10.0.0.2', 'fd00::2'],
  'inside.example': ['10.0.0.3'],
  'both.example': ['10.0.0.4', '8.8.8.8'],
  'card.example': ['fe80::1%eth0'],
  'machine.example': ['127.0.0.1', '::1'],
  'metadata.internal': ['::ffff:169.254.169.254'],
};
const resolve = async ({ hostname }: URL) => ADDRESSES[hostname] ?? [];

describe('a token service', () => {
  test.each([
    ['https://auth.example/token', 'https://reg.example', undefined],
    ['https://reg.example/token', 'https://reg.example', undefined],
    ['http://auth.example/token', 'https://reg.example', 'http://auth.example is not HTTPS'],
    ['ftp://auth.example/token', 'https://reg.example', 'ftp://auth.example is not HTTPS'],
    ['https://10.0.0.1/token', 'https://reg.example', 'in a private network'],
    ['https://10.0.0.1/token', 'https://10.0.0.2', undefined],
    ['https://127.0.0.1/token', 'https://10.0.0.2', 'is this machine'],
    ['http://127.0.0.1:1/token', 'http://127.0.0.1:2', undefined],
    ['http://10.0.0.1/token', 'http://127.0.0.1:2', 'is not HTTPS'],
    ['http://registry:5001/token', 'http://registry:5000', undefined],
    ['http://other:5001/token', 'http://registry:5000', 'is not HTTPS'],
    ['https://169.254.169.254/token', 'http://127.0.0.1:2', 'link-local'],
    ['https://169.254.0.9/token', 'https://169.254.0.9', undefined],
    ['https://user:pass@auth.example/token', 'https://reg.example', 'holds a password'],
    ['https://user@auth.example/token', 'https://reg.example', 'holds a password'],
    ['https://:pass@auth.example/token', 'https://reg.example', 'holds a password'],
    ['http://localhost:1/token', 'http://127.0.0.1:2', undefined],
    ['https://auth.lan/token', 'https://reg.lan', undefined],
    ['https://10.0.0.1/token', 'https://registry:5000', undefined],
    ['https://auth.lan/token', 'https://reg.example', 'in a private network'],
    ['https://auth/token', 'https://reg.example', 'in a private network'],
    // Names with addresses: the table below.
    ['https://inside.example/token', 'https://within.example', undefined],
    ['https://auth.lan/token', 'https://within.example', undefined],
    ['https://10.0.0.1/token', 'https://within.example', undefined],
    ['https://10.0.0.1/token', 'https://both.example', 'in a private network'],
    ['https://inside.example/token', 'https://both.example', 'in a private network'],
    ['https://inside.example/token', 'https://reg.example', 'in a private network'],
    ['https://both.example/token', 'https://reg.example', 'in a private network'],
    ['https://both.example/token', 'https://both.example', undefined],
    ['https://machine.example/token', 'https://reg.example', 'in a private network'],
    ['https://metadata.internal/token', 'https://reg.lan', 'link-local'],
    ['https://card.example/token', 'https://reg.lan', 'link-local'],
    ['http://machine.example/token', 'http://127.0.0.1:2', 'is not HTTPS'],
    ['https://127.0.0.1/token', 'https://within.example', 'is this machine'],
  ])('%s of %s: %s', async (realm, registry, problem) => {
    const found = await realmProblem(new URL(realm), new URL(registry), resolve);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });
});

describe('a redirect', () => {
  test.each([
    ['https://cdn.example/x', 'https://reg.example', undefined],
    ['https://10.0.0.1/x', 'https://reg.example', undefined],
    ['https://cdn.example/x', 'http://127.0.0.1:1', undefined],
    ['http://cdn.example/x', 'https://reg.example', 'from HTTPS to plain HTTP'],
    ['http://169.254.169.254/x', 'http://127.0.0.1:1', 'link-local'],
    ['http://168.63.129.16/x', 'http://127.0.0.1:1', 'link-local'],
    ['http://169.254.0.9:5000/x', 'http://169.254.0.9:5000', undefined],
    ['http://169.254.0.9/x', 'http://169.254.0.9:5000', 'link-local'],
    ['file:///etc/passwd', 'https://reg.example', 'not a protocol of a registry'],
  ])('to %s from %s: %s', (to, from, problem) => {
    const found = locationProblem(new URL(to), new URL(from));
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });
});
