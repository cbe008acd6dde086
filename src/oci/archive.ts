import type { Readable } from 'node:stream';
import type { ImageFacts } from '../evidence/index.js';
import { blobPath, indexJson, type Layout, OCI_LAYOUT } from './layout.js';
import { type TarFile, writeTar } from './write-tar.js';

function document(name: string, content: Buffer): TarFile {
  return { name, size: content.length, content };
}

/**
 * One tar that every engine loads: `oci-layout` and `index.json` with the one
 * image manifest for the containerd store, `manifest.json` for the classic
 * store and podman, and the blobs. The image has one name in it (containerd
 * reads the annotation). The stream fails where a blob is missing from the layout or has another size than its descriptor says.
 */
export function engineArchive(
  layout: Pick<Layout, 'read'>,
  image: Pick<ImageFacts, 'manifest' | 'config' | 'layers'>,
  name: string,
): Readable {
  const { mediaType, digest, size } = image.manifest;
  const annotations = { 'io.containerd.image.name': name };
  const loadable = {
    Config: blobPath(image.config.digest),
    RepoTags: [name],
    Layers: image.layers.map((layer) => blobPath(layer.digest)),
  };
  const blobs = new Map(
    [image.manifest, image.config, ...image.layers].map((blob) => [blob.digest, blob.size]),
  );
  return writeTar([
    document('oci-layout', Buffer.from(OCI_LAYOUT)),
    document('index.json', indexJson([{ mediaType, digest, size, annotations }])),
    document('manifest.json', Buffer.from(JSON.stringify([loadable]))),
    ...Array.from(blobs, ([blob, bytes]) => ({
      name: blobPath(blob),
      size: bytes,
      content: () => layout.read(blob),
    })),
  ]);
}
