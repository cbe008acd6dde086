import { describe, expect, test } from '@jest/globals';
import {
  attestedDigest,
  createdBy,
  digestOf,
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
  splitDigest,
  wrongClaim,
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
    expect(parseDescriptor(written, 'it')).toStrictEqual({
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
    ['without a media type', { digest, size: 1 }, ['it: it has no mediaType']],
    ['without a digest', { mediaType: MANIFEST, size: 1 }, ['it: "" is not a digest']],
    ['without a size', { mediaType: MANIFEST, digest }, ['it: it has no size']],
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
    expect(parseDescriptor(written, 'it')).toStrictEqual({ value: undefined, problems });
  });

  test.each<[string, object, readonly string[]]>([
    ['a platform that is none', { platform: 'linux' }, ['it: "platform" is not an object']],
    [
      'a platform of other values',
      { platform: { os: 1, architecture: [], variant: {} } },
      [
        'it: platform: "variant" is not a string',
        'it: platform: "os" is not a string',
        'it: platform: "architecture" is not a string',
      ],
    ],
    ['a type that is no text', { artifactType: 1 }, ['it: "artifactType" is not a string']],
    ['annotations that are none', { annotations: [] }, ['it: "annotations" is not an object']],
  ])('is read in spite of %s, which is said', (_, more, problems) => {
    const read = parseDescriptor({ ...descriptor, ...more }, 'it');
    expect(read.problems).toStrictEqual(problems);
    expect(read.value).toMatchObject(descriptor);
  });

  test('of nothing has a size of 0', () => {
    expect(parseDescriptor({ ...descriptor, size: 0 }, 'it')).toStrictEqual({
      value: { ...descriptor, size: 0, annotations: new Map() },
      problems: [],
    });
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
    expect(problems).toStrictEqual([]);
    expect(value).toMatchObject(expected);
  });

  const read = (written: object) => parseManifest(json(written), 'it');
  const bare = { ...descriptor, annotations: new Map() };

  test('is read with all that it says, and nothing else', () => {
    const more = {
      schemaVersion: 2,
      artifactType: 't',
      subject: descriptor,
      annotations: { a: 'b' },
    };
    const shared = { artifactType: 't', subject: bare, annotations: new Map([['a', 'b']]) };
    expect(read({ ...more, config, layers: [descriptor], mediaType: MANIFEST })).toStrictEqual({
      value: {
        kind: 'manifest',
        mediaType: MANIFEST,
        ...shared,
        config: { ...config, annotations: new Map() },
        layers: [bare],
      },
      problems: [],
    });
    expect(read({ ...more, manifests: [descriptor], mediaType: INDEX })).toStrictEqual({
      value: { kind: 'index', mediaType: INDEX, ...shared, manifests: [bare] },
      problems: [],
    });
    expect(read({ schemaVersion: 2, manifests: [] })).toStrictEqual({
      value: { kind: 'index', annotations: new Map(), manifests: [] },
      problems: [],
    });
  });

  test('is what its media type says, whatever its shape', () => {
    const both = { schemaVersion: 2, config, layers: [], manifests: [] };
    const kinds = [MANIFEST, INDEX, 'application/json', undefined].map(
      (mediaType) => read({ ...both, mediaType }).value?.kind,
    );
    expect(kinds).toStrictEqual(['manifest', 'index', 'index', 'index']);
  });

  test('is none without a configuration', () => {
    expect(read({ schemaVersion: 2, layers: [] })).toStrictEqual({
      value: undefined,
      problems: ['it, config is not a descriptor'],
    });
  });

  test('may have a subject that is none, which is said', () => {
    const subject = { ...descriptor, size: -1 };
    const found = [1, subject].map((one) =>
      read({ schemaVersion: 2, manifests: [], subject: one }),
    );
    expect(found.map(({ problems }) => problems)).toStrictEqual([
      ['it: "subject" is not an object'],
      ['it, subject: it has no size'],
    ]);
    expect(found.map(({ value }) => value?.subject)).toStrictEqual([undefined, undefined]);
  });

  test('is read up to 4096 entries of a list', () => {
    const manifests = (count: number) =>
      read({ schemaVersion: 2, manifests: Array(count).fill(descriptor) });
    const [most, more] = [manifests(4096), manifests(4097)];
    expect(most.problems).toStrictEqual([]);
    expect(more.problems).toStrictEqual(['it: "manifests" has 4097 members; 4096 are read']);
    expect(more.value).toStrictEqual(most.value);
  });

  test('tells everything that is wrong at once', () => {
    const written = {
      schemaVersion: 1,
      config: {},
      layers: ['x', descriptor],
      annotations: { a: 1 },
    };
    expect(parseManifest(json(written), 'it').problems).toStrictEqual([
      'it: "schemaVersion" is not 2',
      'it: "annotations" has values that are not strings',
      'it, config: it has no mediaType',
      'it, config: "" is not a digest',
      'it, config: it has no size',
      'it, layers[0] is not a descriptor',
    ]);
  });

  test.each<[string, Buffer, string, RegExp]>([
    ['no JSON', Buffer.from('{'), 'malformed', /^it is not JSON: \S/],
    ['a list', Buffer.from('[]'), 'malformed', /^it is not a JSON object$/],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'malformed', /^it is not JSON: \S/],
    [
      'more than 4 MiB',
      Buffer.alloc(4 * 1024 * 1024 + 1, ' '),
      'too-large',
      /^it has 4194305 bytes; at most 4 MiB are read$/,
    ],
    ['a million brackets', Buffer.from('{"a":'.repeat(300_000)), 'malformed', /^it is not JSON: /],
  ])('that is %s is a typed error', (_, bytes, code, message) => {
    expect(() => parseManifest(bytes, 'it')).toThrow(OciError);
    expect(() => parseManifest(bytes, 'it')).toThrow(expect.objectContaining({ code }));
    expect(() => parseManifest(bytes, 'it')).toThrow(message);
  });

  test('may have 4 MiB', () => {
    const bytes = Buffer.from('{"schemaVersion":2,"manifests":[]}'.padEnd(4 * 1024 * 1024));
    expect(parseManifest(bytes, 'it').problems).toStrictEqual([]);
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
    expect(problems).toStrictEqual([]);
    expect(value).toStrictEqual({
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
    expect(value && [createdBy(value, 1), createdBy(value, 2)]).toStrictEqual([
      'COPY /a /b',
      undefined,
    ]);
  });

  test('of nothing says nothing', () => {
    const nothing = {
      os: '',
      architecture: '',
      entrypoint: [],
      command: [],
      shell: [],
      env: [],
      labels: new Map(),
      diffIds: [],
      history: [],
    };
    expect(parseImageConfig(json({}), 'it')).toStrictEqual({ value: nothing, problems: [] });
    const empty = { variant: '', created: '', config: { User: '', WorkingDir: '' }, rootfs: null };
    expect(parseImageConfig(json(empty), 'it')).toStrictEqual({ value: nothing, problems: [] });
  });

  test.each<[object, readonly string[]]>([
    [{ config: [] }, ['it: "config" is not an object']],
    [{ rootfs: 1 }, ['it: "rootfs" is not an object']],
    [{ history: {} }, ['it: "history" is not a list']],
    [{ config: { Labels: [] } }, ['it, config: "Labels" is not an object']],
    [
      { config: { Labels: { a: 1, b: 'c' } } },
      ['it, config: "Labels" has values that are not strings'],
    ],
    [{ config: { Cmd: 'a' } }, ['it, config: "Cmd" is not a list']],
    [{ rootfs: { diff_ids: [1] } }, ['it, rootfs: "diff_ids" has members that are not strings']],
    [{ os: true, created: 1 }, ['it: "os" is not a string', 'it: "created" is not a string']],
  ])('%j is read as far as it goes, and told', (written, problems) => {
    expect(parseImageConfig(json(written), 'it').problems).toStrictEqual(problems);
  });

  test('keeps the labels and the history that can be read', () => {
    const written = {
      config: { Labels: { a: 1, b: 'c' } },
      history: [1, { created: 'x', empty_layer: 'yes' }, { created: 2, created_by: 'RUN a' }],
    };
    const { value } = parseImageConfig(json(written), 'it');
    expect(value.labels).toStrictEqual(new Map([['b', 'c']]));
    expect(value.history).toStrictEqual([
      { emptyLayer: false },
      { created: 'x', emptyLayer: false },
      { createdBy: 'RUN a', emptyLayer: false },
    ]);
  });

  test.each<[string, readonly object[], readonly (string | undefined)[]]>([
    [
      'each layer has its step',
      [
        { created_by: 'A' },
        { created_by: 'ENV', empty_layer: true },
        { created_by: 'B # buildkit' },
      ],
      ['A', 'B', undefined],
    ],
    ['a step says nothing', [{}, { created_by: 'B # buildkit x' }], [undefined, 'B # buildkit x']],
    ['there are too few steps', [{ created_by: 'A' }], [undefined, undefined]],
    ['there are too many', Array(3).fill({ created_by: 'A' }), [undefined, undefined]],
  ])('knows what made a layer where %s, or that it does not', (_, history, expected) => {
    const written = { rootfs: { diff_ids: [digest, sha256('y')] }, history };
    const { value } = parseImageConfig(json(written), 'it');
    expect(expected.map((_one, at) => createdBy(value, at + 1))).toStrictEqual(expected);
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
    expect(problems).toStrictEqual([
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
  expect(Object.entries(kinds).flatMap(([name, is]) => (is ? [name] : []))).toStrictEqual(
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

test('an error of a document is known by its name, and has what it was given', () => {
  const cause = new Error('x');
  const error = new OciError('malformed', 'It is wrong.', {
    found: 'a',
    expected: 'b',
    offset: 0,
    cause,
  });
  const { name, code, message, found, expected, offset } = error;
  expect([name, code, message, found, expected, offset]).toStrictEqual([
    'OciError',
    'malformed',
    'It is wrong.',
    'a',
    'b',
    0,
  ]);
  expect(error.cause).toBe(cause);
  expect('cause' in new OciError('malformed', 'It is wrong.')).toBe(false);
});

test('bytes are called right by the digest that they have, and by nothing', () => {
  const bytes = Buffer.from('x');
  const long = digestOf(bytes, `sha512:${'0'.repeat(128)}`);
  expect(long).toMatch(/^sha512:[0-9a-f]{128}$/);
  expect([undefined, digest, long].map((claimed) => wrongClaim(bytes, claimed))).toStrictEqual([
    undefined,
    undefined,
    undefined,
  ]);
  const others = [sha256('y'), '', 'x', 'sha256:ab'];
  expect(others.map((claimed) => wrongClaim(bytes, claimed))).toStrictEqual(others);
});

test('what is no digest is not divided, and shown in part', () => {
  expect(splitDigest(digest)).toStrictEqual(['sha256', digest.slice(7)]);
  const name = 'x'.repeat(200);
  expect(() => splitDigest(name)).toThrow(
    expect.objectContaining({
      code: 'malformed',
      message: `"${'x'.repeat(140)}" is not a digest`,
    }),
  );
});
