import { expect, test } from '@jest/globals';
import { registryOf } from '../../src/reference/index.js';
import { type Credentials, withLogins } from '../../src/registry/index.js';

test.each([
  ['', 'docker.io'],
  ['docker.io', 'docker.io'],
  ['https://index.docker.io/v1/', 'docker.io'],
  ['registry-1.docker.io', 'docker.io'],
  ['ghcr.io', 'ghcr.io'],
  [' https://GHCR.io/acme ', 'ghcr.io'],
  ['reg.lan:5000', 'reg.lan:5000'],
])('the login address %j means %s', (address, registry) => {
  expect(registryOf(address)).toBe(registry);
});

test('logins given for a run come before others, whose helper is then not asked', async () => {
  const asked: string[] = [];
  const others: Credentials = async (registry) => {
    asked.push(registry);
    return { kind: 'anonymous' };
  };
  const login = { registry: 'ghcr.io', username: 'u', password: 'p' };
  const credentials = withLogins([login], others);
  expect(await credentials('ghcr.io')).toEqual({ kind: 'basic', username: 'u', password: 'p' });
  expect(await credentials('docker.io')).toEqual({ kind: 'anonymous' });
  expect(asked).toEqual(['docker.io']);
});
