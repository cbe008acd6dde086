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

export const PROVENANCE = 'https://slsa.dev/provenance/v1';

/** What a build says of a manifest; `build` is another one each time. */
export function statementOf(about: string, build = 'one'): string {
  const [algorithm = '', hex] = about.split(':');
  const subject = [{ name: '_', digest: { [algorithm]: hex } }];
  return JSON.stringify({ subject, predicateType: PROVENANCE, predicate: { build } });
}

function attestation(store: Blobs, about: Descriptor, build?: string): Descriptor {
  const config = store.add('{}', mediaTypes.config);
  const layer = {
    ...store.add(statementOf(about.digest, build), mediaTypes.inToto),
    annotations: { 'in-toto.io/predicate-type': PROVENANCE },
  };
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer] };
  return store.add(JSON.stringify(manifest), mediaTypes.manifest);
}

function platformImage(store: Blobs, name: string, platform: string, build?: string): ImageFacts {
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
    attestations: [{ ...attestation(store, manifest, build), predicateTypes: [PROVENANCE] }],
    platform,
    entrypoint: ['/greeter'],
    command: [],
    shell: [],
    labels: {},
    storedIn: { kind: 'layout', name: 'layout' },
  };
}

export interface MadeImage {
  readonly image: string;
  readonly index: ComposedIndex;
  readonly platforms: readonly ImageFacts[];
}

/**
 * An image whose layers are a few words; base layers are the same for every name. Two
 * builds of it differ in their attestations alone.
 */
export function makeImage(
  store: Blobs,
  image: string,
  platforms: readonly string[] = ['linux/amd64', 'linux/arm/v7'],
  build?: string,
): MadeImage {
  const made = platforms.map((platform) => platformImage(store, image, platform, build));
  return { image, index: composeIndex(made), platforms: made };
}
