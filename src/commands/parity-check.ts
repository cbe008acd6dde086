import {
  type ResolvedBuilder,
  RUNTIMES,
  readForeignBuildpacks,
  readOffers,
} from '../buildpacks/index.js';
import { type Finding, finding, type Problem } from '../evidence/index.js';
import {
  type ImageLock,
  type LockedImage,
  listed,
  lockLocation,
  offerFindings,
  pinnedReferences,
  placeIn,
  settingFindings,
} from '../parity/index.js';
import type { Clock } from '../ports/index.js';
import { defined } from '../types/index.js';
import { comparePins, outcomeOf } from './parity-pins.js';
import type { ParityReaders } from './parity-readers.js';
import type { ParityOutcome, ParityReport, ParityRequest } from './parity-request.js';
import { askSource } from './parity-source.js';
import type { ParityTarget, ParityWork } from './parity-targets.js';
import { changesOf } from './parity-write.js';

interface Checked {
  readonly outcome: ParityOutcome;
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
  readonly outages: readonly Problem[];
}

interface CheckTools {
  readonly readers: ParityReaders;
  readonly clock: Clock;
  readonly pullRequest: boolean;
}

/** A channel that the deployment serves no longer. */
function endedChannel(lock: LockedImage, today: Date): readonly Finding[] {
  const { until, channel } = lock;
  if (until === undefined || today.toISOString().slice(0, 10) <= until) return [];
  const location = lockLocation(lock, 'until');
  const message = `The channel "${channel}" ended on ${until}.`;
  return [finding('channel-ended', { image: lock.id.value }, message, defined({ location }))];
}

/** What the source has otherwise now: an error, and in a pull request a note. */
function movedFinding(lock: LockedImage, now: ImageLock, { pullRequest }: CheckTools): Finding {
  const changes = listed(changesOf(lock, now)).join('; ');
  const location = lockLocation(lock, 'builder');
  return finding(
    'builder-moved',
    { image: lock.id.value, reference: now.builder },
    `The deployment builds with something else than the lock has: ${changes}.`,
    { ...defined({ location }), ...(pullRequest ? { severity: 'note' as const } : {}) },
  );
}

async function checkSource(
  lock: LockedImage,
  target: ParityTarget,
  tools: CheckTools,
): Promise<Omit<Checked, 'outcome'> & { readonly moved: boolean }> {
  const { source, channel, injected, process } = lock;
  const order = { source, at: placeIn(lock, 'source'), channel, injected, process, before: lock };
  const { lock: now, ...rest } = await askSource(target, order, tools.readers, tools.clock);
  const hasMoved =
    now !== undefined &&
    (now.builder !== lock.builder || now.runImage !== lock.runImage || now.until !== lock.until);
  if (now === undefined || !hasMoved) return { ...rest, moved: false };
  return { ...rest, findings: [...rest.findings, movedFinding(lock, now, tools)], moved: true };
}

/** Versions in the lock that are not those of the builder's layers. */
async function editedOffers(
  lock: LockedImage,
  builder: ResolvedBuilder,
  { reader, signal }: ParityReaders,
): Promise<readonly Finding[]> {
  const runtimes = new Set(RUNTIMES.filter((runtime) => Object.hasOwn(lock.offers, runtime)));
  if (runtimes.size === 0) return [];
  return offerFindings(lock, await readOffers(reader, builder, runtimes, signal));
}

async function checkTarget(
  target: ParityTarget,
  lock: LockedImage,
  live: boolean,
  tools: CheckTools,
): Promise<Checked> {
  const { readers, clock } = tools;
  const { env, process } = target;
  const pins = pinnedReferences(lock, target);
  const problems = 'problems' in pins ? pins.problems : [];
  const locked = lock.derived.builder.platforms.map(({ platform }) => platform);
  const platforms = [...new Set([...target.platforms, ...locked])];
  const { outcome, findings: own, read } = await comparePins(lock, platforms, readers);
  const { reader, files, root } = readers;
  const places = { reader, files, root, platforms: target.platforms };
  const foreign = await readForeignBuildpacks(target.foreign, places);
  const held = read?.facts.builder.platforms.flatMap(({ buildpacks }) => buildpacks);
  const edited =
    read === undefined || outcome.state !== 'same'
      ? []
      : await editedOffers(lock, read.build.builder, readers);
  const drift = live ? await checkSource(lock, target, tools) : undefined;
  const hasMoved = outcome.state === 'same' && drift?.moved;
  const state = edited.length > 0 ? 'disagrees' : hasMoved ? 'moved' : outcome.state;
  return {
    outcome: { ...outcome, state },
    findings: [
      ...own,
      ...edited,
      ...settingFindings(lock, { env, process, foreign, ...defined({ held }) }),
      ...endedChannel(lock, clock.now()),
      ...(drift?.findings ?? []),
    ],
    problems: [...problems, ...(drift?.problems ?? [])],
    outages: drift?.outages ?? [],
  };
}

/** `parity check`. Rejects with the signal's reason only. */
export async function checkParity(
  { live }: ParityRequest,
  { targets, unused, before, request }: ParityWork,
  readers: ParityReaders,
  clock: Clock,
): Promise<ParityReport> {
  const tools: CheckTools = { readers, clock, pullRequest: request.pullRequest };
  const all = await Promise.all(
    targets.map(async (target): Promise<Checked> => {
      const lock = before?.lock.images.get(target.id);
      if (lock !== undefined) return checkTarget(target, lock, live, tools);
      return { outcome: outcomeOf(target.id, 'unlocked'), findings: [], problems: [], outages: [] };
    }),
  );
  return {
    outcomes: [
      ...all.map(({ outcome }) => outcome),
      ...unused.map((image) => outcomeOf(image, 'unused')),
    ],
    findings: all.flatMap(({ findings }) => findings),
    problems: all.flatMap(({ problems }) => problems),
    outages: all.flatMap(({ outages }) => outages),
  };
}
