import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
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
  const { client } = await identify(registries(images), {
    request: request(),
    folder: '/nowhere',
    engine: { facts } as unknown as Parameters<typeof identify>[1]['engine'],
    ports,
    learn: () => {},
    listen: () => {},
  });
  await client
    .repository(registry, 'acme/a')
    .headManifest('dev')
    .catch(() => {});
  return [...protocols];
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
  expect((await protocolsOf(registry, images, facts)).includes('http:')).toBe(plainly);
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
