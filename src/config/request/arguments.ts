import { parseArgs } from 'node:util';
import { formats, isRegistry } from '../../document/index.js';
import { EXISTING, type Problem } from '../../evidence/index.js';
import { formatPlatform, nearest, parsePlatform } from '../../platform/index.js';
import { parseUntrusted, UNTRUSTED } from '../trust/trust.js';
import { judgeGrant, parseParallel } from './action.js';
import { commands, optionsOf } from './commands.js';
import type { CommandName } from './inputs.js';
import type { ParsedRequest } from './request.js';
import { isPullRequest, type StartContext } from './start.js';

type ParsedArguments =
  | { readonly command: 'run'; readonly request: ParsedRequest }
  | { readonly command: 'plan'; readonly request: ParsedRequest }
  | { readonly command: 'emulation'; readonly emulation: EmulationRequest }
  | { readonly command: 'clean'; readonly json: boolean }
  | { readonly help: CommandName | 'all' }
  | { readonly version: true }
  | { readonly problems: readonly Problem[] };

/** What is asked of `sea-trial emulation`. */
export interface EmulationRequest {
  readonly action: EmulationAction;
  /** Normalised; empty: all that can be proved. */
  readonly platforms: readonly string[];
  readonly binfmtImage?: string;
  readonly json: boolean;
}

const EMULATION_ACTIONS = ['list', 'prove', 'install', 'remove'] as const;

type EmulationAction = (typeof EMULATION_ACTIONS)[number];

/** Values by option; a switch that was given has the value `true`. */
type OptionValues = ReadonlyMap<string, readonly string[]>;

function readOptions(
  command: CommandName,
  argv: readonly string[],
  problems: Problem[],
  words: string[] = [],
): OptionValues {
  const options = optionsOf(command).map(({ flag }) => flag);
  const given = new Map<string, string[]>();
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries(
      options.map(({ name, value }) => [name, { type: value ? 'string' : 'boolean' } as const]),
    ),
  });
  // What stands behind an option that there is not may be its value.
  let behindUnknown = -1;
  for (const token of tokens) {
    if (token.kind === 'positional' && token.index === behindUnknown) continue;
    if (token.kind === 'positional' && command === 'emulation') words.push(token.value);
    else if (token.kind === 'positional') {
      problems.push({ message: `"${token.value}" is not expected; ${command} takes options only` });
    }
    if (token.kind !== 'option') continue;
    const option = options.find(({ name }) => name === token.name);
    if (option === undefined && !token.inlineValue) behindUnknown = token.index + 1;
    const message = judgeOption(command, token, option);
    if (message !== undefined) problems.push({ message });
    else given.set(token.name, [...(given.get(token.name) ?? []), token.value ?? 'true']);
  }
  for (const { name, repeatable } of options) {
    if (repeatable !== true && (given.get(name)?.length ?? 0) > 1) {
      problems.push({ message: `--${name} is given more than once` });
    }
  }
  return given;
}

function judgeOption(
  command: CommandName,
  token: {
    readonly rawName: string;
    readonly value: string | undefined;
    readonly inlineValue: boolean | undefined;
  },
  option: { readonly name: string; readonly value?: string } | undefined,
): string | undefined {
  if (option === undefined) {
    const names = optionsOf(command).map(({ flag }) => flag.name);
    const near = nearest(token.rawName.replace(/^-+/, ''), names);
    const hint = near === undefined ? `see sea-trial ${command} --help` : `did you mean --${near}?`;
    return `there is no option ${token.rawName}; ${hint}`;
  }
  if (option.value === undefined) {
    return token.inlineValue ? `--${option.name} takes no value` : undefined;
  }
  // A following option is no value; `--only=--x` says so on purpose.
  const swallowed = !token.inlineValue && token.value?.startsWith('--');
  if (token.value === undefined || token.value === '' || swallowed) {
    return `--${option.name} needs a value: ${option.value}`;
  }
  return undefined;
}

function readSet(given: OptionValues, problems: Problem[]): ReadonlyMap<string, string> {
  const set = new Map<string, string>();
  for (const item of given.get('set') ?? []) {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(item) ?? [];
    if (name === undefined || value === undefined) {
      problems.push({ message: `--set ${item}: it is NAME=VALUE` });
    } else if (set.has(name)) {
      problems.push({ message: `--set ${name} is given more than once` });
    } else set.set(name, value);
  }
  return set;
}

function judge(given: OptionValues, problems: Problem[]): void {
  const [registry] = given.get('registry') ?? [];
  if (registry !== undefined && !isRegistry(registry.replace(/\/$/, ''))) {
    problems.push({ message: `--registry ${registry}: it is a host, with a path if need be` });
  }
  if (registry !== undefined && !given.has('push')) {
    problems.push({ message: '--registry says where --push publishes; give --push too' });
  }
  const [parallel] = given.get('parallel') ?? [];
  if (parallel !== undefined && parseParallel(parallel) === undefined) {
    problems.push({ message: `--parallel ${parallel}: it is a whole number of at least 1` });
  }
  const [untrusted] = given.get('untrusted') ?? [];
  if (untrusted !== undefined && parseUntrusted(untrusted) === undefined) {
    problems.push({ message: `--untrusted ${untrusted}: it is ${UNTRUSTED.join(', ')}` });
  }
  const [existing] = given.get('existing') ?? [];
  if (existing !== undefined && !EXISTING.some((one) => one === existing)) {
    problems.push({ message: `--existing ${existing}: it is ${EXISTING.join(', ')}` });
  }
  for (const platform of divide(given.get('replaces'))) {
    const message = formats['any-platform'](platform);
    if (message !== undefined) problems.push({ message: `--replaces ${message}` });
  }
  for (const name of given.get('grant') ?? []) {
    const message = judgeGrant(name);
    if (message !== undefined) problems.push({ message: `--grant ${message}` });
  }
}

function divide(values: readonly string[] = []): readonly string[] {
  return values.flatMap((value) => value.split(',')).filter((value) => value !== '');
}

function optional<K extends keyof ParsedRequest>(
  key: K,
  value: ParsedRequest[K] | undefined,
): Partial<ParsedRequest> {
  return value === undefined ? {} : { [key]: value };
}

function makeRequest(
  command: ParsedRequest['command'],
  given: OptionValues,
  set: ParsedRequest['set'],
  start: StartContext,
): ParsedRequest {
  const first = (name: string) => given.get(name)?.[0];
  return {
    command,
    from: 'arguments',
    root: start.root,
    ...optional('configuration', first('config')),
    only: divide(given.get('only')),
    platforms: divide(given.get('platform')),
    set,
    push: given.has('push'),
    ...optional('registry', first('registry')?.replace(/\/$/, '')),
    ...optional('parallel', parseParallel(first('parallel') ?? '')),
    ...optional('evidence', first('evidence')),
    json: given.has('json'),
    allowDirty: given.has('allow-dirty'),
    grants: [...new Set(given.get('grant'))].sort(),
    ...optional('builder', first('builder')),
    ...optional('binfmtImage', first('binfmt-image')),
    replaces: divide(given.get('replaces')),
    ...optional(
      'existing',
      EXISTING.find((one) => one === first('existing')),
    ),
    load: false,
    pullRequest: isPullRequest(start),
    untrusted: parseUntrusted(first('untrusted')) ?? 'auto',
    secretSources: [],
    secretValues: new Map(),
  };
}

function judgePlatform(word: string, problems: Problem[]): readonly string[] {
  const platform = parsePlatform(word);
  if (platform !== undefined) return [formatPlatform(platform)];
  problems.push({ message: `"${word}" is not a platform, as linux/arm64 is` });
  return [];
}

function readEmulation(argv: readonly string[]): ParsedArguments {
  const problems: Problem[] = [];
  const words: string[] = [];
  const given = readOptions('emulation', argv, problems, words);
  const [word = '', ...rest] = words;
  const action = EMULATION_ACTIONS.find((one) => one === word);
  if (action === undefined) {
    const there = EMULATION_ACTIONS.join(', ');
    problems.push({
      message:
        word === ''
          ? `emulation needs to know what to do: ${there}`
          : `emulation cannot "${word}"; there are: ${there}`,
    });
  }
  const platforms = rest
    .flatMap((one) => one.split(','))
    .flatMap((one) => judgePlatform(one, problems));
  if (action === 'list' && rest.length > 0) {
    problems.push({ message: 'emulation list shows everything; it takes no platforms' });
  }
  if (action === undefined || problems.length > 0) return { problems };
  const image = given.get('binfmt-image')?.[0];
  return {
    command: 'emulation',
    emulation: {
      action,
      platforms: [...new Set(platforms)],
      ...(image === undefined ? {} : { binfmtImage: image }),
      json: given.has('json'),
    },
  };
}

function isCommand(word: string): word is CommandName {
  return commands.has(word as CommandName);
}

/**
 * Reads the command line, without node and the script. Problems are usage
 * errors (exit 2); for help and the version it is only asked (exit 0).
 */
export function parseArguments(argv: readonly string[], start: StartContext): ParsedArguments {
  const [word = '--help', ...rest] = argv;
  if (word === '--version') return { version: true };
  if (word === '--help' || word === '-h') return { help: 'all' };
  if (word === 'help') {
    const [about = ''] = rest;
    return { help: isCommand(about) ? about : 'all' };
  }
  if (!isCommand(word)) {
    const near = nearest(word, commands.keys());
    const hint = near === undefined ? 'see sea-trial --help' : `did you mean "${near}"?`;
    return { problems: [{ message: `there is no command "${word}"; ${hint}` }] };
  }
  if (rest.includes('--help') || rest.includes('-h')) return { help: word };
  if (word === 'emulation') return readEmulation(rest);
  const problems: Problem[] = [];
  const given = readOptions(word, rest, problems);
  if (word === 'clean') {
    return problems.length > 0 ? { problems } : { command: word, json: given.has('json') };
  }
  const set = readSet(given, problems);
  judge(given, problems);
  if (problems.length > 0) return { problems };
  return { command: word, request: makeRequest(word, given, set, start) };
}
