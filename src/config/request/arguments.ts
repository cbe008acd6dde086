import { formats } from '../../document/index.js';
import { EXISTING, type Problem } from '../../evidence/index.js';
import { isRegistryPrefix } from '../../reference/index.js';
import { parseUntrusted, UNTRUSTED } from '../trust/trust.js';
import { judgeGrant, parseParallel } from './action.js';
import type { ParsedRequest } from './request.js';
import { isPullRequest, type StartContext } from './start.js';

/** Values by the option's name; a switch that was given has the value `true`. */
export type OptionValues = ReadonlyMap<string, readonly string[]>;

/** What stands behind a command's name. */
export interface CommandArguments {
  readonly options: OptionValues;
  readonly words: readonly string[];
}

/** What arguments ask for, or everything that is wrong with them. */
export type ArgumentReading<Asked> =
  | { readonly asked: Asked }
  | { readonly problems: readonly Problem[] };

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
  if (registry !== undefined && !isRegistryPrefix(registry.replace(/\/$/, ''))) {
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
  for (const platform of divideList(given.get('replaces'))) {
    const message = formats['any-platform'](platform);
    if (message !== undefined) problems.push({ message: `--replaces ${message}` });
  }
  for (const name of given.get('grant') ?? []) {
    const message = judgeGrant(name);
    if (message !== undefined) problems.push({ message: `--grant ${message}` });
  }
}

/** Items that commas divide, of an option that may be given several times. */
export function divideList(values: readonly string[] = []): readonly string[] {
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
    only: divideList(given.get('only')),
    platforms: divideList(given.get('platform')),
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
    replaces: divideList(given.get('replaces')),
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

/** The request of a command that plans a run. */
export function requestFromArguments(
  command: ParsedRequest['command'],
  { options }: CommandArguments,
  start: StartContext,
): ArgumentReading<ParsedRequest> {
  const problems: Problem[] = [];
  const set = readSet(options, problems);
  judge(options, problems);
  if (problems.length > 0) return { problems };
  return { asked: makeRequest(command, options, set, start) };
}
