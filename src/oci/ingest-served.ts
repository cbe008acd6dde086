import { type BlobContext, createBlobSink, scanStored } from './blob-sink.js';
import { type OciDescriptor, parseManifest } from './documents.js';
import { OciError } from './errors.js';
import type { Ingested, ScannedLayer } from './ingested.js';
import { resolveImage } from './resolve.js';

/** A repository that one image is read from. */
interface ServedImage {
  /** Rejects where the bytes are others than the digest says. */
  getManifest(
    digest: string,
  ): Promise<{ readonly bytes: Buffer; readonly mediaType: string; readonly digest: string }>;
  /** Gives a blob's bytes in their order, and waits for each piece; rejects where they are others. */
  readBlob(
    blob: OciDescriptor,
    keep: (piece: Buffer) => Promise<void> | undefined,
  ): Promise<unknown>;
}

async function takeBlob<Facts extends ScannedLayer>(
  blob: OciDescriptor,
  from: ServedImage,
  context: BlobContext<Facts>,
): Promise<void> {
  // What the layout has was hashed when it came there.
  if (await context.layout.has(blob.digest)) return;
  const sink = createBlobSink(blob.digest, false, context);
  try {
    await from.readBlob(blob, (piece) => sink.write(piece));
    await sink.end();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

/**
 * Takes one image of one platform from a repository into the layout, by the digest of its
 * manifest: each blob is hashed, scanned and written while it comes, unless the layout has
 * it. Throws an OciError (`malformed`, `unsupported`, `digest-mismatch`), and what the
 * repository rejects with.
 */
export async function ingestServed<Facts extends ScannedLayer>(
  digest: string,
  from: ServedImage,
  context: BlobContext<Facts>,
): Promise<Ingested<Facts>> {
  const { bytes, mediaType } = await from.getManifest(digest);
  const { value, problems } = parseManifest(bytes, digest);
  if (value === undefined || value.kind === 'index') {
    const what = value === undefined ? problems.join('; ') : 'it is an index';
    throw new OciError('malformed', `${digest} is not the manifest of an image: ${what}`);
  }
  const writer = context.layout.begin(digest);
  await writer.write(bytes);
  await writer.end();
  // Two layers may be one blob.
  const blobs = new Map([value.config, ...value.layers].map((blob) => [blob.digest, blob]));
  for (const blob of blobs.values()) await takeBlob(blob, from, context);
  const manifest = { mediaType, digest, size: bytes.length, annotations: new Map() };
  return resolveImage([manifest], context.layout, (layer) => scanStored(layer, context));
}
