import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { Http } from '../../src/ports/index.js';
import { anonymous, createRegistryClient, isInsecure } from '../../src/registry/index.js';
import { errorBody, fakeClock, http, rejection, respond, serve } from './rig.js';

describe('a registry is insecure', () => {
  const insecure = { hosts: ['registry:5000', '10.1.1.1'], ranges: ['10.2.0.0/16', 'fd00::/8'] };
  const addresses: Readonly<Record<string, readonly string[]>> = {
    'near.example': ['192.0.2.1', '10.2.3.4'],
    'far.example': ['192.0.2.1'],
  };

  test.each([
    ['registry:5000', true],
    ['registry', false],
    ['registry:5001', false],
    ['10.1.1.1', true],
    ['10.1.1.1:5000', false],
    ['near.example:5000', true],
    ['far.example', false],
    ['unknown.example', false],
    ['10.2.9.9:5000', true],
    ['[fd00::1]:5000', true],
    ['docker.io', false],
  ])('%s: %s', async (registry, expected) => {
    const resolve = async ({ hostname }: URL) => addresses[hostname] ?? [];
    expect(await isInsecure(registry, insecure, resolve)).toBe(expected);
  });
});

test('a registry is not looked up where the engine calls none insecure', async () => {
  const resolve = () => Promise.reject(new Error('nothing is to be looked up'));
  expect(await isInsecure('near.example', { hosts: [], ranges: [] }, resolve)).toBe(false);
});

test('of an insecure registry alone the certificate is not checked, wherever it leads', async () => {
  const asked: (readonly [string, boolean | undefined])[] = [];
  const answer = (status: number, headers: readonly (readonly [string, string])[] = []) => ({
    status,
    headers: new Map(headers),
    body: Readable.from([]),
  });
  const there: Http = async ({ url, unverified }) => {
    const { host } = new URL(url);
    asked.push([host, unverified]);
    if (host !== 'registry:5000') return answer(200);
    if (unverified) return answer(307, [['location', 'https://cdn.example/x']]);
    throw Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  };
  const client = createRegistryClient({
    http: there,
    clock: fakeClock(),
    credentials: anonymous,
    insecure: async () => true,
  });
  await client.repository('registry:5000', 'acme/a').headManifest('dev');
  expect(asked.map(([host, unverified = false]) => [host, unverified])).toEqual([
    ['registry:5000', false],
    ['registry:5000', true],
    ['cdn.example', false],
  ]);
});

/** A registry that is called registry:5000, and a client that may or may not be careless with it. */
async function plainRegistry(careless: boolean) {
  const server = await serve(({ headers, url }, response) => {
    if (headers.authorization !== undefined) return respond(response, 200);
    const challenge = { 'www-authenticate': 'Basic realm="r"' };
    respond(response, 401, errorBody('UNAUTHORIZED', url), challenge);
  });
  const tried: string[] = [];
  const there: Http = (asked) => {
    const { protocol } = new URL(asked.url);
    tried.push(`${asked.unverified ? 'unverified ' : ''}${protocol}`);
    return http({ ...asked, url: asked.url.replace('registry:5000', server.host) });
  };
  const asked: string[] = [];
  const client = createRegistryClient({
    http: there,
    clock: fakeClock(),
    credentials: async () => ({ kind: 'basic', username: 'me', password: 'hunter2' }),
    insecure: async (registry) => {
      asked.push(registry);
      return careless;
    },
  });
  return { server, tried, asked, repository: client.repository('registry:5000', 'acme/a') };
}

describe('a registry over plain HTTP', () => {
  test('is spoken to as docker does where it is insecure: TLS first, and then on one way', async () => {
    const { server, tried, asked, repository } = await plainRegistry(true);
    expect(await repository.headManifest('dev')).toBeDefined();
    expect(tried).toEqual(['https:', 'unverified https:', 'http:', 'http:']);
    expect(await repository.headManifest('dev')).toBeDefined();
    expect(tried.slice(4)).toEqual(['http:']);
    expect(asked).toEqual(['registry:5000', 'registry:5000']);
    expect(server.seen.map(({ headers }) => headers.authorization !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('gets no plain word where it is not, and the message says what is to be done', async () => {
    const { server, tried, repository } = await plainRegistry(false);
    expect(await rejection(repository.headManifest('dev'))).toMatchObject({
      code: 'unreachable',
      detail:
        "it does not speak TLS; a registry over plain HTTP has to be one of the engine's insecure-registries (daemon.json)",
    });
    expect(new Set(tried)).toEqual(new Set(['https:']));
    expect(server.seen).toEqual([]);
  });

  test('that has once refused over TLS is asked in no other way, whatever becomes of it', async () => {
    const tried: string[] = [];
    const failing: Http = async ({ url, unverified }) => {
      tried.push(`${unverified ? 'unverified ' : ''}${new URL(url).protocol}`);
      if (tried.length === 1) return { status: 403, headers: new Map(), body: Readable.from([]) };
      throw Object.assign(new Error('no'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' });
    };
    const client = createRegistryClient({
      http: failing,
      clock: fakeClock(),
      credentials: anonymous,
      insecure: async () => true,
    });
    const repository = client.repository('registry:5000', 'acme/a');
    const codes = ['denied', 'unreachable'];
    for (const code of codes) {
      expect(await rejection(repository.headManifest('dev'))).toMatchObject({ code });
    }
    expect(tried).toEqual(['https:', 'https:']);
  });

  test('on this machine has no other way, and it is not asked whether it is insecure', async () => {
    const tried: string[] = [];
    const client = createRegistryClient({
      http: async ({ url }) => {
        tried.push(url);
        throw Object.assign(new Error('no'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' });
      },
      clock: fakeClock(),
      credentials: anonymous,
      insecure: () => Promise.reject(new Error('this is not to be asked')),
    });
    const head = client.repository('127.0.0.1:5000', 'acme/a').headManifest('dev');
    expect(await rejection(head)).toMatchObject({ code: 'unreachable' });
    expect(tried).toEqual(['http://127.0.0.1:5000/v2/acme/a/manifests/dev']);
  });

  test('is asked for over TLS again where no way led to it', async () => {
    const tried: string[] = [];
    const nobody: Http = async ({ url }) => {
      tried.push(new URL(url).protocol);
      throw Object.assign(new Error('no'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' });
    };
    const client = createRegistryClient({
      http: nobody,
      clock: fakeClock(),
      credentials: anonymous,
      insecure: async () => true,
    });
    const repository = client.repository('registry:5000', 'acme/a');
    for (const _ of [1, 2]) {
      expect(await rejection(repository.headManifest('dev'))).toMatchObject({
        code: 'unreachable',
      });
    }
    expect(tried).toEqual(['https:', 'https:', 'http:', 'https:', 'https:', 'http:']);
  });
});
