import type { Readable } from 'node:stream';
import type { Descriptor, ImageFacts } from '../evidence/index.js';
import {
  type ComposedIndex,
  DOCUMENT_LIMIT,
  DOCUMENT_LIMIT_TEXT,
  digestOf,
  isForeignLayer,
  parseManifest,
} from '../oci/index.js';

/** A manifest that goes by its digest, after its blobs. */
export interface ManifestContent {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
  readonly blobs: readonly Descriptor[];
  /** Bytes of its blobs, where they are not in the layout. */
  readonly open?: (digest: string) => Readable;
  /** What the platform was built on. */
  readonly bases?: readonly string[] | undefined;
}

async function bytesOf(source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > DOCUMENT_LIMIT) throw new Error(`a manifest of more than ${DOCUMENT_LIMIT_TEXT}`);
  }
  return Buffer.concat(chunks);
}

function check(bytes: Buffer, { digest }: Descriptor, what: string): void {
  const found = digestOf(bytes);
  if (found !== digest) throw new Error(`${what} has the digest ${found}, expected ${digest}`);
}

async function manifestContent(
  open: (digest: string) => Readable,
  descriptor: Descriptor,
): Promise<ManifestContent> {
  const bytes = await bytesOf(open(descriptor.digest));
  check(bytes, descriptor, 'a manifest of the layout');
  const { value } = parseManifest(bytes, descriptor.digest);
  if (value?.kind !== 'manifest') throw new Error(`${descriptor.digest} is not an image manifest`);
  const blobs = [value.config, ...value.layers].filter((one) => !isForeignLayer(one.mediaType));
  return { descriptor, bytes, blobs };
}

/** The digests that an index refers to are exactly those of the images and their attestations. */
function checkIndex(index: ComposedIndex, expected: readonly Descriptor[]): void {
  check(index.bytes, index.descriptor, 'the composed index');
  const { value } = parseManifest(index.bytes, 'the composed index');
  const listed = value?.kind === 'index' ? value.manifests.map(({ digest }) => digest) : [];
  const known = new Set(expected.map(({ digest }) => digest));
  const stranger = listed.find((digest) => !known.has(digest));
  if (stranger !== undefined) {
    throw new Error(
      `the composed index lists ${stranger}, which is not a manifest that was tested`,
    );
  }
  const left = [...known].find((digest) => !listed.includes(digest));
  if (left !== undefined) throw new Error(`the composed index leaves out ${left}`);
}

/**
 * Every manifest of an index with its bytes and blobs, read from the layout and
 * hashed. Rejects where the layout or the index is not what the facts say.
 */
export async function manifestContents(
  index: ComposedIndex,
  platforms: readonly Pick<ImageFacts, 'manifest' | 'attestations'>[],
  open: (digest: string) => Readable,
): Promise<readonly ManifestContent[]> {
  const descriptors = platforms.flatMap((one) => [one.manifest, ...one.attestations]);
  checkIndex(index, descriptors);
  return Promise.all(descriptors.map((descriptor) => manifestContent(open, descriptor)));
}
