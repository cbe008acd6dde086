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
    expect(image.problems).toEqual([]);
    expect(image.facts).toEqual({
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
    expect(image.index.map(({ digest }) => digest)).toEqual([
      exported.manifest.digest,
      attestation?.digest,
    ]);
    expect(image.layers[0]?.entries).toMatchObject([
      { path: 'bin/app', program: { script: '/bin/sh' } },
    ]);
    expect(image.attestations).toMatchObject([
      { of: exported.manifest.digest, statements: [{ json: { predicate: { materials: [] } } }] },
    ]);
    expect((await readdir(join(folder, 'blobs/sha256'))).sort()).toEqual(hex(exported));
    expect(await readdir(join(folder, 'partial'))).toEqual([]);
  });

  test.each([true, false])('without attestations, nested: %s', async (nested) => {
    const exported = makeExport({ nested });
    const image = await take(exportTar(exported));
    expect(image.problems).toEqual([]);
    expect(image.index).toMatchObject([{ digest: exported.manifest.digest }]);
    expect(image.attestations).toEqual([]);
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
    ).toEqual(whole);
  });

  test('is written and scanned once, by two builds at once too', async () => {
    const exported = makeExport();
    const tar = exportTar(exported);
    const both = await Promise.all([take(tar, [500, 5000]), take(tar, [700])]);
    expect(both[0]).toEqual(both[1]);
    let scanned = 0;
    const again = await ingest(Readable.from([tar]), layout, scans, () => {
      scanned++;
      return createScanner();
    });
    expect([again, scanned]).toEqual([both[0], 0]);
    expect(await readdir(join(folder, 'partial'))).toEqual([]);
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
    expect(image.problems).toEqual([]);
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
    expect(await readdir(join(folder, 'partial'))).toEqual([]);
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
    expect(await readdir(join(folder, 'partial'))).toEqual([]);
  });

  test('a source that fails', async () => {
    const tar = exportTar(makeExport());
    const source = (async function* () {
      yield tar.subarray(0, 1800);
      throw new Error('the builder died');
    })();
    await expect(ingest(source, layout, scans, createScanner)).rejects.toThrow('the builder died');
    expect(await readdir(join(folder, 'partial'))).toEqual([]);
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
    expect(config.diffIds).toEqual([wrong]);
    expect(problems).toEqual([
      `${exported.manifest.digest} calls itself application/vnd.docker.distribution.manifest.v2+json; its descriptor says application/vnd.oci.image.manifest.v1+json`,
      `layer ${layer?.digest} has ${layer?.size} bytes; the manifest says 1`,
      `layer ${layer?.digest} holds ${layers[0]?.diffId} uncompressed; the config's diff_ids say ${wrong}`,
      expect.stringContaining(`is about ${wrong}, not ${exported.manifest.digest}`),
    ]);
  });

  test('the number of layers', async () => {
    const { problems } = await take(exportTar(makeExport({ diffIds: [] })));
    expect(problems).toEqual(["the manifest has 1 layers; the config's diff_ids are 0"]);
  });
});

describe('what is made of it', () => {
  test('the index to publish, byte for byte the same each time', async () => {
    const amd64 = (await take(exportTar(makeExport({ attested: true })))).facts;
    const arm = (
      await take(exportTar(makeExport({ config: { architecture: 'arm', variant: 'v7' } })))
    ).facts;
    const composed = composeIndex([arm, amd64], { 'org.b': '2', 'org.a': '1' });
    const again = composeIndex([arm, amd64], { 'org.a': '1', 'org.b': '2' });
    expect(again).toEqual(composed);
    expect(composed.descriptor).toEqual({
      mediaType: 'application/vnd.oci.image.index.v1+json',
      digest: sha256(composed.bytes),
      size: composed.bytes.length,
    });
    const [attestation] = amd64.attestations;
    expect(JSON.parse(composed.bytes.toString())).toEqual({
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
    expect(names).toEqual([
      'oci-layout',
      'index.json',
      'manifest.json',
      blob(facts.manifest.digest),
      blob(facts.config.digest),
      blob(facts.layers[0]?.digest),
    ]);
    expect(JSON.parse(contents.get('manifest.json') ?? '')).toEqual([
      {
        Config: blob(facts.config.digest),
        RepoTags: ['a.test/b:c'],
        Layers: [blob(facts.layers[0]?.digest), blob(facts.layers[1]?.digest)],
      },
    ]);
    expect(JSON.parse(contents.get('index.json') ?? '')).toMatchObject({
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
    expect((await deeper(4)).problems).toEqual([]);
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
    expect([ended, isOver]).toEqual([expect.any(Promise), false]);
    if (isDiskBehind) disk.resolve();
    await turn();
    expect(isOver).toBe(!isScannerBehind);
    scanner.resolve();
    await ended;
  });
});
