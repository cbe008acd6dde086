import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { blobPath, splitDigest } from '../../oci/index.js';
import type { Files } from '../../ports/index.js';

/** Where content of one digest lies, and how large it is. */
interface Stored {
  readonly digest: string;
  readonly size: number;
}

export interface StoredManifest extends Stored {
  readonly mediaType: string;
}

/**
 * A registry's content in a directory: `blobs/sha256/HEX` once for all
 * repositories, and under `repositories/NAME/` what each of them knows:
 * `_blobs/sha256-HEX` (empty), `_manifests/sha256-HEX` (its media type),
 * `_tags/TAG` (its digest). No name's component can begin with `_`. Every
 * write is a rename, so a reader sees the old content or the new.
 */
export interface ContentStore {
  temporaryPath(): string;
  /** Takes a complete file as the content of `digest`, known to `name`. */
  adopt(name: string, digest: string, path: string): Promise<void>;
  blob(name: string, digest: string): Promise<Stored | undefined>;
  read(digest: string, range?: { readonly start: number; readonly end: number }): Readable;
  linkBlob(name: string, digest: string): Promise<void>;
  unlinkBlob(name: string, digest: string): Promise<void>;
  putManifest(name: string, digest: string, mediaType: string, bytes: Buffer): Promise<void>;
  manifest(name: string, digest: string): Promise<StoredManifest | undefined>;
  manifestBytes(digest: string): Promise<Buffer>;
  manifests(name: string): Promise<readonly string[]>;
  removeManifest(name: string, digest: string): Promise<void>;
  tag(name: string, tag: string): Promise<string | undefined>;
  setTag(name: string, tag: string, digest: string): Promise<void>;
  removeTag(name: string, tag: string): Promise<void>;
  tags(name: string): Promise<readonly string[]>;
  hasRepository(name: string): Promise<boolean>;
}

const fileName = (digest: string) => digest.replace(':', '-');

/**
 * Opens a store, empty or not. Blobs of the OCI layout in `layout` are in every
 * repository from the start, under a second name of the same file.
 */
export async function openStore(
  files: Files,
  directory: string,
  layout?: string,
): Promise<ContentStore> {
  const uploads = join(directory, 'uploads');
  const contentPath = (digest: string) => join(directory, 'blobs', ...splitDigest(digest));
  const inRepository = (name: string, ...rest: string[]) =>
    join(directory, 'repositories', ...name.split('/'), ...rest);
  for (const part of ['blobs/sha256', 'blobs/sha512', 'repositories', 'uploads']) {
    await files.makeDirectory(join(directory, part));
  }
  const write = async (folder: string, name: string, content: string | Buffer) => {
    const temporary = join(uploads, randomUUID());
    await files.write(temporary, content);
    await files.makeDirectory(folder);
    await files.rename(temporary, join(folder, name));
  };
  const names = async (folder: string) =>
    (await files.look(folder)) === undefined ? [] : files.list(folder);
  const text = async (path: string) =>
    (await files.look(path)) === undefined ? undefined : (await files.read(path)).toString('utf8');
  const sizeOf = async (digest: string) => (await files.look(contentPath(digest)))?.size ?? 0;
  /** Whether the layout has it; where a file can have no second name, it has to be uploaded. */
  const taken = async (digest: string): Promise<boolean> => {
    if (layout === undefined) return false;
    const done = files.hardLink(join(layout, blobPath(digest)), contentPath(digest));
    return done.then(
      () => true,
      ({ code }: NodeJS.ErrnoException) => code === 'EEXIST',
    );
  };
  const tagNames = (name: string) => names(inRepository(name, '_tags'));
  const readTag = (name: string, tag: string) => text(inRepository(name, '_tags', tag));

  return {
    temporaryPath: () => join(uploads, randomUUID()),
    async adopt(name, digest, path) {
      await files.rename(path, contentPath(digest));
      await write(inRepository(name, '_blobs'), fileName(digest), '');
    },
    async blob(name, digest) {
      const known = await files.look(inRepository(name, '_blobs', fileName(digest)));
      const here = known !== undefined || (await taken(digest));
      return here ? { digest, size: await sizeOf(digest) } : undefined;
    },
    read: (digest, range) => files.reader(contentPath(digest), range),
    linkBlob: (name, digest) => write(inRepository(name, '_blobs'), fileName(digest), ''),
    unlinkBlob: (name, digest) => files.remove(inRepository(name, '_blobs', fileName(digest))),
    async putManifest(name, digest, mediaType, bytes) {
      const [algorithm, hex] = splitDigest(digest);
      await write(join(directory, 'blobs', algorithm), hex, bytes);
      await write(inRepository(name, '_manifests'), fileName(digest), mediaType);
    },
    async manifest(name, digest) {
      const mediaType = await text(inRepository(name, '_manifests', fileName(digest)));
      return mediaType === undefined
        ? undefined
        : { digest, mediaType, size: await sizeOf(digest) };
    },
    manifestBytes: (digest) => files.read(contentPath(digest)),
    async manifests(name) {
      const found = await names(inRepository(name, '_manifests'));
      return found.map((file) => file.replace('-', ':'));
    },
    async removeManifest(name, digest) {
      for (const tag of await tagNames(name)) {
        if ((await readTag(name, tag)) === digest) {
          await files.remove(inRepository(name, '_tags', tag));
        }
      }
      await files.remove(inRepository(name, '_manifests', fileName(digest)));
    },
    tag: readTag,
    setTag: (name, tag, digest) => write(inRepository(name, '_tags'), tag, digest),
    removeTag: (name, tag) => files.remove(inRepository(name, '_tags', tag)),
    tags: tagNames,
    hasRepository: async (name) =>
      (await names(inRepository(name))).some((entry) => entry.startsWith('_')),
  };
}
