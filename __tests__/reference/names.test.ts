import { describe, expect, test } from '@jest/globals';
import {
  cacheProblem,
  familiarName,
  formatReference,
  isBuildpackName,
  isOlder,
  isRegistryPrefix,
  isRepositoryName,
  isRepositoryPath,
  isTag,
  onLoopback,
  parseReference,
  plannedCache,
  readLayout,
  redirectReference,
  splitName,
  splitReference,
  wholeName,
} from '../../src/reference/index.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['busybox', true],
  ['library/busybox', true],
  ['a.b_c__d--e/f', true],
  ['a'.repeat(255), true],
  ['a'.repeat(256), false],
  ['', false],
  ['Acme/greeter', false],
  ['acme/Greeter', false],
  ['acme//greeter', false],
  ['acme/greeter:1', false],
])('%s is the path of a repository: %s', (text, expected) => {
  expect(isRepositoryPath(text)).toBe(expected);
});

test.each([
  ['ghcr.io/acme/greeter', true],
  ['busybox', true],
  ['ghcr.io/acme/greeter:1', false],
  [`ghcr.io/acme/greeter@${DIGEST}`, false],
  ['Acme/Greeter', false],
  ['', false],
])('%s is the name of a repository: %s', (text, expected) => {
  expect(isRepositoryName(text)).toBe(expected);
});

test.each([
  ['ghcr.io', true],
  ['ghcr.io/acme', true],
  ['127.0.0.1:5000/a/b', true],
  ['ghcr.io/', false],
  ['ghcr.io/Acme', false],
  ['ghcr.io/acme:1', false],
  ['-x/acme', false],
  ['localhost:99999', false],
  ['', false],
  [`ghcr.io/${'a'.repeat(247)}`, true],
  [`ghcr.io/${'a'.repeat(248)}`, false],
])('%s is a registry, below which repositories can be: %s', (text, expected) => {
  expect(isRegistryPrefix(text)).toBe(expected);
});

test.each([
  ['1.2.3-rc.1', true],
  ['_x', true],
  ['x'.repeat(128), true],
  ['x'.repeat(129), false],
  ['', false],
  ['.x', false],
  ['-x', false],
  ['a/b', false],
  ['a b', false],
])('%s is a tag: %s', (text, expected) => {
  expect(isTag(text)).toBe(expected);
});

test.each([
  ['busybox', 'busybox', 'docker.io/library/busybox'],
  ['busybox:latest', 'busybox', 'docker.io/library/busybox:latest'],
  ['busybox:1.36', 'busybox:1.36', 'docker.io/library/busybox:1.36'],
  ['acme/library/greeter', 'acme/library/greeter', 'docker.io/acme/library/greeter'],
  ['ghcr.io/library/greeter:latest', 'ghcr.io/library/greeter', 'ghcr.io/library/greeter:latest'],
  ['ghcr.io/acme/greeter:1.4', 'ghcr.io/acme/greeter:1.4', 'ghcr.io/acme/greeter:1.4'],
])('%s is %s to docker, and %s as a whole', (text, familiar, whole) => {
  const parsed = parseReference(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  expect(familiarName(parsed.reference)).toBe(familiar);
  expect(formatReference(parsed.reference)).toBe(whole);
  expect(wholeName(text)).toBe(whole);
});

test('what is no reference stays as it is written', () => {
  expect(wholeName('No Reference')).toBe('No Reference');
});

test.each([
  ['greeter', 'greeter', undefined, undefined],
  ['greeter:', 'greeter', '', undefined],
  ['greeter@', 'greeter', undefined, ''],
  [':1', '', '1', undefined],
  ['@x', '', undefined, 'x'],
  ['a:1/b', 'a:1/b', undefined, undefined],
  ['a:1/b:2', 'a:1/b', '2', undefined],
  ['greeter:feature/login', 'greeter', 'feature/login', undefined],
  ['greeter:/x', 'greeter:/x', undefined, undefined],
  ['a.b/greeter:x/y', 'a.b/greeter', 'x/y', undefined],
  ['localhost/greeter:x/y', 'localhost/greeter', 'x/y', undefined],
  ['[::1]/greeter:x/y', '[::1]/greeter', 'x/y', undefined],
  ['greeter:1@sha256:x', 'greeter', '1', 'sha256:x'],
  ['greeter@a@b', 'greeter', undefined, 'a@b'],
])('%s is divided at its signs', (text, name, tag, digest) => {
  expect(splitReference(text)).toStrictEqual({ name, tag, digest });
});

test.each([
  ['busybox', undefined, 'busybox'],
  ['acme/greeter', undefined, 'acme/greeter'],
  ['a.b/greeter', 'a.b', 'greeter'],
  ['a:1/greeter/x', 'a:1', 'greeter/x'],
  ['localhost/greeter', 'localhost', 'greeter'],
  ['Acme/greeter', 'Acme', 'greeter'],
  ['Acme', undefined, 'Acme'],
  ['/greeter', undefined, '/greeter'],
])('the name %s has the host %s and the path %s', (name, host, path) => {
  expect(splitName(name)).toStrictEqual({ host, path });
});

test.each([
  ['[::1]:5000', '127.0.0.1:1/1-5000/x'],
  ['Registry', '127.0.0.1:1/registry/x'],
  ['a_b.example:80', '127.0.0.1:1/a-b.example-80/x'],
])('the host %s becomes a part of a path: %s', (registry, expected) => {
  const moved = redirectReference({ registry, repository: 'x' }, '127.0.0.1:1//', {
    keepHost: true,
  });
  expect(formatReference(moved)).toBe(expected);
});

describe('an image id', () => {
  test('is no name, but may be one of a registry that is written', () => {
    const id = 'a'.repeat(64);
    expect(parseReference(id).ok).toBe(false);
    expect(parseReference(`docker.io/${id}`)).toEqual({
      ok: true,
      reference: { registry: 'docker.io', repository: `library/${id}` },
    });
    expect(parseReference('a'.repeat(63)).ok).toBe(true);
    expect(parseReference('a'.repeat(65)).ok).toBe(true);
  });
});

test.each([
  ['heroku/python', '0.25.0', true],
  ['a', '1', true],
  ['a', '1-rc.1+x_y', true],
  ['...', '1', true],
  ['.a', '.1', true],
  ['.', '1', false],
  ['..', '1', false],
  ['a', '.', false],
  ['a', '..', false],
  ['a b', '1', false],
  ['a_b', '1', false],
  ['', '1', false],
  ['a', '', false],
  ['a', '1/2', false],
])('a buildpack can be called %j in version %j: %s', (id, version, expected) => {
  expect(isBuildpackName(id, version)).toBe(expected);
});

test.each([
  ['1.2.3', '1.2.3', false],
  ['1.2.2', '1.2.3', true],
  ['1.2.4', '1.2.3', false],
  ['1.9.9', '1.10.0', true],
  ['1.10.0', '1.9.9', false],
  ['2.0.0', '1.9.9', false],
  ['0.9.9', '1.0.0', true],
  ['1.2', '1.2.1', true],
  ['1.2.0', '1.2', false],
  ['0.13.0-rc1', '0.13.0', false],
  ['unknown', '0.0.1', true],
])('version %s is older than %s: %s', (version, than, expected) => {
  expect(isOlder(version, than)).toBe(expected);
});

test.each([
  ['oci-layout://base', { value: 'base' }],
  ['oci-layout://a/b:1.2', { value: 'a/b' }],
  [`oci-layout://a@${DIGEST}`, { value: 'a' }],
  [`oci-layout://a:t@${DIGEST}`, { value: 'a' }],
  ['docker-image://a', undefined],
  ['./oci-layout://a', undefined],
  ...['', 'a:b:c', 'a:', 'a:.x', 'a@b', ':1', 'a@sha256:x'].map(
    (path) =>
      [
        `oci-layout://${path}`,
        { fault: 'expected oci-layout://PATH:TAG@DIGEST, with no other ":" or "@" in it' },
      ] as const,
  ),
])('the layout of the context %s is %j', (context, expected) => {
  expect(readLayout(context)).toEqual(expected);
});

test.each([
  ['localhost', true],
  ['localhost:5000', true],
  ['127.0.0.1:5000', true],
  ['[::1]:5000', true],
  ['ghcr.io', false],
  ['localhost:99999', false],
])('the registry %s is on this machine: %s', (registry, expected) => {
  expect(onLoopback(registry)).toBe(expected);
});

describe('a cache', () => {
  const problem = (text: string, key: 'cache_from' | 'cache_to', fromInputs = false) =>
    cacheProblem(plannedCache(text), key, fromInputs);

  test.each([
    ['type=gha,scope=x', 'cache_from'],
    ['type=registry,ref=r.example/x,mode=max', 'cache_to'],
    ['type=registry,ref=r.example/x,mode=MIN', 'cache_to'],
    ['type=local,src=x', 'cache_from'],
    ['type=local,dest=x', 'cache_to'],
    ['type=inline', 'cache_to'],
    ['type=s3,bucket=x,region=y', 'cache_from'],
  ] as const)('%s may be written under %s', (text, key) => {
    expect(problem(text, key)).toBeUndefined();
    expect(problem(text, key, true)).toBeUndefined();
  });

  test.each([
    ['type=local,src=x', 'cache_to', 'a cache of type local has no "dest"'],
    ['type=local,dest=x', 'cache_from', 'a cache of type local has no "src"'],
    ['type=local,src=', 'cache_from', 'a cache of type local has no "src"'],
    ['type=registry', 'cache_from', 'a cache of type registry has no "ref"'],
    ['type=gha,mode=all', 'cache_to', '"all" is not a mode; there are: min, max'],
    ['type=gha,mode=minmax', 'cache_to', '"minmax" is not a mode; there are: min, max'],
    ['type=gha,mode=xmax', 'cache_to', '"xmax" is not a mode; there are: min, max'],
  ] as const)('%s under %s is wrong wherever it is written: %s', (text, key, why) => {
    expect(problem(text, key)).toBe(why);
    expect(problem(text, key, true)).toBe(why);
  });

  test.each([
    [
      'type=other',
      '"other" is not a type of cache; there are: azblob, gha, inline, local, registry, s3',
    ],
    [
      'type=constructor',
      '"constructor" is not a type of cache; there are: azblob, gha, inline, local, registry, s3',
    ],
    [
      'type=inline,scope=x',
      'a cache of type inline has no attribute "scope" here; there are: ignore-error, mode',
    ],
    [
      'type=gha,x=y',
      'a cache of type gha has no attribute "x" here; there are: ignore-error, mode, scope, timeout',
    ],
    [
      'type=gha,token=x',
      "the cache's \"token\" would send the job's token to another service than the job's own cache; leave it out, or set it in the workflow's inputs cache-from and cache-to",
    ],
    [
      'type=registry,ref=x,registry.insecure=true',
      "the cache's \"registry.insecure\" would send a login unencrypted; name the registry as insecure in the engine's or BuildKit's configuration",
    ],
  ])('%s is for the workflow alone to write', (text, why) => {
    expect(problem(text, 'cache_from')).toBe(why);
    expect(problem(text, 'cache_from', true)).toBeUndefined();
  });
});
