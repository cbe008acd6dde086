import { cleanRun, recordOf } from '../cleanup/index.js';
import { removers } from '../environment/index.js';
import type { Ports } from '../ports/index.js';

/**
 * Removes what a run with that id has left when it was killed; the run's own
 * process must have ended. Answers a sentence for each thing that was done or
 * could not be done; never rejects, since nothing after it depends on it.
 */
export async function cleanUpRun(run: string, ports: Ports): Promise<readonly string[]> {
  const remains = await recordOf(run, ports).catch(() => undefined);
  if (remains === undefined) return [];
  const { removed, problems } = await cleanRun(remains, ports, removers);
  return [...removed, ...problems];
}
