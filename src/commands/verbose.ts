import { maskSecretValue } from '../config/index.js';
import { MASK, type Redactor } from '../evidence/index.js';
import { type Exec, observedExec, type Ports } from '../ports/index.js';
import { renderExecuted } from '../report/index.js';

/** `NAME=value`, alone or as the value of an option. */
const PAIR = /^((?:--[\w-]+=)?([A-Za-z_][\w.-]*)=)([\s\S]*)$/;

/** The login in an address. */
const LOGIN = /(?<=https?:\/\/)[^\s/]+(?=@)/gi;

/**
 * A word without the secrets that the run knows, the value of a name that looks like a
 * secret's, and logins in addresses. No secret should be in it in the first place.
 */
export function withoutSecrets(word: string, redactor: Pick<Redactor, 'text'>): string {
  const text = redactor.text(word);
  const [, head = '', name = '', value = text] = PAIR.exec(text) ?? [];
  return `${head}${maskSecretValue(name, value).replace(LOGIN, MASK)}`;
}

/** Whether the workflow's debug log is on. */
export function isDebug({ RUNNER_DEBUG }: Ports['env']): boolean {
  return RUNNER_DEBUG === '1';
}

/** Runs commands and writes a line for each of them, without its environment and its input. */
export function verbose(
  { exec, clock }: Pick<Ports, 'exec' | 'clock'>,
  redactor: Pick<Redactor, 'text'>,
  write: (line: string) => void,
): Exec {
  return observedExec(exec, clock, (one) =>
    write(renderExecuted(one, (word) => withoutSecrets(word, redactor))),
  );
}
