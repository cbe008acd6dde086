import { describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import type { Plan } from '../../src/evidence/index.js';
import { type Answers, checkRegistries } from '../../src/preflight/ask.js';
import { refusedCaches, registryFacts, registryFindings } from '../../src/preflight/judge.js';
import { type NeededImage, needsOf } from '../../src/preflight/needs.js';
import type { RegistryErrorCode, RegistryErrorFacts } from '../../src/registry/errors.js';
import {
  CredentialError,
  type Credentials,
  type PushAnswer,
  type RegistryClient,
  RegistryError,
} from '../../src/registry/index.js';

interface Described {
  readonly targets?: readonly string[];
  readonly cacheFrom?: readonly string[];
  readonly cacheTo?: readonly string[];
  readonly contexts?: Readonly<Record<string, string>>;
}

function planOf(images: Readonly<Record<string, Described>>, push = true): Plan {
  const planned = Object.entries(images).map(([id, described]) => ({
    id,
    targets: (described.targets ?? []).map((repository) => ({ repository, tags: ['dev'] })),
    build: {
      ...{ kind: 'dockerfile', file: 'Dockerfile', cacheFrom: [], cacheTo: [], contexts: {} },
      ...described,
    },
  }));
  return { push, images: planned } as unknown as Plan;
}

const bases = (needed: readonly NeededImage[]) => new Map([['a', needed]]);

test.each([
  ['reg.io/x:cache', 'reg.io/x:cache'],
  ['type=registry,ref=reg.io/x', 'reg.io/x'],
  ['"type=registry","ref=reg.io/x",mode=max', 'reg.io/x'],
  ['type=gha,scope=x', undefined],
  ['type=local,src=x', undefined],
  ['type=inline,ref=reg.io/x', undefined],
])('the cache %s is in %s', (entry, reference) => {
  const [need] = needsOf(planOf({ a: { cacheFrom: [entry] } }), bases([]));
  expect(need?.reference).toBe(reference);
});

test('an image from buildpacks surely fails without its builder and its run image', () => {
  const image = (more: object) => ({
    id: 'web',
    build: { kind: 'buildpack', builder: 'b.io/builder:24', cacheFrom: [], cacheTo: [], ...more },
  });
  const needs = (more: object) =>
    needsOf({ images: [image(more)] } as unknown as Plan, new Map()).map((need) => ({ ...need }));
  const one = { what: 'image', vital: true, image: 'web' };
  const builder = { ...one, registry: 'b.io', reference: 'b.io/builder:24' };
  expect(needs({})).toEqual([builder]);
  expect(needs({ runImage: 'r.io/run:24' })).toEqual([
    builder,
    { ...one, registry: 'r.io', reference: 'r.io/run:24' },
  ]);
});

test('what builds need of registries, and what they surely fail without', () => {
  const described = {
    cacheFrom: ['type=registry,ref=c.io/x', 'type=gha'],
    cacheTo: ['type=registry,ref=d.io/x', 'type=registry,ref=e.io/x,ignore-error=true'],
    contexts: {
      base: 'docker-image://f.io/y:1',
      src: '../src',
      pin: 'docker-image://g.io/y@sha256:0',
      folder: './docker-image://h.io/y:1',
    },
  };
  const images = bases([
    { reference: 'busybox:1.37', pinned: false, line: 3 },
    { reference: `b.io/x@sha256:${'0'.repeat(64)}`, pinned: true },
    { reference: 'Not A Reference', pinned: false },
  ]);
  const needs = needsOf(planOf({ a: described, other: {} }), images);
  expect(needs.map(({ registry, what, vital }) => [registry, what, vital])).toEqual([
    ['docker.io', 'image', true],
    ['b.io', 'image', false],
    ['f.io', 'image', true],
    ['c.io', 'cache-from', false],
    ['d.io', 'cache-to', true],
    ['e.io', 'cache-to', false],
  ]);
  expect(needs[0]).toMatchObject({ image: 'a', location: { file: 'Dockerfile', line: 3 } });
});

const broken = new CredentialError({
  code: 'helper-failed',
  helper: 'docker-credential-x',
  exit: 1,
  message: 'docker-credential-x ended with 1 when asked for it: no bus',
});

function client(answers: Readonly<Record<string, PushAnswer>>, asked: string[] = []) {
  const repository = (registry: string, path: string) => ({
    async getManifest() {
      throw new RegistryError({ code: 'not-found', request: 'GET https://x/v2/x/manifests/dev' });
    },
    async headManifest(reference: string) {
      asked.push(`${registry}/${path}:${reference}`);
      const error = answers[registry]?.error;
      if (error !== undefined) throw error;
      return undefined;
    },
    async mayPush() {
      asked.push(`${registry}/${path}`);
      return answers[registry] ?? { push: 'yes', exists: 'yes' };
    },
  });
  return { repository } as unknown as RegistryClient;
}

const question = (
  plan: Plan,
  more: { client?: RegistryClient; credentials?: Credentials } = {},
) => ({
  plan,
  images: bases([{ reference: 'busybox', pinned: false, line: 1 }]),
  client: client({}),
  credentials: async () => ({ kind: 'anonymous' }) as const,
  limit: pLimit(1),
  signal: new AbortController().signal,
  ...more,
});

describe('registries are asked', () => {
  test('once per repository, whoever pushes there', async () => {
    const asked: string[] = [];
    const plan = planOf({
      a: { targets: ['ghcr.io/acme/a', 'reg.io/a'] },
      b: { targets: ['ghcr.io/acme/a'] },
    });
    const answers = await checkRegistries(question(plan, { client: client({}, asked) }));
    expect(asked).toEqual(['ghcr.io/acme/a', 'reg.io/a']);
    expect(answers.targets.map(({ image, repository }) => [image, repository])).toEqual([
      ['a', 'ghcr.io/acme/a'],
      ['a', 'reg.io/a'],
      ['b', 'ghcr.io/acme/a'],
    ]);
    expect(answers.broken).toEqual([]);
  });

  test('no target where nothing is pushed, and credentials of bases are looked up all the same', async () => {
    const asked: string[] = [];
    const looked: string[] = [];
    const credentials: Credentials = async (registry) => {
      looked.push(registry);
      throw broken;
    };
    const plan = planOf({ a: { targets: ['ghcr.io/acme/a'], cacheFrom: ['reg.io/c'] } }, false);
    const answers = await checkRegistries(
      question(plan, { client: client({}, asked), credentials }),
    );
    expect([asked, looked]).toEqual([['reg.io/c:latest'], ['docker.io', 'reg.io']]);
    expect(answers.targets).toEqual([]);
    expect(answers.broken.map(({ registry, error }) => [registry, error])).toEqual([
      ['docker.io', broken],
      ['reg.io', broken],
    ]);
  });
});

test('a fault of ours is no broken login', async () => {
  const fault = new TypeError('a fault of ours');
  const credentials = () => Promise.reject(fault);
  await expect(checkRegistries(question(planOf({ a: {} }), { credentials }))).rejects.toBe(fault);
});

describe('caches in registries', () => {
  const caches = { cacheFrom: ['c.io/x:1'], cacheTo: ['type=registry,ref=c.io/x:1'] };
  const said = (code: RegistryErrorCode) => {
    const answer = { push: 'no', exists: 'unknown', error: refused({ code }) } as const;
    return question(planOf({ a: caches }, false), { client: client({ 'c.io': answer }) });
  };

  test('are asked in both ways, once where a target is pushed to the same place', async () => {
    const asked: string[] = [];
    const plan = planOf({ a: { ...caches, targets: ['c.io/x'] } });
    const answers = await checkRegistries(question(plan, { client: client({}, asked) }));
    expect(asked.sort()).toEqual(['c.io/x', 'c.io/x:1']);
    expect(answers.refused).toEqual([]);
  });

  test.each<[RegistryErrorCode, readonly (readonly [string, string])[]]>([
    [
      'unauthorized',
      [
        ['not-authorized', 'note'],
        ['not-authorized', 'error'],
      ],
    ],
    [
      'denied',
      [
        ['not-authorized', 'note'],
        ['not-authorized', 'error'],
      ],
    ],
    [
      'not-found',
      [
        ['registry-failed', 'note'],
        ['registry-failed', 'error'],
      ],
    ],
    // The builder may be where it can be reached; and broken helpers are told on their own.
    ['unreachable', []],
    ['credentials', []],
  ])('%s', async (code, expected) => {
    const answers = await checkRegistries(said(code));
    const findings = registryFindings({ ...answers, broken: [] }, []);
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual(expected);
  });
});

test.each([
  ['ECONNREFUSED', undefined, ['error', 'warning']],
  ['ENOTFOUND', undefined, ['error', 'warning']],
  // The builder may have other certificates, and another way.
  ['SELF_SIGNED_CERT_IN_CHAIN', undefined, []],
  ['ECONNREFUSED', 'proxy.io:3128', []],
])('a cache that is to be written where nobody is: %s, proxy %s', async (code, proxy, expected) => {
  const cause = Object.assign(new Error('x'), { code, proxy });
  const error = refused({ code: 'unreachable', detail: 'nothing listens there', cause });
  const answer = { push: 'no', exists: 'unknown', error } as const;
  const cacheTo = ['type=registry,ref=c.io/x', 'type=registry,ref=c.io/y,ignore-error=true'];
  const plan = planOf({ a: { cacheFrom: ['c.io/x'], cacheTo } }, false);
  const answers = await checkRegistries(question(plan, { client: client({ 'c.io': answer }) }));
  const findings = registryFindings(answers, []);
  expect(findings.map(({ severity }) => severity)).toEqual(expected);
  if (expected.length > 0) {
    expect(findings[0]).toMatchObject({
      code: 'registry-failed',
      message: 'The cache c.io/x cannot be reached: nothing listens there.',
      remedy: expect.stringContaining('make sure that it runs and can be reached'),
    });
  }
});

function refused(facts: Partial<RegistryErrorFacts>): RegistryError {
  const request = 'POST https://ghcr.io/v2/acme/a/blobs/uploads/';
  return new RegistryError({ code: 'denied', request, ...facts });
}

function answersWith(push: PushAnswer['push'], facts: Partial<RegistryErrorFacts>): Answers {
  const common = { push, exists: 'unknown', error: refused(facts), registry: 'ghcr.io' } as const;
  return {
    targets: [
      { image: 'a', repository: 'ghcr.io/acme/a', ...common },
      { image: 'b', repository: 'ghcr.io/acme/b', ...common },
    ],
    tags: [],
    broken: [],
    refused: [],
  };
}

describe('findings', () => {
  const each = (code: string) => [
    [code, { image: 'a', reference: 'ghcr.io/acme/a' }, 'error'],
    [code, { image: 'b', reference: 'ghcr.io/acme/b' }, 'error'],
  ];

  test.each<[PushAnswer['push'], Partial<RegistryErrorFacts>, unknown[], string]>([
    ['no', { status: 403, login: true }, each('not-authorized'), 'the right to push'],
    ['no', { status: 403, login: false }, each('not-authorized'), 'Log in before this step'],
    ...(
      [
        ['quota exceeded for project x', 'This is a rule of the registry'],
        ['access denied', 'A right is missing, or a rule of the registry forbids it.'],
      ] as const
    ).map(
      ([message, remedy]): [PushAnswer['push'], Partial<RegistryErrorFacts>, unknown[], string] => [
        'no',
        { status: 403, login: false, oci: [{ code: 'DENIED', message }] },
        each('not-authorized'),
        remedy,
      ],
    ),
    ...([true, false] as const).map(
      (login): [PushAnswer['push'], Partial<RegistryErrorFacts>, unknown[], string] => [
        'no',
        { status: 403, login, speaker: 'page' },
        each('registry-failed'),
        'where a captive portal or a proxy answers in its place',
      ],
    ),
    ['no', { code: 'unauthorized', login: false }, each('not-authorized'), 'Log in before'],
    [
      'no',
      { code: 'unauthorized', login: true },
      each('not-authorized'),
      'Log in again: the password or token is wrong, has expired',
    ],
    ['no', { code: 'not-found', status: 404 }, each('registry-failed'), 'Create the repository'],
    [
      'no',
      { code: 'unreachable', detail: 'no such host' },
      [['registry-failed', { reference: 'ghcr.io' }, 'error']],
      'can be reached',
    ],
    [
      'no',
      { code: 'credentials', detail: broken.message },
      [['not-authorized', { reference: 'ghcr.io' }, 'error']],
      'Fix the credential helper',
    ],
    [
      'unknown',
      { code: 'server', status: 503 },
      [
        ['registry-failed', { image: 'a', reference: 'ghcr.io/acme/a' }, 'warning'],
        ['registry-failed', { image: 'b', reference: 'ghcr.io/acme/b' }, 'warning'],
      ],
      'the push will show it',
    ],
    ...(['rate-limited', 'timed-out', 'cut-off'] as const).map(
      (code): [PushAnswer['push'], Partial<RegistryErrorFacts>, unknown[], string] => [
        'unknown',
        { code },
        [
          ['registry-failed', { image: 'a', reference: 'ghcr.io/acme/a' }, 'warning'],
          ['registry-failed', { image: 'b', reference: 'ghcr.io/acme/b' }, 'warning'],
        ],
        'the push will show it',
      ],
    ),
    [
      'no',
      { code: 'no-registry', detail: 'GET /v2/ answers 200 with text/html' },
      [['registry-failed', { reference: 'ghcr.io' }, 'error']],
      'where a captive portal or a proxy answers in its place',
    ],
    [
      'unknown',
      { code: 'protocol', status: 200 },
      [
        ['registry-failed', { image: 'a', reference: 'ghcr.io/acme/a' }, 'warning'],
        ['registry-failed', { image: 'b', reference: 'ghcr.io/acme/b' }, 'warning'],
      ],
      'the push will show it',
    ],
    // An upload that was begun, and cannot be cancelled as it should be.
    ['unknown', { code: 'protocol', request: 'DELETE https://ghcr.io/v2/acme/a/up' }, [], ''],
    ['unknown', { code: 'refused', status: 405 }, [], ''],
  ])('of %s with %j', (push, facts, expected, remedy) => {
    const findings = registryFindings(answersWith(push, facts), []);
    expect(findings.map(({ code, subject, severity }) => [code, subject, severity])).toEqual(
      expected,
    );
    for (const one of findings) expect(one.remedy).toContain(remedy);
  });

  test('of a target that may take the push say what is not known, and why', () => {
    const [found] = registryFindings(answersWith('unknown', { code: 'server', status: 503 }), []);
    expect(found?.message).toMatch(/^Whether ghcr\.io\/acme\/a accepts a push is not known: .*503/);
  });

  const need = { registry: 'docker.io', reference: 'busybox', what: 'image', image: 'a' } as const;
  const location = { file: 'Dockerfile', line: 3 };

  test.each([
    ['a base', [{ ...need, vital: true, location }], [], 'error'],
    ['a pinned base', [{ ...need, vital: false, location }], [], 'warning'],
    ['a base that a mirror has', [{ ...need, vital: true, location }], ['http://m'], 'warning'],
  ])('of a broken helper for %s', (_name, needs, mirrors, severity) => {
    const answers = {
      targets: [],
      tags: [],
      refused: [],
      broken: [{ registry: 'docker.io', error: broken, needs }],
    };
    expect(registryFindings(answers, mirrors)).toEqual([
      {
        code: 'not-pulled',
        severity,
        subject: { reference: 'docker.io' },
        message: `The credentials for docker.io are not available, and the build needs busybox from there: ${broken.message}`,
        location,
        remedy: expect.stringContaining('Fix the credential helper'),
      },
    ]);
  });

  test.each([
    ['written', [{ ...need, what: 'cache-to', vital: true }], 'error', 'not-authorized'],
    ['read', [{ ...need, what: 'cache-from', vital: false }], 'note', 'not-authorized'],
    [
      'read, and a base',
      [
        { ...need, vital: true },
        { ...need, what: 'cache-from', vital: false },
      ],
      'error',
      'not-pulled',
    ],
    [
      'written, and a base',
      [
        { ...need, vital: true },
        { ...need, what: 'cache-to', vital: true },
      ],
      'error',
      'not-pulled',
    ],
  ] as const)('of a broken helper for a cache that is %s', (_name, needs, severity, code) => {
    const answers = {
      targets: [],
      tags: [],
      refused: [],
      broken: [{ registry: 'r.io', error: broken, needs }],
    };
    const [found] = registryFindings(answers, []);
    expect([found?.code, found?.severity]).toEqual([code, severity]);
    expect(found?.message).toContain(code === 'not-pulled' ? 'needs busybox' : "build's cache");
  });

  test('of a broken helper name three images at most, and how many more there are', () => {
    const told = (references: readonly string[]) => {
      const needs = references.map((reference) => ({ ...need, reference, vital: true }));
      const one = [{ registry: 'docker.io', error: broken, needs }];
      const [found] = registryFindings({ targets: [], tags: [], refused: [], broken: one }, []);
      return /the build needs (.*) from there/.exec(found?.message ?? '')?.[1];
    };
    expect(told(['a', 'b', 'a', 'c'])).toBe('a, b, c');
    expect(told(['a', 'b', 'c', 'd'])).toBe('a, b, c and 1 more');
  });

  test('of a broken helper are about what the build fails without, where there is such a thing', () => {
    const needs = [
      { ...need, vital: false },
      { ...need, what: 'cache-to', vital: true },
    ] as const;
    const one = [{ registry: 'r.io', error: broken, needs }];
    expect(registryFindings({ targets: [], tags: [], refused: [], broken: one }, [])).toMatchObject(
      [{ code: 'not-authorized', severity: 'error' }],
    );
  });

  test('of a refused image and a refused cache say in whole sentences what was refused, and where', () => {
    const error = refused({ status: 403, login: true });
    const caches = ['cache-to', 'cache-from'] as const;
    const answers = {
      targets: [],
      tags: [],
      broken: [],
      refused: [
        { need: { ...need, vital: true, location }, error },
        ...caches.map((what) => ({ need: { ...need, what, vital: what === 'cache-to' }, error })),
      ],
    };
    const subject = { reference: 'docker.io/library/busybox' };
    const [image, written, read] = registryFindings(answers, []);
    expect(image).toMatchObject({ code: 'not-pulled', severity: 'error', subject, location });
    expect(image?.message).toMatch(/^busybox cannot be pulled: .*403/);
    expect(written).toMatchObject({ code: 'not-authorized', severity: 'error', subject });
    expect(written?.message).toMatch(/^The cache busybox cannot be written: .*403/);
    expect(read).toMatchObject({ code: 'not-authorized', severity: 'note', subject });
    expect(read?.message).toMatch(
      /^The cache busybox cannot be read, and the build continues without it: .*403/,
    );
    expect(written).not.toHaveProperty('location');
    expect([...refusedCaches(answers)]).toEqual(['busybox']);
    const needs = [
      { ...need, what: 'cache-from' as const, vital: false, reference: 'r.example/c' },
      { ...need, what: 'cache-to' as const, vital: true, reference: 'r.example/d' },
    ];
    const silent = [{ registry: 'r.example', error: broken, needs }];
    expect([...refusedCaches({ refused: [], broken: silent })]).toEqual(['r.example/c']);
  });

  test('are none of a target that takes the push, whatever was said on the way', () => {
    expect(registryFindings(answersWith('yes', { status: 403 }), [])).toEqual([]);
  });

  test.each<[Partial<RegistryErrorFacts>, string]>([
    [{ code: 'unauthorized', login: false }, 'Log in before this step'],
    [{ code: 'unauthorized', login: true }, 'Log in again: the password or token is wrong'],
    [{ code: 'denied', login: true }, 'Give the login the right to pull it'],
    [{ code: 'denied', login: true, speaker: 'page' }, 'where a captive portal or a proxy'],
  ])('of a base and a cache that are not given with %j', (facts, remedy) => {
    const needs = [
      { ...need, vital: true },
      { ...need, what: 'cache-from', vital: false },
    ] as const;
    const error = refused(facts);
    const answers = {
      targets: [],
      tags: [],
      broken: [],
      refused: needs.map((need) => ({ need, error })),
    };
    const told = registryFindings(answers, []).map((one) => one.remedy);
    expect(told).toEqual([expect.stringContaining(remedy), expect.stringContaining(remedy)]);
  });

  test('tell a helper once that a target and a base share', () => {
    const answers = answersWith('no', { code: 'credentials', detail: broken.message });
    const both = {
      ...answers,
      broken: [{ registry: 'ghcr.io', error: broken, needs: [{ ...need, vital: true }] }],
    };
    expect(registryFindings(both, [])).toHaveLength(1);
  });

  test('are none where all is well, and the answers are kept', () => {
    const target = { image: 'a', repository: 'ghcr.io/acme/a', registry: 'ghcr.io' };
    const answers = {
      targets: [{ ...target, push: 'yes', exists: 'no' } as const],
      tags: [{ image: 'a', repository: target.repository, tag: 'dev', platforms: [] }],
      broken: [],
      refused: [],
    };
    expect(registryFindings(answers, [])).toEqual([]);
    expect(registryFacts(answers)).toEqual({
      targets: [{ repository: 'ghcr.io/acme/a', push: 'yes', exists: 'no' }],
      tags: [{ repository: 'ghcr.io/acme/a', tag: 'dev', exists: 'no' }],
    });
  });
});
