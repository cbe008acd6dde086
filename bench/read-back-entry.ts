import { setFlagsFromString } from 'node:v8';
import pLimit from 'p-limit';
import type { Descriptor } from '../src/evidence/index.js';
import { parseManifest } from '../src/oci/index.js';
import { verifyPublished } from '../src/pipeline/verification.js';
import { realPorts } from '../src/ports/index.js';
import { parseReference } from '../src/reference/index.js';
import { anonymous, createRegistryClient, type Repository } from '../src/registry/index.js';

/*
 * The read-back verification by itself, as a program: REPOSITORY:TAG, an index.
 * What was "tested" is taken from the registry first, since nothing was built here;
 * every byte is then read and hashed as after a publication.
 */

/** As in src/pipeline/run.ts. */
const TRANSFERS = 6;

const plain = ({ mediaType, digest, size }: Descriptor): Descriptor => ({
  mediaType,
  digest,
  size,
});

async function read<K extends 'index' | 'manifest'>(repository: Repository, name: string, kind: K) {
  const { bytes, digest, mediaType } = await repository.getManifest(name);
  const { value } = parseManifest(bytes, name);
  if (value?.kind !== kind) throw new Error(`${name} is no ${kind}.`);
  type Document = Extract<typeof value, { kind: K }>;
  return { document: value as Document, descriptor: { mediaType, digest, size: bytes.length } };
}

// As the doors of the bundle do.
setFlagsFromString('--semi-space-growth-factor=1');

const parsed = parseReference(process.argv[2] ?? '');
if (!parsed.ok) throw new Error(parsed.problem.message);
const { registry, repository: path, tag = 'latest' } = parsed.reference;
const { http, clock } = realPorts();
const client = createRegistryClient({ http, clock, credentials: anonymous });
const repository = client.repository(registry, path);
const index = await read(repository, tag, 'index');
const platforms = await Promise.all(
  index.document.manifests.map(async (entry) => {
    const { document } = await read(repository, entry.digest, 'manifest');
    const { os = '', architecture = '' } = entry.platform ?? {};
    return {
      platform: `${os}/${architecture}`,
      manifest: plain(entry),
      config: plain(document.config),
      layers: document.layers.map((layer) => ({
        ...plain(layer),
        diffId: layer.digest,
        uncompressedSize: layer.size,
      })),
      attestations: [],
    };
  }),
);
const tested = { image: 'bench', index: index.descriptor, platforms };
const target = { repository: `${registry}/${path}`, tags: [tag] };
const { findings } = await verifyPublished([{ tested, repositories: [{ target }] }], {
  client,
  limit: pLimit(TRANSFERS),
});
for (const { message } of findings) console.error(message);
process.exit(findings.length === 0 ? 0 : 1);
