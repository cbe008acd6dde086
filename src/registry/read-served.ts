import {
  attestedDigest,
  DOCUMENT_LIMIT,
  type Index,
  isAttestation,
  type Manifest,
  type OciDescriptor,
  OciError,
  parseImageConfig,
  parseManifest,
  writtenPlatform,
} from '../oci/index.js';
import { defined } from '../types/index.js';
import { RegistryError, type RegistryErrorCode } from './errors.js';
import type { ReadOptions, Repository } from './repository.js';

/** A manifest that an index lists, as the index says; of a tag without an index, the manifest itself. */
export interface ServedEntry extends Pick<OciDescriptor, 'mediaType' | 'digest' | 'size'> {
  /** As written, not normalised; of a single manifest, as its configuration says. */
  readonly platform?: string;
  readonly artifactType?: string;
  readonly annotations: ReadonlyMap<string, string>;
  readonly isAttestation: boolean;
  /** The digest that an attestation manifest is about, by its annotation. */
  readonly of?: string;
}

/** What a tag or a digest serves: its bytes, hashed, and what they list. */
export interface ServedDocument {
  readonly kind: 'index' | 'manifest' | 'other';
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Buffer;
  /** None where it is neither an index nor a manifest. */
  readonly entries: readonly ServedEntry[];
  readonly annotations: ReadonlyMap<string, string>;
}

function entryOf(descriptor: OciDescriptor): ServedEntry {
  const { mediaType, digest, size, platform, artifactType, annotations } = descriptor;
  const of = attestedDigest(descriptor);
  return {
    mediaType,
    digest,
    size,
    ...defined({ platform: platform && writtenPlatform(platform), artifactType }),
    annotations,
    isAttestation: isAttestation(descriptor),
    ...defined({ of }),
  };
}

function documentIn(bytes: Buffer): Manifest | Index | undefined {
  try {
    return parseManifest(bytes, 'what is served').value;
  } catch (error) {
    if (error instanceof OciError) return undefined;
    throw error;
  }
}

const NO_CONFIG: ReadonlySet<RegistryErrorCode> = new Set(['not-found', 'wrong-digest']);

/** The platform that a configuration says; undefined where it says none, or is not there. */
async function configuredPlatform(
  repository: Repository,
  config: OciDescriptor,
  reading: ReadOptions,
) {
  if (config.size > DOCUMENT_LIMIT) return undefined;
  const chunks: Buffer[] = [];
  const keep = (chunk: Buffer) => chunks.push(chunk);
  try {
    await repository.checkBlob({ ...reading, digest: config.digest, size: config.size, keep });
    const { value } = parseImageConfig(Buffer.concat(chunks), config.digest);
    return value.os === '' ? undefined : writtenPlatform(value);
  } catch (error) {
    if (error instanceof OciError) return undefined;
    if (error instanceof RegistryError && NO_CONFIG.has(error.code)) return undefined;
    throw error;
  }
}

/**
 * Reads what a tag or a digest serves now; undefined where there is no such. Rejects
 * with the RegistryError of every other failure.
 */
export async function readServed(
  repository: Repository,
  tagOrDigest: string,
  reading: ReadOptions = {},
): Promise<ServedDocument | undefined> {
  const served = await repository.getManifest(tagOrDigest, reading).catch((error: unknown) => {
    if (error instanceof RegistryError && error.code === 'not-found') return undefined;
    throw error;
  });
  if (served === undefined) return undefined;
  const { bytes, mediaType, digest } = served;
  const facts = { mediaType, digest, bytes };
  const document = documentIn(bytes);
  if (document === undefined) {
    return { ...facts, kind: 'other', entries: [], annotations: new Map() };
  }
  const { kind, annotations, artifactType } = document;
  if (kind === 'index') {
    return { ...facts, kind, entries: document.manifests.map(entryOf), annotations };
  }
  const platform = await configuredPlatform(repository, document.config, reading);
  const entry = {
    mediaType,
    digest,
    size: bytes.length,
    ...defined({ platform, artifactType }),
    annotations,
    isAttestation: false,
  };
  return { ...facts, kind, entries: [entry], annotations };
}
