import { join } from 'node:path';
import { type BuildpackPlan, type Finding, finding } from '../../evidence/index.js';
import {
  DOCUMENT_LIMIT,
  type OciDescriptor,
  OciError,
  parseImageConfig,
  parseManifest,
  writtenPlatform,
} from '../../oci/index.js';
import { samePlatform } from '../../platform/index.js';
import { chunkWriter } from '../../ports/index.js';
import { parseReference, plannedCache } from '../../reference/index.js';
import { RegistryError, type Repository, reasonOf, settleAll } from '../../registry/index.js';
import { defined } from '../../types/index.js';
import { ownCaches } from '../dockerfile/cache.js';
import type { BuildTools } from '../kind.js';
import type { BuildpackOrder } from './order.js';
import type { OpenPlace } from './place.js';

/*
 * A cache in a registry: the lifecycle keeps it as an image in the registry of the build, and
 * this program carries that image from and to where the configuration has it, so that no
 * container has the logins for it.
 */

/** The label by which the lifecycle knows what its cache holds (lifecycle: cache/image_cache.go). */
const METADATA = 'io.buildpacks.lifecycle.cache.metadata';

type CacheTools = Pick<BuildTools, 'ports' | 'signal'>;

/** A repository, and the tag or digest in it, of a build's own cache for one entry. */
interface CachePlace {
  /** The place of the image and platform. */
  readonly reference: string;
  /** What the entry says. */
  readonly entry: string;
  readonly repository: Repository;
  readonly tag: string;
}

/** Whether the cache of a build is in registries; else it is in a volume of the engine. */
export function hasRegistryCache({
  cacheFrom: from,
  cacheTo: to,
}: Pick<BuildpackPlan, 'cacheFrom' | 'cacheTo'>): boolean {
  return from.length + to.length > 0;
}

function refIn(entry: string): string {
  return plannedCache(entry).attributes.get('ref') ?? '';
}

function placesOf(
  entries: readonly string[],
  { image, platform, pack }: BuildpackOrder,
): readonly CachePlace[] {
  const own = ownCaches(entries, image.id, platform);
  const references = new Map(entries.map((entry, at) => [refIn(own[at] ?? ''), refIn(entry)]));
  return [...references].flatMap(([reference, entry]) => {
    const parsed = parseReference(reference);
    if (!parsed.ok) return [];
    const { registry, repository, tag = 'latest', digest } = parsed.reference;
    const opened = pack.cacheClient.repository(registry, repository);
    return [{ reference, entry, repository: opened, tag: digest ?? tag }];
  });
}

function notOne(reference: string, what: string): OciError {
  return new OciError('malformed', `${reference} is no cache of a build with buildpacks: ${what}`);
}

/** The blobs of a cache that is one of the lifecycle's, for the platform. */
async function blobsOf(
  { reference, repository }: CachePlace,
  bytes: Buffer,
  platform: string,
  { signal }: CacheTools,
): Promise<readonly OciDescriptor[]> {
  const { value } = parseManifest(bytes, reference);
  if (value?.kind !== 'manifest') throw notOne(reference, 'it is not the manifest of one image');
  const { digest, size } = value.config;
  if (size > DOCUMENT_LIMIT) throw notOne(reference, `its configuration has ${size} bytes`);
  const chunks: Buffer[] = [];
  const keep = (chunk: Buffer) => void chunks.push(chunk);
  await repository.checkBlob({ digest, size, keep, ...defined({ signal }) });
  const { value: config } = parseImageConfig(Buffer.concat(chunks), digest);
  if (!config.labels.has(METADATA)) throw notOne(reference, `it has no label ${METADATA}`);
  // The lifecycle names no architecture; the place that is read says whose cache it is.
  const written = writtenPlatform(config);
  const isNamed = config.architecture !== '';
  if (isNamed && !samePlatform(written, platform)) throw notOne(reference, `it is for ${written}`);
  return [value.config, ...value.layers];
}

/** An image of the lifecycle's: its manifest, and all blobs that this names. */
interface CacheImage {
  readonly manifest: Parameters<Repository['putManifest']>[1];
  readonly blobs: readonly OciDescriptor[];
}

/** Writes the image of a cache to a place: each blob once, by `copy`, and the manifest last. */
async function putCache(
  { repository, tag }: Pick<CachePlace, 'repository' | 'tag'>,
  { manifest, blobs }: CacheImage,
  copy: (blob: OciDescriptor) => Promise<unknown>,
  { signal }: Pick<CacheTools, 'signal'>,
): Promise<void> {
  // Two layers may be one blob.
  const all = new Map(blobs.map((blob) => [blob.digest, blob]));
  await settleAll([...all.values()].map(copy));
  await repository.putManifest(tag, manifest, defined({ signal }));
}

/** Brings the cache of one place into the registry of the build; false where there is none. */
async function bring(
  place: CachePlace,
  { platform, pack }: BuildpackOrder,
  { registry, cacheRepository, tag, home }: OpenPlace,
  tools: CacheTools,
): Promise<boolean> {
  const { files } = pack;
  const signal = defined({ signal: tools.signal });
  const served = await place.repository
    .getManifest(place.tag, signal)
    .catch((error: unknown): undefined => {
      if (!(error instanceof RegistryError) || error.code !== 'not-found') throw error;
    });
  if (served === undefined) return false;
  const blobs = await blobsOf(place, served.bytes, platform, tools);
  const into = pack.client.repository(registry.host, cacheRepository);
  const copy = async ({ digest, size }: OciDescriptor) => {
    const path = join(home, `cache-${digest.replace(':', '-')}`);
    const writer = chunkWriter(files.writer(path));
    try {
      const keep = (piece: Buffer) => writer.write(piece);
      await place.repository.checkBlob({ digest, size, keep, ...signal });
      await writer.end();
      await into.putBlob({ digest, size, open: () => files.reader(path), ...signal });
    } catch (error) {
      await writer.abort();
      throw error;
    } finally {
      await files.remove(path);
    }
  };
  await putCache({ repository: into, tag }, { manifest: served, blobs }, copy, tools);
  return true;
}

function subjectOf({ image, platform }: BuildpackOrder): Finding['subject'] {
  return { image: image.id, platform };
}

/** What is wrong with a cache, in words. Throws every other error. */
function faultOf(error: unknown): string {
  if (error instanceof RegistryError) return reasonOf(error);
  if (error instanceof OciError) return error.message;
  throw error;
}

/**
 * Brings the first cache that there is, of those that the plan names, into the registry of the
 * build. Only what was written for this image and platform is looked for: nothing in a cache
 * says for which architecture its layers are. The findings say which could not be read.
 */
export async function bringCache(
  order: BuildpackOrder,
  place: OpenPlace,
  tools: CacheTools,
): Promise<readonly Finding[]> {
  const { image, refusedCaches } = order;
  if (image.build.clearCache) return [];
  const unread: string[] = [];
  for (const one of placesOf(image.build.cacheFrom, order)) {
    try {
      if (await bring(one, order, place, tools)) break;
    } catch (error) {
      tools.signal?.throwIfAborted();
      const fault = faultOf(error);
      if (!refusedCaches?.has(one.entry)) unread.push(`${one.reference}: ${fault}`);
    }
  }
  if (unread.length === 0) return [];
  const message = 'A cache could not be read; the build continued without it.';
  return [finding('cache-unread', subjectOf(order), message, { detail: unread })];
}

async function carry(
  to: CachePlace,
  { pack }: BuildpackOrder,
  { registry, cacheRepository, tag }: OpenPlace,
  tools: CacheTools,
): Promise<void> {
  const signal = defined({ signal: tools.signal });
  const from = pack.client.repository(registry.host, cacheRepository);
  const written = await from.getManifest(tag, signal);
  const there = await to.repository.headManifest(to.tag, tools.signal);
  if (there?.digest === written.digest) return;
  const { value } = parseManifest(written.bytes, written.digest);
  if (value?.kind !== 'manifest') throw notOne(to.reference, 'the lifecycle has left another');
  const image = { manifest: written, blobs: [value.config, ...value.layers] };
  const copy = ({ digest, size }: OciDescriptor) =>
    to.repository.putBlob({ digest, size, open: () => registry.read(digest), ...signal });
  await putCache(to, image, copy, tools);
}

/**
 * Carries the cache that a build has left in its registry to where the plan has it. The image
 * is whole without it, so that what fails is a warning.
 */
export async function keepCache(
  order: BuildpackOrder,
  place: OpenPlace,
  tools: CacheTools,
): Promise<readonly Finding[]> {
  const places = placesOf(order.image.build.cacheTo, order);
  const kept = places.map(async (to): Promise<readonly Finding[]> => {
    try {
      await carry(to, order, place, tools);
      return [];
    } catch (error) {
      tools.signal?.throwIfAborted();
      const message = `The cache ${to.reference} was not written: ${faultOf(error)}.`;
      const remedy =
        'Check that its registry can be reached and that the login may write to it; until then the next build begins without it.';
      const more = { severity: 'warning', remedy } as const;
      return [finding('registry-failed', subjectOf(order), message, more)];
    }
  });
  return (await settleAll(kept)).flat();
}
