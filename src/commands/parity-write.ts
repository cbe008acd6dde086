import { readBuild } from '../buildpacks/index.js';
import { EditError } from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import {
  compareLock,
  differences,
  differenceWords,
  type ImageLock,
  LOCK_NAME,
  type LockedImage,
  pinFacts,
  placeIn,
  shortReference,
  writeLock,
} from '../parity/index.js';
import type { Clock } from '../ports/index.js';
import type { ParityReaders } from './parity-readers.js';
import type { ParityOutcome, ParityReport, ParityRequest } from './parity-request.js';
import { askSource, type SourceResult } from './parity-source.js';
import type { ParityTarget, ParityWork } from './parity-targets.js';

/** An image after an action: what to write of it, if anything. */
interface Locked extends Omit<SourceResult, 'lock'> {
  readonly outcome: ParityOutcome;
  readonly lock?: ImageLock;
}

/** What a new lock has otherwise, the pins first. */
export function changesOf(before: ImageLock, now: ImageLock): readonly string[] {
  const pins = [
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
  return [...moved, ...differenceWords(differences(before.derived, now.derived))];
}

function outcomeOf(id: string, state: ParityOutcome['state'], lock?: ImageLock): ParityOutcome {
  const pins = lock === undefined ? {} : { builder: lock.builder, runImage: lock.runImage };
  return { image: id, state, ...pins, changes: [] };
}

async function lockTarget(
  target: ParityTarget,
  asked: ParityRequest,
  before: LockedImage | undefined,
  { readers, clock }: { readonly readers: ParityReaders; readonly clock: Clock },
): Promise<Locked> {
  const { from, channel, injected } = asked;
  const order = {
    source: from ?? 'builder',
    at: from === undefined ? {} : { file: '--from' },
    channel,
    injected: injected.length > 0 ? injected : (before?.injected ?? []),
    process: before?.process,
  };
  const { lock, ...rest } = await askSource(target, order, readers, clock);
  if (lock === undefined) return { ...rest, outcome: outcomeOf(target.id, 'failed') };
  const changes = before === undefined ? [] : changesOf(before, lock);
  return { ...rest, lock, outcome: { ...outcomeOf(target.id, 'locked', lock), changes } };
}

/** The facts of changed pins are read again; where no pin was changed, the source is asked. */
async function updateTarget(
  target: ParityTarget,
  before: LockedImage,
  { readers, clock }: { readonly readers: ParityReaders; readonly clock: Clock },
): Promise<Locked> {
  const { id, platforms, env } = target;
  const process = target.process ?? before.process;
  const { value: build } = await readBuild(readers.reader, before, platforms);
  const found = build === undefined ? undefined : pinFacts(build);
  const state = found === undefined ? undefined : compareLock(before, found).state;
  const { id: _id, places: _places, ...old } = before;
  if (found !== undefined && state === 'behind') {
    const { process: _process, ...rest } = old;
    const own = process === undefined ? {} : { process };
    const lock: ImageLock = { ...rest, derived: found, env: [...env].sort(), ...own };
    const changes = changesOf(before, lock);
    const outcome = { ...outcomeOf(id, 'updated', lock), changes };
    return { findings: [], problems: [], outages: [], lock, outcome };
  }
  const { source, channel, injected } = before;
  const order = { source, at: placeIn(before, 'source'), channel, injected, process, before };
  const { lock, ...rest } = await askSource(target, order, readers, clock);
  if (lock === undefined) return { ...rest, outcome: outcomeOf(id, 'failed', before) };
  const changes = changesOf(before, lock);
  // A lock that says the same keeps its time: nothing of the file changes.
  if (changes.length === 0) return { ...rest, outcome: outcomeOf(id, 'same', before) };
  return { ...rest, lock, outcome: { ...outcomeOf(id, 'updated', lock), changes } };
}

/** The text of the lock with what is new in it; a problem where it cannot be edited. */
function textOf(
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
      return { findings: [], problems: [], outages: [], outcome };
    }),
  );
  const report = {
    outcomes: all.map(({ outcome }) => outcome),
    findings: all.flatMap(({ findings }) => findings),
    problems: all.flatMap(({ problems }) => problems),
    outages: all.flatMap(({ outages }) => outages),
  };
  const locks = new Map(
    all.flatMap(({ outcome, lock }) => (lock === undefined ? [] : [[outcome.image, lock]])),
  );
  const isWhole = all.every(({ outcome }) => outcome.state !== 'failed');
  if (!isWhole || locks.size === 0) return report;
  const written = textOf(locks, work);
  return 'text' in written ? { ...report, ...written } : { ...report, ...written };
}
