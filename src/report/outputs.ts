import { type Evidence, type JudgedImage, judge, type Verdict } from '../evidence/index.js';

/** The action's outputs that come from the evidence, as strings. */
interface Outputs {
  /** The index digest of the one image that was published; empty with several. */
  readonly digest: string;
  /** JSON: image id → platform → manifest digest of what was built. */
  readonly digests: string;
  /** The one image's configuration digest, or with several platforms its index digest. */
  readonly imageid: string;
  readonly verdict: Verdict['verdict'];
  /** JSON in buildx's metadata keys, of the one image; with several, image id → these. */
  readonly metadata: string;
}

function digestsOf({ trials }: JudgedImage): Record<string, string> {
  return Object.fromEntries(
    trials.flatMap(({ platform, facts }) =>
      facts?.built === undefined ? [] : [[platform, facts.built.manifest.digest]],
    ),
  );
}

function metadataOf({ trials, publication, published }: JudgedImage): Record<string, unknown> {
  const [only] = trials;
  const config = trials.length === 1 ? only?.facts?.built?.config : undefined;
  const index = published ? publication?.index : undefined;
  // A name would be taken for a reference that can be pulled; the embedded registry is gone.
  const live = (publication?.targets ?? []).filter(({ embedded }) => !embedded);
  const names = live.map(({ repository, tag }) => `${repository}:${tag}`);
  return {
    ...(config === undefined ? {} : { 'containerimage.config.digest': config.digest }),
    ...(index === undefined
      ? {}
      : { 'containerimage.descriptor': index, 'containerimage.digest': index.digest }),
    ...(names.length > 0 ? { 'image.name': names.join(',') } : {}),
  };
}

function byId(images: readonly JudgedImage[], value: (image: JudgedImage) => unknown): string {
  return JSON.stringify(Object.fromEntries(images.map((image) => [image.id, value(image)])));
}

/** What a workflow's later steps read. */
export function outputsOf(evidence: Evidence): Outputs {
  const { images, verdict } = judge(evidence);
  const [first] = images;
  const only = images.length === 1 ? first : undefined;
  const digest = only?.published ? (only.publication?.index?.digest ?? '') : '';
  const [trial] = only?.trials ?? [];
  const config = only?.trials.length === 1 ? trial?.facts?.built?.config.digest : undefined;
  return {
    digest,
    digests: byId(images, digestsOf),
    imageid: config ?? digest,
    verdict,
    metadata: only === undefined ? byId(images, metadataOf) : JSON.stringify(metadataOf(only)),
  };
}
