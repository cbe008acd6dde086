import { describe, expect, test } from '@jest/globals';
import { CHECKS, check, type ServedTag } from '../../src/checks/index.js';
import type { ServedContent, TestedImage } from '../../src/evidence/index.js';
import { mediaTypes } from '../../src/oci/index.js';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const descriptor = (letter: string, mediaType: string = mediaTypes.manifest) => ({
  mediaType,
  digest: digest(letter),
  size: 7,
});

const INDEX = descriptor('1', mediaTypes.index);
const layer = { ...descriptor('c', mediaTypes.layer), diffId: digest('d'), uncompressedSize: 9 };

const tested: TestedImage = {
  image: 'greeter',
  index: INDEX,
  platforms: [
    {
      platform: 'linux/amd64',
      manifest: descriptor('a'),
      config: descriptor('b', mediaTypes.config),
      layers: [layer],
      attestations: [{ ...descriptor('e'), predicateTypes: [] }],
    },
    {
      platform: 'linux/arm64',
      manifest: descriptor('2'),
      config: descriptor('3', mediaTypes.config),
      layers: [layer],
      attestations: [],
    },
  ],
};

const amd64 = {
  platform: 'linux/amd64',
  manifest: descriptor('a'),
  config: descriptor('b', mediaTypes.config),
  layers: [descriptor('c', mediaTypes.layer)],
};
const arm64 = {
  ...amd64,
  platform: 'linux/arm64',
  manifest: descriptor('2'),
  config: descriptor('3'),
};
const attestation = { ...descriptor('e'), subject: digest('a') };

const content: ServedContent = {
  index: INDEX,
  platforms: [amd64, arm64],
  attestations: [attestation],
  faults: [],
};

const repository = 'ghcr.io/acme/greeter';

function judgeContent(served: ServedContent) {
  const contents = new Map([[INDEX.digest, served]]);
  return check(CHECKS.served, { tested, repository, contents, tags: [] });
}

function judgeTag(tag: ServedTag) {
  return check(CHECKS.served, { tested, repository, contents: new Map(), tags: [tag] });
}

test('the same bytes are no finding', () => {
  expect(judgeContent(content)).toEqual([]);
});

describe('an index', () => {
  const cases: readonly (readonly [string, Partial<ServedContent>, string, string])[] = [
    [
      'without a platform',
      { platforms: [amd64] },
      'served-platforms',
      'ghcr.io/acme/greeter does not serve exactly the platforms that were tested: linux/arm64 is missing.',
    ],
    [
      'with one that was not tested',
      { platforms: [amd64, arm64, { ...arm64, platform: 'linux/s390x' }] },
      'served-platforms',
      'linux/s390x is served and was not tested.',
    ],
    [
      'with a platform twice',
      { platforms: [amd64, arm64, arm64] },
      'served-platforms',
      'linux/arm64 is listed 2 times.',
    ],
    [
      'with another manifest',
      { platforms: [amd64, { ...arm64, manifest: descriptor('9') }] },
      'served-other',
      `another manifest for linux/arm64: ${digest('9')}; the tested one is ${digest('2')}.`,
    ],
    [
      'with another configuration',
      { platforms: [{ ...amd64, config: descriptor('9') }, arm64] },
      'served-other',
      `another configuration for linux/amd64: ${digest('9')}; the tested one is ${digest('b')}.`,
    ],
    [
      'with other layers',
      { platforms: [{ ...amd64, layers: [] }, arm64] },
      'served-other',
      'another list of layers for linux/amd64',
    ],
    [
      'of another digest',
      { index: descriptor('9', mediaTypes.index) },
      'served-other',
      `with the digest ${digest('9')}; it was published with ${digest('1')}.`,
    ],
    [
      'of another Content-Type',
      { index: { ...INDEX, mediaType: 'text/plain' } },
      'served-other',
      `with the Content-Type text/plain; it was published with ${mediaTypes.index}.`,
    ],
    [
      'without an attestation',
      { attestations: [] },
      'served-other',
      `does not serve the attestation ${digest('e')}.`,
    ],
    [
      'with an attestation of somebody else',
      { attestations: [attestation, { ...attestation, digest: digest('9') }] },
      'served-other',
      `the attestation ${digest('9')}, which no build of this run made.`,
    ],
    [
      'with an attestation about something else',
      { attestations: [{ ...attestation, subject: digest('9') }] },
      'served-other',
      `is about ${digest('9')}, which is not a platform of its index.`,
    ],
    [
      'with an attestation about nothing',
      { attestations: [descriptor('e')] },
      'served-other',
      'is about nothing, which is not a platform of its index.',
    ],
    [
      'with a damaged layer',
      {
        faults: [
          {
            kind: 'corrupt',
            part: 'layer 1 of linux/arm64',
            platform: 'linux/arm64',
            digest: digest('c'),
            detail: 'its bytes are sha256:…',
          },
        ],
      },
      'digest-mismatch',
      `ghcr.io/acme/greeter serves layer 1 of linux/arm64, ${digest('c')}, with other bytes: its bytes are sha256:….`,
    ],
    [
      'with a missing layer',
      { faults: [{ kind: 'missing', part: 'layer 1', digest: digest('c'), detail: '404' }] },
      'served-other',
      `does not serve layer 1, ${digest('c')}: 404.`,
    ],
  ];

  test.each(cases)('%s', (_name, change, code, words) => {
    const findings = judgeContent({ ...content, ...change });
    expect(findings.map((one) => [one.code, one.severity, one.subject.image])).toEqual([
      [code, 'error', 'greeter'],
    ]);
    expect(findings[0]?.message).toContain(words);
    expect(findings[0]?.remedy).toBeDefined();
  });

  test('that could not be read has its faults alone', () => {
    const fault = {
      kind: 'missing',
      part: 'the index',
      digest: digest('1'),
      detail: '404',
    } as const;
    const { index: _, ...rest } = content;
    const found = judgeContent({ ...rest, platforms: [], attestations: [], faults: [fault] });
    expect(found.map(({ code }) => code)).toEqual(['served-other']);
  });

  test('wrong in several ways gives a finding for each', () => {
    const found = judgeContent({
      ...content,
      platforms: [{ ...amd64, manifest: descriptor('9') }],
      attestations: [],
    });
    expect(found.map(({ code }) => code)).toEqual([
      'served-platforms',
      'served-other',
      'served-other',
    ]);
  });
});

describe('a tag', () => {
  const other = descriptor('9', mediaTypes.index);
  const head = { mediaType: INDEX.mediaType, size: INDEX.size };
  const served = {
    repository: 'ghcr.io/acme/greeter',
    tag: 'dev',
    first: INDEX,
    head,
    last: INDEX,
    earlier: [digest('7')],
    kept: false,
  };
  const old = descriptor('7', mediaTypes.index);
  const called = { wrongClaim: digest('9') };
  const plain = { ...INDEX, mediaType: 'application/json' };
  const cases: readonly (readonly [string, Partial<ServedTag>, readonly string[], string])[] = [
    ['on the index', {}, [], ''],
    ['on the index, in a registry that knows no HEAD', { head: {} }, [], ''],
    [
      'that moved before it was read',
      { first: other, last: other },
      ['tag-moved'],
      `was published as ${digest('1')}; since it was published it moved to ${digest('9')}.`,
    ],
    [
      'that moved while it was read',
      { last: other },
      ['tag-moved'],
      `while it was read back it moved to ${digest('9')}.`,
    ],
    [
      'that moved to something without a platform (platform-lost)',
      { last: other, instead: ['linux/arm64/v8', 'linux/s390x'] },
      ['tag-moved'],
      `it moved to ${digest('9')}, where linux/amd64 is gone.`,
    ],
    [
      'that moved to something without any of them',
      { last: other, instead: [] },
      ['tag-moved'],
      `it moved to ${digest('9')}, where linux/amd64, linux/arm64 are gone.`,
    ],
    [
      'that moved to something else for the same platforms',
      { last: other, instead: ['linux/amd64', 'linux/arm64'] },
      ['tag-moved'],
      `it moved to ${digest('9')}.`,
    ],
    [
      'that moved twice, and may have lost something only the first time',
      { first: descriptor('8', mediaTypes.index), last: other, instead: [] },
      ['tag-moved'],
      `it moved to ${digest('8')}.`,
    ],
    [
      'that moved, whatever a HEAD says of it',
      { last: other, head: { ...called, mediaType: 'a/b', size: 1 } },
      ['tag-moved'],
      '',
    ],
    [
      'whose header says one thing and whose bytes another',
      {
        first: { ...other, wrongClaim: INDEX.digest },
        last: { ...other, wrongClaim: INDEX.digest },
      },
      ['served-other'],
      `serves bytes with the digest ${digest('9')} and names ${digest('1')} in its header`,
    ],
    [
      'whose bytes are called something else when it is read again',
      { last: { ...INDEX, ...called } },
      ['served-other'],
      `serves bytes with the digest ${digest('1')} and names ${digest('9')} in its header`,
    ],
    [
      'whose bytes are called something else each time',
      { first: { ...INDEX, ...called }, last: { ...INDEX, ...called } },
      ['served-other'],
      `serves bytes with the digest ${digest('1')} and names ${digest('9')} in its header`,
    ],
    [
      'that is called something else at first and moves then',
      { first: { ...INDEX, ...called }, last: other },
      ['served-other', 'tag-moved'],
      `names ${digest('9')} in its header`,
    ],
    [
      'of another Content-Type',
      { first: plain, last: plain, head: { ...head, mediaType: 'application/json' } },
      ['served-other'],
      `ghcr.io/acme/greeter:dev is served with the Content-Type "application/json"; it was published with ${mediaTypes.index}.`,
    ],
    [
      'of another Content-Type when it is read again',
      { last: plain },
      ['served-other'],
      'is served with the Content-Type "application/json"',
    ],
    [
      'that is not there for a HEAD',
      { head: undefined },
      ['registry-failed'],
      `The registry accepted the tag ghcr.io/acme/greeter:dev for ${digest('1')} and answers 404 to a HEAD of it, by which docker looks up a tag.`,
    ],
    [
      'that is not there',
      { first: undefined, head: undefined, last: undefined },
      ['registry-failed'],
      `The registry accepted the tag ghcr.io/acme/greeter:dev for ${digest('1')} and answers 404 to it.`,
    ],
    [
      'that is gone when it is read again',
      { last: undefined },
      ['registry-failed'],
      'answers 404 to it.',
    ],
    [
      'that serves what it served before',
      { first: old, last: old },
      ['registry-failed'],
      `The registry accepted the tag ghcr.io/acme/greeter:dev for ${digest('1')} and still serves what it served before, ${digest('7')}.`,
    ],
    [
      'that serves it when it is read again',
      { last: old },
      ['registry-failed'],
      'still serves what it served before',
    ],
    [
      'of which a HEAD says what it served before',
      { head: { ...head, wrongClaim: old.digest } },
      ['registry-failed'],
      'still serves what it served before',
    ],
    [
      'that serves what it served before, and then a third digest',
      { first: old, last: other },
      ['tag-moved'],
      `it moved to ${digest('9')}`,
    ],
    [
      'that was on the index before, was not written, and is gone',
      { first: undefined, head: undefined, last: undefined, kept: true, earlier: [digest('1')] },
      ['registry-failed'],
      `The registry served ${digest('1')} under the tag ghcr.io/acme/greeter:dev and answers 404 to it.`,
    ],
    ['that was on the index before, and is', { kept: true, earlier: [digest('1')] }, [], ''],
    [
      'of which a HEAD says another digest',
      { head: { ...head, ...called } },
      ['served-other'],
      `has another digest in a HEAD, by which docker looks up a tag: ${digest('9')}; it was published with ${digest('1')}.`,
    ],
    [
      'of which a HEAD says another Content-Type',
      { head: { ...head, mediaType: 'text/html' } },
      ['served-other'],
      `has another Content-Type in a HEAD, by which docker looks up a tag: "text/html"; it was published with ${mediaTypes.index}.`,
    ],
    [
      'of which a HEAD says another size',
      { head: { ...head, size: 0 } },
      ['served-other'],
      'has another size in a HEAD, by which docker looks up a tag: 0 bytes; it was published with 7 bytes.',
    ],
  ];

  test.each(cases)('%s', (_name, change, codes, words) => {
    const findings = judgeTag({ ...served, ...change });
    expect(findings.map((one) => [one.code, one.subject.tag])).toEqual(
      codes.map((code) => [code, 'dev']),
    );
    expect(findings[0]?.message ?? '').toContain(words);
  });

  test.each<[string, Partial<ServedTag>, string, string, string]>([
    ['that moved', { last: other }, digest('9'), 'the tag ghcr.io/acme/greeter:dev', INDEX.digest],
    [
      'called by another digest',
      { last: { ...INDEX, ...called } },
      INDEX.digest,
      'the bytes, hashed',
      INDEX.digest,
    ],
    ['of another type', { last: plain }, plain.mediaType, 'the registry', INDEX.mediaType],
    [
      'of another size in a HEAD',
      { head: { ...head, size: 0 } },
      '0 bytes',
      'a HEAD of the tag',
      '7 bytes',
    ],
  ])('%s: what was found where, and what the index says', (_, change, value, from, expected) => {
    expect(judgeTag({ ...served, ...change })).toMatchObject([
      {
        found: { value, from },
        expected: { value: expected, from: 'the index as published' },
      },
    ]);
  });
});
