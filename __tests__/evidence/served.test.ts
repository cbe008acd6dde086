import { describe, expect, test } from '@jest/globals';
import type { ImageFacts, Served } from '../../src/evidence/index.js';
import { compareServed, type TestedImage, testedImage } from '../../src/evidence/served.js';
import { digestOf, plannedImage, publicationOf, trialOf } from './sample.js';

const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const OTHER = digestOf('something else');

const trials = PLATFORMS.map((platform) => {
  const trial = trialOf('greeter', platform);
  const attestation = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: digestOf(`attestation of ${platform}`),
    size: 9,
    predicateTypes: ['https://slsa.dev/provenance/v1'],
  };
  const built = { ...(trial.built as ImageFacts), attestations: [attestation] };
  return { ...trial, built };
});
const image = plannedImage({ platforms: PLATFORMS });
const published = publicationOf(image, trials);
const tested = testedImage({ trials }, image, published) as TestedImage;

/** What is served when it is what was tested. */
const right: Served = {
  ...(published.served[0] as Served),
  attestations: trials.map(({ built: { manifest, attestations } }) => ({
    ...(attestations[0] as (typeof attestations)[number]),
    subject: manifest.digest,
  })),
};
const [amd64, arm64] = right.platforms as [Served['platforms'][0], Served['platforms'][0]];

const differences = (more: Partial<Served>, of = tested) =>
  compareServed(of, { ...right, ...more });
const indexDigest = tested.index.digest;

test('what is served as it was tested differs in nothing', () => {
  expect(differences({})).toEqual([]);
});

describe('an index', () => {
  test('with another digest is the one thing that is said of it', () => {
    const index = { ...tested.index, digest: OTHER };
    expect(differences({ index, platforms: [] })).toEqual([
      {
        code: 'served-other',
        message: `serves the index with the digest ${OTHER}; it was published with ${indexDigest}`,
        digest: OTHER,
        found: { value: OTHER, from: 'the registry' },
        expected: { value: indexDigest, from: 'the index as published' },
      },
    ]);
  });

  test('of another type is said beside what it lists', () => {
    const index = { ...tested.index, mediaType: 'text/plain' };
    expect(differences({ index, platforms: [amd64, arm64, arm64] })).toMatchObject([
      {
        code: 'served-other',
        message: `serves the index with the Content-Type text/plain; it was published with ${tested.index.mediaType}`,
        digest: indexDigest,
      },
      { code: 'served-platforms' },
    ]);
  });

  test('that is not there is said, unless a fault says why', () => {
    const { index: _, ...without } = right;
    const nothing = { ...without, platforms: [], attestations: [] };
    expect(compareServed(tested, nothing)).toEqual([
      {
        code: 'served-other',
        message: `does not serve the index ${indexDigest}`,
        digest: indexDigest,
      },
    ]);
    const fault = {
      kind: 'missing',
      part: 'the index',
      digest: indexDigest,
      detail: '404',
    } as const;
    expect(compareServed(tested, { ...nothing, faults: [fault] })).toMatchObject([
      { message: `does not serve the index, ${indexDigest}: 404` },
    ]);
  });
});

describe('the platforms', () => {
  const said = (platforms: Served['platforms']) =>
    differences({ platforms }).filter(({ code }) => code === 'served-platforms');

  test.each<[string, Served['platforms'], string, string]>([
    ['one missing', [amd64], 'linux/arm64 is missing', 'linux/amd64'],
    ['none', [], 'linux/amd64 is missing; linux/arm64 is missing', 'none'],
    [
      'one twice',
      [amd64, arm64, arm64],
      'linux/arm64 is listed 2 times',
      'linux/amd64, linux/arm64, linux/arm64',
    ],
    [
      'one that was not tested',
      [amd64, arm64, { ...arm64, platform: 'linux/s390x' }],
      'linux/s390x is served and was not tested',
      'linux/amd64, linux/arm64, linux/s390x',
    ],
  ])('are exactly those that were tested: %s', (_, platforms, words, found) => {
    expect(said(platforms)).toEqual([
      {
        code: 'served-platforms',
        message: `does not serve exactly the platforms that were tested: ${words}`,
        found: { value: found, from: 'the index as served' },
        expected: { value: 'linux/amd64, linux/arm64', from: 'the trials' },
      },
    ]);
  });

  const differ = (part: string, found: string, expected: string) => ({
    code: 'served-other',
    message: `serves another ${part} for linux/arm64: ${found}; the tested one is ${expected}`,
    platform: 'linux/arm64',
    digest: found,
    found: { value: found, from: 'the registry' },
    expected: { value: expected, from: 'the trial' },
  });

  test('have the manifests that were tested; below another one nothing more is said', () => {
    const manifest = { ...arm64.manifest, digest: OTHER };
    const [first, ...others] = differences({
      platforms: [amd64, { ...arm64, manifest, layers: [] }],
    });
    expect(first).toEqual(differ('manifest', OTHER, arm64.manifest.digest));
    // Its attestation is about a manifest that is not there.
    expect(others.map(({ message }) => message)).toEqual([
      expect.stringContaining(`is about ${arm64.manifest.digest}`),
    ]);
  });

  test('exchanged are two other manifests', () => {
    const exchanged = [
      { ...amd64, manifest: arm64.manifest },
      { ...arm64, manifest: amd64.manifest },
    ];
    expect(differences({ platforms: exchanged }).map(({ platform }) => platform)).toEqual(
      PLATFORMS,
    );
  });

  test('have the configuration and the layers that were tested', () => {
    const config = { ...(arm64.config as NonNullable<typeof arm64.config>), digest: OTHER };
    const layers = [...arm64.layers].reverse();
    const list = (of: typeof layers) => of.map(({ digest }) => digest).join(', ');
    expect(differences({ platforms: [amd64, { ...arm64, config, layers }] })).toEqual([
      differ('configuration', OTHER, arm64.config?.digest ?? ''),
      differ('list of layers', list(layers), list([...arm64.layers])),
    ]);
  });

  test('whose manifest could not be read are told once, by the fault where there is one', () => {
    const { config: _, ...unread } = { ...arm64, layers: [] };
    const { digest } = arm64.manifest;
    expect(differences({ platforms: [amd64, unread] })).toEqual([
      {
        code: 'served-other',
        message: `serves the manifest of linux/arm64, ${digest}, and it could not be read`,
        platform: 'linux/arm64',
        digest,
      },
    ]);
    const fault = {
      kind: 'corrupt',
      part: 'the manifest of linux/arm64',
      platform: 'linux/arm64',
      digest,
      detail: 'it is short',
    } as const;
    expect(differences({ platforms: [amd64, unread], faults: [fault] })).toEqual([
      {
        code: 'digest-mismatch',
        message: `serves the manifest of linux/arm64, ${digest}, with other bytes: it is short`,
        platform: 'linux/arm64',
        digest,
        found: { value: 'it is short', from: 'the registry' },
        expected: { value: digest, from: 'the manifest or index that names it' },
      },
    ]);
  });
});

describe('attestations', () => {
  const [first, second] = right.attestations as [
    Served['attestations'][0],
    Served['attestations'][0],
  ];
  const said = (attestations: Served['attestations']) =>
    differences({ attestations }).map(({ code, message, digest }) => [code, message, digest]);

  test('that are missing are said', () => {
    expect(said([first])).toEqual([
      ['served-other', `does not serve the attestation ${second.digest}`, second.digest],
    ]);
  });

  test('that no build made are said', () => {
    expect(said([first, second, { ...second, digest: OTHER }])).toEqual([
      ['served-other', `serves the attestation ${OTHER}, which no build of this run made`, OTHER],
    ]);
  });

  test('about what the index does not list are said', () => {
    const { subject: _, ...about } = second;
    const words = (of: string) =>
      `serves the attestation ${second.digest}, which is about ${of}, which is not a platform of its index`;
    expect(said([first, { ...second, subject: OTHER }])).toEqual([
      ['served-other', words(OTHER), second.digest],
    ]);
    expect(said([first, about])).toEqual([['served-other', words('nothing'), second.digest]]);
  });

  test('of an index that was taken over are its own, each about its platform', () => {
    const own = trials.map(({ built }, at) => ({
      mediaType: first.mediaType,
      digest: digestOf(`taken over ${at}`),
      size: 1,
      subject: built.manifest.digest,
      predicateTypes: [],
    }));
    const takenOver = { reference: 'r', composed: OTHER, attestations: own };
    const over = testedImage({ trials }, image, { ...published, takenOver }) as TestedImage;
    expect(over.platforms.map(({ attestations }) => attestations.map((one) => one.digest))).toEqual(
      own.map(({ digest }) => [digest]),
    );
    expect(differences({ attestations: own }, over)).toEqual([]);
    expect(differences({}, over)).toHaveLength(4);
  });
});

test.each([
  ['corrupt', 'digest-mismatch', 'serves layer 1, DIGEST, with other bytes: why'],
  [
    'wrongClaim',
    'digest-mismatch',
    'serves layer 1, DIGEST, and names another digest in its header: why',
  ],
  ['missing', 'served-other', 'does not serve layer 1, DIGEST: why'],
  ['malformed', 'served-other', 'serves layer 1, DIGEST, malformed: why'],
] as const)('a fault of the kind %s is told as one', (kind, code, words) => {
  const fault = { kind, part: 'layer 1', digest: OTHER, detail: 'why' };
  expect(differences({ faults: [fault] })).toEqual([
    {
      code,
      message: words.replace('DIGEST', OTHER),
      digest: OTHER,
      found: { value: 'why', from: 'the registry' },
      expected: { value: OTHER, from: 'the manifest or index that names it' },
    },
  ]);
});

test('what was tested is known by image and platform, and has the index of its publication', () => {
  expect(tested).toMatchObject({ image: 'greeter', index: published.index });
  expect(tested.platforms.map(({ manifest }) => manifest.digest)).toEqual(
    trials.map(({ built }) => built.manifest.digest),
  );
  const others = [...trials.map((one) => ({ ...one, image: 'other' })), ...trials].reverse();
  expect(testedImage({ trials: others }, image, published)).toEqual(tested);
  expect(testedImage({ trials }, image, {})).toBeUndefined();
});
