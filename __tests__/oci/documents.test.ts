import { describe, expect, test } from '@jest/globals';
import {
  attestedDigest,
  createdBy,
  hasDoubleMembers,
  isAttestation,
  isForeignLayer,
  isImageConfig,
  isIndexType,
  isManifestType,
  manifestTypes,
  OciError,
  parseDescriptor,
  parseImageConfig,
  parseManifest,
} from '../../src/oci/index.js';
import { sha256 } from './images.js';

const digest = sha256('x');
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const descriptor = { mediaType: MANIFEST, digest, size: 1 };
const config = { mediaType: CONFIG, digest, size: 2 };

describe('a descriptor', () => {
  test('with everything', () => {
    const platform = { os: 'linux', architecture: 'arm', variant: 'v7' };
    const annotations = { a: 'b', __proto__x: 'c' };
    const written = { ...descriptor, platform, artifactType: 't', annotations };
    expect(parseDescriptor(written, 'it')).toEqual({
      value: {
        ...descriptor,
        platform,
        artifactType: 't',
        annotations: new Map(Object.entries(annotations)),
      },
      problems: [],
    });
  });

  test.each([
    [{}, { os: '', architecture: '' }],
    [
      { os: 'linux', variant: '' },
      { os: 'linux', architecture: '' },
    ],
    [{ architecture: 'arm64' }, { os: '', architecture: 'arm64' }],
  ])('for a platform %j', (platform, expected) => {
    const { value } = parseDescriptor({ ...descriptor, platform }, 'it');
    expect(value?.platform).toStrictEqual(expected);
  });

  test.each<[string, unknown, readonly string[]]>([
    ['that is none', 'x', ['it is not a descriptor']],
    [
      'without anything',
      {},
      ['it: it has no mediaType', 'it: "" is not a digest', 'it: it has no size'],
    ],
    ['with a negative size', { ...descriptor, size: -1 }, ['it: it has no size']],
    [
      'with an unsafe size',
      { ...descriptor, size: 2 ** 60 },
      ['it: "size" is not a whole number', 'it: it has no size'],
    ],
    [
      'with a short digest',
      { ...descriptor, digest: 'sha256:ab' },
      ['it: "sha256:ab" is not a digest'],
    ],
  ])('%s', (_, written, problems) => {
    expect(parseDescriptor(written, 'it')).toEqual({ value: undefined, problems });
  });

  test('keys of a prototype are none of its members', () => {
    const written = JSON.parse('{"__proto__": {"mediaType": "a"}}');
    expect(parseDescriptor(written, 'it').problems).toContain('it: it has no mediaType');
  });
});

describe('a manifest', () => {
  test.each<[string, object, object]>([
    [
      'by its media type',
      { schemaVersion: 2, mediaType: MANIFEST, config, layers: [descriptor] },
      { kind: 'manifest', mediaType: MANIFEST, config: { digest }, layers: [{ digest }] },
    ],
    [
      'by its shape',
      { schemaVersion: 2, manifests: [descriptor] },
      { kind: 'index', manifests: [{ digest }] },
    ],
    [
      'with null for an empty list, as Go writes it',
      { schemaVersion: 2, mediaType: INDEX, manifests: null },
      { kind: 'index', manifests: [] },
    ],
    [
      'with a subject',
      { schemaVersion: 2, config, layers: [], artifactType: 'a', subject: descriptor },
      { kind: 'manifest', artifactType: 'a', subject: { digest } },
    ],
  ])('%s', (_, written, expected) => {
    const { value, problems } = parseManifest(json(written), 'it');
    expect(problems).toEqual([]);
    expect(value).toMatchObject(expected);
  });

  test('tells everything that is wrong at once', () => {
    const written = {
      schemaVersion: 1,
      config: {},
      layers: ['x', descriptor],
      annotations: { a: 1 },
    };
    expect(parseManifest(json(written), 'it').problems).toEqual([
      'it: "schemaVersion" is not 2',
      'it: "annotations" has values that are not strings',
      'it, config: it has no mediaType',
      'it, config: "" is not a digest',
      'it, config: it has no size',
      'it, layers[0] is not a descriptor',
    ]);
  });

  test.each<[string, Buffer, string]>([
    ['no JSON', Buffer.from('{'), 'malformed'],
    ['a list', Buffer.from('[]'), 'malformed'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'malformed'],
    ['more than 4 MiB', Buffer.alloc(4 * 1024 * 1024 + 1, ' '), 'too-large'],
    ['a million brackets', Buffer.from('{"a":'.repeat(300_000)), 'malformed'],
  ])('that is %s is a typed error', (_, bytes, code) => {
    expect(() => parseManifest(bytes, 'it')).toThrow(OciError);
    expect(() => parseManifest(bytes, 'it')).toThrow(expect.objectContaining({ code }));
  });
});

test.each<[string, object, boolean, string | undefined]>([
  ['an image', { platform: { os: 'linux', architecture: 'amd64' } }, false, undefined],
  [
    "BuildKit's",
    {
      annotations: {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': digest,
      },
    },
    true,
    digest,
  ],
  [
    'by its platform alone',
    { platform: { os: 'unknown', architecture: 'unknown' } },
    true,
    undefined,
  ],
  [
    'by its artifact type',
    { artifactType: 'application/vnd.docker.attestation.manifest.v1+json' },
    true,
    undefined,
  ],
  [
    'what has a platform is pulled, whatever it is called',
    {
      platform: { os: 'linux', architecture: 'arm64' },
      artifactType: 'application/vnd.docker.attestation.manifest.v1+json',
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    },
    false,
    undefined,
  ],
])('an attestation: %s', (_, more, expected, of) => {
  const { value } = parseDescriptor({ ...descriptor, ...more }, 'it');
  expect(value && isAttestation(value)).toBe(expected);
  expect(value && attestedDigest(value)).toBe(of);
});

describe('a configuration', () => {
  test('as BuildKit writes it', () => {
    const written = {
      architecture: 'arm',
      variant: 'v7',
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      config: {
        Entrypoint: ['/app'],
        Cmd: null,
        Env: ['PATH=/bin'],
        User: '1000',
        WorkingDir: '/srv',
        Labels: { constructor: 'x' },
        Shell: ['/bin/bash', '-c'],
      },
      rootfs: { type: 'layers', diff_ids: [digest] },
      history: [
        { created_by: 'ENV A=b', empty_layer: true },
        { created_by: 'COPY /a /b # buildkit', comment: 'buildkit.dockerfile.v0' },
      ],
    };
    const { value, problems } = parseImageConfig(json(written), 'it');
    expect(problems).toEqual([]);
    expect(value).toEqual({
      architecture: 'arm',
      variant: 'v7',
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      entrypoint: ['/app'],
      command: [],
      shell: ['/bin/bash', '-c'],
      env: ['PATH=/bin'],
      user: '1000',
      workdir: '/srv',
      labels: new Map([['constructor', 'x']]),
      diffIds: [digest],
      history: [
        { createdBy: 'ENV A=b', emptyLayer: true },
        {
          createdBy: 'COPY /a /b # buildkit',
          comment: 'buildkit.dockerfile.v0',
          emptyLayer: false,
        },
      ],
    });
    expect(value && [createdBy(value, 1), createdBy(value, 2)]).toEqual(['COPY /a /b', undefined]);
  });

  test('tells what is wrong and keeps the rest', () => {
    const written = {
      os: 'linux',
      architecture: 1,
      config: { Env: ['A=b', 2] },
      rootfs: { diff_ids: ['x'] },
    };
    const { value, problems } = parseImageConfig(json(written), 'it');
    expect(value).toMatchObject({ os: 'linux', architecture: '', env: ['A=b'], diffIds: [] });
    expect(problems).toEqual([
      'it: "architecture" is not a string',
      'it, config: "Env" has members that are not strings',
      'it, rootfs: "x" is not a digest',
    ]);
  });
});

test.each([
  ['application/vnd.oci.image.index.v1+json', 'index'],
  ['application/vnd.docker.distribution.manifest.list.v2+json', 'index'],
  ['application/vnd.oci.image.manifest.v1+json', 'manifest'],
  ['application/vnd.docker.distribution.manifest.v2+json', 'manifest'],
  ['application/vnd.oci.image.config.v1+json', 'config'],
  ['application/vnd.docker.container.image.v1+json', 'config'],
  ['application/vnd.oci.image.layer.v1.tar+gzip', 'other'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar', 'foreign'],
  ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'foreign'],
  ['', 'other'],
])('%s is the type of: %s', (mediaType, kind) => {
  const kinds = {
    index: isIndexType(mediaType),
    manifest: isManifestType(mediaType),
    config: isImageConfig(mediaType),
    foreign: isForeignLayer(mediaType),
  };
  expect(Object.entries(kinds).flatMap(([name, is]) => (is ? [name] : []))).toEqual(
    kind === 'other' ? [] : [kind],
  );
  expect(manifestTypes.includes(mediaType)).toBe(['index', 'manifest'].includes(kind));
});

test.each([
  ['{}', false],
  ['{"a":1,"b":1}', false],
  ['{"a":1,"a":2}', true],
  ['{"a":1,"\\u0061":2}', true],
  ['{"a":{"a":1},"b":[{"a":1},{"a":1}]}', false],
  ['{"a":{"b":1,"b":1}}', true],
  ['[{"a" : 1, "a" : 1}]', true],
  ['{"a":"b:","c":"\\":"}', false],
  ['["a","a:"]', false],
  ['{"a\\"b":1,"c\\\\":2}', false],
  ['"a"', false],
  ['null', false],
])('%s names a member twice: %s', (text, expected) => {
  expect(hasDoubleMembers(text)).toBe(expected);
});

test('an error of a document is known by its name', () => {
  expect(new OciError('malformed', 'It is wrong.').name).toBe('OciError');
});
