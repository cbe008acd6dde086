import { expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { digestOf, mediaTypes } from '../../src/oci/index.js';
import type { PublishCourse } from '../../src/publish/job.js';
import { readKeptIndex } from '../../src/publish/read-kept-index.js';
import type { Repository } from '../../src/registry/index.js';
import { blobs, type MadeImage, makeImage, PROVENANCE } from '../registry/images.js';

const MOST = 32 * 1024 * 1024;
const CONFIG = 2;

const course = {
  job: { limit: pLimit(2) },
  signal: new AbortController().signal,
} as unknown as PublishCourse;

/** A tag that keeps an index whose statements are called so large; what they say is a few words. */
function keeping(platforms: readonly string[], ...sizes: readonly number[]) {
  const store = blobs();
  const made = makeImage(store, 'greeter', platforms);
  const written = JSON.parse(`${made.index.bytes}`);
  for (const [at, size] of sizes.entries()) {
    const entry = written.manifests[platforms.length + at];
    const manifest = JSON.parse(`${store.all.get(entry.digest)}`);
    manifest.layers[0].size = size;
    Object.assign(entry, store.add(JSON.stringify(manifest), mediaTypes.manifest));
  }
  const index = Buffer.from(JSON.stringify(written));
  store.all.set('a', index);
  const repository = {
    getManifest: async (digest: string) => {
      const bytes = store.all.get(digest) ?? Buffer.alloc(0);
      const mediaType = digest === 'a' ? mediaTypes.index : mediaTypes.manifest;
      return { bytes, mediaType, digest: digestOf(bytes) };
    },
    checkBlob: async ({ digest, keep }: { digest: string; keep: (piece: Buffer) => void }) => {
      const bytes = store.all.get(digest) ?? Buffer.alloc(0);
      keep(bytes.subarray(0, 10));
      keep(bytes.subarray(10));
    },
  } as unknown as Repository;
  return { made, repository };
}

async function read({ made, repository }: { made: MadeImage; repository: Repository }) {
  const image = { ...made, targets: [] };
  const kept = await readKeptIndex(course, image, repository, 'a');
  if (kept === undefined) return 'nothing';
  return 'why' in kept
    ? kept.why.replace(/sha256:\w+/, 'DIGEST')
    : kept.attestations.map(({ predicateTypes }) => predicateTypes);
}

const ONE = ['linux/amd64'];
const TWO = ['linux/amd64', 'linux/arm64'];
const TOO_LARGE = 'its attestation DIGEST is too large to be copied, with the others';

test.each<[string, readonly string[], readonly number[], unknown]>([
  ['of one platform', ONE, [MOST - CONFIG], [[PROVENANCE]]],
  ['of two platforms', TWO, [MOST - CONFIG, MOST - CONFIG], [[PROVENANCE], [PROVENANCE]]],
  ['of which one is larger', TWO, [MOST + 9, MOST - 9 - 2 * CONFIG], [[PROVENANCE], [PROVENANCE]]],
  ['of one platform with a byte too many', ONE, [MOST - CONFIG + 1], TOO_LARGE],
  ['of two with a byte too many', TWO, [MOST, MOST - 2 * CONFIG + 1], TOO_LARGE],
])(
  'statements %s are copied as far as all of them have room',
  async (_, platforms, sizes, expected) => {
    expect(await read(keeping(platforms, ...sizes))).toEqual(expected);
  },
);
