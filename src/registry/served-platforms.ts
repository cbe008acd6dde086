import { isImageConfig, isIndexType, isManifestType, parseManifest } from '../oci/index.js';
import { readServed, type ServedDocument, type ServedEntry } from './read-served.js';
import type { ReadOptions, Repository } from './repository.js';

/** The platforms that a tag serves, those of nested indexes too, attestations left out. */
export interface ServedPlatforms {
  readonly digest: string;
  /** As the index writes them; of what has none there, as its configuration does. */
  readonly platforms: readonly string[];
  /** Types of what is served and is no image, as of a chart. */
  readonly others: readonly string[];
  /** Why there may be more platforms than those: each is a clause about something that is served. */
  readonly unknown: readonly string[];
}

const DEPTH = 4;
const DOCUMENTS = 64;

interface PlatformReader {
  readonly repository: Repository;
  readonly reading: ReadOptions;
  readonly platforms: Set<string>;
  readonly others: Set<string>;
  readonly unknown: Set<string>;
  readonly visited: Set<string>;
}

function isWhole(platform: string | undefined): platform is string {
  return platform !== undefined && /^[^/]+\/[^/]+/.test(platform);
}

/** A manifest that stands in no index, or in one that does not say its platform. */
function addManifest(walk: PlatformReader, { bytes, digest, entries }: ServedDocument): void {
  const [entry] = entries;
  if (isWhole(entry?.platform)) {
    walk.platforms.add(entry.platform);
    return;
  }
  const { value } = parseManifest(bytes, digest);
  const config = value?.kind === 'manifest' ? value.config.mediaType : '';
  const type = value?.artifactType ?? config;
  if (isImageConfig(type)) walk.unknown.add(`the configuration of ${digest} names no platform`);
  else walk.others.add(type);
}

async function addEntry(walk: PlatformReader, entry: ServedEntry, depth: number): Promise<void> {
  const { digest, mediaType, platform, isAttestation } = entry;
  if (isAttestation) return;
  // A platform is one, also of a type that we do not know.
  if (isWhole(platform)) walk.platforms.add(platform);
  const isIndex = isIndexType(mediaType);
  if (!isIndex && !isManifestType(mediaType)) {
    walk.others.add(mediaType);
    return;
  }
  if ((isWhole(platform) && !isIndex) || walk.visited.has(digest)) return;
  walk.visited.add(digest);
  if (depth === DEPTH || walk.visited.size > DOCUMENTS) {
    walk.unknown.add('its indexes are nested too deep, or are too many');
    return;
  }
  const served = await readServed(walk.repository, digest, walk.reading);
  if (served === undefined) walk.unknown.add(`${digest}, which it lists, is not there`);
  else await addDocument(walk, served, depth + 1);
}

async function addDocument(
  walk: PlatformReader,
  served: ServedDocument,
  depth: number,
): Promise<void> {
  const { kind, bytes, digest, mediaType, entries } = served;
  if (kind === 'other') {
    walk.unknown.add(`${digest} is neither an index nor a manifest ("${mediaType}")`);
    return;
  }
  // What is malformed is left out of the entries.
  const [problem] = parseManifest(bytes, digest).problems;
  if (problem !== undefined) walk.unknown.add(problem);
  if (kind === 'manifest') return addManifest(walk, served);
  for (const entry of entries) await addEntry(walk, entry, depth);
}

/**
 * Reads which platforms a tag or a digest serves now; undefined where there is no
 * such. Rejects with the RegistryError of every other failure.
 */
export async function readPlatforms(
  repository: Repository,
  tagOrDigest: string,
  reading: ReadOptions = {},
): Promise<ServedPlatforms | undefined> {
  const served = await readServed(repository, tagOrDigest, reading);
  if (served === undefined) return undefined;
  const walk = {
    repository,
    reading,
    platforms: new Set<string>(),
    others: new Set<string>(),
    unknown: new Set<string>(),
    visited: new Set([served.digest]),
  };
  await addDocument(walk, served, 0);
  return {
    digest: served.digest,
    platforms: [...walk.platforms],
    others: [...walk.others],
    unknown: [...walk.unknown],
  };
}
