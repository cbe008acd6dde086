import { type Finding, finding } from '../evidence/index.js';
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

function and(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter(Boolean).join(' and ');
}

/** `serves`, or what it served before the build and what now. */
function serves({ digest, earlier }: TagNow): string {
  if (earlier === undefined) return 'serves';
  return `served ${earlier} before the build, and serves now, with ${digest},`;
}

function lostFinding(to: PublishedTag, now: TagNow, lost: readonly string[]): Finding {
  const { image, repository, tag, platforms } = to;
  const served = now.platforms.map(canonical);
  const message = `${repository}:${tag} ${serves(now)} ${and(served)}; this run publishes ${and(platforms)} there, and ${and(lost)} would be lost.`;
  const remedy = `Publish all of them in one run, or give each job a tag of its own; where ${lost.length === 1 ? 'it' : 'they'} may disappear, say so with replaces: [${lost.join(', ')}].`;
  return finding('platform-lost', { image, reference: repository, tag }, message, {
    found: { value: served.join(', '), from: `the tag as served, ${now.digest}` },
    expected: { value: platforms.join(', '), from: 'the platforms of the image' },
    remedy,
  });
}

function warning({ image, repository, tag }: PublishedTag, message: string, remedy: string) {
  const subject = { image, reference: repository, tag };
  return finding('platform-lost', subject, `${repository}:${tag} ${message}.`, {
    severity: 'warning',
    remedy,
  });
}

/**
 * What a tag would lose if it were written: platforms that it serves and the run neither
 * publishes nor may replace, as an error; content that is no image, and what may be
 * platforms and cannot be told, as a warning.
 */
export function judgeLoss(to: PublishedTag, now: TagNow | undefined): readonly Finding[] {
  if (now === undefined) return [];
  const kept = new Set([...to.platforms, ...(to.replaces ?? [])].map(canonical));
  const lost = [...new Set(now.platforms.map(canonical))].filter((one) => !kept.has(one));
  if (lost.length > 0) return [lostFinding(to, now, lost)];
  const [why] = now.unknown;
  if (why !== undefined) {
    const message = `${serves(now)} something whose platforms are not known, and they may be lost: ${why}`;
    return [warning(to, message, 'Look at what the tag serves before the next run.')];
  }
  if (now.platforms.length > 0 || now.others.length === 0) return [];
  const message = `${serves(now)} no image but ${and(now.others)}, which this run replaces`;
  return [warning(to, message, 'Give the image or the other content a tag of its own.')];
}
