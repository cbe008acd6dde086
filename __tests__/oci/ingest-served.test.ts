import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createScanner, type LayerFacts } from '../../src/contents/index.js';
import { createLayout, ingest, ingestServed, type Layout } from '../../src/oci/index.js';
import { realPorts } from '../../src/ports/index.js';
import { type Export, exportTar, makeExport } from './images.js';

const { files } = realPorts();
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
let folder = '';
let layout: Layout;
let scans: Map<string, LayerFacts>;
let asked: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-ingest-'));
  layout = await createLayout(files, folder, 'the layout');
  scans = new Map();
  asked = [];
});
afterEach(() => rm(folder, { recursive: true }));

/** Takes an image from a repository that has the blobs, and serves others in the place of some. */
function take({ blobs, manifest }: Export, instead: ReadonlyMap<string, Buffer> = new Map()) {
  const bytesOf = (digest: string) => {
    asked.push(digest);
    return instead.get(digest) ?? blobs.get(digest) ?? Buffer.alloc(0);
  };
  return ingestServed(
    manifest.digest,
    {
      getManifest: async (digest) => ({ bytes: bytesOf(digest), mediaType: MANIFEST, digest }),
      async readBlob({ digest }, keep) {
        const bytes = bytesOf(digest);
        // As they come from a network: in pieces that end anywhere.
        for (let at = 0; at < bytes.length; at += 100) await keep(bytes.subarray(at, at + 100));
      },
    },
    { layout, scans, createScanner },
  );
}

const stored = () => readdir(join(folder, 'blobs/sha256'));

describe('an image of a registry', () => {
  test('is taken in as the same image that BuildKit exports is', async () => {
    const exported = makeExport();
    const served = await take(exported);
    const known = [...scans.values()];
    await rm(folder, { recursive: true });
    layout = await createLayout(files, folder, 'the layout');
    scans = new Map();
    const bytes = Readable.from([exportTar(exported)]);
    const streamed = await ingest(bytes, layout, scans, createScanner);
    expect(served.facts).toStrictEqual(streamed.facts);
    expect(served.problems).toStrictEqual([]);
    expect(known).toStrictEqual([...scans.values()]);
  });

  test('leaves in the layout its manifest, its configuration and its layers', async () => {
    const { manifest, configDigest, layers, ...rest } = makeExport();
    await take({ manifest, configDigest, layers, ...rest });
    const all = [manifest.digest, configDigest, ...layers.map(({ digest }) => digest)];
    expect(await stored()).toStrictEqual(
      all.map((digest) => digest.slice('sha256:'.length)).sort(),
    );
  });

  test('is asked for each blob once, and for none that the layout has', async () => {
    const exported = makeExport();
    await take(exported);
    expect(asked).toStrictEqual([...new Set(asked)]);
    asked = [];
    const again = await take(exported);
    expect(asked).toStrictEqual([exported.manifest.digest]);
    expect(again.layers).toHaveLength(1);
  });

  test('is refused where a layer has other bytes, of which nothing stays', async () => {
    const exported = makeExport();
    const [layer] = exported.layers;
    const other = new Map([[layer?.digest ?? '', Buffer.from('other bytes')]]);
    await expect(take(exported, other)).rejects.toMatchObject({ code: 'digest-mismatch' });
    expect(await stored()).not.toContain(layer?.digest.slice('sha256:'.length));
    expect(await readdir(join(folder, 'partial'))).toStrictEqual([]);
  });

  test('is refused where its manifest is an index, or nothing of the kind', async () => {
    const { index, manifest, ...exported } = makeExport();
    const said = `${manifest.digest} is not the manifest of an image`;
    const about = `${manifest.digest}, config is not a descriptor`;
    const cases: readonly (readonly [string, unknown])[] = [
      [JSON.stringify(index), `${said}: it is an index`],
      ['{}', `${said}: ${manifest.digest}: "schemaVersion" is not 2; ${about}`],
      ['nothing', expect.stringMatching(/ is not JSON: /)],
    ];
    for (const [text, message] of cases) {
      const instead = new Map([[manifest.digest, Buffer.from(text)]]);
      await expect(take({ ...exported, index, manifest }, instead)).rejects.toMatchObject({
        code: 'malformed',
        message,
      });
    }
    expect(await stored()).toStrictEqual([]);
  });
});
