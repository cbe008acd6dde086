import { randomUUID } from 'node:crypto';

/*
 * Workflow commands as GitHub's runner reads them from a job's log:
 * `::name key=value,key=value::message`, one to a line.
 */

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** One command as a line without its newline. Properties without a value are left out. */
export function command(
  name: string,
  message: string,
  properties: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const set = Object.entries(properties)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key}=${property(String(value))}`);
  return `::${name}${set.length > 0 ? ` ${set.join(',')}` : ''}::${data(message)}`;
}

/**
 * Text of which no line is a command, so that it may go to any output of a step,
 * also in pieces that others come between. The runner ends lines at a lone
 * carriage return too, takes `::name::` behind white space, and the old
 * `##[name]` anywhere in a line.
 */
export function escapeCommands(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replaceAll('##[', '## [')
    .replace(/^([^\S\n]|\u0085)*:(?=:)/gm, '$&\u0020');
}

/**
 * Somebody else's words in the log of a job, as they are: between stop-commands
 * the runner obeys nothing until the token, which is new each time and so cannot
 * be guessed. The old `##[command]`, which also the log's viewer knows, is broken up.
 */
export function withoutCommands(text: string): string {
  const token = randomUUID();
  const words = text.replace(/\n$/, '').replace(/\r\n?/g, '\n').replaceAll('##[', '## [');
  return `${command('stop-commands', token)}\n${words}\n::${token}::\n`;
}

/**
 * The same for JSON, whose meaning stays: only strings can hold the old form, and
 * none begins a line once the separators that some readers break lines at are escaped.
 */
export function escapeCommandsInJson(json: string): string {
  return json
    .replaceAll('##[', '##\\u005b')
    .replace(/[\u2028\u2029]/g, (sign) => (sign === '\u2028' ? '\\u2028' : '\\u2029'));
}
