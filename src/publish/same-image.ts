import { isDeepStrictEqual } from 'node:util';
import type { ImageFacts } from '../evidence/index.js';
import {
  attestationEntry,
  attestedDigest,
  hasDoubleMembers,
  isAttestation,
  isObject,
  type OciDescriptor,
  parseDescriptor,
} from '../oci/index.js';

/** An index as its JSON says; what is served was written by others. */
interface ParsedIndex {
  readonly entries: readonly { readonly raw: unknown; readonly descriptor: OciDescriptor }[];
  readonly annotations: Readonly<Record<string, unknown>>;
  /** All but the lists of manifests and annotations. */
  readonly rest: unknown;
}

/** An annotation that is another one each time, by its nature. */
const CREATED = 'org.opencontainers.image.created';

function parseIndex(bytes: Buffer): ParsedIndex | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const { manifests, annotations = {}, ...rest } = JSON.parse(text);
    if (!isObject(annotations) || hasDoubleMembers(text)) return undefined;
    const entries = (manifests as unknown[]).map((raw) => {
      const { value } = parseDescriptor(raw, 'an entry');
      if (value === undefined) throw new Error('it is not a descriptor');
      return { raw, descriptor: value };
    });
    return { entries, annotations, rest };
  } catch {
    return undefined;
  }
}

function imagesIn({ entries }: ParsedIndex) {
  return entries.filter(({ descriptor }) => !isAttestation(descriptor));
}

function annotationsOf({ annotations }: ParsedIndex) {
  const { [CREATED]: created, ...others } = annotations;
  return { ...others, [CREATED]: typeof created };
}

/** The attestation manifests of an index, each with the digest that it is about. */
export function attestationsIn(
  bytes: Buffer,
): readonly (OciDescriptor & { readonly of: string })[] {
  return attestationsOf(parseIndex(bytes)).map(({ descriptor, of }) => ({ ...descriptor, of }));
}

function attestationsOf(written: ParsedIndex | undefined) {
  return (written?.entries ?? [])
    .filter(({ descriptor }) => isAttestation(descriptor))
    .map((entry) => ({ ...entry, of: attestedDigest(entry.descriptor) ?? '' }));
}

/**
 * Why an index that is served cannot stand for ours; undefined where it lists our platform
 * manifests as ours does, has our annotations, and beside these only attestations about them.
 */
export function differenceFrom(
  ours: Buffer,
  theirs: Buffer,
  platforms: readonly Pick<ImageFacts, 'platform' | 'manifest'>[],
): string | undefined {
  const [own, other] = [parseIndex(ours), parseIndex(theirs)];
  if (own === undefined || other === undefined)
    return 'it is not an index, or readers interpret it differently';
  const raw = (written: ParsedIndex) => imagesIn(written).map((entry) => entry.raw);
  if (!isDeepStrictEqual(raw(own), raw(other))) {
    const listed = new Set(imagesIn(other).map(({ descriptor }) => descriptor.digest));
    const missing = platforms.filter(({ manifest }) => !listed.has(manifest.digest));
    const names = missing.map(({ platform }) => platform).join(', ');
    return names === '' ? 'its entries differ' : `it lists another manifest for ${names}`;
  }
  if (!isDeepStrictEqual(annotationsOf(own), annotationsOf(other))) return 'its annotations differ';
  if (!isDeepStrictEqual(own.rest, other.rest)) return 'it has fields of its own';
  const known = new Set(platforms.map(({ manifest }) => manifest.digest));
  for (const { raw, descriptor, of } of attestationsOf(other)) {
    const which = `it lists the attestation ${descriptor.digest}, which`;
    if (!known.has(of)) return `${which} is not about any of its platforms`;
    // Other readers may take what we do not know for a platform, or for another digest.
    const usual = attestationEntry(descriptor, of);
    if (!isDeepStrictEqual(raw, usual)) return `${which} has fields that no build writes`;
  }
  return undefined;
}
