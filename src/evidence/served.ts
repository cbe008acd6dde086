import { defined } from '../types/index.js';
import type {
  Descriptor,
  Evidence,
  Finding,
  ImageFacts,
  PlannedImage,
  Publication,
  Served,
} from './model.js';

/** An image as it was built and tested, and the index under which it was published. */
export interface TestedImage {
  readonly image: string;
  readonly index: Descriptor;
  readonly platforms: readonly Pick<
    ImageFacts,
    'platform' | 'manifest' | 'config' | 'layers' | 'attestations'
  >[];
}

/** What was read below one digest or tag. */
export type ServedContent = Omit<Served, 'reference' | 'tag'>;

type Fault = Served['faults'][number];
type Side = NonNullable<Finding['found']>;

/** One thing that is served otherwise than it was tested and published. */
export interface Difference {
  readonly code: 'served-other' | 'served-platforms' | 'digest-mismatch';
  /** A sentence without its subject, the repository or the tag, and without its full stop. */
  readonly message: string;
  readonly platform?: string;
  readonly digest?: string;
  readonly found?: Side;
  readonly expected?: Side;
}

/** What was tested of an image, and published as `publication` says; undefined where it has no index. */
export function testedImage(
  { trials }: Pick<Evidence, 'trials'>,
  { id, platforms }: Pick<PlannedImage, 'id' | 'platforms'>,
  { index, takenOver }: Pick<Publication, 'index' | 'takenOver'>,
): TestedImage | undefined {
  if (index === undefined) return undefined;
  const built = platforms.flatMap(
    (platform) => trials.find((one) => one.image === id && one.platform === platform)?.built ?? [],
  );
  // An index that was taken over lists attestations of its own.
  const tested = built.map((one) => ({
    ...one,
    attestations:
      takenOver?.attestations.filter(({ subject }) => subject === one.manifest.digest) ??
      one.attestations,
  }));
  return { image: id, index, platforms: tested };
}

function compareIndex({ index }: TestedImage, served: Descriptor): readonly Difference[] {
  const differ = (part: string, found: string, expected: string): Difference[] => {
    if (found === expected) return [];
    const message = `serves the index with the ${part} ${found}; it was published with ${expected}`;
    const sides = {
      found: { value: found, from: 'the registry' },
      expected: { value: expected, from: 'the index as published' },
    };
    return [{ code: 'served-other', message, digest: served.digest, ...sides }];
  };
  return [
    ...differ('digest', served.digest, index.digest),
    ...differ('Content-Type', served.mediaType, index.mediaType),
  ];
}

/** The exact set of platforms, none twice. */
function comparePlatformSets(
  tested: readonly string[],
  served: readonly string[],
): readonly Difference[] {
  const problems = [...new Set([...tested, ...served])].flatMap((platform) => {
    const count = served.filter((one) => one === platform).length;
    if (!tested.includes(platform)) return [`${platform} is served and was not tested`];
    if (count === 1) return [];
    return [count === 0 ? `${platform} is missing` : `${platform} is listed ${count} times`];
  });
  if (problems.length === 0) return [];
  return [
    {
      code: 'served-platforms',
      message: `does not serve exactly the platforms that were tested: ${problems.join('; ')}`,
      found: { value: served.join(', ') || 'none', from: 'the index as served' },
      expected: { value: tested.join(', '), from: 'the trials' },
    },
  ];
}

const digestsOf = (layers: readonly { readonly digest: string }[]) =>
  layers.map(({ digest }) => digest).join(', ');

function comparePlatform(
  { platforms }: TestedImage,
  served: ServedContent['platforms'][number],
): readonly Difference[] {
  const { platform } = served;
  const built = platforms.find((one) => one.platform === platform);
  if (built === undefined) return [];
  const differ = (part: string, found: string, expected: string): Difference[] => {
    if (found === expected) return [];
    const message = `serves another ${part} for ${platform}: ${found}; the tested one is ${expected}`;
    const sides = {
      found: { value: found, from: 'the registry' },
      expected: { value: expected, from: 'the trial' },
    };
    return [{ code: 'served-other', message, platform, digest: found, ...sides }];
  };
  const manifest = differ('manifest', served.manifest.digest, built.manifest.digest);
  if (manifest.length > 0) return manifest;
  if (served.config === undefined) {
    const { digest } = built.manifest;
    const message = `serves the manifest of ${platform}, ${digest}, and it could not be read`;
    return [{ code: 'served-other', message, platform, digest }];
  }
  return [
    ...differ('configuration', served.config.digest, built.config.digest),
    ...differ('list of layers', digestsOf(served.layers), digestsOf(built.layers)),
  ];
}

function compareAttestations(
  tested: TestedImage,
  { platforms, attestations }: ServedContent,
): readonly Difference[] {
  const images = new Set(platforms.map(({ manifest }) => manifest.digest));
  const made = new Set(
    tested.platforms.flatMap((one) => one.attestations.map(({ digest }) => digest)),
  );
  const served = new Set(attestations.map(({ digest }) => digest));
  const differ = (digest: string, message: string): Difference => ({
    code: 'served-other',
    message,
    digest,
  });
  return [
    ...attestations.flatMap(({ digest, subject }) => {
      const which = `serves the attestation ${digest}, which`;
      if (!made.has(digest)) return [differ(digest, `${which} no build of this run made`)];
      if (subject !== undefined && images.has(subject)) return [];
      const about = subject ?? 'nothing';
      return [differ(digest, `${which} is about ${about}, which is not a platform of its index`)];
    }),
    ...[...made]
      .filter((digest) => !served.has(digest))
      .map((digest) => differ(digest, `does not serve the attestation ${digest}`)),
  ];
}

const FAULTS = {
  corrupt: ['digest-mismatch', 'serves', 'with other bytes'],
  wrongClaim: ['digest-mismatch', 'serves', 'and names another digest in its header'],
  missing: ['served-other', 'does not serve', ''],
  malformed: ['served-other', 'serves', 'malformed'],
} as const;

function faultDifference({ kind, part, platform, digest, detail }: Fault): Difference {
  const [code, verb, how] = FAULTS[kind];
  return {
    code,
    message: `${verb} ${part}, ${digest}${how && `, ${how}`}: ${detail}`,
    ...defined({ platform }),
    digest,
    found: { value: detail, from: 'the registry' },
    expected: { value: digest, from: 'the manifest or index that names it' },
  };
}

/**
 * Compares what a registry serves with what was tested and published. The one comparison
 * there is: findings are made of its differences, and the verdict calls nothing verified
 * beside one. Empty only where every byte was read back as it was tested.
 */
export function compareServed(tested: TestedImage, served: ServedContent): readonly Difference[] {
  const faults = served.faults.map(faultDifference);
  if (served.index === undefined) {
    const { digest } = tested.index;
    const message = `does not serve the index ${digest}`;
    return faults.length > 0 ? faults : [{ code: 'served-other', message, digest }];
  }
  const index = compareIndex(tested, served.index);
  if (index.some(({ digest }) => digest !== tested.index.digest)) return [...index, ...faults];
  const told = new Set(served.faults.map(({ digest }) => digest));
  return [
    ...index,
    ...comparePlatformSets(
      tested.platforms.map(({ platform }) => platform),
      served.platforms.map(({ platform }) => platform),
    ),
    ...served.platforms
      .filter(({ config, manifest }) => config !== undefined || !told.has(manifest.digest))
      .flatMap((platform) => comparePlatform(tested, platform)),
    ...compareAttestations(tested, served),
    ...faults,
  ];
}
