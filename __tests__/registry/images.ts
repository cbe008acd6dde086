import { Readable } from 'node:stream';
import type { Descriptor, ImageFacts } from '../../src/evidence/index.js';
import { type ComposedIndex, composeIndex, digestOf, mediaTypes } from '../../src/oci/index.js';

/** Content by digest, as an OCI layout has it. */
export interface Blobs {
  readonly all: Map<string, Buffer>;
  add(bytes: Buffer | string, mediaType: string): Descriptor;
  open(digest: string): Readable;
}

export function blobs(): Blobs {
  const all = new Map<string, Buffer>();
  return {
    all,
    add(content, mediaType) {
      const bytes = Buffer.from(content);
      const digest = digestOf(bytes);
      all.set(digest, bytes);
      return { mediaType, digest, size: bytes.length };
    },
    open: (digest) => Readable.from([all.get(digest) ?? Buffer.alloc(0)]),
  };
}

function statement(store: Blobs, about: Descriptor): Descriptor {
  const config = store.add('{}', mediaTypes.config);
  const layer = store.add(`{"subject":"${about.digest}"}`, mediaTypes.inToto);
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer] };
  return store.add(JSON.stringify(manifest), mediaTypes.manifest);
}

function platformImage(store: Blobs, name: string, platform: string): ImageFacts {
  const [os, architecture, variant] = platform.split('/');
  const config = store.add(JSON.stringify({ os, architecture, variant, name }), mediaTypes.config);
  const base = store.add(`base of ${platform}`, mediaTypes.layer);
  const own = store.add(`${name} for ${platform}`, mediaTypes.layer);
  const manifest = store.add(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config,
      layers: [base, own],
    }),
    mediaTypes.manifest,
  );
  const layers = [base, own].map((layer) => ({
    ...layer,
    diffId: layer.digest,
    uncompressedSize: layer.size,
  }));
  return {
    manifest,
    config,
    layers,
    attestations: [{ ...statement(store, manifest), predicateTypes: [] }],
    platform,
    entrypoint: ['/greeter'],
    command: [],
    shell: [],
    labels: {},
    bytes: { kind: 'layout', at: 'layout' },
  };
}

export interface MadeImage {
  readonly image: string;
  readonly index: ComposedIndex;
  readonly platforms: readonly ImageFacts[];
}

/** An image whose layers are a few words; base layers are the same for every name. */
export function makeImage(
  store: Blobs,
  image: string,
  platforms: readonly string[] = ['linux/amd64', 'linux/arm/v7'],
): MadeImage {
  const made = platforms.map((platform) => platformImage(store, image, platform));
  return { image, index: composeIndex(made), platforms: made };
}
