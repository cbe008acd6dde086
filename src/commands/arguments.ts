import { parseArgs } from 'node:util';
import type { Flag, OptionValues, StartContext } from '../config/index.js';
import { optionsOf } from '../config/index.js';
import { joinWords, type Problem } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import type { CliCommand } from './command.js';
import { commands } from './table.js';

/** What a command line asks for. */
export type ParsedCommandLine =
  | { readonly command: CliCommand; readonly request: unknown }
  | { readonly help: CliCommand | 'all' }
  | { readonly version: true }
  | { readonly problems: readonly Problem[] };

interface Token {
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function optionProblem(
  { name, options }: CliCommand,
  token: Token,
  option: Flag | undefined,
): string | undefined {
  if (option === undefined) {
    const written = token.rawName.replace(/^-+/, '');
    const others = commands.filter((other) => other.options.includes(written));
    if (others.length > 0) {
      const names = joinWords(others.map((other) => `sea-trial ${other.name}`));
      return `there is no option ${token.rawName} for ${name}; ${names} ${others.length > 1 ? 'have' : 'has'} it`;
    }
    const near = nearest(written, options);
    const hint = near === undefined ? `see sea-trial ${name} --help` : `did you mean --${near}?`;
    return `there is no option ${token.rawName}; ${hint}`;
  }
  if (option.value === undefined) {
    if (!token.inlineValue || token.value === option.word) return undefined;
    const { name: of, word } = option;
    return word === undefined ? `--${of} takes no value` : `--${of} takes no value but =${word}`;
  }
  // A following option is no value; `--only=--x` says so on purpose.
  const swallowed = !token.inlineValue && token.value?.startsWith('--');
  if (token.value === undefined || token.value === '' || swallowed) {
    return `--${option.name} needs a value: ${option.value}`;
  }
  return undefined;
}

/** Divides what stands behind a command's name into its options and its words. */
function divideArguments(command: CliCommand, argv: readonly string[]) {
  const options = optionsOf(command.options).map(({ flag }) => flag);
  const given = new Map<string, string[]>();
  const words: string[] = [];
  const problems: Problem[] = [];
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries(
      options.map(({ name, value }) => [name, { type: value ? 'string' : 'boolean' } as const]),
    ),
  });
  // What stands behind an unknown option may be its value.
  let behindUnknown = -1;
  for (const token of tokens) {
    if (token.kind === 'positional' && token.index === behindUnknown) continue;
    if (token.kind === 'positional' && command.arguments !== undefined) words.push(token.value);
    else if (token.kind === 'positional') {
      const message = `"${token.value}" is not expected; ${command.name} takes options only`;
      problems.push({ message });
    }
    if (token.kind !== 'option') continue;
    const option = options.find(({ name }) => name === token.name);
    if (option === undefined && !token.inlineValue) behindUnknown = token.index + 1;
    const message = optionProblem(command, token, option);
    if (message !== undefined) problems.push({ message });
    else given.set(token.name, [...(given.get(token.name) ?? []), token.value ?? 'true']);
  }
  for (const { name, repeatable } of options) {
    if (repeatable !== true && (given.get(name)?.length ?? 0) > 1) {
      problems.push({ message: `--${name} is given more than once` });
    }
  }
  return { options: given as OptionValues, words, problems };
}

/**
 * Reads a command line, without node and the script. Problems are usage errors (exit 2),
 * all of them together.
 */
export function parseArguments(argv: readonly string[], start: StartContext): ParsedCommandLine {
  const [word = '--help', ...rest] = argv;
  if (word === '--version') return { version: true };
  if (word === '--help' || word === '-h') return { help: 'all' };
  const find = (name: string | undefined) => commands.find((command) => command.name === name);
  if (word === 'help') return { help: find(rest[0]) ?? 'all' };
  const command = find(word);
  if (command === undefined) {
    const near = nearest(
      word,
      commands.map(({ name }) => name),
    );
    const hint = near === undefined ? 'see sea-trial --help' : `did you mean "${near}"?`;
    return { problems: [{ message: `there is no command "${word}"; ${hint}` }] };
  }
  if (rest.includes('--help') || rest.includes('-h')) return { help: command };
  const { problems, ...given } = divideArguments(command, rest);
  const read = command.read(given, start);
  const all = [...problems, ...('problems' in read ? read.problems : [])];
  if ('problems' in read || all.length > 0) return { problems: all };
  return { command, request: read.request };
}
