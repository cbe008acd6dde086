import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { createUploader } from '../../src/publish/shared-uploads.js';
import type { Repository } from '../../src/registry/index.js';

const BLOB = { mediaType: 'application/octet-stream', digest: `sha256:${'b'.repeat(64)}`, size: 2 };
const { signal } = new AbortController();

/** Repositories of one registry, and what was sent to each: `acme/a from acme/b`. */
function registryOf(answers: Readonly<Record<string, readonly ('fails' | 'takes')[]>>) {
  const sent: string[] = [];
  const repository = (path: string, registry = 'r.example') =>
    ({
      registry,
      path,
      async putBlob({ from }: { readonly from?: string }) {
        const before = sent.filter((line) => line.startsWith(`${path} `)).length;
        sent.push(`${path} from ${from ?? 'the layout'}`);
        if (answers[path]?.[before] === 'fails') throw new Error(`${path} takes nothing`);
        return 'uploaded';
      },
    }) as unknown as Repository;
  return { repository, sent };
}

const uploader = () => createUploader({ open: () => Readable.from([]) }, pLimit(4));

test('a blob that is in a repository is not sent again, and another one mounts it from there', async () => {
  const { repository, sent } = registryOf({});
  const upload = uploader();
  await Promise.all([
    upload(repository('acme/a'), BLOB, signal),
    upload(repository('acme/a'), BLOB, signal),
    upload(repository('acme/b'), BLOB, signal),
    upload(repository('acme/b', 'other.example'), BLOB, signal),
  ]);
  expect(sent.sort()).toEqual([
    'acme/a from the layout',
    'acme/b from acme/a',
    'acme/b from the layout',
  ]);
});

test('an upload that failed does not count: the image that waited for it sends the blob itself', async () => {
  const { repository, sent } = registryOf({ 'acme/a': ['fails', 'takes'] });
  const upload = uploader();
  const first = upload(repository('acme/a'), BLOB, signal);
  const second = upload(repository('acme/a'), BLOB, signal);
  await expect(first).rejects.toThrow('acme/a takes nothing');
  await second;
  expect(sent).toEqual(['acme/a from the layout', 'acme/a from the layout']);
});

test('nothing is mounted from a repository whose upload failed', async () => {
  const { repository, sent } = registryOf({ 'acme/a': ['fails'] });
  const upload = uploader();
  const first = upload(repository('acme/a'), BLOB, signal);
  const second = upload(repository('acme/b'), BLOB, signal);
  await expect(first).rejects.toThrow('acme/a takes nothing');
  await second;
  expect(sent).toEqual(['acme/a from the layout', 'acme/b from the layout']);
});

test('an interruption ends what has not begun', async () => {
  const { repository, sent } = registryOf({});
  await expect(uploader()(repository('acme/a'), BLOB, AbortSignal.abort())).rejects.toThrow();
  expect(sent).toEqual([]);
});
