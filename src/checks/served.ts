import {
  type Code,
  type Descriptor,
  type Finding,
  finding,
  type ImageFacts,
} from '../evidence/index.js';

/** What was built and tried of one image, and published. */
export interface Tried {
  readonly image: string;
  readonly index: Descriptor;
  readonly platforms: readonly Pick<
    ImageFacts,
    'platform' | 'manifest' | 'config' | 'layers' | 'attestations'
  >[];
}

/** Something of an index that is not as it should be, seen while reading. */
export interface ServedFault {
  /**
   * `corrupt`: other bytes than digest or size say; `miscalled`: its bytes under another digest;
   * `missing`: 404; `malformed`: not what its type says.
   */
  readonly kind: 'corrupt' | 'miscalled' | 'missing' | 'malformed';
  /** `layer 2 of linux/arm64`. */
  readonly part: string;
  readonly platform?: string;
  readonly digest: string;
  readonly detail: string;
}

/** An index read back by its digest from one repository, with everything below it. */
export interface ServedTree {
  readonly repository: string;
  /** The index's descriptor as served: Content-Type, hashed digest, counted size. */
  readonly index?: Descriptor;
  readonly platforms: readonly {
    /** Normalised; as written where it is no platform. */
    readonly platform: string;
    /** As the index says. */
    readonly manifest: Descriptor;
    /** Undefined where the manifest could not be read. */
    readonly config?: Descriptor;
    readonly layers: readonly Descriptor[];
  }[];
  /** `of`: the manifest that it is about, by its annotation. */
  readonly attestations: readonly (Descriptor & { readonly of?: string })[];
  readonly faults: readonly ServedFault[];
}

const faultCode: Readonly<Record<ServedFault['kind'], Code>> = {
  corrupt: 'digest-mismatch',
  miscalled: 'digest-mismatch',
  missing: 'served-other',
  malformed: 'served-other',
};

function judgeFault(tried: Tried, tree: ServedTree, fault: ServedFault): Finding {
  const { part, platform, digest, detail, kind } = fault;
  const subject = {
    image: tried.image,
    reference: tree.repository,
    digest,
    ...(platform === undefined ? {} : { platform }),
  };
  const said = {
    corrupt: 'does not have its bytes',
    miscalled: 'is called something else',
    missing: 'is not there',
    malformed: 'is malformed',
  };
  return finding(
    faultCode[kind],
    subject,
    `${tree.repository}: ${part}, ${digest}, ${said[kind]}: ${detail}.`,
    {
      found: { value: detail, from: `read back from ${tree.repository}` },
      expected: { value: digest, from: 'the manifest or index that names it' },
    },
  );
}

function times(list: readonly string[], one: string): number {
  return list.filter((other) => other === one).length;
}

/** The exact set of platforms, none twice. */
function judgePlatformSet(tried: Tried, tree: ServedTree): readonly Finding[] {
  const served = tree.platforms.map(({ platform }) => platform);
  const wanted = tried.platforms.map(({ platform }) => platform);
  const wrong = [...new Set([...wanted, ...served])].flatMap((platform) => {
    const count = times(served, platform);
    if (!wanted.includes(platform)) return [`${platform} is served and was not tried`];
    if (count === 1) return [];
    return [count === 0 ? `${platform} is missing` : `${platform} is there ${count} times`];
  });
  if (wrong.length === 0) return [];
  return [
    finding(
      'served-platforms',
      { image: tried.image, reference: tree.repository },
      `${tree.repository} does not serve exactly the platforms that were tried: ${wrong.join('; ')}.`,
      {
        found: { value: served.join(', ') || 'none', from: 'the index as served' },
        expected: { value: wanted.join(', '), from: 'the trials' },
      },
    ),
  ];
}

function judgePlatform(
  tried: Tried,
  tree: ServedTree,
  served: ServedTree['platforms'][number],
): readonly Finding[] {
  const built = tried.platforms.find(({ platform }) => platform === served.platform);
  if (built === undefined) return [];
  const subject = { image: tried.image, platform: served.platform, reference: tree.repository };
  const differ = (part: string, found: string, expected: string) => [
    finding(
      'served-other',
      { ...subject, digest: found },
      `${tree.repository} serves another ${part} for ${served.platform}: ${found}, tried was ${expected}.`,
      {
        found: { value: found, from: 'the registry' },
        expected: { value: expected, from: 'the trial' },
      },
    ),
  ];
  if (served.manifest.digest !== built.manifest.digest) {
    return differ('manifest', served.manifest.digest, built.manifest.digest);
  }
  if (served.config === undefined) return [];
  const config =
    served.config.digest === built.config.digest
      ? []
      : differ('configuration', served.config.digest, built.config.digest);
  const layers = served.layers.map(({ digest }) => digest).join(', ');
  const triedLayers = built.layers.map(({ digest }) => digest).join(', ');
  if (layers === triedLayers) return config;
  return [...config, ...differ('list of layers', layers, triedLayers)];
}

function judgeAttestations(tried: Tried, tree: ServedTree): readonly Finding[] {
  const platforms = new Set(tree.platforms.map(({ manifest }) => manifest.digest));
  const made = new Set(
    tried.platforms.flatMap(({ attestations }) => attestations.map(({ digest }) => digest)),
  );
  const served = new Set(tree.attestations.map(({ digest }) => digest));
  const subject = { image: tried.image, reference: tree.repository };
  const wrong = (digest: string, why: string) =>
    finding(
      'served-other',
      { ...subject, digest },
      `${tree.repository}: attestation ${digest} ${why}.`,
    );
  return [
    ...tree.attestations.flatMap(({ digest, of }) => {
      if (!made.has(digest)) return [wrong(digest, 'was not made by the builds of this run')];
      if (of !== undefined && platforms.has(of)) return [];
      return [wrong(digest, `is about ${of ?? 'nothing'}, which is no platform of its index`)];
    }),
    ...[...made].filter((digest) => !served.has(digest)).map((one) => wrong(one, 'is missing')),
  ];
}

function judgeIndex(tried: Tried, tree: ServedTree): readonly Finding[] {
  const { index } = tree;
  if (index === undefined) return [];
  const wrong = (found: string, expected: string, what: string) =>
    finding(
      'served-other',
      { image: tried.image, reference: tree.repository, digest: index.digest },
      `${tree.repository} serves the index with ${what} ${found}, published was ${expected}.`,
      {
        found: { value: found, from: 'the registry' },
        expected: { value: expected, from: 'the index as published' },
      },
    );
  return [
    ...(index.digest === tried.index.digest
      ? []
      : [wrong(index.digest, tried.index.digest, 'the digest')]),
    ...(index.mediaType === tried.index.mediaType
      ? []
      : [wrong(index.mediaType, tried.index.mediaType, 'the Content-Type')]),
  ];
}

/** Compares an index, read back from one repository, with what was built, tried and published. */
export function judgeServed(tried: Tried, tree: ServedTree): readonly Finding[] {
  const faults = tree.faults.map((fault) => judgeFault(tried, tree, fault));
  if (tree.index === undefined) return faults;
  return [
    ...judgeIndex(tried, tree),
    ...judgePlatformSet(tried, tree),
    ...tree.platforms.flatMap((platform) => judgePlatform(tried, tree, platform)),
    ...judgeAttestations(tried, tree),
    ...faults,
  ];
}
