import { maskSecretValue } from '../config/index.js';
import { MASK, type Redactor } from '../evidence/index.js';
import { type Exec, observed, type Ports } from '../ports/index.js';
import { command, escapeCommands, renderExecuted } from '../report/index.js';

/** `NAME=value`, also as the value of an option. */
const PAIR = /^((?:--[\w-]+=)?([A-Za-z_][\w.-]*)=)([\s\S]*)$/;

/** What an address has before its host. */
const LOGIN = /(?<=https?:\/\/)[^\s/]+(?=@)/gi;

/** Secrets are in no argument; should one be there all the same, it is not shown. */
function hidden(word: string, redactor: Pick<Redactor, 'text'>): string {
  const text = redactor.text(word);
  const [, head = '', name = '', value = text] = PAIR.exec(text) ?? [];
  return `${head}${maskSecretValue(name, value).replace(LOGIN, MASK)}`;
}

/** Whether the runner was asked for a debug log; then it shows `::debug::`, too. */
export function isDebug({ RUNNER_DEBUG }: Ports['env']): boolean {
  return RUNNER_DEBUG === '1';
}

/** The same, and a line is written for every command that is executed; never its environment, nor its input. */
export function verbose(
  { exec, clock }: Pick<Ports, 'exec' | 'clock'>,
  redactor: Pick<Redactor, 'text'>,
  write: (line: string) => void,
): Exec {
  return observed(exec, clock, (one) =>
    write(renderExecuted(one, (word) => hidden(word, redactor))),
  );
}

/** A line of the runner's debug log. */
export function debugCommand(line: string): string {
  return `${command('debug', escapeCommands(line))}\n`;
}
