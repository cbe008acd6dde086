export { engineArchive } from './archive.js';
export { attestationEntry, type ComposedIndex, composeIndex } from './compose.js';
export { createdBy, type ImageConfig, parseImageConfig, writtenPlatform } from './config.js';
export { digestOf, hashFor, splitDigest, wrongClaim } from './digest.js';
export {
  attestedDigest,
  type Index,
  isAttestation,
  type Manifest,
  type OciDescriptor,
  parseDescriptor,
  parseManifest,
} from './documents.js';
export { OciError } from './errors.js';
export { ingest } from './ingest.js';
export { ingestServed } from './ingest-served.js';
export type { Ingested } from './ingested.js';
export {
  DOCUMENT_LIMIT,
  DOCUMENT_LIMIT_TEXT,
  fieldsOf,
  hasDoubleMembers,
  isObject,
  type Json,
  jsonIn,
} from './json.js';
export { blobPath, createLayout, type Layout, layoutOf } from './layout.js';
export {
  isForeignLayer,
  isImageConfig,
  isIndexType,
  isManifestType,
  manifestTypes,
  mediaTypes,
} from './media-types.js';
export { createTarReader } from './tar.js';
export type { EntryKind, TarHeader } from './tar-header.js';
export { type TarFile, type TarMark, type TarOwner, writeTar } from './write-tar.js';
