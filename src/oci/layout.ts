import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { chunkWriter, type Files } from '../ports/index.js';
import { hashFor, splitDigest } from './digest.js';
import { OciError } from './errors.js';
import { DOCUMENT_LIMIT } from './json.js';
import { mediaTypes } from './media-types.js';

/** Bytes by their digest; `size` in bytes. */
interface Blob {
  readonly digest: string;
  readonly size: number;
}

/** A blob that is being written. Nothing is visible under its digest before `end`. */
interface BlobWriter {
  /** A promise where the disk is behind; wait for it before the next call. */
  write(chunk: Buffer): Promise<void> | undefined;
  /** Checks the digest and puts the blob in its place. Throws an OciError where it differs. */
  end(): Promise<Blob>;
  /** Gives up; leaves nothing behind. */
  abort(): Promise<void>;
}

/** A content-addressed store in the shape of the OCI image layout (image-layout.md). */
export interface Layout {
  /** The directory, an absolute path. */
  readonly directory: string;
  /** What the evidence calls it: no path of this machine. */
  readonly name: string;
  has(digest: string): Promise<boolean>;
  /** Size in bytes of a blob; undefined where it is not there. */
  size(digest: string): Promise<number | undefined>;
  /** The blob's bytes, not hashed again. The stream fails where it is not there. */
  read(digest: string): Readable;
  /** A whole small blob. Throws an OciError where it is missing or larger than `limit` (4 MiB). */
  readBytes(digest: string, limit?: number): Promise<Buffer>;
  /** Begins a blob. Without `expected` the digest is sha256 of what comes. */
  begin(expected?: string): BlobWriter;
}

export const OCI_LAYOUT = '{"imageLayoutVersion":"1.0.0"}';

/** What `index.json` holds for some descriptors. */
export function indexJson(manifests: readonly unknown[]): Buffer {
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }));
}

/** The path of a blob inside a layout: `blobs/sha256/…`. */
export function blobPath(digest: string): string {
  return `blobs/${splitDigest(digest).join('/')}`;
}

/** A hash of what passes that is compared with the expected digest at the end. */
export function createDigester(expected: string | undefined) {
  const { hash, algorithm } = hashFor(expected);
  let size = 0;
  return {
    update(chunk: Buffer) {
      hash.update(chunk);
      size += chunk.length;
    },
    end(): Blob {
      const digest = `${algorithm}:${hash.digest('hex')}`;
      if (expected !== undefined && digest !== expected) {
        throw new OciError(
          'digest-mismatch',
          `the blob named ${expected} has bytes whose digest is ${digest}`,
          { found: digest, expected },
        );
      }
      return { digest, size };
    },
  };
}

function beginBlob(files: Files, directory: string, expected: string | undefined): BlobWriter {
  const digester = createDigester(expected);
  // A name of its own per writer: two builds may write one blob at once.
  const path = `${directory}/partial/${randomBytes(12).toString('hex')}`;
  const file = chunkWriter(files.writer(path));
  return {
    write(chunk) {
      digester.update(chunk);
      return file.write(chunk);
    },
    async end() {
      try {
        await file.end();
        const blob = digester.end();
        await files.rename(path, `${directory}/${blobPath(blob.digest)}`);
        return blob;
      } catch (error) {
        await files.remove(path);
        throw error;
      }
    },
    async abort() {
      await file.abort();
      await files.remove(path);
    },
  };
}

/**
 * Opens or makes a layout in a directory. Blobs are written under `partial/`
 * and renamed when whole and right, so that what is under `blobs/` always has
 * the digest that names it. `name` stands for the layout in the evidence.
 */
export async function createLayout(
  files: Files,
  directory: string,
  name = 'layout',
): Promise<Layout> {
  for (const part of ['blobs/sha256', 'blobs/sha512', 'partial']) {
    await files.makeDirectory(`${directory}/${part}`);
  }
  await files.write(`${directory}/oci-layout`, OCI_LAYOUT);
  const pathOf = (digest: string) => `${directory}/${blobPath(digest)}`;
  const size = async (digest: string) => (await files.look(pathOf(digest)))?.size;
  const begin = (expected?: string) => beginBlob(files, directory, expected);
  return {
    directory,
    name,
    size,
    begin,
    has: async (digest) => (await size(digest)) !== undefined,
    read: (digest) => files.reader(pathOf(digest)),
    async readBytes(digest, limit = DOCUMENT_LIMIT) {
      const found = await size(digest);
      if (found === undefined) {
        throw new OciError('missing', `the blob ${digest} is not in the layout`);
      }
      if (found > limit) {
        throw new OciError('too-large', `the blob ${digest} has ${found} bytes; ${limit} are read`);
      }
      return files.read(pathOf(digest));
    },
  };
}

/**
 * A layout with nothing but one image of another layout, whose blobs it shares;
 * it lies beside that one. Answers its directory.
 */
export async function layoutOf(
  manifest: Blob & { readonly mediaType: string },
  { directory }: Pick<Layout, 'directory'>,
  files: Files,
): Promise<string> {
  const { mediaType, digest, size } = manifest;
  const own = await files.makeTemporary('image-', dirname(directory));
  await files.write(`${own}/oci-layout`, OCI_LAYOUT);
  await files.write(`${own}/index.json`, indexJson([{ mediaType, digest, size }]));
  await files.link(`${directory}/blobs`, `${own}/blobs`);
  return own;
}
