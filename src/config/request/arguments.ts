import type { Input } from './input.js';
import { parseRequest, type Reading } from './parse.js';
import type { RequestSource } from './reader.js';
import type { ParsedRequest } from './request.js';
import type { StartContext } from './start.js';

/** Values by the option's name; a switch that was given has the value `true`. */
export type OptionValues = ReadonlyMap<string, readonly string[]>;

/** What stands behind a command's name. */
export interface CommandArguments {
  readonly options: OptionValues;
  readonly words: readonly string[];
}

/** Items that commas divide, of an option that may be given several times. */
export function divideList(values: readonly string[] = []): readonly string[] {
  return values.flatMap((value) => value.split(',')).filter((value) => value !== '');
}

function sourceOf(given: OptionValues): RequestSource {
  const values = ({ flag }: Input) => (flag && given.get(flag.name)) ?? [];
  return {
    text: (input) => values(input)[0],
    items: (input) => (input.type === 'list' ? divideList(values(input)) : values(input)),
    quote: (item) => `"${item}"`,
    problem: ({ name, flag }, message) => ({ message: `--${flag?.name ?? name} ${message}` }),
  };
}

/** The request of a command that plans a run. */
export function requestFromArguments(
  command: ParsedRequest['command'],
  { options }: CommandArguments,
  start: StartContext,
): Reading<ParsedRequest> {
  const of = { command, from: 'arguments' } as const;
  const { request, problems: found } = parseRequest(sourceOf(options), of, start);
  const message = '--registry needs --push: it names where --push publishes';
  const problems = options.has('registry') && !request.push ? [...found, { message }] : found;
  return problems.length > 0 ? { problems } : { request };
}
