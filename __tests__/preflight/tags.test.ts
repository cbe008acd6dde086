import { describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import type { PlannedImage } from '../../src/evidence/index.js';
import type { TargetAnswer } from '../../src/preflight/ask.js';
import {
  lookAtTags,
  type TagBeforeBuild,
  tagFacts,
  tagFindings,
} from '../../src/preflight/tags.js';
import type { RegistryClient } from '../../src/registry/index.js';
import { evidenceOf, plannedImage } from '../evidence/sample.js';
import { send } from '../publish/send.js';
import { blobs, makeImage } from '../registry/images.js';
import { clientFor, embedded, fakeClock, respond, serve } from '../registry/rig.js';

/** A registry whose tag `dev` serves two platforms. */
async function serving() {
  const registry = await embedded();
  const store = blobs();
  const repository = `${registry.host}/acme/greeter`;
  const made = makeImage(store, 'greeter', ['linux/amd64', 'linux/arm64']);
  await send(store, made, repository);
  return { registry, repository, digest: made.index.descriptor.digest };
}

function look(images: readonly Partial<PlannedImage>[], push = true): Promise<TagBeforeBuild[]> {
  const planned = { ...evidenceOf({ images: images.map((one) => plannedImage(one)) }).plan, push };
  const signal = new AbortController().signal;
  return Promise.all(lookAtTags(planned, { client: clientFor(), limit: pLimit(2), signal }));
}

const platforms = ['linux/amd64'];

describe('platform-lost before a build', () => {
  test('every tag of every target is looked at, and each says what it would lose', async () => {
    const { repository, digest } = await serving();
    const tags = await look([
      { platforms, targets: [{ repository, tags: ['dev', 'new'] }] },
      { id: 'b', platforms, targets: [{ repository, tags: ['dev'], replaces: ['linux/arm64'] }] },
      {
        id: 'c',
        platforms: ['linux/arm64', 'linux/amd64'],
        targets: [{ repository, tags: ['dev'] }],
      },
    ]);
    const found = tagFindings(tags, []);
    expect(found.map(({ code, severity, subject }) => [code, severity, subject])).toEqual([
      ['platform-lost', 'error', { image: 'greeter', reference: repository, tag: 'dev' }],
    ]);
    expect(tags.slice(0, 2).map(tagFacts)).toEqual([
      { repository, tag: 'dev', exists: 'yes', digest, platforms: ['linux/amd64', 'linux/arm64'] },
      { repository, tag: 'new', exists: 'no' },
    ]);
  });

  test('none is looked at where nothing is pushed', async () => {
    const { registry, repository } = await serving();
    const before = registry.requests().length;
    expect(await look([{ platforms, targets: [{ repository, tags: ['dev'] }] }], false)).toEqual(
      [],
    );
    expect(registry.requests().length).toBe(before);
  });

  test.each([401, 403, 500, 503])('%d is not known, which is said', async (status) => {
    const { host } = await serve((_, response) => respond(response, status));
    const repository = `${host}/acme/greeter`;
    const tags = await look([{ platforms, targets: [{ repository, tags: ['dev'] }] }]);
    const target = (more: Partial<TargetAnswer>): TargetAnswer[] => [
      { image: 'greeter', repository, registry: host, push: 'yes', exists: 'unknown', ...more },
    ];
    const said = (more: Partial<TargetAnswer>) => tagFindings(tags, target(more));
    expect(said({})).toMatchObject([{ code: 'registry-failed', severity: 'note' }]);
    expect(said({})[0]?.message).toMatch(
      /^Which platforms .*:dev serves is not known before the build: .*\.$/,
    );
    expect(said({})[0]?.remedy).toBe('Nothing for now: the tag is read again before it moves.');
    // What another repository says, or none, is nothing about this one.
    const another = target({ repository: `${host}/acme/other`, push: 'no', exists: 'no' });
    for (const answers of [[], another, [...another, ...target({})]]) {
      expect(tagFindings(tags, answers)).toEqual(said({}));
    }
    // What cannot be pushed to is told of already, and what is not there loses nothing.
    expect([said({ push: 'no' }), said({ exists: 'no' })]).toEqual([[], []]);
    expect(tags.map(tagFacts)).toEqual([{ repository, tag: 'dev', exists: 'unknown' }]);
  });
});

test('a fault of ours is no answer of a registry', async () => {
  const fault = new TypeError('a fault of ours');
  const repository = () => ({ getManifest: () => Promise.reject(fault) });
  const client = { ...clientFor(), repository } as unknown as RegistryClient;
  const targets = [{ repository: 'r.example/acme/greeter', tags: ['dev'] }];
  const { plan } = evidenceOf({ images: [plannedImage({ platforms, targets })] });
  const { signal } = new AbortController();
  const looks = lookAtTags({ ...plan, push: true }, { client, limit: pLimit(2), signal });
  await expect(Promise.all(looks)).rejects.toBe(fault);
});

test('platform-lost before a build: a registry that limits requests is not waited for', async () => {
  const store = blobs();
  const [made] = makeImage(store, 'greeter', ['linux/amd64']).platforms;
  const { mediaType = '', digest = '' } = made?.manifest ?? {};
  const { host, seen } = await serve(({ url }, response) =>
    url.endsWith('/manifests/dev')
      ? respond(response, 200, store.all.get(digest), { 'content-type': mediaType })
      : respond(response, 429, '', { 'retry-after': '60' }),
  );
  const clock = fakeClock();
  const targets = [{ repository: `${host}/acme/greeter`, tags: ['dev'] }];
  const plan = {
    ...evidenceOf({ images: [plannedImage({ platforms, targets })] }).plan,
    push: true,
  };
  const { signal } = new AbortController();
  const how = { client: clientFor({ clock }), limit: pLimit(2), signal };
  const [tag] = await Promise.all(lookAtTags(plan, how));
  expect([tag?.error?.code, clock.slept, seen.length]).toEqual(['rate-limited', [], 2]);
});

describe('existing before a build', () => {
  test('with fail a tag that is there ends the run, whatever it serves', async () => {
    const { repository, digest } = await serving();
    const tags = await look([
      { platforms, targets: [{ repository, tags: ['dev', 'new'], existing: 'fail' }] },
    ]);
    const [found] = tagFindings(tags, []);
    expect(found).toMatchObject({
      code: 'tag-exists',
      severity: 'error',
      subject: { reference: repository, tag: 'dev', digest },
      message: `${repository}:dev exists already (${digest}), and "existing: fail" does not allow a tag to be replaced.`,
    });
  });

  test.each(['same', 'replace'] as const)(
    'with %s there is nothing to say yet',
    async (existing) => {
      const { repository } = await serving();
      const both = ['linux/amd64', 'linux/arm64'];
      const target = { repository, tags: ['dev', 'new'], existing };
      expect(tagFindings(await look([{ platforms: both, targets: [target] }]), [])).toEqual([]);
    },
  );

  test('without a push nothing is asked', async () => {
    const target = { repository: '127.0.0.1:1/x', tags: ['dev'], existing: 'fail' } as const;
    expect(await look([{ platforms, targets: [target] }], false)).toEqual([]);
  });
});
