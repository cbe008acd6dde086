import { describe, expect, test } from '@jest/globals';
import { composeIndex, digestOf, mediaTypes } from '../../src/oci/index.js';
import type { Http } from '../../src/ports/index.js';
import { publish } from '../../src/publish/index.js';
import { differenceFrom } from '../../src/publish/same-image.js';
import { type Blobs, blobs, type MadeImage, makeImage, statementOf } from '../registry/images.js';
import { clientFor, http, immutable } from '../registry/rig.js';
import { job, tagsIn, to } from './rig.js';

const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const CREATED = 'org.opencontainers.image.created';

const made = (store: Blobs, build: string) => makeImage(store, 'greeter', PLATFORMS, build);

type Entry = Record<string, unknown> & { platform: object; annotations: Record<string, string> };
interface Written {
  manifests: [Entry, Entry, Entry, Entry, ...Entry[]];
  annotations?: unknown;
}

/** The image of another run whose index was changed by hand: the third of its entries is an attestation. */
function changed(store: Blobs, change: (written: Written) => string | undefined): MadeImage {
  const image = made(store, 'one');
  const written = JSON.parse(image.index.bytes.toString()) as Written;
  const bytes = Buffer.from(change(written) ?? JSON.stringify(written));
  const descriptor = { ...image.index.descriptor, digest: digestOf(bytes), size: bytes.length };
  return { ...image, index: { bytes, descriptor } };
}

/** The same with one attestation more, whose manifest is changed. */
function attested(store: Blobs, change: (manifest: Record<string, unknown>) => void): MadeImage {
  const [first, ...others] = made(store, 'one').platforms;
  const [own] = first?.attestations ?? [];
  if (first === undefined || own === undefined) throw new Error('it has no attestation');
  const manifest = JSON.parse(`${store.all.get(own.digest)}`);
  change(manifest);
  const more = store.add(JSON.stringify(manifest), mediaTypes.manifest);
  const image = changed(store, ({ manifests }) => {
    manifests.push({ ...manifests[2], ...more });
    return undefined;
  });
  const attestations = [own, { ...more, predicateTypes: [] }];
  return { ...image, platforms: [{ ...first, attestations }, ...others] };
}

function entry(change: (attestation: Entry) => void) {
  return (store: Blobs) =>
    changed(store, ({ manifests }) => {
      change(manifests[2]);
      return undefined;
    });
}

function text(change: (index: string) => string) {
  return (store: Blobs) => changed(store, (written) => change(JSON.stringify(written)));
}

function annotated(annotations: unknown) {
  return (store: Blobs) =>
    changed(store, (written) => {
      written.annotations = annotations;
      return undefined;
    });
}

const FIELDS = /it lists the attestation sha256:\w+, which has fields that no build writes/;
const WAYS = /it is not an index, or readers interpret it differently/;
const PLAIN = /its attestation sha256:\w+ is not a plain manifest/;
const STATEMENTS = /its attestation sha256:\w+ has content other than statements about its image/;

const others: readonly (readonly [string, (store: Blobs) => MadeImage, RegExp])[] = [
  [
    'a platform in capitals, which Go takes for one',
    entry((one) => {
      one.Platform = { os: 'linux', architecture: 'amd64', variant: 'v3' };
    }),
    FIELDS,
  ],
  [
    'data in the entry of an attestation',
    entry((one) => {
      one.data = 'AAAA';
    }),
    FIELDS,
  ],
  [
    'an annotation more at an attestation',
    entry((one) => {
      one.annotations['org.opencontainers.image.ref.name'] = 'x';
    }),
    FIELDS,
  ],
  [
    'a variant of no platform',
    entry((one) => {
      one.platform = { ...one.platform, variant: 'v1' };
    }),
    FIELDS,
  ],
  [
    'a list of manifests before the list',
    text((index) => index.replace('"manifests":', '"manifests":[{}],"manifests":')),
    WAYS,
  ],
  [
    'a digest before the digest',
    text((index) => index.replace('"digest":', '"digest":"sha256:0","digest":')),
    WAYS,
  ],
  ['annotations that are null', annotated(null), WAYS],
  [
    'a field that ours does not have',
    text((index) => index.replace('"manifests":', '"artifactType":"x/y","manifests":')),
    /it has fields of its own/,
  ],
  [
    'an attestation about what it does not list',
    entry((one) => {
      one.annotations['vnd.docker.reference.digest'] = digestOf('gone');
    }),
    /it lists the attestation sha256:\w+, which is not about any of its platforms/,
  ],
  ['a time that is no text', annotated({ [CREATED]: {} }), /its annotations differ/],
  ['a time where ours has none', annotated({ [CREATED]: 'x' }), /its annotations differ/],
  [
    'a platform twice',
    (store) =>
      changed(store, ({ manifests }) => {
        manifests.push(manifests[0]);
        return undefined;
      }),
    /its entries differ/,
  ],
  [
    'an attestation without a statement',
    (store) =>
      attested(store, (manifest) => {
        manifest.layers = [];
      }),
    STATEMENTS,
  ],
  [
    'an attestation with layers of an image',
    (store) =>
      attested(store, (manifest) => {
        manifest.layers = [store.add('own', mediaTypes.layer)];
      }),
    STATEMENTS,
  ],
  [
    'a statement that is about something else, too',
    (store) =>
      attested(store, (manifest) => {
        const [platform] = made(store, 'one').platforms;
        const statement = JSON.parse(statementOf(platform?.manifest.digest ?? ''));
        statement.subject.push({ name: 'x', digest: { sha256: '0'.repeat(64) } });
        manifest.layers = [store.add(JSON.stringify(statement), mediaTypes.inToto)];
      }),
    STATEMENTS,
  ],
  [
    'a statement that is no JSON',
    (store) =>
      attested(store, (manifest) => {
        manifest.layers = [store.add('{', mediaTypes.inToto)];
      }),
    STATEMENTS,
  ],
  [
    'a statement that is about nothing',
    (store) =>
      attested(store, (manifest) => {
        const [platform] = made(store, 'one').platforms;
        const { subject: _, ...statement } = JSON.parse(
          statementOf(platform?.manifest.digest ?? ''),
        );
        manifest.layers = [store.add(JSON.stringify(statement), mediaTypes.inToto)];
      }),
    STATEMENTS,
  ],
  [
    'an attestation whose manifest has an annotation that is no text',
    (store) =>
      attested(store, (manifest) => {
        manifest.annotations = { made: 1 };
      }),
    PLAIN,
  ],
  [
    'an attestation with a subject in capitals, which Go takes for one',
    (store) =>
      attested(store, (manifest) => {
        manifest.Subject = made(store, 'one').platforms[1]?.manifest;
      }),
    PLAIN,
  ],
  [
    'an attestation whose manifest is about another platform',
    (store) =>
      attested(store, (manifest) => {
        manifest.subject = made(store, 'one').platforms[1]?.manifest;
      }),
    /its attestation sha256:\w+ is about sha256:/,
  ],
];

type Answer = Awaited<ReturnType<Http>>;

/** What comes of a tag that keeps an index of others, when ours is to be there and elsewhere. */
async function meeting(there: (store: Blobs) => MadeImage, port: Http = http) {
  const registry = await immutable();
  const store = blobs();
  const repository = `${registry.host}/acme/greeter`;
  const first = await publish(job(store, [to(there(store), [repository, 'a'])]));
  expect(first.findings).toEqual([]);
  const ours = to(made(store, 'two'), [repository, 'new', 'a']);
  const { findings, publications } = await publish(job(store, [ours], { http: port }));
  const tags = Object.keys(await tagsIn(clientFor(), registry.host, 'acme/greeter'));
  return { findings, tags, takenOver: publications[0]?.takenOver };
}

describe('an immutable tag whose index is not taken over', () => {
  test.each(others)('%s', async (_name, there, words) => {
    const { findings, tags, takenOver } = await meeting(there);
    expect(findings).toMatchObject([
      { code: 'registry-failed', subject: { tag: 'a' }, message: expect.stringMatching(words) },
    ]);
    expect([tags, takenOver]).toEqual([['a'], undefined]);
  });

  test('an attestation whose statement is gone', async () => {
    const [platform] = made(blobs(), 'one').platforms;
    const gone = digestOf(statementOf(platform?.manifest.digest ?? '', 'one'));
    const port: Http = (request) =>
      http({
        ...request,
        url: request.method === 'GET' ? request.url.replace(gone, digestOf('gone')) : request.url,
      });
    const { findings, tags } = await meeting((store) => made(store, 'one'), port);
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/its attestation sha256:\w+ cannot be read: .* does not have what/),
    ]);
    expect(tags).toEqual(['a']);
  });

  test('an attestation that is served as another type than its index says', async () => {
    const [platform] = made(blobs(), 'one').platforms;
    const attestation = platform?.attestations[0]?.digest ?? '';
    const port: Http = async (request) => {
      const answer = await http(request);
      if (request.method !== 'GET' || !request.url.endsWith(attestation)) return answer;
      return { ...answer, headers: new Map(answer.headers).set('content-type', 'a/b') };
    };
    const { findings, tags } = await meeting((store) => made(store, 'one'), port);
    expect(findings.map(({ message }) => message)).toEqual([expect.stringMatching(PLAIN)]);
    expect(tags).toEqual(['a']);
  });

  test.each<[string, string, (answer: Answer) => Answer]>([
    ['its registry refuses that', 'the tag is immutable', (answer) => ({ ...answer, status: 403 })],
    [
      'a fault of ours ends that',
      'a fault of ours',
      () => {
        throw new TypeError('a fault of ours');
      },
    ],
  ])(
    'an attestation that is not read, since %s, is not called unreadable',
    async (_, why, reads) => {
      const [platform] = made(blobs(), 'one').platforms;
      const statement = digestOf(statementOf(platform?.manifest.digest ?? '', 'one'));
      const port: Http = async (request) => {
        const answer = await http(request);
        const isRead = request.method === 'GET' && request.url.endsWith(statement);
        return isRead ? reads(answer) : answer;
      };
      const { findings, tags } = await meeting((store) => made(store, 'one'), port);
      expect(findings.map((one) => [one.code, /its attestation/.test(one.message)])).toEqual([
        ['registry-failed', false],
      ]);
      // Whatever the registry says behind its refusal, that is what is told; a fault of ours is none.
      expect(findings[0]?.message).toContain(why);
      expect(tags).toEqual(['a']);
    },
  );

  test('white space and the order of members are no difference', async () => {
    const there = text((index) => {
      const { manifests, ...rest } = JSON.parse(index);
      return JSON.stringify({ manifests, ...rest }, null, 2);
    });
    const { findings } = await meeting(there);
    expect(findings.map(({ code }) => code)).toEqual(['index-taken-over']);
  });
});

test('a tag that keeps an image of one platform, without an index, is told with its type', async () => {
  const registry = await immutable();
  const store = blobs();
  const repository = `${registry.host}/acme/greeter`;
  const there = made(store, 'one');
  await publish(job(store, [to(there, [repository, 'x'])]));
  const bytes = store.all.get(there.platforms[0]?.manifest.digest ?? '') ?? Buffer.alloc(0);
  const mediaType = mediaTypes.manifest;
  await clientFor()
    .repository(registry.host, 'acme/greeter')
    .putManifest('a', { bytes, mediaType });
  const { findings } = await publish(job(store, [to(made(store, 'two'), [repository, 'a'])]));
  expect(
    findings.map(({ code, message }) => [code, message.includes(`it is ${mediaType}`)]),
  ).toEqual([['registry-failed', true]]);
});

test('an attestation may name the platform that it is about as its subject', async () => {
  const { findings, takenOver } = await meeting((store) =>
    attested(store, (manifest) => {
      manifest.subject = made(store, 'one').platforms[0]?.manifest;
    }),
  );
  expect(findings.map(({ code }) => code)).toEqual(['index-taken-over']);
  expect(takenOver?.attestations).toHaveLength(3);
});

test.each([
  ['a byte order mark', (index: Buffer) => Buffer.concat([Buffer.from('\uFEFF'), index])],
  [
    'what is no UTF-8',
    (index: Buffer) => Buffer.from(`${index}`.replace('2026', '\xFF'), 'latin1'),
  ],
  ['what is no JSON', () => Buffer.from('{')],
  [
    'an entry that is no descriptor',
    (index: Buffer) => Buffer.from(`${index}`.replace('"manifests":[', '"manifests":[{},')),
  ],
])('an index is another one with %s', (_name, change) => {
  const { platforms } = made(blobs(), 'one');
  const { bytes } = composeIndex(platforms, { [CREATED]: '2026' });
  expect(differenceFrom(bytes, bytes, platforms)).toBeUndefined();
  expect(differenceFrom(bytes, change(bytes), platforms)).toMatch(WAYS);
  expect(differenceFrom(change(bytes), bytes, platforms)).toMatch(WAYS);
});
