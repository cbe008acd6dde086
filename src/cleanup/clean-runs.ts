import { join } from 'node:path';
import { type Cleaned, type CleanupPorts, cleanRun, isNeeded, type Removers } from './clean-run.js';
import { findLeftovers } from './leftovers.js';
import { hasEnded } from './noted-handlers.js';
import {
  DAY,
  type RunLeftovers,
  type RunRecord,
  readRunRecords,
  stateFolder,
} from './run-record.js';

const ageOf = ({ started }: RunLeftovers, { clock }: CleanupPorts) =>
  clock.now().getTime() - Date.parse(started);

async function cleanEach(
  all: readonly RunLeftovers[],
  isDue: (remains: RunLeftovers) => Promise<boolean>,
  ports: CleanupPorts,
  removers: Removers,
): Promise<Cleaned> {
  const removed: string[] = [];
  const problems: string[] = [];
  const runs: (readonly [run: string, again: () => Promise<number>])[] = [];
  for (const remains of all) {
    if (!(await isDue(remains))) continue;
    const cleaned = await cleanRun(remains, ports, removers);
    removed.push(...cleaned.removed);
    problems.push(...cleaned.problems);
    runs.push([remains.run, cleaned.again]);
  }
  // What one run has pulled, containers of a run that was cleaned after it may have used.
  for (const [run, again] of runs.length > 1 ? runs : []) {
    const images = await again();
    if (images > 0)
      removed.push(`${run}: ${images === 1 ? '1 image' : `${images} images`} removed`);
  }
  return { removed, problems };
}

/**
 * Cleans up after every run that has a record, whose process is gone and that
 * began longer ago than `age` milliseconds. A run whose process cannot be seen
 * from here counts as gone after a day. Never rejects.
 */
export async function cleanRuns(
  age: number,
  ports: CleanupPorts,
  removers: Removers,
): Promise<Cleaned> {
  const isDue = async (remains: RunLeftovers) => {
    const state = await ports.processes.state(remains.process);
    // What has ended by itself has only left what others needed then.
    const due = hasEnded(remains) ? 0 : age;
    return state !== 'running' && ageOf(remains, ports) >= (state === 'gone' ? due : DAY);
  };
  return cleanEach(await readRunRecords(ports).catch(() => []), isDue, ports, removers);
}

/**
 * The same for runs without a record that can be read here, by what they left in
 * the engine in use and in the folder for what is temporary. Only of a process of
 * this very machine it is certain that it is gone. Never rejects.
 */
export async function cleanUnrecorded(
  age: number,
  ports: CleanupPorts,
  removers: Removers,
): Promise<Cleaned> {
  const [here, traces] = await Promise.all([ports.processes.identify(), findLeftovers(ports)]);
  const isHere = ({ process: { boot } }: RunLeftovers) => boot === here.boot;
  const recorded = new Set((await readRunRecords(ports).catch(() => [])).map(({ run }) => run));
  const isDue = async (remains: RunLeftovers) => {
    const state = await ports.processes.state(remains.process);
    const certain = state === 'gone' && isHere(remains);
    return state !== 'running' && ageOf(remains, ports) >= (certain ? age : DAY);
  };
  const strangers = traces.filter(({ run }) => !recorded.has(run));
  return cleanEach(strangers, isDue, ports, removers);
}

/** Milliseconds in which the engine is asked once: what it would show waits for a day anyway. */
const BETWEEN_LOOKS = 60 * 60 * 1000;

/**
 * What the start of a run does about strangers: those of a day are cleaned up after,
 * unless a run of this user has looked for them within the hour. Never rejects.
 */
export async function cleanOldUnrecorded(
  ports: CleanupPorts,
  removers: Removers,
): Promise<Cleaned> {
  const { files, env, clock } = ports;
  const looked = join(stateFolder(env), 'looked');
  const now = clock.now();
  const last = await files.read(looked).catch(() => Buffer.alloc(0));
  const since = now.getTime() - Date.parse(last.toString('utf8'));
  if (since >= 0 && since < BETWEEN_LOOKS) return { removed: [], problems: [] };
  // Where it cannot be remembered it is done each time.
  await files.write(looked, now.toISOString()).catch(() => {});
  return cleanUnrecorded(DAY, ports, removers);
}

/**
 * The end of a run that has removed all it made: its record goes, unless others
 * need what that speaks of; and so do the records that were kept for this one.
 */
export async function closeRecord(
  record: RunRecord,
  ports: CleanupPorts,
  removers: Removers,
): Promise<void> {
  if (!(await isNeeded(record.run, ports))) await record.close();
  const ended = (await readRunRecords(ports).catch(() => [])).filter(hasEnded);
  for (const remains of ended) {
    if ((await ports.processes.state(remains.process)) === 'gone')
      await cleanRun(remains, ports, removers);
  }
}
