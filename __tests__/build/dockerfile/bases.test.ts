import { describe, expect, test } from '@jest/globals';
import { resolveBases } from '../../../src/build/dockerfile/bases.js';
import { familiarName, parseReference } from '../../../src/reference/index.js';
import {
  type RegistryClient,
  RegistryError,
  type RegistryErrorCode,
  type Repository,
} from '../../../src/registry/index.js';

/** Registries that know some tags, `host/repository:tag` → digest, fail with a code or know nothing. */
function registries(known: Readonly<Record<string, string | RegistryErrorCode | undefined>>) {
  const asked: string[] = [];
  const client = {
    repository: (host: string, repository: string) =>
      ({
        async headManifest(tag: string) {
          const name = `${host}/${repository}:${tag}`;
          asked.push(name);
          if (!(name in known)) return undefined;
          const said = known[name];
          if (said === undefined || said.includes(':')) return { digest: said };
          throw new RegistryError({ code: said as RegistryErrorCode, request: `HEAD ${name}` });
        },
      }) as unknown as Repository,
  } as unknown as RegistryClient;
  return { client, asked };
}

describe("the name that replaces a FROM is docker's familiar one", () => {
  test.each([
    ['busybox', 'busybox'],
    ['busybox:latest', 'busybox'],
    ['busybox:1.37', 'busybox:1.37'],
    ['docker.io/library/busybox:1.37', 'busybox:1.37'],
    ['acme/app:1', 'acme/app:1'],
    ['ghcr.io/acme/app:1', 'ghcr.io/acme/app:1'],
    ['127.0.0.1:5000/app', '127.0.0.1:5000/app'],
  ])('%s → %s', (text, name) => {
    const parsed = parseReference(text);
    expect(parsed.ok && familiarName(parsed.reference)).toBe(name);
  });
});

describe('bases are resolved once', () => {
  test('each reference is asked for once, by its own tag', async () => {
    const { client, asked } = registries({
      'ghcr.io/acme/base:latest': 'sha256:b',
      'docker.io/library/busybox:1.37': 'sha256:a',
    });
    const references = ['busybox:1.37', 'ghcr.io/acme/base', 'busybox:1.37'];
    expect((await resolveBases(references, { client, mirrors: [] })).pinned).toEqual(
      new Map([
        ['busybox:1.37', { name: 'busybox:1.37', digest: 'sha256:a' }],
        ['ghcr.io/acme/base', { name: 'ghcr.io/acme/base', digest: 'sha256:b' }],
      ]),
    );
    expect(asked).toHaveLength(2);
  });

  test("for Docker Hub the engine's mirrors come first, in their order", async () => {
    const { client, asked } = registries({ 'two:5000/library/busybox:1.37': 'sha256:a' });
    const mirrors = ['http://one:5000', 'no url', 'https://two:5000/'];
    const found = await resolveBases(['busybox:1.37', 'ghcr.io/a/b:1'], { client, mirrors });
    expect([...found.pinned.keys()]).toEqual(['busybox:1.37']);
    expect(asked.filter((name) => name.includes('busybox'))).toEqual([
      'one:5000/library/busybox:1.37',
      'two:5000/library/busybox:1.37',
    ]);
    expect(asked.filter((name) => !name.includes('busybox'))).toEqual(['ghcr.io/a/b:1']);
  });

  test('what is pinned, is no reference, or cannot be seen is left to the builder', async () => {
    const { client, asked } = registries({ 'ghcr.io/a/silent:1': undefined });
    const pinned = `busybox@sha256:${'a'.repeat(64)}`;
    const references = [pinned, 'NOT A REFERENCE', 'ghcr.io/a/gone:1', 'ghcr.io/a/silent:1'];
    expect(await resolveBases(references, { client, mirrors: [] })).toEqual({
      pinned: new Map(),
      refused: new Map(),
    });
    expect(asked).toEqual(['ghcr.io/a/gone:1', 'ghcr.io/a/silent:1']);
  });

  const mirror = 'one:5000/library/busybox:1';
  const hub = 'docker.io/library/busybox:1';

  test.each<[string, Parameters<typeof registries>[0], readonly string[], boolean]>([
    ['its registry requires a login', { [hub]: 'unauthorized' }, [], true],
    ['its registry says no', { [hub]: 'denied' }, [], true],
    ['the mirror does not have it', { [hub]: 'denied' }, ['http://one:5000'], true],
    ['the mirror says no', { [mirror]: 'denied', [hub]: 'denied' }, ['http://one:5000'], true],
    ['the mirror has it', { [mirror]: 'sha256:a', [hub]: 'denied' }, ['http://one:5000'], false],
    [
      'the mirror gives no digest',
      { [mirror]: undefined, [hub]: 'denied' },
      ['http://one:5000'],
      false,
    ],
    [
      'we cannot reach the mirror',
      { [mirror]: 'unreachable', [hub]: 'denied' },
      ['http://one:5000'],
      false,
    ],
    ['we do not understand the mirror', { [hub]: 'denied' }, ['no url'], false],
    ['its registry cannot be reached', { [hub]: 'unreachable' }, [], false],
    ['its registry does not have it', {}, [], false],
    ['the credentials are broken', { [hub]: 'credentials' }, [], false],
  ])('%s: whether that is a refusal', async (_name, known, mirrors, refused) => {
    const { client } = registries(known);
    const found = await resolveBases(['busybox:1'], { client, mirrors });
    expect(found.refused.has('busybox:1')).toBe(refused);
  });

  test('nobody is asked who is another machine to the builder, which may hear more there', async () => {
    const { client, asked } = registries({
      'docker.io/library/busybox:1.37': 'sha256:a',
      'docker.io/library/alpine:3': 'denied',
    });
    const mirrors = ['http://127.0.0.1:5000'];
    const isSame = async (host: string) => !/^(127|localhost)/.test(host);
    const references = ['busybox:1.37', 'alpine:3', 'localhost:5001/acme/base:1'];
    const found = await resolveBases(references, { client, mirrors, isSame });
    expect([...found.pinned.keys()]).toEqual(['busybox:1.37']);
    expect(found.refused.size).toBe(0);
    expect([...asked].sort()).toEqual([
      'docker.io/library/alpine:3',
      'docker.io/library/busybox:1.37',
    ]);
  });
});
