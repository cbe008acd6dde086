import { cleanRuns, cleanUnrecorded } from '../cleanup/index.js';
import { removers } from '../environment/index.js';
import type { Ports, Screen } from '../ports/index.js';
import { printable } from '../report/index.js';

/**
 * `sea-trial clean`: removes what runs left whose process is gone, with a record of
 * them or without. Answers the
 * exit code: 3 where something could not be removed.
 */
export async function clean(json: boolean, ports: Ports, { out }: Screen): Promise<number> {
  const known = await cleanRuns(0, ports, removers);
  const strange = await cleanUnrecorded(0, ports, removers);
  const removed = [...known.removed, ...strange.removed];
  const problems = [...known.problems, ...strange.problems];
  if (json) out(`${JSON.stringify({ removed, problems }, undefined, 2)}\n`);
  else {
    const nothing = removed.length + problems.length === 0 ? ['Nothing was left behind.'] : [];
    const lines = [...nothing, ...removed, ...problems.map((text) => `✘ ${text}`)];
    out(`${lines.map((line) => printable(line)).join('\n')}\n`);
  }
  return problems.length === 0 ? 0 : 3;
}
