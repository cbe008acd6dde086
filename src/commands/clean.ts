import type { Ports } from '../ports/index.js';
import { printable } from '../report/index.js';
import type { CliCommand, CommandResult, Console } from './command.js';

async function removeLeftovers(
  json: boolean,
  ports: Ports,
  { screen: { out } }: Console,
): Promise<CommandResult> {
  const { cleanRuns, cleanUnrecorded, removers } = await import('./with-engine.js');
  const known = await cleanRuns(0, ports, removers);
  const unrecorded = await cleanUnrecorded(0, ports, removers);
  const removed = [...known.removed, ...unrecorded.removed];
  const problems = [...known.problems, ...unrecorded.problems];
  if (json) out(`${JSON.stringify({ removed, problems }, undefined, 2)}\n`);
  else {
    const nothing = removed.length + problems.length === 0 ? ['Nothing was left behind.'] : [];
    const lines = [...nothing, ...removed, ...problems.map((text) => `✘ ${text}`)];
    out(`${lines.map((line) => printable(line)).join('\n')}\n`);
  }
  return { exitCode: problems.length === 0 ? 0 : 3 };
}

/**
 * `sea-trial clean`: removes what runs left whose process has ended, found by their records
 * and by labels. Exit code 3 if something could not be removed.
 */
export const clean: CliCommand<boolean> = {
  name: 'clean',
  summary: 'Removes what killed runs have left behind.',
  options: ['json', 'verbose'],
  read: ({ options }) => ({ request: options.has('json') }),
  run: removeLeftovers,
};
