import { type Finding, finding, joinWords } from '../evidence/index.js';
import { normalisePlatform } from '../platform/index.js';

/** A tag that a run is about to write. */
export interface PublishedTag {
  readonly image: string;
  readonly repository: string;
  readonly tag: string;
  /** What it will serve then. */
  readonly platforms: readonly string[];
  /** What it may lose. */
  readonly replaces?: readonly string[];
}

/** What the tag serves now. */
export interface TagNow {
  readonly digest: string;
  /** As written. */
  readonly platforms: readonly string[];
  /** Types of what is no image. */
  readonly others: readonly string[];
  /** Why there may be more platforms than those. */
  readonly unknown: readonly string[];
  /** The digest that it served before the build, where that was another one. */
  readonly earlier?: string;
}

function canonical(platform: string): string {
  return normalisePlatform(platform) ?? platform;
}

function platformsIn({ platforms }: TagNow): readonly string[] {
  return [...new Set(platforms.map(canonical))];
}

/** The beginning of a sentence about what a tag serves; where that changed since the build began, both digests are in it. */
function serves({ repository, tag }: PublishedTag, { digest, earlier }: TagNow): string {
  const name = `${repository}:${tag}`;
  if (earlier === undefined) return `${name} serves`;
  return `${name} served ${earlier} before the build; now, as ${digest}, it serves`;
}

function lostFinding(to: PublishedTag, now: TagNow, lost: readonly string[]): Finding {
  const { image, repository, tag } = to;
  const platforms = to.platforms.map(canonical);
  const served = platformsIn(now);
  const message = `${serves(to, now)} ${joinWords(served)}; a push of ${joinWords(platforms)} alone loses ${joinWords(lost)}.`;
  // What is no platform of ours no list of such takes.
  const permission = lost.every((one) => normalisePlatform(one) !== undefined)
    ? `replaces: [${lost.join(', ')}]`
    : 'checks: { platform-lost: warning }';
  const remedy = `Publish all of them in one run, or give each job a tag of its own; to allow ${lost.length === 1 ? 'it' : 'them'} to disappear, use ${permission}.`;
  return finding('platform-lost', { image, reference: repository, tag }, message, {
    found: { value: platforms.join(', '), from: 'what this run pushes' },
    expected: { value: served.join(', '), from: `the tag as served, ${now.digest}` },
    remedy,
  });
}

function warning(to: PublishedTag, message: string, remedy: string): Finding {
  const subject = { image: to.image, reference: to.repository, tag: to.tag };
  return finding('platform-lost', subject, message, { severity: 'warning', remedy });
}

/**
 * What a tag would lose if it were written: platforms that it serves and the run neither
 * publishes nor may replace, as an error; content that is no image, and what may be
 * platforms and cannot be told, as a warning.
 */
export function judgeLoss(to: PublishedTag, now: TagNow | undefined): readonly Finding[] {
  if (now === undefined) return [];
  const kept = new Set([...to.platforms, ...(to.replaces ?? [])].map(canonical));
  const lost = platformsIn(now).filter((one) => !kept.has(one));
  if (lost.length > 0) return [lostFinding(to, now, lost)];
  const [why] = now.unknown;
  if (why !== undefined) {
    const message = `${serves(to, now)} content whose platforms are not known, and a push may remove them: ${why}.`;
    return [warning(to, message, 'Look at what the tag serves before the next run.')];
  }
  if (now.platforms.length > 0 || now.others.length === 0) return [];
  const message = `${serves(to, now)} no image but ${joinWords(now.others)}, which a push replaces.`;
  return [warning(to, message, 'Give the image or the other content a tag of its own.')];
}
