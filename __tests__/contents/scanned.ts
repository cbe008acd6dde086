import { createScanner, type LayerFacts, type ScanLimits } from '../../src/contents/index.js';
import { cutAt, type RawEntry, rawTar } from '../oci/raw-tar.js';

/** The facts of stored bytes that come in pieces. */
export async function scan(
  bytes: Buffer,
  cuts: readonly number[] = [],
  limits?: ScanLimits,
): Promise<LayerFacts> {
  const scanner = createScanner(limits);
  for (const piece of cutAt(bytes, cuts)) await scanner.write(piece);
  return scanner.end();
}

/** The facts of a layer with these entries. */
export function layerOf(entries: readonly RawEntry[]): Promise<LayerFacts> {
  return scan(rawTar(entries));
}
