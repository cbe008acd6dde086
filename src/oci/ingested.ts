import type { ImageFacts } from '../evidence/index.js';
import type { ImageConfig } from './config.js';
import type { OciDescriptor } from './documents.js';

/** Facts that a scanner gives for a layer, as far as the image's own documents are compared with them. */
export interface ScannedLayer {
  readonly diffId?: string;
  readonly uncompressedSize: number;
  readonly problems: readonly string[];
}

/** An in-toto statement of an attestation manifest. */
export interface Statement {
  readonly predicateType: string;
  readonly descriptor: OciDescriptor;
  /** The statement's JSON; absent where it is larger than 4 MiB. */
  readonly json?: { readonly [key: string]: unknown };
}

/** An attestation manifest and what it states. */
export interface IngestedAttestation {
  readonly descriptor: OciDescriptor;
  /** Digest of the manifest that it is about. */
  readonly of: string | undefined;
  readonly statements: readonly Statement[];
}

/** One image of one platform, as BuildKit exported it. */
export interface Ingested<Facts extends ScannedLayer> {
  /** The image manifest's descriptor, then those of its attestation manifests. */
  readonly index: readonly OciDescriptor[];
  readonly facts: ImageFacts;
  readonly config: ImageConfig;
  /** Facts of each layer, in the manifest's order. */
  readonly layers: readonly Facts[];
  readonly attestations: readonly IngestedAttestation[];
  /** Sentences about where the image's documents and bytes disagree; what is wrong inside a layer is in its facts. */
  readonly problems: readonly string[];
}
