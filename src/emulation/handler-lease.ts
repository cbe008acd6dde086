import {
  addedBy,
  type CleanupPorts,
  type HandlersBeingRemoved,
  hasEnded,
  isLive,
  labelsOf,
  type Made,
  noteIn,
  type RunLeftovers,
  type RunRecord,
  reliedOn,
  towardsEngine,
} from '../cleanup/index.js';
import { dockerEngine } from '../engine/index.js';
import { removeHandlers } from './handlers.js';
import { everInstalled } from './installed.js';

/*
 * Handlers belong to a whole machine, so that runs beside each other share them.
 * Each run notes which ones it uses, and then checks whether another run removes
 * them; a run that removes some notes that first, and then checks which are used.
 * So one of two always sees the other. Handlers that others still use are left to
 * the last of them.
 */

/** Milliseconds between two checks whether another run still removes handlers. */
const STEP = 100;

async function reliedByOthers(run: string, all: readonly RunLeftovers[], ports: CleanupPorts) {
  const names = new Set<string>();
  for (const one of all) {
    if (one.run === run || !(await isLive(one, ports))) continue;
    for (const name of reliedOn(one) ?? []) names.add(name);
  }
  return names;
}

async function isTakenAway(names: readonly string[], record: RunRecord, ports: CleanupPorts) {
  for (const { made } of await record.all()) {
    const last = made.findLast((one): one is HandlersBeingRemoved => 'removing' in one);
    if (last === undefined || !last.removing.some((name) => names.includes(name))) continue;
    if ((await ports.processes.state(last.by)) === 'running') return true;
  }
  return false;
}

/**
 * Notes which handlers a run uses; from then on no other run removes them. Waits
 * for one that is already doing so. Rejects with the signal's reason.
 */
export async function leaseHandlers(
  names: readonly string[],
  record: RunRecord,
  ports: CleanupPorts,
  signal: AbortSignal,
): Promise<void> {
  if (names.length === 0) return;
  await record.note({ relies: [...new Set(names)] });
  while (await isTakenAway(names, record, ports)) {
    await ports.clock.sleep(STEP, signal).catch(() => {});
    signal.throwIfAborted();
  }
}

/** An image that was only fetched to take handlers away goes again. */
async function withInstaller(image: string, ports: CleanupPorts, work: () => Promise<void>) {
  const engine = dockerEngine(ports);
  // One that could not be looked for may be the user's.
  const wasThere = (await engine.names(image).catch(() => [])) !== undefined;
  try {
    await work();
  } finally {
    if (!wasThere) await engine.removeImage(image).catch(() => {});
  }
}

/**
 * Removes the handlers that a run added, except those that other runs use and those
 * that the user has asked for meanwhile. Returns the number of removed ones. Rejects with
 * `EngineError` where one is still there that should not.
 */
export async function removeUnusedHandlers(
  remains: RunLeftovers,
  all: () => Promise<readonly RunLeftovers[]>,
  note: (made: Made) => Promise<void>,
  here: CleanupPorts,
): Promise<number> {
  const added = addedBy(remains);
  if (added.length === 0) return 0;
  const by = await here.processes.identify();
  await note({ removing: added.flatMap(({ handlers }) => handlers), by });
  let gone = 0;
  try {
    const others = await reliedByOthers(remains.run, await all(), here);
    const ports = { ...here, env: towardsEngine(here.env, remains.engine) };
    const asked = await everInstalled(here);
    for (const { handlers, installer, platform } of added) {
      const free = handlers.filter((name) => !others.has(name) && !asked.includes(name));
      if (free.length > 0) {
        const from = { installer, platform, labels: labelsOf(remains) };
        await withInstaller(installer, ports, () => removeHandlers(free, from, ports));
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
 * Ends a run's use of handlers: removes those that it added, and those that others
 * left to it, as far as no run uses them. Rejects with `EngineError` where
 * one of its own is still there that should not.
 */
export async function releaseHandlers(record: RunRecord, ports: CleanupPorts): Promise<void> {
  await record.note({ relies: [] });
  for (const remains of await record.all()) {
    if (remains.run === record.run) {
      await removeUnusedHandlers(remains, record.all, record.note, ports);
    } else if (hasEnded(remains)) {
      const note = (made: Made) => noteIn(remains, made, ports);
      // It stays in that run's record for another try.
      await removeUnusedHandlers(remains, record.all, note, ports).catch(() => {});
    }
  }
}
