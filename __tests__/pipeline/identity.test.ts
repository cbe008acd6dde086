import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { Plan, PlannedImage } from '../../src/evidence/index.js';
import { identify, namedImages } from '../../src/pipeline/identity.js';
import { type Ports, realPorts } from '../../src/ports/index.js';
import { request, UNTRUSTED } from '../config/memory.js';
import { buildpackImage, plannedBuildpack, plannedImage, planOf } from '../plans.js';
import { quickClock } from '../test/engine.js';

const registries = (images: readonly PlannedImage[]) => ({
  plan: planOf({ images }) as Plan,
  bases: new Map(),
  frontends: new Map(),
});

/** Which protocols a registry is asked over, where none speaks TLS. */
async function protocolsOf(
  registry: string,
  images: readonly PlannedImage[],
  facts: () => Promise<object> = async () => ({ insecure: { hosts: [], ranges: [] } }),
  who: 'client' | 'packClient' = 'client',
) {
  const protocols = new Set<string>();
  const ports: Ports = {
    ...realPorts(),
    env: { PATH: '/bin' },
    clock: quickClock(),
    resolve: async () => [],
    async http({ url }) {
      protocols.add(new URL(url).protocol);
      if (url.startsWith('https:')) throw Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
      return { status: 200, headers: new Map(), body: Readable.from([]) };
    },
  };
  const found = await identify(registries(images), {
    request: request(),
    folder: '/nowhere',
    engine: { facts } as unknown as Parameters<typeof identify>[1]['engine'],
    ports,
    learn: () => {},
    listen: () => {},
  });
  const code = await found[who]
    .repository(registry, 'acme/a')
    .headManifest('dev')
    .then(
      () => undefined,
      (error: Error & { readonly code?: string }) => error.code ?? error.name,
    );
  return { protocols: [...protocols], code };
}

const webapp = buildpackImage({
  build: plannedBuildpack({ builder: '10.0.0.9:5000/acme/builder' }),
});
const insecure = (host: string) => async () => ({ insecure: { hosts: [host], ranges: [] } });

test.each<[string, string, readonly PlannedImage[], (() => Promise<object>) | undefined, boolean]>([
  ['the engine calls insecure', 'r.example:5000', [], insecure('r.example:5000'), true],
  ['the engine does not call so', 'r.example:5000', [], insecure('other.example'), false],
  ['pack reads, at a private address', '10.0.0.9:5000', [webapp], undefined, true],
  ['nothing of pack reads, at a private address', '10.0.0.8:5000', [webapp], undefined, false],
  [
    'pack reads, at a public address',
    'r.example:5000',
    [{ ...webapp, build: plannedBuildpack({ builder: 'r.example:5000/acme/builder' }) }],
    undefined,
    false,
  ],
  [
    'is anyone’s, where the engine does not answer',
    'r.example:5000',
    [],
    () => Promise.reject(new Error('no engine')),
    false,
  ],
])('a registry without TLS that %s', async (_, registry, images, facts, plainly) => {
  const { protocols, code } = await protocolsOf(registry, images, facts);
  expect([protocols.includes('http:'), code]).toEqual([
    plainly,
    plainly ? undefined : 'unreachable',
  ]);
});

test.each([
  ['10.0.0.8:5000', true],
  ['r.example:5000', false],
])('what a builder names at %s is read without TLS: %s', async (registry, plainly) => {
  const { protocols } = await protocolsOf(registry, [webapp], undefined, 'packClient');
  expect(protocols.includes('http:')).toBe(plainly);
});

test('the images of a plan are those that each Dockerfile names, its frontend last', () => {
  const base = { reference: 'debian:12', line: 2, pinned: false };
  const syntax = { reference: 'docker/dockerfile:1', line: 1, pinned: false };
  const images = ['a', 'b', 'c'].map((id) => plannedImage({ id }));
  const named = namedImages({
    ...registries(images),
    bases: new Map([['a', [base]]]),
    frontends: new Map([
      ['a', [syntax]],
      ['b', [syntax]],
    ]),
  });
  expect([...named]).toEqual([
    ['a', [base, syntax]],
    ['b', [syntax]],
    ['c', []],
  ]);
});

test.each([false, true])('what buildx may ask git, in an untrusted run: %s', async (untrusted) => {
  const { env } = await identify(registries([]), {
    request: request(untrusted ? UNTRUSTED : {}),
    folder: '/nowhere',
    engine: {} as never,
    ports: { ...realPorts(), env: { PATH: '/bin' } },
    learn: () => {},
    listen: () => {},
  });
  expect(env).toEqual({
    PATH: '/bin',
    ...(untrusted && { BUILDX_GIT_INFO: 'false', BUILDX_GIT_LABELS: 'false' }),
  });
});

describe("the job's token as a login to GitHub's registry", () => {
  const target = { repository: 'ghcr.io/acme/greeter', tags: ['dev'] };
  const JOBS = { kind: 'basic', username: 'octocat', password: 'of-the-job' };
  const OWN = { registry: 'ghcr.io', username: 'me', password: 'of-a-login' };
  const NONE = { kind: 'anonymous' };

  interface Described {
    readonly push?: boolean;
    readonly repository?: string;
    /** An image that the build reads. */
    readonly base?: string;
    readonly more?: Parameters<typeof request>[0];
    readonly token?: { readonly token?: string };
    readonly env?: Ports['env'];
    /** What GitHub's registry answers to a question for an image. */
    readonly status?: number;
    readonly http?: Ports['http'];
  }

  async function credentialsOf(described: Described) {
    const { push = false, repository = target.repository, base, status = 200 } = described;
    const { token = { token: 'of-the-job' } } = described;
    const real = realPorts();
    const folder = await real.files.makeTemporary('sea-trial-identity-');
    const asked: string[] = [];
    const ports: Ports = {
      ...real,
      env: { PATH: '/bin', HOME: folder, GITHUB_ACTOR: 'octocat', ...described.env },
      clock: quickClock(),
      resolve: async () => [],
      async http({ url }) {
        asked.push(new URL(url).pathname);
        return { status, headers: new Map(), body: Readable.from([]) };
      },
      ...(described.http && { http: described.http }),
    };
    const image = plannedImage({ id: 'greeter', targets: [{ ...target, repository }] });
    const bases = base === undefined ? [] : [{ reference: base, line: 1, pinned: false }];
    try {
      const { credentials } = await identify(
        {
          plan: planOf({ images: [image], push }),
          bases: new Map([['greeter', bases]]),
          frontends: new Map(),
        },
        {
          request: request({ ...token, ...described.more }),
          folder,
          engine: {} as never,
          ports,
          learn: () => {},
          listen: () => {},
        },
      );
      return { found: await credentials('ghcr.io'), asked };
    } finally {
      await real.files.remove(folder);
    }
  }

  const base = 'ghcr.io/acme/base:1';
  const byDigest = `ghcr.io/acme/base:1@sha256:${'a'.repeat(64)}`;

  test.each<[string, Described, object, readonly string[]]>([
    ['is taken for a push, and not tried before', { push: true, base }, JOBS, []],
    ['is not taken where nothing is pushed or read there', {}, NONE, []],
    ['is not taken for a push elsewhere', { push: true, repository: 'r.example/a/a' }, NONE, []],
    ['is taken for a base, where it may read that', { base }, JOBS, ['base/manifests/1']],
    [
      'is tried with the latest image where none is named',
      { base: 'ghcr.io/acme/base' },
      JOBS,
      ['base/manifests/latest'],
    ],
    [
      'is tried with the digest that is named',
      { base: byDigest },
      JOBS,
      [`base/manifests/sha256:${'a'.repeat(64)}`],
    ],
    ['is not taken where it may not', { base, status: 403 }, NONE, ['base/manifests/1']],
    ['is not taken for a base elsewhere', { base: 'r.example/acme/base:1' }, NONE, []],
    ['is not taken by an untrusted run', { push: true, more: UNTRUSTED }, NONE, []],
    ['is none where there is none', { push: true, token: {} }, NONE, []],
    [
      'gives way to a login that is given',
      { push: true, more: { logins: [OWN] } },
      { kind: 'basic', username: 'me', password: 'of-a-login' },
      [],
    ],
    [
      'has a name also without an actor',
      { push: true, env: { GITHUB_ACTOR: '' } },
      { ...JOBS, username: 'token' },
      [],
    ],
  ])('%s', async (_, described, expected, questions) => {
    const { found, asked } = await credentialsOf(described);
    expect(found).toEqual(expected);
    expect(asked).toEqual(questions.map((path) => `/v2/acme/${path}`));
  });

  test('is not passed over where what fails is a fault of ours', async () => {
    const http = async () => undefined as never;
    await expect(credentialsOf({ base, http })).rejects.toBeInstanceOf(TypeError);
  });
});
