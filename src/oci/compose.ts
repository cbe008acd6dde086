import type { Descriptor, ImageFacts } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { digestOf } from './digest.js';
import type { WrittenPlatform } from './documents.js';
import { mediaTypes } from './media-types.js';

/** The bytes of an index and the descriptor that names them. */
export interface ComposedIndex {
  readonly bytes: Buffer;
  readonly descriptor: Descriptor;
}

function platformOf(written: string): WrittenPlatform {
  const [os = '', architecture = '', variant] = written.split('/');
  return { architecture, os, ...defined({ variant }) };
}

function imageEntry({ manifest, platform }: ImageFacts) {
  const { mediaType, digest, size } = manifest;
  return { mediaType, digest, size, platform: platformOf(platform) };
}

/** As BuildKit writes it, so that engines and registries leave it out of platform lists. */
export function attestationEntry({ mediaType, digest, size }: Descriptor, of: string) {
  return {
    mediaType,
    digest,
    size,
    annotations: {
      'vnd.docker.reference.digest': of,
      'vnd.docker.reference.type': 'attestation-manifest',
    },
    platform: { architecture: 'unknown', os: 'unknown' },
  };
}

function attestationEntries({ manifest, attestations }: ImageFacts) {
  return attestations.map((one) => attestationEntry(one, manifest.digest));
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

/**
 * The index to publish: the images in the order given (the plan's), then their
 * attestation manifests, then the annotations sorted by key. Equal input gives
 * equal bytes (OCI image-spec, image-index.md).
 */
export function composeIndex(
  images: readonly ImageFacts[],
  annotations: Readonly<Record<string, string>> = {},
): ComposedIndex {
  const sorted = Object.entries(annotations).sort(byKey);
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [...images.map(imageEntry), ...images.flatMap(attestationEntries)],
    ...(sorted.length === 0 ? {} : { annotations: Object.fromEntries(sorted) }),
  };
  const bytes = Buffer.from(JSON.stringify(index));
  return {
    bytes,
    descriptor: { mediaType: mediaTypes.index, digest: digestOf(bytes), size: bytes.length },
  };
}
