import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Request } from '../../src/config/index.js';
import { dockerEngine } from '../../src/engine/index.js';
import type { DockerfilePlan, Plan } from '../../src/evidence/index.js';
import { identify } from '../../src/pipeline/identity.js';
import { heldByBuilder, weigh } from '../../src/pipeline/preflight.js';
import { type Ports, realPorts } from '../../src/ports/index.js';
import type { Answers } from '../../src/preflight/ask.js';
import {
  CredentialError,
  RegistryError,
  type RegistryErrorCode,
} from '../../src/registry/index.js';
import { UNTRUSTED } from '../config/memory.js';
import { plannedBuild, plannedImage } from '../plans.js';

const ports = realPorts();
const folders: string[] = [];

async function folder(): Promise<string> {
  const made = await ports.files.makeTemporary('sea-trial-identity-');
  folders.push(made);
  return made;
}

afterEach(async () => {
  for (const one of folders.splice(0)) await ports.files.remove(one);
});

interface Case {
  readonly push?: boolean;
  readonly targets?: readonly string[];
  readonly base?: string;
  readonly syntax?: string;
  readonly build?: Partial<DockerfilePlan>;
  /** What ghcr.io answers to whoever logs in (default: 404). */
  readonly answers?: number;
  readonly request?: Partial<Request>;
  readonly config?: object;
}

/** Who a run is to ghcr.io and docker.io, and the logins that its builder is given. */
async function identity(described: Case) {
  const { push = true, targets = ['ghcr.io/acme/a'], request, config } = described;
  const [theirs, run] = [await folder(), await folder()];
  if (config !== undefined) {
    await ports.files.write(join(theirs, 'config.json'), JSON.stringify(config));
  }
  const plan = {
    push,
    images: [
      plannedImage({
        id: 'a',
        targets: targets.map((repository) => ({ repository, tags: ['dev'] })),
        build: plannedBuild(described.build),
      }),
    ],
  } as unknown as Plan;
  const named = (reference?: string) =>
    new Map(
      reference === undefined ? [] : [['a', [{ reference, line: 1, pinned: false }]] as const],
    );
  const planned = { plan, bases: named(described.base), frontends: named(described.syntax) };
  const asked = { trust: { untrusted: false }, ...request } as Request;
  const env = { DOCKER_CONFIG: theirs, PATH: process.env.PATH, GITHUB_ACTOR: 'octocat' };
  const http: Ports['http'] = async ({ headers: { authorization } }) => ({
    status: authorization === undefined ? 401 : (described.answers ?? 404),
    headers: new Map([['www-authenticate', 'Basic realm="r"']]),
    body: Readable.from([]),
  });
  const world: Ports = { ...ports, env, http };
  const found = await identify(planned, {
    request: asked,
    folder: run,
    engine: dockerEngine(world),
    ports: world,
    learn: () => {},
    listen: () => {},
  });
  const own = found.env.DOCKER_CONFIG ?? '';
  const written =
    own === theirs ? undefined : (await ports.files.read(join(own, 'config.json'))).toString();
  const who = async (registry: string) => {
    const credential = await found.credentials(registry).catch(() => ({ kind: 'broken' }) as const);
    return credential.kind === 'basic'
      ? `${credential.username}:${credential.password}`
      : credential.kind;
  };
  return {
    ghcr: await who('ghcr.io'),
    hub: await who('docker.io'),
    builder: written === undefined ? undefined : Object.keys(JSON.parse(written).auths).sort(),
  };
}

const HUB = 'https://index.docker.io/v1/';
const token = 'ghs_token';
const login = { registry: '', username: 'u', password: 'p' };
const ghcr = { registry: 'https://ghcr.io', username: 'me', password: 'mine' };
const auths = (host: string) => ({
  auths: { [host]: { auth: Buffer.from('there:already').toString('base64') } },
});

describe('who a run is', () => {
  test.each<[string, Case, Awaited<ReturnType<typeof identity>>]>([
    [
      "the job's token, where it pushes to ghcr.io and nobody else is known there",
      { request: { token } },
      { ghcr: 'octocat:ghs_token', hub: 'anonymous', builder: ['ghcr.io'] },
    ],
    [
      'nobody where it pushes elsewhere',
      { request: { token }, targets: ['docker.io/acme/a'] },
      { ghcr: 'anonymous', hub: 'anonymous', builder: undefined },
    ],
    [
      'nobody where it does not push',
      { request: { token }, push: false },
      { ghcr: 'anonymous', hub: 'anonymous', builder: undefined },
    ],
    ...(
      [
        ['a base', { base: 'ghcr.io/acme/base:1' }],
        ['a syntax', { syntax: 'ghcr.io/acme/frontend' }],
        ['a cache that is read', { build: { cacheFrom: ['ghcr.io/acme/cache'] } }],
        ['a cache that is written', { build: { cacheTo: ['type=registry,ref=ghcr.io/acme/c:1'] } }],
        ['a context', { build: { contexts: { x: 'docker-image://ghcr.io/acme/x' } } }],
      ] as const
    ).flatMap(([what, more]): [string, Case, Awaited<ReturnType<typeof identity>>][] => {
      const elsewhere = { ...more, targets: [], push: false };
      return [
        [
          `the job's token for ${what} of ghcr.io`,
          { ...elsewhere, request: { token } },
          { ghcr: 'octocat:ghs_token', hub: 'anonymous', builder: ['ghcr.io'] },
        ],
        [
          `nobody for ${what} of ghcr.io where the token has no right to it`,
          { ...elsewhere, request: { token }, answers: 403 },
          { ghcr: 'anonymous', hub: 'anonymous', builder: undefined },
        ],
        [
          `nobody for ${what} of ghcr.io in an untrusted run`,
          { ...elsewhere, request: { token, trust: UNTRUSTED.trust } },
          { ghcr: 'anonymous', hub: 'anonymous', builder: undefined },
        ],
      ];
    }),
    [
      "docker's own login before the token",
      { request: { token }, config: auths('ghcr.io') },
      { ghcr: 'there:already', hub: 'anonymous', builder: undefined },
    ],
    [
      'what a helper says, also where that is broken',
      { request: { token }, config: { credHelpers: { 'ghcr.io': 'not-there' } } },
      { ghcr: 'broken', hub: 'anonymous', builder: undefined },
    ],
    [
      'the logins of the inputs before all others',
      { request: { token, logins: [login, ghcr] }, config: auths('ghcr.io') },
      { ghcr: 'me:mine', hub: 'u:p', builder: ['ghcr.io', HUB] },
    ],
    [
      'a login of the inputs beside the token',
      { request: { token, logins: [login] } },
      { ghcr: 'octocat:ghs_token', hub: 'u:p', builder: ['ghcr.io', HUB] },
    ],
    [
      "nothing but docker's own login in an untrusted run",
      {
        request: { token, logins: [login, ghcr], trust: UNTRUSTED.trust },
        config: auths('ghcr.io'),
        push: false,
      },
      { ghcr: 'there:already', hub: 'anonymous', builder: undefined },
    ],
  ])('%s', async (_name, asked, expected) => {
    expect(await identity(asked)).toEqual(expected);
  });
});

describe('what the registries said', () => {
  const target = { image: 'a', registry: 'ghcr.io', repository: 'ghcr.io/acme/a' } as const;
  const request = 'POST https://ghcr.io/v2/acme/a/blobs/uploads/';
  const refusing = (code: RegistryErrorCode, push: 'no' | 'unknown' = 'no') => {
    const error = new RegistryError({ code, request });
    return {
      targets: [{ ...target, push, exists: 'unknown', error } as const],
      tags: [],
      broken: [],
      refused: [],
    };
  };
  const serves = {
    digest: `sha256:${'1'.repeat(64)}`,
    platforms: ['linux/amd64', 'linux/arm64'],
    others: [],
    unknown: [],
  };
  const losing: Answers = {
    targets: [{ ...target, push: 'yes', exists: 'yes' }],
    tags: [{ ...target, tag: 'dev', platforms: ['linux/amd64'], serves }],
    broken: [],
    refused: [],
  };
  const kept: Answers = {
    ...losing,
    tags: losing.tags.map((tag) => ({ ...tag, platforms: serves.platforms, existing: 'fail' })),
  };
  const error = new CredentialError({ code: 'helper-missing', message: 'x' });
  const need = { what: 'image', reference: 'busybox', image: 'a', registry: 'docker.io' } as const;
  const broken = (vital: boolean) => ({
    targets: [],
    tags: [],
    refused: [],
    broken: [{ registry: 'docker.io', error, needs: [{ ...need, vital }] }],
  });

  test.each<[string, Answers, string | undefined]>([
    ['no right', refusing('denied'), 'ghcr.io/acme/a does not accept it'],
    ['no helper', refusing('credentials'), 'ghcr.io does not accept it'],
    ['no registry', refusing('unreachable'), 'ghcr.io cannot be used'],
    ['no repository', refusing('not-found'), 'ghcr.io/acme/a cannot be used'],
    ['no base', broken(true), 'images of docker.io cannot be pulled'],
    ['no base that is surely needed', broken(false), undefined],
    ['nothing for now', refusing('server', 'unknown'), undefined],
    [
      'yes',
      { targets: [{ ...target, push: 'yes', exists: 'yes' }], tags: [], broken: [], refused: [] },
      undefined,
    ],
    ['a tag that would lose a platform', losing, 'ghcr.io/acme/a:dev would lose platforms'],
    ['a tag that is there, with existing: fail', kept, 'ghcr.io/acme/a:dev exists already'],
  ])('%s: what stands in the way', (_name, answers, obstacle) => {
    expect(weigh({ severities: {} }, answers, [], []).obstacle).toBe(obstacle);
  });

  test.each(['warning', 'note', 'off'] as const)(
    'platform-lost as %s stands in no way, and is said all the same',
    (severity) => {
      const { obstacle, findings } = weigh(
        { severities: { 'platform-lost': severity } },
        losing,
        [],
        [],
      );
      expect([obstacle, findings.map(({ code }) => code)]).toEqual([undefined, ['platform-lost']]);
    },
  );
});

test.each([
  [true, 'yes', ['unreachable', 'denied']],
  [true, 'unknown', ['denied']],
  [true, 'no', ['denied']],
  [false, 'yes', ['denied']],
] as const)(
  'who cannot be reached from here: builder as the engine %s, its machine ours %s',
  async (asEngine, shares, expected) => {
    const request = 'POST https://c.io/v2/x/blobs/uploads/';
    const need = { what: 'cache-to', reference: 'c.io/x', image: 'a', registry: 'c.io' } as const;
    const refused = (['unreachable', 'denied'] as const).map((code) => ({
      need: { ...need, vital: true },
      error: new RegistryError({ code, request }),
    }));
    const builder = {
      name: 'b',
      driver: 'docker',
      nodes: [],
      mayMirror: () => false,
      asEngine,
      env: {},
    };
    const held = await heldByBuilder(refused, { builder, sharesLoopback: async () => shares });
    expect(held.map(({ error }) => error.code)).toEqual(expected);
  },
);
