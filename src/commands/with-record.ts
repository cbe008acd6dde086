import {
  cleanOldUnrecorded,
  cleanRun,
  cleanRuns,
  closeRecord,
  DAY,
  openRecord,
  type RunRecord,
  recordOf,
} from '../cleanup/index.js';
import { removers } from '../environment/index.js';
import { abortable, type Ports, type Screen } from '../ports/index.js';
import { printable } from '../report/index.js';

/** The outcome of work that makes things in an engine. */
interface Outcome<T> {
  readonly value: T;
  /** It has removed all that it made, as far as it knows. */
  readonly tidy: boolean;
}

interface RecordedRun {
  readonly run: string;
  readonly ports: Ports;
  readonly screen: Pick<Screen, 'say'>;
  readonly signal: AbortSignal;
}

/**
 * Does work under a run's id, with a record of everything that it makes. What older runs
 * left is removed before, what this one could not remove itself afterwards. The variable
 * SEA_TRIAL_RUN marks its children. Cleaning up after older runs ends with the signal, as
 * their engine may not answer; a later run continues it.
 */
export async function withRecord<T>(
  { run, ports, screen, signal }: RecordedRun,
  work: (record: RunRecord, own: Ports) => Promise<Outcome<T>>,
): Promise<T> {
  const print = (sentences: readonly string[]) => {
    for (const sentence of sentences) screen.say(`${printable(sentence)}\n`);
  };
  const others = { ...ports, exec: abortable(ports.exec, signal) };
  const { removed, problems } = await cleanRuns(DAY, others, removers);
  signal.throwIfAborted();
  print([...removed, ...problems]);
  const record = await openRecord(run, ports);
  // In the background: this run does not wait for the leftovers of others.
  const strange = cleanOldUnrecorded(others, removers);
  const own = { ...ports, env: { ...ports.env, SEA_TRIAL_RUN: run } };
  let tidy = false;
  try {
    const outcome = await work(record, own);
    tidy = outcome.tidy;
    return outcome.value;
  } finally {
    // The result is kept even if something could not be removed.
    const closed = tidy && (await succeeds(closeRecord(record, ports, removers)));
    if (!closed) print(await cleanAgain(run, ports));
    print((await strange).removed);
  }
}

/** Whether work ended without an error. */
export function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

async function cleanAgain(run: string, ports: Ports): Promise<readonly string[]> {
  const remains = await recordOf(run, ports).catch(() => undefined);
  if (remains === undefined) return [];
  const { problems } = await cleanRun(remains, ports, removers);
  return problems.length === 0
    ? []
    : [...problems, 'Run sea-trial clean once the engine answers and nothing uses the rest.'];
}
