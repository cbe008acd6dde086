import { type Evidence, type JudgedImage, judge, type Verdict } from '../evidence/index.js';

/** The action's outputs that come from the evidence, as strings. */
interface Outputs {
  /** The index digest of the one image that was pushed; empty with several, and without one. */
  readonly digest: string;
  /** As `digest`, of an image that went to the embedded registry, from where nothing can be pulled. */
  readonly 'embedded-digest': string;
  /** JSON: image id → platform → manifest digest of what was built. */
  readonly digests: string;
  /**
   * The one image's configuration digest, or with several platforms its index digest,
   * as buildx's iidfile has it; empty where `digest` is.
   */
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

/** The index of an image in registries that others read: a step after this may pull it. */
function pushedIndex({ publication, published }: JudgedImage) {
  const { index, targets = [] } = publication ?? {};
  return published && targets.every(({ embedded }) => !embedded) ? index : undefined;
}

/** The configuration of an image that was pushed for one platform. */
function configOf(image: JudgedImage) {
  const [only] = image.trials;
  return image.trials.length === 1 && pushedIndex(image) !== undefined
    ? only?.facts?.built?.config
    : undefined;
}

function metadataOf(image: JudgedImage): Record<string, unknown> {
  const config = configOf(image);
  const index = pushedIndex(image);
  // A part of the tags may have moved; a name of the embedded registry cannot be pulled.
  const pushed = (image.publication?.targets ?? []).filter(({ embedded }) => !embedded);
  const names = pushed.map(({ repository, tag }) => `${repository}:${tag}`);
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
  const index = only?.published ? (only.publication?.index?.digest ?? '') : '';
  const digest = only === undefined ? '' : (pushedIndex(only)?.digest ?? '');
  const config = only === undefined ? undefined : configOf(only);
  return {
    digest,
    'embedded-digest': digest === '' ? index : '',
    digests: byId(images, digestsOf),
    imageid: config?.digest ?? digest,
    verdict,
    metadata: only === undefined ? byId(images, metadataOf) : JSON.stringify(metadataOf(only)),
  };
}
