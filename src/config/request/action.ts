import { isAbsolute, join } from 'node:path';
import { formats, fromRoot } from '../../document/index.js';
import { EXISTING, type Problem } from '../../evidence/index.js';
import { nearest } from '../../platform/index.js';
import { UNTRUSTED } from '../trust/trust.js';
import { type BuilderInputs, passwordsOf, readBuilder, readBuildx } from './builder.js';
import { inlineImage, itemsOf } from './inline.js';
import { grants, inputs, refusedInputs } from './inputs.js';
import { passwordsIn, readLogins } from './logins.js';
import type { ParsedRequest, Request, SecretSource } from './request.js';
import { isPullRequest, type StartContext } from './start.js';

type FromInputs = { readonly request: ParsedRequest } | { readonly problems: readonly Problem[] };

const LATER = ['trial', 'publish', 'verify', 'promote'];

interface Reader {
  readonly values: ReadonlyMap<string, string>;
  readonly problems: Problem[];
}

function text({ values }: Reader, name: string): string | undefined {
  const value = values.get(name)?.trim() ?? '';
  return value === '' ? undefined : value;
}

function words({ values }: Reader, name: string): readonly string[] {
  const type = inputs.find((input) => input.name === name)?.type ?? 'text';
  const value = values.get(name) ?? '';
  return value.trim() === '' ? [] : itemsOf(value, type);
}

function refuse(reader: Reader, name: string, message: string): void {
  reader.problems.push({ file: `input "${name}"`, message });
}

function flag(reader: Reader, name: string, otherwise = false): boolean {
  const value = text(reader, name) ?? String(otherwise);
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  refuse(reader, name, `"${value}" is neither true nor false`);
  return false;
}

function choice<T extends string>(reader: Reader, name: string, of: readonly T[]): T | undefined {
  const value = text(reader, name);
  const found = of.find((one) => one === value);
  if (value !== undefined && found === undefined) {
    refuse(reader, name, `"${value}" is not known; there are: ${of.join(', ')}`);
  }
  return found;
}

/** NAME=value items; one without `=` is a problem. */
function pairs(reader: Reader, name: string): readonly (readonly [string, string])[] {
  return words(reader, name).flatMap((item) => {
    const equals = item.indexOf('=');
    if (equals > 0) return [[item.slice(0, equals), item.slice(equals + 1)] as const];
    // Not the item itself: it may be a secret that lost its name.
    refuse(reader, name, 'an item is not NAME=value');
    return [];
  });
}

/** Variables by name; a name with two values is a problem. */
function readSet(reader: Reader): ReadonlyMap<string, string> {
  const given = pairs(reader, 'set');
  const set = new Map(given);
  for (const name of set.keys()) {
    const often = given.filter(([one]) => one === name).length > 1;
    if (often) refuse(reader, 'set', `"${name}" is given more than once`);
  }
  return set;
}

/** A whole number of at least 1. */
export function parseParallel(text: string): number | undefined {
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined;
}

/** The sentence about a grant that there is not; undefined for one that there is. */
export function judgeGrant(name: string): string | undefined {
  if (grants.has(name)) return undefined;
  const near = nearest(name, grants.keys());
  const hint = near === undefined ? `there are: ${[...grants.keys()].join(', ')}` : `near: ${near}`;
  return `"${name}" is not a grant; ${hint}`;
}

function readParallel(reader: Reader): number | undefined {
  const value = text(reader, 'parallel');
  const parallel = value === undefined ? undefined : parseParallel(value);
  if (value !== undefined && parallel === undefined) {
    refuse(reader, 'parallel', `"${value}" is not a whole number of at least 1`);
  }
  return parallel;
}

function readReplaces(reader: Reader): readonly string[] {
  const given = words(reader, 'replaces');
  for (const platform of given) {
    const message = formats['any-platform'](platform);
    if (message !== undefined) refuse(reader, 'replaces', message);
  }
  return given;
}

function readGrants(reader: Reader): readonly string[] {
  const given = [...words(reader, 'grants')];
  for (const name of given) {
    const message = judgeGrant(name);
    if (message !== undefined) refuse(reader, 'grants', message);
  }
  for (const name of words(reader, 'allow')) {
    // `device=…` names one device; the grant is for the kind.
    const grant = name.split('=')[0] ?? name;
    if (['network.host', 'security.insecure', 'device'].includes(grant)) given.push(grant);
    else refuse(reader, 'allow', `"${name}" is not an entitlement of BuildKit`);
  }
  // The image of the inputs has these by itself; as a file says it, it needs the grants.
  for (const name of ['cgroup-parent', 'ssh']) if (words(reader, name).length > 0) given.push(name);
  return [...new Set(given)].sort();
}

function readSecrets(
  reader: Reader,
  root: string,
): {
  readonly sources: readonly SecretSource[];
  readonly values: ReadonlyMap<string, string>;
} {
  const values = new Map(pairs(reader, 'secrets'));
  const sources: SecretSource[] = [
    ...[...values.keys()].map((id) => ({ id })),
    ...pairs(reader, 'secret-envs').map(([id, env]) => ({ id, env })),
    ...pairs(reader, 'secret-files').map(([id, path]) => ({ id, file: fromRoot(root, '.', path) })),
  ];
  const ids = sources.map(({ id }) => id);
  for (const id of new Set(ids.filter((one, index) => ids.indexOf(one) !== index))) {
    reader.problems.push({ message: `secret "${id}" is given twice by the inputs` });
  }
  return { sources, values };
}

/** What BuildKit looks for when it clones a private repository from a host (Docker's docs, "Build context"). */
function gitSecret(token: string | undefined, { env }: StartContext): readonly [string, string][] {
  if (token === undefined) return [];
  const server = env.GITHUB_SERVER_URL || 'https://github.com';
  return URL.canParse(server) ? [[`GIT_AUTH_TOKEN.${new URL(server).host}`, token]] : [];
}

/** Inputs that are a secret as they are. */
const SECRET_INPUTS = ['github-token', 'password'];

/** Under docker/login-action's name a list is refused, and its passwords are secrets all the same. */
const LOGIN_LISTS = ['registries', 'registry-auth'];

/**
 * What a log must not show, whatever else is wrong with the inputs: tokens, and
 * what stands behind each secret's name, or a secret that lost its name.
 */
export function secretTexts(values: ReadonlyMap<string, string>): readonly string[] {
  const items = itemsOf(values.get('secrets') ?? '', 'lines');
  return [
    ...SECRET_INPUTS.map((name) => values.get(name)?.trim() ?? ''),
    ...(passwordsOf(values.get('buildx-mirror')?.trim() ?? '') ?? []),
    ...LOGIN_LISTS.flatMap((name) => passwordsIn(values.get(name) ?? '')),
    ...items.map((item) => (/^[^=]+=/.test(item) ? item.slice(item.indexOf('=') + 1) : item)),
  ].filter((text) => text !== '');
}

/** In a pull request they are seldom used; from a fork, secrets are empty and nothing is wrong with that. */
function loginsOf(reader: Reader, pullRequest: boolean): Pick<Request, 'logins'> {
  const logins = readLogins({
    text: (name) => text(reader, name),
    refuse: (name, message) => {
      if (!pullRequest) refuse(reader, name, message);
    },
  });
  return logins.length === 0 ? {} : { logins };
}

function builderInputs(reader: Reader, root: string): BuilderInputs {
  return {
    text: (name) => text(reader, name),
    list: (name) => words(reader, name),
    flag: (name, otherwise) => flag(reader, name, otherwise),
    path: (path) => (isAbsolute(path) ? path : join(root, path)),
    refuse: (name, message) => refuse(reader, name, message),
  };
}

function refuseInputs({ values, problems }: Reader): void {
  const known = inputs.filter(({ action }) => action).map(({ name }) => name);
  for (const [name, value] of values) {
    if (known.includes(name) || value.trim() === '') continue;
    const answer = refusedInputs.get(name);
    const near = nearest(name, known);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    const message = answer ?? `there is no such input${hint}`;
    problems.push({ file: `input "${name}"`, message });
  }
}

function optional<K extends keyof Request>(
  key: K,
  value: Request[K] | undefined,
): Partial<Request> {
  return value === undefined ? {} : { [key]: value };
}

/**
 * The request that the action's inputs make. `values` holds the texts by the
 * inputs' own names (`build-args`); an empty text is an input that is not set.
 * `modes` are the values of the input `mode`.
 */
export function fromInputs(
  values: ReadonlyMap<string, string>,
  start: StartContext,
  modes: readonly string[],
): FromInputs {
  const reader: Reader = { values, problems: [] };
  refuseInputs(reader);
  const mode = text(reader, 'mode');
  if (mode !== undefined && LATER.includes(mode)) {
    refuse(
      reader,
      'mode',
      `"${mode}" does not exist in this version; there are: ${modes.join(', ')}`,
    );
  } else choice(reader, 'mode', modes);
  const inline = inlineImage(values);
  const secrets = readSecrets(reader, start.root);
  const builder = builderInputs(reader, start.root);
  const request: ParsedRequest = {
    command: mode ?? 'run',
    from: 'inputs',
    root: start.root,
    ...optional('configuration', text(reader, 'config')),
    ...optional('inline', inline.image),
    only: words(reader, 'only'),
    platforms: [],
    set: readSet(reader),
    push: flag(reader, 'push'),
    ...optional('parallel', readParallel(reader)),
    json: false,
    allowDirty: flag(reader, 'allow-dirty'),
    grants: readGrants(reader),
    ...optional('builder', text(reader, 'builder')),
    ...optional('newBuilder', readBuilder(builder)),
    ...optional('buildx', readBuildx(builder)),
    ...optional('binfmtImage', text(reader, 'binfmt-image')),
    replaces: readReplaces(reader),
    ...optional('existing', choice(reader, 'existing', EXISTING)),
    load: flag(reader, 'load'),
    ...optional('publish', choice(reader, 'publish', ['together', 'per-image'] as const)),
    pullRequest: isPullRequest(start),
    untrusted: choice(reader, 'untrusted', UNTRUSTED) ?? 'auto',
    secretSources: secrets.sources,
    secretValues: new Map([...secrets.values, ...gitSecret(text(reader, 'github-token'), start)]),
    ...loginsOf(reader, isPullRequest(start)),
    ...optional('token', text(reader, 'github-token')),
  };
  const problems = [...reader.problems, ...inline.problems];
  return problems.length > 0 ? { problems } : { request };
}
