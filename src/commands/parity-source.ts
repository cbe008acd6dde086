import { expectedBuild, type ResolvedBuild } from '../buildpacks/index.js';
import { CHECKS, check } from '../checks/index.js';
import type { Position } from '../document/index.js';
import type { Finding, Problem } from '../evidence/index.js';
import {
  fits,
  type ImageLock,
  lockImage,
  readSource,
  type SourcePins,
  withoutDigest,
} from '../parity/index.js';
import type { Clock } from '../ports/index.js';
import type { Channel } from '../reference/index.js';
import type { ParityReaders } from './parity-readers.js';
import type { ParityTarget } from './parity-targets.js';

/** What came of asking a source; nothing is locked where anything is wrong. */
export interface SourceResult {
  readonly lock?: ImageLock;
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
  readonly outages: readonly Problem[];
}

/** The source of an image, and what its lock is to keep. */
export interface SourceOrder {
  readonly source: string;
  readonly at: Partial<Position>;
  readonly channel?: Channel | undefined;
  readonly injected: readonly string[];
  /** The process type, if the configuration names none. */
  readonly process?: string | undefined;
  /** The lock that there is. */
  readonly before?: ImageLock | undefined;
}

const NOTHING = { findings: [], problems: [], outages: [] };

/** Where a configuration leaves the tag open, that of the pin is asked for again. */
function builderOf({ builder }: ParityTarget, before: ImageLock | undefined): string {
  if (before === undefined || !fits(builder.value, before.builder)) return builder.value;
  return withoutDigest(before.builder);
}

/** An image that is deployed has to be what the builder would make of it now. */
function deployedFindings(
  id: string,
  { deployed }: SourcePins,
  { builder, runImages }: ResolvedBuild,
  injected: readonly string[],
): readonly Finding[] {
  if (deployed === undefined) return [];
  const { platform, config, reference } = deployed;
  const own = builder.platforms.find((one) => one.platform === platform);
  const runImage = runImages.find((one) => one.platform === platform);
  if (own === undefined || runImage === undefined) return [];
  const expected = expectedBuild(own, runImage, { injected });
  const subject = { image: id, platform, config, expected };
  return check(CHECKS.labels, subject).map((found) => ({
    ...found,
    subject: { ...found.subject, reference },
    message: found.message.replace('what the lock has', `what ${builder.reference} makes now`),
    remedy: `Name the builder that made ${reference} as the builder of ${id}, or deploy anew.`,
  }));
}

/** Asks a source what an image is built with, and the registries what that is. */
export async function askSource(
  target: ParityTarget,
  order: SourceOrder,
  readers: ParityReaders,
  clock: Clock,
): Promise<SourceResult> {
  const { id, platforms, env, runImage } = target;
  const asked = {
    ...order,
    builder: builderOf(target, order.before),
    runImage: runImage === undefined ? undefined : withoutDigestOf(runImage.value, order.before),
    platforms,
  };
  const read = await readSource(asked, readers);
  if ('problems' in read) return { ...NOTHING, problems: read.problems };
  if ('outage' in read) return { ...NOTHING, outages: [read.outage] };
  if ('findings' in read) return { ...NOTHING, findings: named(id, read.findings) };
  const settings = {
    platforms,
    env,
    process: target.process ?? order.process,
    injected: order.injected,
    signal: readers.signal,
  };
  const locked = await lockImage(read.value, settings, readers.reader, clock.now());
  if ('findings' in locked) return { ...NOTHING, findings: named(id, locked.findings) };
  const findings = deployedFindings(id, read.value, locked.build, locked.lock.injected);
  return findings.length > 0 ? { ...NOTHING, findings } : { ...NOTHING, lock: locked.lock };
}

function withoutDigestOf(runImage: string, before: ImageLock | undefined): string {
  if (before === undefined || !fits(runImage, before.runImage)) return runImage;
  return withoutDigest(before.runImage);
}

/** Findings about references are about the image that is built with them. */
export function named(id: string, findings: readonly Finding[]): readonly Finding[] {
  return findings.map((one) => ({ ...one, subject: { image: id, ...one.subject } }));
}
