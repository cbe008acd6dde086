import { expect, test } from '@jest/globals';
import { hostIn } from '../../src/reference/docker-hub.js';
import { isHubAlias, loginKey, registryOf, servesHub } from '../../src/reference/index.js';

test.each([
  ['docker.io', true, true, true],
  ['index.docker.io', true, true, true],
  ['registry-1.docker.io', false, true, true],
  ['registry.hub.docker.com', false, false, true],
  ['hub.docker.com', false, false, true],
  ['ghcr.io', false, false, false],
  ['docker.io.example', false, false, false],
])(
  '%s is Docker Hub in a reference %s, serves it %s, and is meant by a login %s',
  (host, alias, serves, login) => {
    expect([isHubAlias(host), servesHub(host), registryOf(host) === 'docker.io']).toEqual([
      alias,
      serves,
      login,
    ]);
  },
);

test.each([
  ['docker.io', 'https://index.docker.io/v1/'],
  ['registry-1.docker.io', 'registry-1.docker.io'],
  ['ghcr.io', 'ghcr.io'],
])('the login of %s is kept under %s', (registry, key) => {
  expect(loginKey(registry)).toBe(key);
});

test.each([
  [' HTTPS://Reg.Example:5000/v2/a ', 'reg.example:5000'],
  ['http://reg.example', 'reg.example'],
  ['reg.example/http://x', 'reg.example'],
  ['ftp://reg.example', 'ftp:'],
  ['reg.example/a\nb', 'reg.example'],
  ['', ''],
])('the host in the address %j is %j', (address, host) => {
  expect(hostIn(address)).toBe(host);
});
