import type { LimitFunction } from 'p-limit';
import type { Descriptor, ServedContent } from '../evidence/index.js';
import {
  attestedDigest,
  isAttestation,
  isForeignLayer,
  type OciDescriptor,
  parseManifest,
  wrongClaim,
} from '../oci/index.js';
import { normalisePlatform } from '../platform/index.js';
import {
  RegistryError,
  type Repository,
  type RequestGroup,
  type ServedManifest,
  settleAll,
  stopOnFailure,
} from '../registry/index.js';
import { defined } from '../types/index.js';
import { calledOther, type ReadBlob, type ServedFault } from './read-blobs.js';

interface ContentReader {
  readonly repository: Repository;
  readonly readBlob: ReadBlob;
  readonly limit: LimitFunction;
  readonly group: RequestGroup;
}

type PlatformFacts = ServedContent['platforms'][number];
type FaultLocation = Pick<ServedFault, 'part' | 'digest' | 'platform'>;
type ReportFault = (fault: ServedFault) => void;

const plain = ({ mediaType, digest, size }: Descriptor): Descriptor => ({
  mediaType,
  digest,
  size,
});

/** The fault that an error is, where it is about the content; any other error goes on. */
function faultIn(error: unknown, where: FaultLocation): ServedFault {
  if (error instanceof RegistryError && error.code === 'wrong-digest') {
    return { kind: 'corrupt', ...where, detail: error.detail ?? 'its bytes differ' };
  }
  if (error instanceof RegistryError && error.code === 'not-found') {
    return { kind: 'missing', ...where, detail: `the registry answers ${error.status}` };
  }
  throw error;
}

/** Reads a manifest by digest, and compares size, type and what it is called with the descriptor that led to it. */
async function readManifest(
  reader: ContentReader,
  wanted: Descriptor,
  where: FaultLocation,
  report: ReportFault,
): Promise<ServedManifest | undefined> {
  const { repository, limit, group } = reader;
  const reading = { fresh: true, signal: group.signal };
  let served: ServedManifest;
  try {
    served = await limit(() => repository.getManifest(wanted.digest, reading));
  } catch (error) {
    report(faultIn(error, where));
    return undefined;
  }
  const other = wrongClaim(served.bytes, served.claimed);
  if (other !== undefined) report({ ...calledOther(other), ...where });
  const { length } = served.bytes;
  if (length !== wanted.size) {
    const detail = `${length} bytes, its descriptor says ${wanted.size}`;
    report({ kind: 'corrupt', ...where, detail });
  }
  if (served.mediaType !== wanted.mediaType) {
    const detail = `Content-Type is "${served.mediaType}", its descriptor says ${wanted.mediaType}`;
    report({ kind: 'malformed', ...where, detail });
  }
  return served;
}

function parse<K extends 'index' | 'manifest'>(
  served: ServedManifest,
  kind: K,
  where: FaultLocation,
  report: ReportFault,
) {
  const wrong = (detail: string) => report({ kind: 'malformed', ...where, detail });
  try {
    const { value, problems } = parseManifest(served.bytes, where.part);
    for (const problem of problems) wrong(problem);
    if (value?.kind === kind) {
      const written = value.mediaType;
      if (written !== undefined && written !== served.mediaType) {
        wrong(`its mediaType is ${written}, Content-Type is "${served.mediaType}"`);
      }
      return value as Extract<typeof value, { kind: K }>;
    }
    if (value !== undefined) wrong(`it is an image ${value.kind}`);
  } catch (error) {
    wrong((error as Error).message);
  }
  return undefined;
}

/** What an entry of the index is called; an attestation has no platform. */
interface EntryName {
  readonly name: string;
  readonly platform?: string;
}

/** One manifest of the index with its configuration and layers, every byte hashed. */
async function readEntry(
  reader: ContentReader,
  entry: OciDescriptor,
  { name, ...platform }: EntryName,
  report: ReportFault,
): Promise<Pick<PlatformFacts, 'config' | 'layers'>> {
  const where = { part: `the manifest of ${name}`, ...platform, digest: entry.digest };
  const served = await readManifest(reader, entry, where, report);
  const manifest = served && parse(served, 'manifest', where, report);
  if (manifest === undefined) return { layers: [] };
  const blobs = [manifest.config, ...manifest.layers];
  const work = blobs.map(async (blob, at) => {
    if (isForeignLayer(blob.mediaType)) return;
    const part = at === 0 ? `the configuration of ${name}` : `layer ${at} of ${name}`;
    const fault = await stopOnFailure(reader.group, reader.readBlob(blob, reader.group.signal));
    if (fault !== undefined) report({ ...fault, part, ...platform, digest: blob.digest });
  });
  await settleAll(work);
  return { config: plain(manifest.config), layers: manifest.layers.map(plain) };
}

function platformName({ platform }: OciDescriptor): string {
  if (platform === undefined) return 'no platform';
  const { os, architecture, variant } = platform;
  const written = [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
  return normalisePlatform(written) ?? written;
}

/** An attestation by what it is about, as far as that is in the same index. */
function attestationName(subject: string | undefined, entries: readonly OciDescriptor[]): string {
  const about = entries.find((entry) => entry.digest === subject && !isAttestation(entry));
  return about === undefined ? 'an attestation' : `the attestation of ${platformName(about)}`;
}

/**
 * Reads an index by its digest and everything below it; every byte is hashed. What is wrong
 * with the content is a fault in the result. Rejects with a RegistryError where the registry
 * fails, so that nothing can be said.
 */
export async function readContent(
  reader: ContentReader,
  wanted: Descriptor,
): Promise<ServedContent> {
  const faults: ServedFault[] = [];
  const report: ReportFault = (fault) => faults.push(fault);
  const where = { part: 'the index', digest: wanted.digest };
  const served = await readManifest(reader, wanted, where, report);
  const empty = { platforms: [], attestations: [], faults };
  if (served === undefined) return empty;
  const { bytes, mediaType, digest } = served;
  const index = { mediaType, digest, size: bytes.length };
  const parsed = parse(served, 'index', where, report);
  if (parsed === undefined) return { ...empty, index };
  const platforms: PlatformFacts[] = [];
  const attestations: ServedContent['attestations'][number][] = [];
  const readOne = async (entry: OciDescriptor) => {
    if (isAttestation(entry)) {
      const subject = attestedDigest(entry);
      attestations.push({ ...plain(entry), ...defined({ subject }) });
      await readEntry(reader, entry, { name: attestationName(subject, parsed.manifests) }, report);
      return undefined;
    }
    const platform = platformName(entry);
    const below = await readEntry(reader, entry, { name: platform, platform }, report);
    return { platform, manifest: plain(entry), ...below };
  };
  const work = parsed.manifests.map((entry) => stopOnFailure(reader.group, readOne(entry)));
  for (const one of await settleAll(work)) if (one !== undefined) platforms.push(one);
  return { index, platforms, attestations, faults };
}
