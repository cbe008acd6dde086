import { readBuild } from '../buildpacks/index.js';
import { EditError, type Located } from '../document/index.js';
import { type Finding, finding, type Problem } from '../evidence/index.js';
import {
  compareLock,
  differences,
  differenceWords,
  type FactDifference,
  fits,
  type ImageLock,
  LOCK_NAME,
  type LockedImage,
  lockImage,
  offerDifferences,
  pinFacts,
  placeIn,
  shortReference,
  withKeptOffers,
  writeLock,
} from '../parity/index.js';
import type { Clock } from '../ports/index.js';
import { splitReference } from '../reference/index.js';
import { defined } from '../types/index.js';
import { outcomeOf } from './parity-pins.js';
import type { ParityReaders } from './parity-readers.js';
import type { ParityOutcome, ParityReport, ParityRequest } from './parity-request.js';
import { askSource, named, type SourceResult } from './parity-source.js';
import type { ParityTarget, ParityWork } from './parity-targets.js';

interface WriteTools {
  readonly readers: ParityReaders;
  readonly clock: Clock;
}

const NOTHING = { findings: [], problems: [], outages: [] };

/** An image after an action: what to write of it, if anything. */
interface Locked extends Omit<SourceResult, 'lock'> {
  readonly outcome: ParityOutcome;
  readonly lock?: ImageLock;
}

/** Differences inside of what is pinned: that a moved pin has other digests on its platforms goes without saying. */
function insideOf(before: ImageLock, now: ImageLock): readonly FactDifference[] {
  const hasMoved: Readonly<Record<string, boolean>> = {
    'builder platforms': before.builder !== now.builder,
    'run-image platforms': before.runImage !== now.runImage,
  };
  return differences(before.derived, now.derived).filter(
    (one) => hasMoved[one.fact] !== true || one.before === undefined,
  );
}

/** What a new lock has otherwise, the pins first. */
export function changesOf(before: ImageLock, now: ImageLock): readonly string[] {
  const pins = [
    ['the source', before.source, now.source],
    ['the builder', before.builder, now.builder],
    ['the run image', before.runImage, now.runImage],
    ['the end of the channel', before.until ?? 'none', now.until ?? 'none'],
    ['the process type', before.process ?? 'none', now.process ?? 'none'],
    ['variables', before.env.join(', ') || 'none', now.env.join(', ') || 'none'],
    ['added buildpacks', before.injected.join(', ') || 'none', now.injected.join(', ') || 'none'],
  ] as const;
  const moved = pins
    .filter(([, old, young]) => old !== young)
    .map(([what, old, young]) => `${what} ${shortReference(old)} → ${shortReference(young)}`);
  const offers = offerDifferences(before.offers, now.offers);
  return [
    ...moved,
    ...differenceWords(insideOf(before, now)),
    ...offers.gained.map((one) => `${one} is offered now`),
    ...offers.lost.map((one) => `${one} is not offered any more`),
    ...offers.unknown.map((one) => `which versions of ${one} are offered is not known any more`),
    ...before.probed
      .filter((one) => !now.probed.includes(one))
      .map(
        ({ buildpack }) =>
          `what ${buildpack} answered to a probe does not hold any more; "sea-trial parity probe" asks again`,
      ),
  ];
}

/** What is asked for a lock: `--from`, what the lock was made from, or the configuration's own builder. */
function sourceOf({ from, channel }: ParityRequest, before: LockedImage | undefined) {
  if (from !== undefined) return { source: from, at: { file: '--from' }, channel };
  if (before === undefined) return { source: 'builder', at: {}, channel };
  return {
    source: before.source,
    at: placeIn(before, 'source'),
    channel: channel ?? before.channel,
  };
}

/** A line of the configuration that names something else than the lock now pins. */
function unfit(
  target: ParityTarget,
  written: Located<string> | undefined,
  pin: string,
): readonly Finding[] {
  if (written === undefined || fits(written.value, pin)) return [];
  const { value, at } = written;
  const { file, line, column } = at;
  const location = line === undefined ? undefined : { file, line, ...defined({ column }) };
  const open = splitReference(pin).name;
  return [
    finding(
      'parity-differs',
      { image: target.id, reference: pin },
      `${value} is named here, and the lock now has ${shortReference(pin)}: a run refuses that.`,
      {
        ...defined({ location }),
        remedy: `Write ${open} in this place, without a tag: the lock says which tag and digest that is.`,
      },
    ),
  ];
}

/** What the next run would refuse, or not do, of what is locked now. */
function nextRun(target: ParityTarget, lock: ImageLock): readonly Finding[] {
  const isAlone = lock.injected.length > 0 && target.foreign.length === 0;
  const message = `A run does not add ${lock.injected.join(', ')}: the lock records what the deployment adds, and the configuration names none of it.`;
  const remedy =
    'Name where they are from under "pre-buildpacks" or "post-buildpacks" in the configuration, as docker://REFERENCE or a folder.';
  return [
    ...unfit(target, target.builder, lock.builder),
    ...unfit(target, target.runImage, lock.runImage),
    ...(isAlone
      ? [finding('parity-differs', { image: target.id }, message, { severity: 'warning', remedy })]
      : []),
  ];
}

async function lockTarget(
  target: ParityTarget,
  asked: ParityRequest,
  before: LockedImage | undefined,
  { readers, clock }: WriteTools,
): Promise<Locked> {
  const { injected } = asked;
  const order = {
    ...sourceOf(asked, before),
    injected: injected.length > 0 ? injected : (before?.injected ?? []),
    process: before?.process,
  };
  const { lock: found, ...rest } = await askSource(target, order, readers, clock);
  if (found === undefined) return { ...rest, outcome: outcomeOf(target.id, 'failed') };
  const lock = withKeptOffers(before, found);
  const changes = before === undefined ? [] : changesOf(before, lock);
  const findings = [...rest.findings, ...nextRun(target, lock)];
  return { ...rest, findings, lock, outcome: { ...outcomeOf(target.id, 'locked', lock), changes } };
}

/** The facts of changed pins are read again, and the pins stay. */
async function completeTarget(
  target: ParityTarget,
  before: LockedImage,
  { readers, clock }: WriteTools,
): Promise<Locked> {
  const { channel, until, injected } = before;
  const process = target.process ?? before.process;
  const pins = { source: before.source, builder: before.builder, runImage: before.runImage };
  const source = { ...pins, ...defined({ channel, until }), buildpacks: [] };
  const { platforms, env } = target;
  const settings = { platforms, env, process, injected, signal: readers.signal };
  const read = await lockImage(source, settings, readers.reader, clock.now());
  if ('findings' in read) {
    const findings = named(target.id, read.findings);
    return { ...NOTHING, findings, outcome: outcomeOf(target.id, 'failed', before) };
  }
  const lock = { ...read.lock, time: before.time };
  const changes = changesOf(before, lock);
  return { ...NOTHING, lock, outcome: { ...outcomeOf(target.id, 'updated', lock), changes } };
}

/** Where no pin was changed, the source is asked; what says the same is not written. */
async function updateTarget(
  target: ParityTarget,
  before: LockedImage,
  tools: WriteTools,
): Promise<Locked> {
  const { readers, clock } = tools;
  const { value: build } = await readBuild(readers.reader, before, target.platforms);
  const isBehind = build !== undefined && compareLock(before, pinFacts(build)).state === 'behind';
  if (isBehind) return completeTarget(target, before, tools);
  const { source, channel, injected, process } = before;
  const order = { source, at: placeIn(before, 'source'), channel, injected, process, before };
  const { lock: now, ...rest } = await askSource(target, order, readers, clock);
  if (now === undefined) return { ...rest, outcome: outcomeOf(target.id, 'failed', before) };
  const lock = withKeptOffers(before, now);
  const changes = changesOf(before, lock);
  if (changes.length === 0) return { ...rest, outcome: outcomeOf(target.id, 'same', before) };
  const findings = [...rest.findings, ...nextRun(target, lock)];
  return {
    ...rest,
    findings,
    lock,
    outcome: { ...outcomeOf(target.id, 'updated', lock), changes },
  };
}

/** The text of the lock with what is new in it; a problem where it cannot be edited. */
export function lockText(
  locks: ReadonlyMap<string, ImageLock>,
  { before }: ParityWork,
): { readonly text: string } | { readonly problems: readonly Problem[] } {
  try {
    const there =
      before === undefined ? undefined : { text: before.text, others: before.lock.images };
    return { text: writeLock(locks, there) };
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    const file = before?.lock.file ?? LOCK_NAME;
    const message = `the lock cannot be changed in its place: ${error.message}; write it plainly, or remove it and lock anew`;
    return { problems: [{ file, message }] };
  }
}

/** `parity lock` and `parity update`. Rejects with the signal's reason only. */
export async function writeParity(
  asked: ParityRequest,
  work: ParityWork,
  readers: ParityReaders,
  clock: Clock,
): Promise<ParityReport> {
  const { targets, before } = work;
  const tools = { readers, clock };
  const all = await Promise.all(
    targets.map((target): Promise<Locked> | Locked => {
      const there = before?.lock.images.get(target.id);
      if (asked.action === 'lock') return lockTarget(target, asked, there, tools);
      if (there !== undefined) return updateTarget(target, there, tools);
      const outcome = outcomeOf(target.id, 'unlocked');
      return { ...NOTHING, outcome };
    }),
  );
  const isWhole = all.every(({ outcome }) => outcome.state !== 'failed');
  const report = {
    outcomes: all.map(({ outcome, lock }) =>
      isWhole || lock === undefined ? outcome : { ...outcome, state: 'unwritten' as const },
    ),
    findings: all.flatMap(({ findings }) => findings),
    problems: all.flatMap(({ problems }) => problems),
    outages: all.flatMap(({ outages }) => outages),
  };
  const locks = new Map(
    all.flatMap(({ outcome, lock }) => (lock === undefined ? [] : [[outcome.image, lock]])),
  );
  if (!isWhole || locks.size === 0) return report;
  const written = lockText(locks, work);
  return 'text' in written ? { ...report, ...written } : { ...report, ...written };
}
