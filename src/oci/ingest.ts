import {
  type BlobContext,
  createBlobSink,
  type LayerScanner,
  type Scans,
  type Sink,
  scanStored,
} from './blob-sink.js';
import { parseManifest } from './documents.js';
import { OciError } from './errors.js';
import type { Ingested, ScannedLayer } from './ingested.js';
import { DOCUMENT_LIMIT, DOCUMENT_LIMIT_TEXT } from './json.js';
import type { Layout } from './layout.js';
import { resolveImage } from './resolve.js';
import { createTarReader } from './tar.js';
import type { TarHeader } from './tar-header.js';

const BLOB = /^blobs\/(sha256)\/([0-9a-f]{64})$/;

/** Collects `index.json`, which comes last. */
function createDocumentSink(done: (bytes: Buffer) => void): Sink {
  const pieces: Buffer[] = [];
  return {
    write(piece) {
      pieces.push(Buffer.from(piece));
      return undefined;
    },
    async end() {
      done(Buffer.concat(pieces));
    },
    abort: async () => {},
  };
}

/**
 * Reads the archive in steps: the tar reader tells of entries at once, the work
 * on their bytes may have to be waited for. One step is one chunk of the stream,
 * so what is held meanwhile is small.
 */
async function readArchive<Facts extends ScannedLayer>(
  tar: AsyncIterable<Buffer>,
  context: BlobContext<Facts>,
): Promise<Buffer | undefined> {
  let index: Buffer | undefined;
  let open: Sink | undefined;
  const events: (() => Promise<void> | undefined)[] = [];
  const sinkFor = async (header: TarHeader): Promise<Sink | undefined> => {
    const path = header.path.replace(/^\.\//, '');
    const [, algorithm, hex] = BLOB.exec(path) ?? [];
    if (hex !== undefined) {
      const digest = `${algorithm}:${hex}`;
      return createBlobSink(digest, await context.layout.has(digest), context);
    }
    if (path !== 'index.json') return undefined;
    if (header.size > DOCUMENT_LIMIT) {
      throw new OciError(
        'too-large',
        `index.json has ${header.size} bytes; at most ${DOCUMENT_LIMIT_TEXT} are read`,
      );
    }
    return createDocumentSink((bytes) => {
      index = bytes;
    });
  };
  const reader = createTarReader({
    entry: (header) => {
      events.push(async () => {
        open = header.kind === 'file' ? await sinkFor(header) : undefined;
      });
    },
    data: (piece) => {
      events.push(() => open?.write(piece));
    },
    end: () => {
      events.push(async () => {
        const ended = open;
        open = undefined;
        await ended?.end();
      });
    },
  });
  try {
    for await (const chunk of tar) {
      reader.write(chunk);
      for (const event of events.splice(0)) await event();
    }
    reader.end();
  } catch (error) {
    await open?.abort();
    throw error;
  }
  return index;
}

/**
 * Reads what `docker buildx build --platform P --output type=oci,dest=-,name=REF`
 * writes, as a stream and once: each blob is hashed, scanned and put into the
 * layout while it passes. With attestations off `index.json` names the manifest
 * itself, else an index of the manifest and its attestation manifests; both are
 * resolved. Throws an OciError: `digest-mismatch` for a blob whose bytes are not
 * what its name says, `malformed`, `truncated`, `missing`, `unsupported` for
 * more than one image.
 */
export async function ingest<Facts extends ScannedLayer>(
  tar: AsyncIterable<Buffer>,
  layout: Layout,
  scans: Scans<Facts>,
  createScanner: () => LayerScanner<Facts>,
): Promise<Ingested<Facts>> {
  const context = { layout, scans, createScanner };
  const index = await readArchive(tar, context);
  if (index === undefined) {
    throw new OciError('missing', 'the exported archive has no index.json');
  }
  const { value, problems } = parseManifest(index, 'index.json of the exported archive');
  if (value?.kind !== 'index') {
    const what = value === undefined ? problems.join('; ') : 'it is a manifest';
    throw new OciError('malformed', `index.json is not an image index: ${what}`);
  }
  return resolveImage(value.manifests, layout, (digest) => scanStored(digest, context));
}
