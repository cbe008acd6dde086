import { expect, test } from '@jest/globals';
import type { PlannedImage } from '../../src/evidence/index.js';
import { askInBackground, buildNeeds, lookForImages } from '../../src/pipeline/preflight.js';
import type { Planned } from '../../src/plan/index.js';
import { anonymous, type RegistryClient, RegistryError } from '../../src/registry/index.js';
import { plannedBuild, plannedImage, planOf } from '../plans.js';

const DIGEST = `sha256:${'d'.repeat(64)}`;
const never = new AbortController().signal;

type Answer = 'has it' | 'refuses' | 'is down';

/** A plan whose image is built on these bases. */
function plannedOn(
  bases: readonly string[],
  syntax?: string,
  images: readonly PlannedImage[] = [plannedImage({ build: plannedBuild() })],
): Planned {
  const all = bases.map((reference) => ({ reference, line: 1, pinned: false }));
  const frontend =
    syntax === undefined
      ? []
      : [['greeter', [{ reference: syntax, line: 1, pinned: false }]] as const];
  return {
    plan: planOf({ images }),
    bases: new Map([['greeter', all]]),
    frontends: new Map(frontend),
  } as unknown as Planned;
}

interface Described {
  readonly answers?: Readonly<Record<string, Answer>>;
  readonly driver?: string;
  readonly mirrored?: string;
  readonly held?: string;
  readonly sharesLoopback?: 'yes' | 'no';
}

async function look(
  bases: readonly string[],
  described: Described = {},
  syntax?: string,
  images?: readonly PlannedImage[],
) {
  const asked: string[] = [];
  const client = {
    repository: (registry: string, path: string) => ({
      async headManifest(tag: string) {
        const name = `${registry}/${path}`;
        asked.push(`${name}:${tag}`);
        const answer = described.answers?.[name] ?? 'has it';
        if (answer === 'has it') return { digest: DIGEST };
        const code = answer === 'refuses' ? 'denied' : 'unreachable';
        throw new RegistryError({ code, request: `HEAD ${name}` });
      },
    }),
  } as unknown as RegistryClient;
  const { driver = 'docker-container', mirrored, held, sharesLoopback = 'yes' } = described;
  const environment = {
    facts: { mirrors: [] },
    builder: { driver, mayMirror: (registry: string) => registry === mirrored },
    sharesLoopback: () => Promise.resolve(sharesLoopback),
  } as unknown as Parameters<typeof lookForImages>[1]['environment'];
  const engine = { names: async (name: string) => (name === held ? [name] : undefined) };
  const identity = {
    ...{ client, packClient: client, anonymous: client },
    ...{ credentials: anonymous, env: {} },
  };
  const found = await lookForImages(plannedOn(bases, syntax, images), {
    identity,
    environment,
    engine,
    signal: never,
  });
  return {
    asked: asked.sort(),
    pinned: [...found.pinned].map(([reference, { digest }]) => [reference, digest]),
    refused: found.refused.map(({ need, error }) => [need.reference, error.code]),
  };
}

const BASE = 'r.example/acme/base:1';

test('every image that a build names is looked up once, the frontend too, and pinned', async () => {
  expect(await look([BASE, BASE], {}, 'r.example/acme/frontend:2')).toEqual({
    asked: ['r.example/acme/base:1', 'r.example/acme/frontend:2'],
    pinned: [
      [BASE, DIGEST],
      ['r.example/acme/frontend:2', DIGEST],
    ],
    refused: [],
  });
});

test('what is written, and what images from buildpacks are built with, is not looked up here', async () => {
  const cache = 'type=registry,ref=r.example/acme/cache:1';
  const build = plannedBuild({ cacheFrom: [cache], cacheTo: [cache] });
  const pack = {
    kind: 'buildpack',
    builder: 'r.example/acme/builder:1',
    cacheFrom: [],
    cacheTo: [],
  } as unknown as PlannedImage['build'];
  const found = await look([BASE], {}, undefined, [
    plannedImage({ build }),
    { ...plannedImage({ id: 'webapp' }), build: pack },
  ]);
  expect(found.asked).toEqual([BASE]);
});

const refuses = { answers: { 'r.example/acme/base': 'refuses' } } as const;

test.each<[string, Described, readonly string[]]>([
  ['is refused where its registry refuses it', refuses, [BASE]],
  [
    'is left to the builder where its registry is down',
    { answers: { 'r.example/acme/base': 'is down' } },
    [],
  ],
  [
    'is left to a builder that may have a mirror of that registry',
    { ...refuses, mirrored: 'r.example' },
    [],
  ],
  [
    'is refused where the mirror is of another registry',
    { ...refuses, mirrored: 'other.example' },
    [BASE],
  ],
  [
    "is there for the engine's own builder where the engine holds it",
    { ...refuses, driver: 'docker', held: BASE },
    [],
  ],
  [
    "is refused for the engine's own builder where the engine holds another",
    { ...refuses, driver: 'docker', held: 'x' },
    [BASE],
  ],
  [
    'is refused for a builder that does not see what the engine holds',
    { ...refuses, held: BASE },
    [BASE],
  ],
])('a base %s', async (_, described, refused) => {
  const found = await look([BASE], described);
  expect(found.refused.map(([reference]) => reference)).toEqual(refused);
  expect(found.pinned).toEqual([]);
});

test.each<['yes' | 'no', boolean]>([
  ['yes', true],
  ['no', false],
])(
  'a registry on the loopback is asked only if that is the builder’s too (%s)',
  async (sharesLoopback, isAsked) => {
    const base = '127.0.0.1:5000/acme/base:1';
    const found = await look([base, BASE], { sharesLoopback });
    expect(found.asked).toContain(BASE);
    expect(found.asked.includes(base)).toBe(isAsked);
  },
);

test('what a build needs is known for each image of the plan', () => {
  const needs = buildNeeds(plannedOn([BASE], 'r.example/acme/frontend:2'));
  expect(needs.map(({ reference, registry }) => [reference, registry])).toEqual([
    [BASE, 'r.example'],
    ['r.example/acme/frontend:2', 'r.example'],
  ]);
});

test.each(['cancelled', 'interrupted'])('questions end when they are %s', async (how) => {
  const signals: AbortSignal[] = [];
  const client = {
    repository: () => {
      const wait = (...args: readonly unknown[]) => {
        const signal = args.find((one) => one instanceof AbortSignal);
        if (signal !== undefined) signals.push(signal);
        return new Promise<never>((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
        });
      };
      return new Proxy(
        { name: 'r', registry: 'r', path: 'p' },
        { get: (t, key) => Reflect.get(t, key) ?? wait },
      );
    },
  } as unknown as RegistryClient;
  const stop = new AbortController();
  const planned = plannedOn([]);
  const plan = { ...planned.plan, push: true };
  const identity = {
    ...{ client, packClient: client, anonymous: client },
    ...{ credentials: anonymous, env: {} },
  };
  const questions = askInBackground({ ...planned, plan }, identity, stop.signal);
  await new Promise((resolve) => setImmediate(resolve));
  const error = new Error('no engine');
  if (how === 'interrupted') stop.abort();
  else expect(() => questions.cancel(error)).toThrow(error);
  await questions.answers.catch(() => {});
  expect(signals.length).toBeGreaterThan(0);
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
});
