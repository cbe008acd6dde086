import { parseManifest } from './documents.js';
import { OciError } from './errors.js';
import type { Ingested, ScannedLayer } from './ingested.js';
import { DOCUMENT_LIMIT, DOCUMENT_LIMIT_TEXT } from './json.js';
import { createDigester, type Layout } from './layout.js';
import { resolveImage } from './resolve.js';
import { createTarReader } from './tar.js';
import type { TarHeader } from './tar-header.js';

/** Takes a layer's stored bytes in one pass; what is wrong with them is part of the facts. */
interface LayerScanner<Facts extends ScannedLayer> {
  write(chunk: Buffer): Promise<void> | undefined;
  end(): Promise<Facts>;
}

/** Layers by digest that were scanned already; builds of one run share it. */
type Scans<Facts> = Map<string, Facts>;

const BLOB = /^blobs\/(sha256)\/([0-9a-f]{64})$/;

interface Sink {
  write(piece: Buffer): Promise<void> | undefined;
  end(): Promise<void>;
  abort(): Promise<void>;
}

function both(a: Promise<void> | undefined, b: Promise<void> | undefined) {
  if (a === undefined || b === undefined) return a ?? b;
  return Promise.all([a, b]).then(() => {});
}

/** Everything but a JSON document may be a layer; what this takes for one by mistake costs time only. */
const isDocument = (first: number | undefined) => first === 0x7b;

/**
 * Hashes a blob, writes it unless the layout has it, scans it unless it is
 * known, all in one pass.
 */
function createBlobSink<Facts extends ScannedLayer>(
  digest: string,
  present: boolean,
  { layout, scans, createScanner }: Context<Facts>,
): Sink {
  const digester = createDigester(digest);
  const writer = present ? undefined : layout.begin(digest);
  let scanner: LayerScanner<Facts> | undefined;
  let begun = false;
  return {
    write(piece) {
      if (!begun && !scans.has(digest) && !isDocument(piece[0])) scanner = createScanner();
      begun = true;
      if (writer === undefined) digester.update(piece);
      return both(writer?.write(piece), scanner?.write(piece));
    },
    async end() {
      if (writer === undefined) digester.end();
      else await writer.end();
      const facts = await scanner?.end();
      if (facts !== undefined) scans.set(digest, facts);
    },
    async abort() {
      await writer?.abort();
    },
  };
}

interface Context<Facts extends ScannedLayer> {
  readonly layout: Layout;
  readonly scans: Scans<Facts>;
  readonly createScanner: () => LayerScanner<Facts>;
}

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
  context: Context<Facts>,
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

/** The scan of a layer that was not recognised as one while it passed. */
async function scanStored<Facts extends ScannedLayer>(
  digest: string,
  { layout, scans, createScanner }: Context<Facts>,
): Promise<Facts> {
  const known = scans.get(digest);
  if (known !== undefined) return known;
  const scanner = createScanner();
  for await (const chunk of layout.read(digest) as AsyncIterable<Buffer>)
    await scanner.write(chunk);
  const facts = await scanner.end();
  scans.set(digest, facts);
  return facts;
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
  const top = parseManifest(index, 'index.json of the exported archive');
  if (top.value?.kind !== 'index') {
    throw new OciError('malformed', `index.json is not an image index: ${top.problems.join('; ')}`);
  }
  return resolveImage(top.value.manifests, layout, (digest) => scanStored(digest, context));
}
