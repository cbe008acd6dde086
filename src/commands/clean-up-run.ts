import { cleanRun, recordOf } from '../cleanup/index.js';
import { removers } from '../environment/index.js';
import type { Ports } from '../ports/index.js';

/**
 * Removes what a killed run has left, by its id; its process must have ended. Returns a
 * sentence for each thing that was removed or could not be. Never rejects.
 */
export async function cleanUpRun(run: string, ports: Ports): Promise<readonly string[]> {
  const remains = await recordOf(run, ports).catch(() => undefined);
  if (remains === undefined) return [];
  const { removed, problems } = await cleanRun(remains, ports, removers);
  return [...removed, ...problems];
}
