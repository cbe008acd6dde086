import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createScanner, type LayerFacts } from '../../src/contents/index.js';
import { createBlobSink } from '../../src/oci/blob-sink.js';
import {
  composeIndex,
  createLayout,
  createTarReader,
  engineArchive,
  ingest,
  type Layout,
} from '../../src/oci/index.js';
import { realPorts } from '../../src/ports/index.js';
import { type Export, exportTar, makeExport, sha256 } from './images.js';
import { cutAt, rawTar } from './raw-tar.js';

const { files } = realPorts();
let folder = '';
let layout: Layout;
let scans: Map<string, LayerFacts>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-ingest-'));
  layout = await createLayout(files, folder, 'the layout');
  scans = new Map();
});
afterEach(() => rm(folder, { recursive: true }));

function take(bytes: Buffer, cuts: readonly number[] = []) {
  return ingest(Readable.from(cutAt(bytes, cuts)), layout, scans, createScanner);
}

const hex = (exported: Export) =>
  [...exported.blobs.keys()].map((digest) => digest.slice(7)).sort();

describe('what BuildKit exports', () => {
  test('with attestations behind a nested index', async () => {
    const exported = makeExport({ attested: true });
    const image = await take(exportTar(exported));
    const [attestation] = image.facts.attestations;
    expect(image.problems).toStrictEqual([]);
    expect(image.facts).toStrictEqual({
      manifest: exported.manifest,
      config: expect.objectContaining({ digest: exported.configDigest }),
      layers: [{ ...exported.layers[0], diffId: image.config.diffIds[0], uncompressedSize: 2048 }],
      attestations: [{ ...attestation, predicateTypes: ['https://slsa.dev/provenance/v0.2'] }],
      platform: 'linux/amd64',
      entrypoint: ['/bin/app'],
      command: [],
      shell: [],
      labels: { a: 'b' },
      storedIn: { kind: 'layout', name: 'the layout' },
    });
    expect(image.index.map(({ digest }) => digest)).toStrictEqual([
      exported.manifest.digest,
      attestation?.digest,
    ]);
    expect(image.layers[0]?.entries).toMatchObject([
      { path: 'bin/app', program: { script: '/bin/sh' } },
    ]);
    expect(image.attestations).toMatchObject([
      { of: exported.manifest.digest, statements: [{ json: { predicate: { materials: [] } } }] },
    ]);
    expect((await readdir(join(folder, 'blobs/sha256'))).sort()).toStrictEqual(hex(exported));
    expect(await readdir(join(folder, 'partial'))).toStrictEqual([]);
  });

  test.each([true, false])('without attestations, nested: %s', async (nested) => {
    const exported = makeExport({ nested });
    const image = await take(exportTar(exported));
    expect(image.problems).toStrictEqual([]);
    expect(image.index).toMatchObject([{ digest: exported.manifest.digest }]);
    expect(image.attestations).toStrictEqual([]);
  });

  test('gives the same in pieces of one byte and in one piece', async () => {
    const tar = exportTar(makeExport({ attested: true }));
    const whole = await take(tar);
    scans = new Map();
    expect(
      await take(
        tar,
        Array.from({ length: tar.length }, (_, at) => at),
      ),
    ).toStrictEqual(whole);
  });

  test('is written and scanned once, by two builds at once too', async () => {
    const exported = makeExport();
    const tar = exportTar(exported);
    const both = await Promise.all([take(tar, [500, 5000]), take(tar, [700])]);
    expect(both[0]).toStrictEqual(both[1]);
    let scanned = 0;
    const again = await ingest(Readable.from([tar]), layout, scans, () => {
      scanned++;
      return createScanner();
    });
    expect([again, scanned]).toStrictEqual([both[0], 0]);
    expect(await readdir(join(folder, 'partial'))).toStrictEqual([]);
  });

  test('a layer that looks like a document is scanned from the layout', async () => {
    const layer = rawTar([{ path: '{', content: 'x' }]);
    const changed = makeExport({
      layers: [layer],
      manifest: {
        layers: [
          {
            mediaType: 'application/vnd.oci.image.layer.v1.tar',
            digest: sha256(layer),
            size: layer.length,
          },
        ],
      },
    });
    changed.blobs.set(sha256(layer), layer);
    const image = await take(exportTar(changed));
    expect(image.problems).toStrictEqual([]);
    expect(image.layers).toMatchObject([{ compression: 'none', entries: [{ path: '{' }] }]);
  });
});

describe('what is refused', () => {
  test('a blob with other bytes than its name, both named', async () => {
    const exported = makeExport();
    const [layer] = exported.layers;
    const digest = layer?.digest ?? '';
    exported.blobs.set(digest, gzipSync('something else'));
    await expect(take(exportTar(exported))).rejects.toMatchObject({
      code: 'digest-mismatch',
      expected: digest,
      found: sha256(gzipSync('something else')),
    });
    expect(await layout.has(digest)).toBe(false);
    expect(await readdir(join(folder, 'partial'))).toStrictEqual([]);
  });

  test('the same where the layout has the blob already', async () => {
    const exported = makeExport();
    await take(exportTar(exported));
    exported.blobs.set(exported.manifest.digest, Buffer.from('{}'));
    await expect(take(exportTar(exported))).rejects.toMatchObject({
      expected: exported.manifest.digest,
    });
  });

  test.each<[string, (exported: Export) => Buffer, string, RegExp]>([
    [
      'a stream that is cut off',
      (e) => exportTar(e).subarray(0, 2500),
      'truncated',
      /ends at byte 2500/,
    ],
    [
      'no index.json',
      () => rawTar([{ path: 'oci-layout', content: '{}' }]),
      'missing',
      /index.json/,
    ],
    [
      'an index.json that is none',
      () => rawTar([{ path: 'index.json', content: '[]' }]),
      'malformed',
      /not a JSON object/,
    ],
    [
      'no image',
      () => rawTar([{ path: 'index.json', content: '{"schemaVersion":2,"manifests":[]}' }]),
      'unsupported',
      /0 images/,
    ],
    [
      'two images',
      (e) => {
        const two = makeExport({ config: { created: 'x' } });
        const manifests = [e.manifest, two.manifest];
        return exportTar({
          blobs: new Map([...e.blobs, ...two.blobs]),
          index: { schemaVersion: 2, manifests },
        });
      },
      'unsupported',
      /2 images/,
    ],
    [
      'a manifest that is not there',
      (e) => {
        e.blobs.delete(e.manifest.digest);
        return exportTar(e);
      },
      'missing',
      /is not in the layout/,
    ],
    [
      'a foreign layer',
      () => {
        const mediaType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
        return exportTar(
          makeExport({ manifest: { layers: [{ mediaType, digest: sha256(''), size: 0 }] } }),
        );
      },
      'unsupported',
      /foreign/,
    ],
  ])('%s', async (_, change, code, message) => {
    const error: Error = await take(change(makeExport())).then(
      () => new Error('it was taken'),
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(message);
    expect(await readdir(join(folder, 'partial'))).toStrictEqual([]);
  });

  test('a source that fails', async () => {
    const tar = exportTar(makeExport());
    const source = (async function* () {
      yield tar.subarray(0, 1800);
      throw new Error('the builder died');
    })();
    await expect(ingest(source, layout, scans, createScanner)).rejects.toThrow('the builder died');
    expect(await readdir(join(folder, 'partial'))).toStrictEqual([]);
  });
});

describe('disagreements are all told', () => {
  test('diff ids, sizes, media types, attestations', async () => {
    const wrong = sha256('wrong');
    const good = makeExport();
    const [layer] = good.layers;
    const exported = makeExport({
      attested: true,
      attests: wrong,
      diffIds: [wrong],
      manifest: {
        mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
        layers: [{ ...layer, size: 1 }],
      },
    });
    const { problems, config, layers } = await take(exportTar(exported));
    expect(config.diffIds).toStrictEqual([wrong]);
    expect(problems).toStrictEqual([
      `${exported.manifest.digest} calls itself application/vnd.docker.distribution.manifest.v2+json; its descriptor says application/vnd.oci.image.manifest.v1+json`,
      `layer ${layer?.digest} has ${layer?.size} bytes; the manifest says 1`,
      `layer ${layer?.digest} holds ${layers[0]?.diffId} uncompressed; the config's diff_ids say ${wrong}`,
      expect.stringContaining(`is about ${wrong}, not ${exported.manifest.digest}`),
    ]);
  });

  test('the number of layers', async () => {
    const { problems } = await take(exportTar(makeExport({ diffIds: [] })));
    expect(problems).toStrictEqual(["the manifest has 1 layers; the config's diff_ids are 0"]);
  });
});

describe('what index.json names', () => {
  const INDEX = 'application/vnd.oci.image.index.v1+json';
  const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
  const IN_TOTO = 'application/vnd.in-toto+json';
  const indexOf = (manifests: readonly object[]) => ({
    schemaVersion: 2,
    mediaType: INDEX,
    manifests,
  });
  const failing = (taken: Promise<unknown>) =>
    taken.then(
      () => 'it was taken',
      ({ code, message }) => `${code}: ${message}`,
    );

  test('is found in an archive whose paths begin with a dot', async () => {
    const { blobs, index } = makeExport();
    const dotted = rawTar([
      ...[...blobs].map(([digest, content]) => ({
        path: `./blobs/${digest.replace(':', '/')}`,
        content,
      })),
      { path: './index.json', content: JSON.stringify(index) },
      { path: 'i./ndex.json', content: '{}' },
    ]);
    expect((await take(dotted)).problems).toStrictEqual([]);
  });

  test('is refused where it is no index, too large or none', async () => {
    const { manifest, blobs } = makeExport();
    const manifestBytes = blobs.get(manifest.digest) ?? '';
    const archive = (content: string | Buffer) => rawTar([{ path: 'index.json', content }]);
    expect(await failing(take(archive(manifestBytes)))).toBe(
      'malformed: index.json is not an image index: it is a manifest',
    );
    const about = 'index.json of the exported archive';
    expect(await failing(take(archive('{}')))).toBe(
      `malformed: index.json is not an image index: ${about}: "schemaVersion" is not 2; ${about}, config is not a descriptor`,
    );
    expect(await failing(take(archive('{"schemaVersion":2}')))).toBe(
      'malformed: index.json is not an image index: index.json of the exported archive, config is not a descriptor',
    );
    expect(await failing(take(archive(Buffer.alloc(4 * 1024 * 1024 + 1, ' '))))).toBe(
      'too-large: index.json has 4194305 bytes; at most 4 MiB are read',
    );
    expect(await failing(take(rawTar([])))).toBe('missing: the exported archive has no index.json');
    const padded = Buffer.from(JSON.stringify(indexOf([])).padEnd(4 * 1024 * 1024));
    expect(await failing(take(archive(padded)))).toBe(
      'unsupported: the archive has 0 images; one image of one platform is expected',
    );
  });

  test('is one image, and no more documents than 256', async () => {
    const { blobs, manifest } = makeExport();
    const many = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ ...manifest, digest: sha256(`${at}`) }));
    const found = (manifests: readonly object[]) =>
      failing(take(exportTar({ blobs, index: indexOf(manifests) })));
    expect(await found([manifest, manifest])).toBe('it was taken');
    await expect(take(exportTar({ blobs, index: indexOf([]) }))).rejects.toMatchObject({
      found: '0 images',
      expected: '1 image',
    });
    expect(await found(many(256))).toBe(
      'unsupported: the archive has 256 images; one image of one platform is expected',
    );
    expect(await found(many(257))).toBe(
      'too-large: the archive has too many manifests, or they are nested too deep',
    );
  });

  test('is told where it is not what is said of it', async () => {
    const { blobs, manifest } = makeExport();
    const taken = (more: object) =>
      take(exportTar({ blobs, index: indexOf([{ ...manifest, ...more }]) }));
    expect((await taken({ size: 1 })).problems).toStrictEqual([
      `${manifest.digest} has ${manifest.size} bytes; its descriptor says 1`,
    ]);
    expect(await failing(taken({ mediaType: INDEX }))).toBe(
      'unsupported: the archive has 0 images; one image of one platform is expected',
    );
    const inner = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [] }));
    blobs.set(sha256(inner), inner);
    expect(await failing(taken({ digest: sha256(inner), size: inner.length }))).toBe(
      `malformed: ${sha256(inner)} is an index; its descriptor says a manifest`,
    );
    const none = Buffer.from('{"schemaVersion":2}');
    blobs.set(sha256(none), none);
    expect(await failing(taken({ digest: sha256(none), size: none.length }))).toBe(
      `malformed: ${sha256(none)} is not a manifest: ${sha256(none)}, config is not a descriptor`,
    );
  });

  test('is told with what its documents say that they should not', async () => {
    const { problems } = await take(
      exportTar(makeExport({ manifest: { annotations: { a: 1 } }, config: { created: 1 } })),
    );
    expect(problems).toStrictEqual([
      expect.stringMatching(/^sha256:\w+: "annotations" has values that are not strings$/),
      expect.stringMatching(/^sha256:\w+: "created" is not a string$/),
    ]);
  });

  test('is an image with all that its configuration says', async () => {
    const config = {
      created: '2026-01-01T00:00:00Z',
      variant: 'v2',
      config: { User: '1000', WorkingDir: '/srv', Cmd: ['a'], Shell: ['/bin/bash'] },
    };
    const { facts } = await take(exportTar(makeExport({ config })));
    expect(facts).toMatchObject({
      platform: 'linux/amd64/v2',
      entrypoint: [],
      command: ['a'],
      shell: ['/bin/bash'],
      user: '1000',
      workdir: '/srv',
      labels: {},
      created: '2026-01-01T00:00:00Z',
    });
  });

  test('has the DiffIDs of its configuration where a layer is not unpacked, or its digests', async () => {
    const scanned = { uncompressedSize: 7, problems: [] };
    const taken = (changes: Parameters<typeof makeExport>[0]) =>
      ingest(Readable.from([exportTar(makeExport(changes))]), layout, new Map(), () => ({
        write: () => undefined,
        end: async () => scanned,
      }));
    const known = await taken({ diffIds: [sha256('unpacked')] });
    expect(known.problems).toStrictEqual([]);
    expect(known.facts.layers).toMatchObject([{ diffId: sha256('unpacked'), uncompressedSize: 7 }]);
    const { facts } = await taken({ diffIds: [] });
    expect(facts.layers[0]?.diffId).toBe(facts.layers[0]?.digest);
  });

  /** Takes an image with an attestation manifest of these fields. */
  async function attested(fields: object, annotations: object = {}) {
    const { blobs, manifest } = makeExport({ nested: false });
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, ...fields }));
    blobs.set(sha256(bytes), bytes);
    const platform = { architecture: 'unknown', os: 'unknown' };
    const about = { mediaType: MANIFEST, digest: sha256(bytes), size: bytes.length, platform };
    const index = indexOf([manifest, { ...about, annotations }]);
    const statement = Buffer.from('{"predicateType":"stated"}');
    blobs.set(sha256(statement), statement);
    const image = await take(exportTar({ blobs, index }));
    return { image, manifest };
  }
  const config = { mediaType: IN_TOTO, digest: sha256('{}'), size: 2 };
  const statement = {
    mediaType: IN_TOTO,
    digest: sha256('{"predicateType":"stated"}'),
    size: 26,
  };

  test('may be attested by statements that say what they are, in the manifest or themselves', async () => {
    const annotations = { 'in-toto.io/predicate-type': 'annotated' };
    const layers = [
      statement,
      { ...statement, annotations },
      { ...statement, mediaType: 'text/plain', digest: sha256('gone') },
    ];
    const { image } = await attested({ config, layers });
    expect(image.attestations.map(({ of }) => of)).toStrictEqual([undefined]);
    expect(
      image.attestations[0]?.statements.map(({ predicateType, json }) => [predicateType, json]),
    ).toStrictEqual([
      ['stated', { predicateType: 'stated' }],
      ['annotated', { predicateType: 'stated' }],
    ]);
    expect(image.problems).toStrictEqual([]);
  });

  test('may be attested by statements that are too large to be read', async () => {
    const annotations = { 'in-toto.io/predicate-type': 'annotated' };
    const large = { ...statement, digest: sha256('large'), size: 4 * 1024 * 1024 + 1 };
    const { image } = await attested({ config, layers: [large, { ...large, annotations }] });
    expect(image.attestations[0]?.statements.map(({ descriptor: _, ...one }) => one)).toStrictEqual(
      [{ predicateType: '' }, { predicateType: 'annotated' }],
    );
    const most = { ...statement, size: 4 * 1024 * 1024 };
    const read = await attested({ config, layers: [most] });
    expect(read.image.attestations[0]?.statements[0]?.json).toStrictEqual({
      predicateType: 'stated',
    });
  });

  test('may be attested by a manifest that names it as its subject, or by an index', async () => {
    const other = { mediaType: MANIFEST, digest: sha256('other'), size: 1 };
    const { image, manifest } = await attested({ config, layers: [], subject: other });
    expect(image.attestations).toMatchObject([{ of: other.digest, statements: [] }]);
    expect(image.problems).toStrictEqual([
      expect.stringContaining(`is about ${other.digest}, not ${manifest.digest}`),
    ]);
    const annotations = { 'vnd.docker.reference.digest': manifest.digest };
    const named = await attested({ config, layers: [], subject: other }, annotations);
    expect(named.image.problems).toStrictEqual([]);
    const inner = await attested({ manifests: [] }, annotations);
    expect(inner.image.attestations).toMatchObject([{ of: manifest.digest, statements: [] }]);
  });
});

describe('what is made of it', () => {
  test('an index of nothing has no annotations', () => {
    expect(JSON.parse(composeIndex([]).bytes.toString())).toStrictEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [],
    });
  });

  test('the index to publish, byte for byte the same each time', async () => {
    const amd64 = (await take(exportTar(makeExport({ attested: true })))).facts;
    const arm = (
      await take(exportTar(makeExport({ config: { architecture: 'arm', variant: 'v7' } })))
    ).facts;
    const composed = composeIndex([arm, amd64], { 'org.b': '2', 'org.a': '1' });
    const again = composeIndex([arm, amd64], { 'org.a': '1', 'org.b': '2' });
    expect(again.bytes.toString()).toBe(composed.bytes.toString());
    expect(composed.bytes.toString()).toMatch(/"annotations":{"org.a":"1","org.b":"2"}}$/);
    expect(composed.descriptor).toStrictEqual({
      mediaType: 'application/vnd.oci.image.index.v1+json',
      digest: sha256(composed.bytes),
      size: composed.bytes.length,
    });
    const [attestation] = amd64.attestations;
    expect(JSON.parse(composed.bytes.toString())).toStrictEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        { ...arm.manifest, platform: { architecture: 'arm', os: 'linux', variant: 'v7' } },
        { ...amd64.manifest, platform: { architecture: 'amd64', os: 'linux' } },
        {
          mediaType: attestation?.mediaType,
          digest: attestation?.digest,
          size: attestation?.size,
          annotations: {
            'vnd.docker.reference.digest': amd64.manifest.digest,
            'vnd.docker.reference.type': 'attestation-manifest',
          },
          platform: { architecture: 'unknown', os: 'unknown' },
        },
      ],
      annotations: { 'org.a': '1', 'org.b': '2' },
    });
  });

  test('an archive for every engine, a blob that two layers share once', async () => {
    const layer = rawTar([{ path: 'same', content: 'x' }]);
    const exported = makeExport({ layers: [layer, layer] });
    const { facts } = await take(exportTar(exported));
    const tar = Buffer.concat(await engineArchive(layout, facts, 'a.test/b:c').toArray());
    const names: string[] = [];
    const contents = new Map<string, string>();
    const reader = createTarReader({
      entry: ({ path }) => names.push(path),
      data: (piece) => {
        const name = names.at(-1) ?? '';
        contents.set(name, (contents.get(name) ?? '') + piece.toString('latin1'));
      },
      end: () => {},
    });
    reader.write(tar);
    reader.end();
    const blob = (digest = '') => `blobs/sha256/${digest.slice(7)}`;
    expect(names).toStrictEqual([
      'oci-layout',
      'index.json',
      'manifest.json',
      blob(facts.manifest.digest),
      blob(facts.config.digest),
      blob(facts.layers[0]?.digest),
    ]);
    expect(JSON.parse(contents.get('manifest.json') ?? '')).toStrictEqual([
      {
        Config: blob(facts.config.digest),
        RepoTags: ['a.test/b:c'],
        Layers: [blob(facts.layers[0]?.digest), blob(facts.layers[1]?.digest)],
      },
    ]);
    expect(contents.get('oci-layout')).toBe('{"imageLayoutVersion":"1.0.0"}');
    expect(JSON.parse(contents.get('index.json') ?? '')).toStrictEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [{ ...facts.manifest, annotations: { 'io.containerd.image.name': 'a.test/b:c' } }],
    });
    expect(sha256(Buffer.from(contents.get(blob(facts.manifest.digest)) ?? '', 'latin1'))).toBe(
      facts.manifest.digest,
    );
  });

  test('an archive fails where a blob is missing', async () => {
    const { facts } = await take(exportTar(makeExport()));
    await rm(join(folder, 'blobs/sha256', facts.config.digest.slice(7)));
    await expect(engineArchive(layout, facts, 'a.test/b:c').toArray()).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});

describe('indexes in indexes', () => {
  const INDEX = 'application/vnd.oci.image.index.v1+json';

  /** The same image behind so many indexes more. */
  function deeper(levels: number) {
    const exported = makeExport({ nested: false });
    let { index } = exported;
    for (let level = 0; level < levels; level += 1) {
      const bytes = Buffer.from(JSON.stringify(index));
      exported.blobs.set(sha256(bytes), bytes);
      const inner = { mediaType: INDEX, digest: sha256(bytes), size: bytes.length };
      index = { schemaVersion: 2, mediaType: INDEX, manifests: [inner] };
    }
    return take(exportTar({ blobs: exported.blobs, index }));
  }

  test('are opened four deep', async () => {
    expect((await deeper(4)).problems).toStrictEqual([]);
  });

  test('are refused beyond that', async () => {
    await expect(deeper(5)).rejects.toMatchObject({
      code: 'too-large',
      message: 'the archive has too many manifests, or they are nested too deep',
    });
  });
});

test('a statement whose type is no text has none', async () => {
  const exported = makeExport({ attested: true });
  const statement = [...exported.blobs].find(([, bytes]) => bytes.includes('"predicateType"'));
  const attestation = [...exported.blobs].find(([, bytes]) =>
    bytes.includes('"in-toto.io/predicate-type"'),
  );
  if (statement === undefined || attestation === undefined) throw new Error('nothing is attested');
  const put = (bytes: Buffer) => {
    exported.blobs.set(sha256(bytes), bytes);
    return { digest: sha256(bytes), size: bytes.length };
  };
  const stated = JSON.parse(statement[1].toString());
  const typeless = put(Buffer.from(JSON.stringify({ ...stated, predicateType: 7 })));
  const manifest = JSON.parse(attestation[1].toString());
  const [{ annotations: _, ...layer }] = manifest.layers;
  const about = put(
    Buffer.from(JSON.stringify({ ...manifest, layers: [{ ...layer, ...typeless }] })),
  );
  const [top] = (exported.index as { manifests: { digest: string }[] }).manifests;
  const inner = JSON.parse(exported.blobs.get(top?.digest ?? '')?.toString() ?? '');
  inner.manifests[1] = { ...inner.manifests[1], ...about };
  const index = { ...exported.index, manifests: inner.manifests };
  const blobs = new Map(
    [...exported.blobs].filter(
      ([key]) => ![statement[0], attestation[0], top?.digest].includes(key),
    ),
  );
  const image = await take(exportTar({ blobs, index }));
  expect(image.attestations[0]?.statements).toMatchObject([{ predicateType: '' }]);
});

describe('a blob that is written and scanned at once', () => {
  /** A sink whose disk and scanner are behind or not. */
  function sink(isDiskBehind: boolean, isScannerBehind: boolean) {
    const disk = Promise.withResolvers<void>();
    const scanner = Promise.withResolvers<void>();
    const begun = {
      write: () => (isDiskBehind ? disk.promise : undefined),
      end: async () => {},
      abort: async () => {},
    };
    const context = {
      layout: { begin: () => begun } as unknown as Layout,
      scans: new Map<string, LayerFacts>(),
      createScanner: () => ({
        write: () => (isScannerBehind ? scanner.promise : undefined),
        end: async () => ({}) as LayerFacts,
      }),
    };
    const taken = createBlobSink(sha256('x'), false, context).write(Buffer.from('x'));
    return { taken, disk, scanner };
  }

  test('is taken at once where neither is behind', () => {
    expect(sink(false, false).taken).toBeUndefined();
  });

  test.each([
    ['the disk', true, false],
    ['the scanner', false, true],
    ['both', true, true],
  ])('waits for what is behind: %s', async (_, isDiskBehind, isScannerBehind) => {
    const { taken, disk, scanner } = sink(isDiskBehind, isScannerBehind);
    let isOver = false;
    const ended = taken?.then(() => {
      isOver = true;
    });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    await turn();
    expect([ended, isOver]).toStrictEqual([expect.any(Promise), false]);
    if (isDiskBehind) disk.resolve();
    await turn();
    expect(isOver).toBe(!isScannerBehind);
    scanner.resolve();
    await ended;
  });
});
