import type { Ports } from '../ports/index.js';
import { printable } from '../report/index.js';
import type { CliCommand, CommandResult, Console } from './command.js';

/** What is to be removed, and how that is told. */
export interface CleanRequest {
  readonly json: boolean;
  /** The caches of builds, too. */
  readonly caches: boolean;
}

async function removeLeftovers(
  { json, caches }: CleanRequest,
  ports: Ports,
  { screen: { out } }: Console,
): Promise<CommandResult> {
  const { cleanRuns, cleanUnrecorded, removeBuildCaches, removers, unknownOfPack } = await import(
    './with-engine.js'
  );
  const known = await cleanRuns(0, ports, removers);
  const unrecorded = await cleanUnrecorded(0, ports, removers);
  const cached = caches ? await removeBuildCaches(ports) : { removed: [], problems: [] };
  const removed = [known, unrecorded, cached].flatMap((one) => one.removed);
  const problems = [known, unrecorded, cached].flatMap((one) => one.problems);
  const left = await unknownOfPack(ports);
  if (json) {
    const kept = left === undefined ? [] : [left];
    out(`${JSON.stringify({ removed, problems, kept }, undefined, 2)}\n`);
  } else {
    const nothing = removed.length + problems.length === 0 ? ['Nothing was left behind.'] : [];
    const lines = [...nothing, ...removed, ...problems.map((text) => `✘ ${text}`), left ?? []];
    out(
      `${lines
        .flat()
        .map((line) => printable(line))
        .join('\n')}\n`,
    );
  }
  return { exitCode: problems.length === 0 ? 0 : 3 };
}

/**
 * `sea-trial clean`: removes what runs left whose process has ended, found by their records
 * and by labels. Exit code 3 if something could not be removed.
 */
export const clean: CliCommand<CleanRequest> = {
  name: 'clean',
  summary: 'Removes what killed runs have left behind; with --caches, caches too.',
  options: ['caches', 'json', 'verbose'],
  read: ({ options }) => ({
    request: { json: options.has('json'), caches: options.has('caches') },
  }),
  run: removeLeftovers,
};
