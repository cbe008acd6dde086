export { engineArchive } from './archive.js';
export { type ComposedIndex, composeIndex } from './compose.js';
export {
  createdBy,
  type HistoryEntry,
  type ImageConfig,
  parseImageConfig,
  writtenPlatform,
} from './config.js';
export { digestOf, hashFor, isDigest, splitDigest } from './digest.js';
export {
  attestedDigest,
  type Descriptor,
  type Index,
  isAttestation,
  type Manifest,
  type Parsed,
  parseDescriptor,
  parseManifest,
  type WrittenPlatform,
} from './documents.js';
export { OciError, type OciErrorCode } from './errors.js';
export { ingest, type LayerScanner, type Scans } from './ingest.js';
export type { Attestation, Ingested, ScannedLayer, Statement } from './ingested.js';
export { DOCUMENT_LIMIT, DOCUMENT_LIMIT_SAID, isObject, type Json } from './json.js';
export {
  type Blob,
  type BlobWriter,
  blobPath,
  createDigester,
  createLayout,
  type Layout,
} from './layout.js';
export {
  isForeignLayer,
  isIndexType,
  isManifestType,
  manifestTypes,
  mediaTypes,
} from './media-types.js';
export { resolveImage } from './resolve.js';
export { createTarReader, type TarHandler, type TarReader } from './tar.js';
export type { EntryKind, TarHeader } from './tar-header.js';
export { type TarFile, type TarMark, writeTar } from './write-tar.js';
