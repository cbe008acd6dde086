import { randomUUID } from 'node:crypto';
import type { Ports } from '../ports/index.js';
import { command } from '../report/index.js';

/*
 * What GitHub's runner and an action tell each other: inputs and state through
 * the environment, everything else through files that the environment names
 * (docs.github.com, "Workflow commands for GitHub Actions").
 */

type World = Pick<Ports, 'env' | 'files'>;

const INPUT = 'INPUT_';

/** Every input that the workflow or action.yml gave, by its own name. */
export function readInputs(env: Ports['env']): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(env).flatMap(([name, value]) =>
      name.startsWith(INPUT) && value !== undefined
        ? [[name.slice(INPUT.length).toLowerCase(), value] as const]
        : [],
    ),
  );
}

/** What `main` saved for `post`; undefined where it did not come so far. */
export function readState(env: Ports['env'], name: string): string | undefined {
  const value = env[`STATE_${name}`];
  return value === '' ? undefined : value;
}

/** A value of any text, behind a mark that nobody can know beforehand. */
function assignment(name: string, value: string): string {
  const mark = randomUUID();
  return `${name}<<${mark}\n${value}\n${mark}\n`;
}

/** Where there is no runner there is no such file, and nothing is written. */
async function append({ env, files }: World, file: string, text: string): Promise<void> {
  const path = env[`GITHUB_${file}`];
  if (path !== undefined && path !== '') await files.append(path, text);
}

export function saveState(world: World, name: string, value: string): Promise<void> {
  return append(world, 'STATE', assignment(name, value));
}

export function setOutputs(world: World, outputs: Readonly<Record<string, string>>): Promise<void> {
  const texts = Object.entries(outputs).map(([name, value]) => assignment(name, value));
  return append(world, 'OUTPUT', texts.join(''));
}

export function addSummary(world: World, markdown: string): Promise<void> {
  return append(world, 'STEP_SUMMARY', `${markdown.trimEnd()}\n`);
}

/** A job's output that holds a masked value is dropped, so short ones are not masked. */
const SHORTEST = 8;

/** Commands that hide secrets in the log: each line of each, since a log is read by lines. */
export function maskCommands(secrets: Iterable<string>): readonly string[] {
  const lines = [...secrets].flatMap((secret) => secret.split(/\r\n|\n|\r/));
  return [...new Set(lines)]
    .filter((line) => line.trim().length >= SHORTEST)
    .map((line) => command('add-mask', line));
}
