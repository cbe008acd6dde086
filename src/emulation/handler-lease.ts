import {
  addedBy,
  DAY,
  type HandlersBeingRemoved,
  hasEnded,
  labelsOf,
  type Made,
  noteIn,
  type RunLeftovers,
  type RunRecord,
  reliedOn,
  towardsEngine,
} from '../cleanup/index.js';
import { dockerEngine } from '../engine/index.js';
import type { Ports } from '../ports/index.js';
import { removeHandlers } from './handlers.js';
import { everInstalled } from './installed.js';

/*
 * Handlers belong to a whole machine, so that runs beside each other share them.
 * Each run writes down which ones it relies on, and looks who takes some away;
 * who takes some away writes that down first, and then looks who relies on them.
 * So one of two always sees the other. What others still need is left to the
 * last of them.
 */

type World = Pick<Ports, 'exec' | 'env' | 'files' | 'clock' | 'processes'>;

/** Milliseconds between two looks at what somebody else is taking away. */
const STEP = 100;

async function isLive({ process, started }: RunLeftovers, { clock, processes }: World) {
  const state = await processes.state(process);
  const young = clock.now().getTime() - Date.parse(started) < DAY;
  return state === 'running' || (state === 'elsewhere' && young);
}

async function reliedByOthers(run: string, all: readonly RunLeftovers[], world: World) {
  const names = new Set<string>();
  for (const one of all) {
    const theirs = reliedOn(one) ?? [];
    if (one.run === run || theirs.length === 0 || !(await isLive(one, world))) continue;
    for (const name of theirs) names.add(name);
  }
  return names;
}

async function isTakenAway(names: readonly string[], record: RunRecord, world: World) {
  for (const { made } of await record.all()) {
    const last = made.findLast((one): one is HandlersBeingRemoved => 'removing' in one);
    if (last === undefined || !last.removing.some((name) => names.includes(name))) continue;
    if ((await world.processes.state(last.by)) === 'running') return true;
  }
  return false;
}

/**
 * Writes down which handlers a run uses; from then on nobody takes them away.
 * Waits for who is doing so already. Rejects with the signal's reason.
 */
export async function leaseHandlers(
  names: readonly string[],
  record: RunRecord,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  if (names.length === 0) return;
  await record.note({ relies: [...new Set(names)] });
  while (await isTakenAway(names, record, world)) {
    await world.clock.sleep(STEP, signal).catch(() => {});
    signal.throwIfAborted();
  }
}

/** An image that was only fetched to take handlers away goes again. */
async function withInstaller(image: string, world: World, work: () => Promise<void>) {
  const engine = dockerEngine(world);
  // One that could not be looked for may be the user's.
  const wasThere = (await engine.names(image).catch(() => [])) !== undefined;
  try {
    await work();
  } finally {
    if (!wasThere) await engine.removeImage(image).catch(() => {});
  }
}

/**
 * Takes away what a run added, but for what other runs rely on and what the user
 * has asked for meanwhile; answers the number of those that are gone. Rejects with
 * `EngineError` where one is still there that should not.
 */
export async function removeUnusedHandlers(
  remains: RunLeftovers,
  all: () => Promise<readonly RunLeftovers[]>,
  note: (made: Made) => Promise<void>,
  here: World,
): Promise<number> {
  const added = addedBy(remains);
  if (added.length === 0) return 0;
  const by = await here.processes.identify();
  await note({ removing: added.flatMap(({ handlers }) => handlers), by });
  let gone = 0;
  try {
    const others = await reliedByOthers(remains.run, await all(), here);
    const world = { ...here, env: towardsEngine(here.env, remains.engine) };
    const asked = await everInstalled(here);
    for (const { handlers, installer, platform } of added) {
      const free = handlers.filter((name) => !others.has(name) && !asked.includes(name));
      if (free.length > 0) {
        const from = { installer, platform, labels: labelsOf(remains) };
        await withInstaller(installer, world, () => removeHandlers(free, from, world));
      }
      gone += free.length;
      await note({ settled: [...free, ...handlers.filter((name) => asked.includes(name))] });
    }
  } finally {
    await note({ removing: [], by });
  }
  return gone;
}

/**
 * A run needs no handlers any more: takes away what it added, and what others
 * left to it, as far as nobody relies on that. Rejects with `EngineError` where
 * one of its own is still there that should not.
 */
export async function releaseHandlers(record: RunRecord, world: World): Promise<void> {
  await record.note({ relies: [] });
  for (const remains of await record.all()) {
    if (remains.run === record.run) {
      await removeUnusedHandlers(remains, record.all, record.note, world);
    } else if (hasEnded(remains)) {
      const note = (made: Made) => noteIn(remains, made, world);
      // It stays in that run's record for another try.
      await removeUnusedHandlers(remains, record.all, note, world).catch(() => {});
    }
  }
}
