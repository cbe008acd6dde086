import { Readable } from 'node:stream';
import { digestOf, engineArchive, mediaTypes, writeTar } from '../oci/index.js';
import { parsePlatform } from '../platform/index.js';
import { programs } from './programs.js';

const EPOCH = '1970-01-01T00:00:00Z';

/**
 * The program that proves a platform. A variant without a program of its own is
 * proved by the one of its architecture: the variants of amd64 and arm64 name
 * extensions, not other machines, and arm/v8 is a 32-bit arm with v7's instructions.
 */
export function programFor(platform: string): Buffer | undefined {
  const { os, architecture } = parsePlatform(platform) ?? {};
  const general = architecture === 'arm' ? `${os}/arm/v7` : `${os}/${architecture}`;
  const program = programs[platform] ?? programs[general];
  return program && Buffer.from(program.base64, 'base64');
}

/** All programs that prove something, as one digest: what a proof shows depends on them. */
export function programsDigest(): string {
  return digestOf(Buffer.from(JSON.stringify(Object.values(programs).map(({ sha256 }) => sha256))));
}

/** An image that exists only in memory. */
export interface ProofImage {
  readonly manifest: string;
  /** The tar that every image store loads, in which the image has that name. */
  archive(name: string): Readable;
}

/** Where the program of a platform stands in the image, e.g. `/proof-linux-arm-v7`. */
export function programPath(platform: string): string {
  return `/proof-${platform.replaceAll('/', '-')}`;
}

/**
 * An image of nothing but the programs of some platforms, each at its `programPath`;
 * `own` is the engine's platform and the image's. The kernel looks at a program and
 * not at an image when it chooses a handler, so one image serves all. The
 * run's labels make its digests the run's own: it is not taken away while another
 * run loads it.
 */
export async function proofImage(
  own: string,
  files: ReadonlyMap<string, Buffer>,
  labels: Readonly<Record<string, string>>,
): Promise<ProofImage> {
  const blobs = new Map<string, Buffer>();
  const keep = (mediaType: string, content: Buffer) => {
    const digest = digestOf(content);
    blobs.set(digest, content);
    return { mediaType, digest, size: content.length };
  };
  const keepJson = (mediaType: string, value: unknown) =>
    keep(mediaType, Buffer.from(JSON.stringify(value)));

  const entries = Array.from(files, ([platform, content]) => {
    const name = programPath(platform).slice(1);
    return { name, size: content.length, content, mode: 0o755 };
  });
  const layer = keep(mediaTypes.layer, Buffer.concat(await writeTar(entries).toArray()));
  const config = keepJson(mediaTypes.config, {
    created: EPOCH,
    ...parsePlatform(own),
    config: { Labels: labels },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    history: [{ created: EPOCH, created_by: 'sea-trial' }],
  });
  const manifest = keepJson(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers: [layer],
  });
  const layers = [{ ...layer, diffId: layer.digest, uncompressedSize: layer.size }];
  const read = (digest: string) => Readable.from([blobs.get(digest) ?? Buffer.alloc(0)]);
  return {
    manifest: manifest.digest,
    archive: (name) => engineArchive({ read }, { manifest, config, layers }, name),
  };
}
