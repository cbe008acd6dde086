import { expect, test } from '@jest/globals';
import { isEmptyCheckout, isFolder } from '../../src/evidence/index.js';

test.each([
  ['.', true],
  ['services/api', true],
  ['../shared', true],
  ['/abs/path', true],
  ['github.com', true],
  ['github.com/acme/greeter', false],
  ['git@github.com:acme/greeter.git', false],
  ['gitea@host.example:acme/greeter.git', false],
  ['Some_one-2@10.0.0.1:greeter', false],
  ['a.b@host:c', true],
  ['sub/gitea@host:a', true],
  ['app@1.2/x:y', true],
  ['https://github.com/acme/greeter.git#v1:sub', false],
  ['ssh://git@host/x', false],
  ['docker-image://busybox:1.37', false],
  ['oci-layout://out', false],
  ['target:base', false],
  ['x+y-z.1:base', false],
  ['1x:base', true],
  ['X:base', true],
  ['sub/git@github.com:a', true],
  ['sub/github.com/acme', true],
  ['a:/b', false],
  [':a', true],
])('%s', (context, folder) => {
  expect(isFolder(context)).toBe(folder);
});

test.each([
  [[], true],
  [['.git'], true],
  [['.git', 'Dockerfile'], false],
  [['Dockerfile'], false],
  [['.github'], false],
])('a folder with %j is a checkout that never was: %s', (names, expected) => {
  expect(isEmptyCheckout(names)).toBe(expected);
});
