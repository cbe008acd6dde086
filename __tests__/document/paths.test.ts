import { expect, test } from '@jest/globals';
import { fromRoot, holdsCredentials, isAddress } from '../../src/document/paths.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['https://me:pw@a.example/b.git', true],
  ['https://token@a.example/b.git', true],
  ['ssh://git@a.example/b.git', false],
  ['https://a.example/b.git', false],
  ['docker-image://alpine', false],
  [`docker-image://alpine@${DIGEST}`, false],
  [`docker-image://alpine:3.22@${DIGEST}`, false],
  [`docker-image://ghcr.io/acme/base@${DIGEST}`, false],
  ['docker-image://me:pw@ghcr.io/acme/base', true],
  [`docker-image://me:pw@alpine@${DIGEST}`, true],
])('whether an address holds credentials: %s', (address, expected) => {
  expect(holdsCredentials(address)).toBe(expected);
});

test.each([
  ['git@github.com:acme/greeter.git', true],
  ['gitea@host.example:acme/greeter.git', true],
  ['github.com/acme/greeter', true],
  ['https://a.example/b.git', true],
  ['x:y', false],
  ['sub/gitea@host:a', false],
  ['app', false],
])('whether a context is an address: %s', (context, expected) => {
  expect(isAddress(context)).toBe(expected);
  expect(fromRoot('/work', '.', context).startsWith('./')).toBe(expected || context === 'x:y');
});
