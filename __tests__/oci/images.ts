import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type RawEntry, rawTar } from './raw-tar.js';

export function sha256(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

interface Built {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const IN_TOTO = 'application/vnd.in-toto+json';

/** What a test changes about the image that is otherwise right. */
interface ImageChanges {
  readonly layers?: readonly Buffer[];
  readonly attested?: boolean;
  /** `index.json` names an index, as BuildKit does with attestations, or the manifest itself. */
  readonly nested?: boolean;
  readonly config?: object;
  readonly manifest?: object;
  readonly diffIds?: readonly string[];
  readonly attests?: string;
  /** What the attestation says beyond its type and its subject. */
  readonly predicate?: object;
}

/** Blobs and `index.json` of one image in the shape of BuildKit's export. */
export interface Export {
  readonly blobs: Map<string, Buffer>;
  readonly index: object;
  readonly manifest: Built;
  readonly configDigest: string;
  readonly layers: readonly Built[];
}

export function makeExport(changes: ImageChanges = {}): Export {
  const blobs = new Map<string, Buffer>();
  const put = (mediaType: string, content: Buffer | object): Built => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    blobs.set(sha256(bytes), bytes);
    return { mediaType, digest: sha256(bytes), size: bytes.length };
  };
  const tars = changes.layers ?? [
    rawTar([{ path: 'bin/app', content: '#!/bin/sh\n', mode: 0o755 }]),
  ];
  const layers = tars.map((tar) => put(LAYER, gzipSync(tar)));
  const config = put(CONFIG, {
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/bin/app'], Env: ['PATH=/bin'], Labels: { a: 'b' } },
    rootfs: { type: 'layers', diff_ids: changes.diffIds ?? tars.map(sha256) },
    history: tars.map((_, number) => ({ created_by: `COPY layer ${number + 1} # buildkit` })),
    ...changes.config,
  });
  const manifest = put(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config,
    layers,
    ...changes.manifest,
  });
  const manifests: object[] = [{ ...manifest, platform: { architecture: 'amd64', os: 'linux' } }];
  if (changes.attested) {
    const statement = put(IN_TOTO, {
      _type: 'https://in-toto.io/Statement/v0.1',
      predicateType: 'https://slsa.dev/provenance/v0.2',
      subject: [{ name: 'x', digest: { sha256: manifest.digest.slice(7) } }],
      predicate: changes.predicate ?? { materials: [] },
    });
    const annotations = { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v0.2' };
    const attestation = put(MANIFEST, {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: put(CONFIG, { architecture: 'unknown', os: 'unknown', config: {} }),
      layers: [{ ...statement, annotations }],
    });
    manifests.push({
      ...attestation,
      annotations: {
        'vnd.docker.reference.digest': changes.attests ?? manifest.digest,
        'vnd.docker.reference.type': 'attestation-manifest',
      },
      platform: { architecture: 'unknown', os: 'unknown' },
    });
  }
  const index = { schemaVersion: 2, mediaType: INDEX, manifests };
  const top = changes.nested === false ? manifest : put(INDEX, index);
  return {
    blobs,
    index: { schemaVersion: 2, mediaType: INDEX, manifests: [top] },
    manifest,
    configDigest: config.digest,
    layers,
  };
}

/** The archive as BuildKit writes it: blobs sorted by name, then `index.json`, then `oci-layout`. */
export function exportTar({ blobs, index }: Pick<Export, 'blobs' | 'index'>): Buffer {
  const sorted = [...blobs].sort(([a], [b]) => (a < b ? -1 : 1));
  const entries: RawEntry[] = [
    { path: 'blobs/', type: '5', mode: 0o755 },
    { path: 'blobs/sha256/', type: '5', mode: 0o755 },
    ...sorted.map(([digest, content]) => ({ path: `blobs/${digest.replace(':', '/')}`, content })),
    { path: 'index.json', content: JSON.stringify(index) },
    { path: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
  ];
  return rawTar(entries);
}
