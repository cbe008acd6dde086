import { cleanRuns } from '../environment/index.js';
import type { Ports, Screen } from '../ports/index.js';
import { printable } from '../report/index.js';

/**
 * `sea-trial clean`: removes what runs left whose process is gone. Answers the
 * exit code: 3 where something could not be removed.
 */
export async function clean(json: boolean, ports: Ports, { out }: Screen): Promise<number> {
  const cleaned = await cleanRuns(0, ports);
  const { removed, problems } = cleaned;
  if (json) out(`${JSON.stringify(cleaned, undefined, 2)}\n`);
  else {
    const nothing = removed.length + problems.length === 0 ? ['Nothing was left behind.'] : [];
    const lines = [...nothing, ...removed, ...problems.map((text) => `✘ ${text}`)];
    out(`${lines.map((line) => printable(line)).join('\n')}\n`);
  }
  return problems.length === 0 ? 0 : 3;
}
