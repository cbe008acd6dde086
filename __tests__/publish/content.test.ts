import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import type { ImageFacts } from '../../src/evidence/index.js';
import { composeIndex, DOCUMENT_LIMIT, digestOf, mediaTypes } from '../../src/oci/index.js';
import { manifestContents } from '../../src/publish/content.js';

const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const blob = (mediaType: string) => ({ mediaType, digest: digestOf(mediaType), size: 1 });

/** The content of an image for one platform whose manifest is this document. */
function contentOf(document: object | Buffer) {
  const bytes = Buffer.isBuffer(document) ? document : Buffer.from(JSON.stringify(document));
  const manifest = { mediaType: mediaTypes.manifest, digest: digestOf(bytes), size: bytes.length };
  const platforms = [
    { platform: 'linux/amd64', manifest, attestations: [] } as unknown as ImageFacts,
  ];
  const pieces = [bytes.subarray(0, 5), bytes.subarray(5)];
  return manifestContents(composeIndex(platforms), platforms, () => Readable.from(pieces));
}

const described = (layers: readonly string[]) => ({
  schemaVersion: 2,
  mediaType: mediaTypes.manifest,
  config: blob(mediaTypes.config),
  layers: layers.map(blob),
});

test('the blobs of a manifest are its configuration and its layers, but for those that are elsewhere', async () => {
  const foreign = 'application/vnd.oci.image.layer.nondistributable.v1.tar';
  const [content] = await contentOf(described([LAYER, foreign]));
  expect(content?.blobs.map(({ mediaType }) => mediaType)).toEqual([mediaTypes.config, LAYER]);
  expect(JSON.parse(content?.bytes.toString() ?? '')).toMatchObject({ layers: [{}, {}] });
});

test('an index in the place of a platform is never sent', async () => {
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] };
  await expect(contentOf(index)).rejects.toThrow(/^sha256:[0-9a-f]{64} is not an image manifest$/);
});

test('an index that is none lists nothing of what was tested', async () => {
  const bytes = Buffer.from(JSON.stringify(described([LAYER])));
  const descriptor = { mediaType: mediaTypes.index, digest: digestOf(bytes), size: bytes.length };
  const manifest = { ...descriptor, mediaType: mediaTypes.manifest };
  const content = manifestContents({ bytes, descriptor }, [{ manifest, attestations: [] }], () =>
    Readable.from([bytes]),
  );
  await expect(content).rejects.toThrow(`the composed index leaves out ${descriptor.digest}`);
});

test('a manifest may be as large as the limit says, and no larger', async () => {
  const padded = (length: number) => {
    const text = JSON.stringify(described([LAYER]));
    return Buffer.from(text.padEnd(length, ' '));
  };
  expect(await contentOf(padded(DOCUMENT_LIMIT))).toHaveLength(1);
  await expect(contentOf(padded(DOCUMENT_LIMIT + 1))).rejects.toThrow('a manifest of more than');
});
