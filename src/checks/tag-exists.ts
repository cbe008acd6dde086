import { type Existing, type Finding, finding, joinWords } from '../evidence/index.js';
import { normalisePlatform } from '../platform/index.js';

/** A tag that a run is to write. */
export interface TagToWrite {
  readonly image: string;
  readonly repository: string;
  readonly tag: string;
  readonly existing?: Existing | undefined;
}

/** What it serves before that. */
interface TagServed {
  readonly digest: string;
  readonly entries: readonly {
    readonly digest: string;
    readonly platform?: string;
    readonly isAttestation: boolean;
  }[];
}

/** A platform and the digest of its manifest. */
interface PlatformManifest {
  readonly platform: string;
  readonly manifest: { readonly digest: string };
}

/** Where the platforms that are served are not those that were tested; undefined: nowhere. */
function difference(
  { entries }: TagServed,
  tested: readonly PlatformManifest[],
): string | undefined {
  const served = entries
    .filter(({ isAttestation }) => !isAttestation)
    .map(({ digest, platform = 'no platform' }) => ({
      digest,
      platform: normalisePlatform(platform) ?? platform,
    }));
  const platforms = new Set([...tested, ...served].map(({ platform }) => platform));
  const wrong = [...platforms].flatMap((platform) => {
    const there = served.filter((one) => one.platform === platform).map(({ digest }) => digest);
    const own = tested.find((one) => one.platform === platform)?.manifest.digest;
    if (own === undefined) return [`${platform} exists and was not tested`];
    if (there.length === 0) return [`${platform} is missing`];
    return there.every((digest) => digest === own)
      ? []
      : [`${platform} is ${joinWords(there)}; the tested one is ${own}`];
  });
  return wrong.length === 0 ? undefined : wrong.join('; ');
}

/**
 * Judges a tag that is there by what `existing` says of such. With `same` it is compared
 * with what was tested; before that is known there is nothing to say.
 */
export function judgeExisting(
  { image, repository, tag, existing }: TagToWrite,
  served: TagServed,
  tested?: readonly PlatformManifest[],
): readonly Finding[] {
  const subject = { image, reference: repository, tag, digest: served.digest };
  const name = `${repository}:${tag}`;
  if (existing === 'fail') {
    const message = `${name} exists already (${served.digest}), and "existing: fail" does not allow a tag to be replaced.`;
    return [finding('tag-exists', subject, message)];
  }
  const differs =
    existing === 'same' && tested !== undefined ? difference(served, tested) : undefined;
  if (differs === undefined) return [];
  const message = `${name} exists already (${served.digest}) and serves something other than what was tested; "existing: same" does not allow that to be replaced: ${differs}.`;
  return [finding('tag-exists', subject, message)];
}
