import type { ScannedLayer } from './ingested.js';
import { createDigester, type Layout } from './layout.js';

/** Takes a layer's stored bytes in one pass; what is wrong with them is part of the facts. */
export interface LayerScanner<Facts extends ScannedLayer> {
  write(chunk: Buffer): Promise<void> | undefined;
  end(): Promise<Facts>;
}

/** Layers by digest that were scanned already; builds of one run share it. */
export type Scans<Facts> = Map<string, Facts>;

/** Where blobs go, and what is known of layers. */
export interface BlobContext<Facts extends ScannedLayer> {
  readonly layout: Layout;
  readonly scans: Scans<Facts>;
  readonly createScanner: () => LayerScanner<Facts>;
}

/** Takes a blob's bytes. */
export interface Sink {
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
export function createBlobSink<Facts extends ScannedLayer>(
  digest: string,
  present: boolean,
  { layout, scans, createScanner }: BlobContext<Facts>,
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

/** The scan of a layer that was not recognised as one while it passed. */
export async function scanStored<Facts extends ScannedLayer>(
  digest: string,
  { layout, scans, createScanner }: BlobContext<Facts>,
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
