import { isAbsolute, posix } from 'node:path';
import {
  entry,
  list,
  type NodeEntry,
  type Position,
  type SourceNode,
  scalar,
} from '../../document/index.js';
import type { Problem } from '../../evidence/index.js';
import { buildInputs } from '../../kinds/index.js';
import { parseReference, splitReference } from '../../reference/index.js';
import type { Input, InputType } from './input.js';
import { inputs } from './inputs.js';

function unquote(text: string): string {
  // Not `"a","b"`, which is two fields of an entry.
  const quoted = /^"[^"]*(?:""[^"]*)*"$/.test(text);
  return quoted ? text.slice(1, -1).replaceAll('""', '"') : text;
}

/**
 * Divides at separators that are not inside `"…"`; a quoted item may run over lines. Quotes
 * within an item are its own, as build-push-action leaves those of `NAME="a b"` alone.
 */
function divide(text: string, separator: RegExp): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (const char of text) {
    if (char === '"' && (quoted || part.trim() === '')) quoted = !quoted;
    else if (char === '"' && part.trimStart().startsWith('"')) quoted = true;
    if (!quoted && separator.test(char)) {
      parts.push(part);
      part = '';
    } else part += char;
  }
  return [...parts, part].map((one) => unquote(one.trim())).filter((one) => one !== '');
}

/** The items of an input's text. */
export function itemsOf(text: string, type: InputType): readonly string[] {
  if (type === 'list') return divide(text, /[,\r\n]/);
  if (type === 'lines' || type === 'key-values') return divide(text, /[\r\n]/);
  return [text.trim()];
}

/** The folder that build-push-action's template for the repository names: of the checkout, here. */
function folderOfTemplate(text: string): string | undefined {
  const found = /^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/.exec(text.trim());
  return found === null ? undefined : found[1] || '.';
}

/**
 * The texts of the inputs without that template. A Dockerfile is in the context that it names,
 * as with every Git context.
 */
function withoutTemplates(
  textOf: (name: string) => string | undefined,
): (name: string) => string | undefined {
  const folder = folderOfTemplate(textOf('context') ?? '');
  return (name) => {
    const text = textOf(name);
    if (text === undefined || folder === undefined) return text;
    if (name === 'context') return folder;
    return name === 'file' && !isAbsolute(text) ? posix.join(folder, text) : text;
  };
}

const TAGS: Position = { file: 'input "tags"' };

const NO_BUILDER =
  'is for a build with buildpacks, and no builder is named; name its image with "builder-image"';

/** Where each input of an image goes in the shape of one entry of `images`: keys from the outside in. */
export const inputPlaces: ReadonlyMap<string, readonly string[]> = new Map<
  string,
  readonly string[]
>([
  ['tags', ['targets']],
  ['platforms', ['platforms']],
  ['test', ['tests']],
  ['public-args', ['public-args']],
  ['annotations', ['annotations']],
  ['allow', ['build', 'entitlements']],
  ...buildInputs.map(({ name, path }) => [name, ['build', ...path]] as const),
]);

function pairsToMap(lines: readonly string[], at: Position): SourceNode {
  const entries = lines.map((line): NodeEntry => {
    const [key = '', ...value] = line.split('=');
    return { key, at, value: scalar(value.join('='), at) };
  });
  return { kind: 'map', entries, at };
}

function hostPair(item: string): string {
  return item.includes('=') ? item : item.replace(':', '=');
}

function namedContext(item: string): string {
  const [name = '', ...value] = item.split('=');
  const folder = folderOfTemplate(value.join('='));
  return folder === undefined ? item : `${name}=${folder}`;
}

/** Items that are written otherwise than a file has them. */
const REWRITTEN: ReadonlyMap<string, (item: string) => string> = new Map([
  ['add-hosts', hostPair],
  ['build-contexts', namedContext],
]);

/** A repository by one of its names: Docker Hub has several. */
function sameFor(repository: string): string {
  const parsed = parseReference(repository);
  return parsed.ok ? `${parsed.reference.registry}/${parsed.reference.repository}` : repository;
}

/** Full references become targets: the tags of one repository together, under the name it has first. */
function targetsOf(text: string, at: Position, problems: Problem[]): SourceNode {
  const found = new Map<string, { readonly name: string; readonly tags: string[] }>();
  for (const reference of itemsOf(text, 'list')) {
    if (reference.includes('@')) {
      problems.push({ ...at, message: `"${reference}" names a digest; tags are given by name` });
      continue;
    }
    const { name, tag = 'latest' } = splitReference(reference);
    const same = sameFor(name);
    const target = found.get(same) ?? { name, tags: [] };
    if (!target.tags.includes(tag)) target.tags.push(tag);
    found.set(same, target);
  }
  const targets = [...found.values()].map(({ name, tags }): SourceNode => {
    const tagged = list(
      tags.map((tag) => scalar(tag, at)),
      at,
    );
    const entries = [
      { key: 'name', at, value: scalar(name, at) },
      { key: 'tags', at, value: tagged },
    ];
    return { kind: 'map', entries, at };
  });
  return list(targets, at);
}

const NO_LIST =
  'is not a list of texts in JSON; write ["/greeter", "--version"], or a command for the image\'s shell';

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A text for the image's shell, or a list in JSON, which is executed without one, as in a
 * Dockerfile's CMD. `[ -f /etc/x ]` is a command; no shell has one that begins with `["`.
 */
function testOf(text: string, at: Position, problems: Problem[]): SourceNode {
  const written = parseJson(text);
  if (!Array.isArray(written) && !text.startsWith('["')) return scalar(text, at);
  const isList = Array.isArray(written) && written.length > 0;
  if (isList && written.every((word) => typeof word === 'string')) {
    const words = written.map((word: string) => scalar(word, at));
    const test: NodeEntry = { key: 'run', at, value: list(words, at) };
    return { kind: 'map', entries: [test], at };
  }
  problems.push({ ...at, message: NO_LIST });
  return scalar(text, at);
}

function readValue(
  { name, type }: Input,
  text: string,
  at: Position,
  problems: Problem[],
): SourceNode {
  if (name === 'tags') return targetsOf(text, at, problems);
  if (name === 'test') return testOf(text.trim(), at, problems);
  const found = itemsOf(text, type);
  if (name === 'ulimit') return pairsToMap(found, at);
  if (type === 'text' || type === 'boolean') return scalar(text.trim(), at);
  const rewrite = REWRITTEN.get(name) ?? ((item: string) => item);
  return list(
    found.map((item) => scalar(rewrite(item), at)),
    at,
  );
}

const DESCRIBING: ReadonlySet<string> = new Set(
  inputs.filter(({ image }) => image).map(({ name }) => `input "${name}"`),
);

/** What the values of a map, and of the maps in it, are from. */
function sourcesOf(node: SourceNode): readonly string[] {
  if (node.kind !== 'map') return [];
  return node.entries.flatMap(({ at, value }) =>
    value.kind === 'map' ? sourcesOf(value) : [at.file],
  );
}

/** About the input `tags`: what a workflow has when docker/metadata-action, say, makes no tag for its event. */
export const UNTAGGED =
  'is empty, so there is nothing to push to. If a step such as docker/metadata-action makes the tags, it makes none for this event: give it a rule for the event, or push only where there are tags';

/** The inputs that describe an image, as `input "name"`. */
function describing(image: SourceNode): readonly string[] {
  return [...new Set(sourcesOf(image))].filter((name) => DESCRIBING.has(name));
}

/** Whether the inputs say what their image is called. */
export function isCalled(image: SourceNode): boolean {
  return ['name', 'targets'].some((key) => entry(image, key) !== undefined);
}

/**
 * Why the inputs cannot describe an image, beside what the file says of `images`. Where
 * it has some, a name for another one would only be the next thing to be refused.
 */
export function inlineProblems(
  image: SourceNode,
  written: NodeEntry | undefined,
  push: boolean,
): readonly Problem[] {
  const names = describing(image);
  if (written !== undefined) {
    const message = `images are described here and by ${names.join(', ')}; keep one of the two`;
    return [{ ...written.at, message }];
  }
  if (isCalled(image)) return [];
  const message = push
    ? UNTAGGED
    : `is empty, and ${names[0]} describes an image; give the image a name with tags`;
  return [{ ...TAGS, message }];
}

/** What an input says, and where in an image it goes. */
interface PlacedValue {
  readonly path: readonly string[];
  readonly at: Position;
  readonly value: SourceNode;
}

/** A map of values by their paths; one within it is where its first value is. */
function nest(placed: readonly PlacedValue[]): readonly NodeEntry[] {
  const keys = [...new Set(placed.map(({ path }) => path[0] ?? ''))];
  return keys.flatMap((key): readonly NodeEntry[] => {
    const own = placed.filter(({ path }) => path[0] === key);
    const [first] = own;
    if (first === undefined) return [];
    const { at, value, path } = first;
    if (path.length === 1) return [{ key, at, value }];
    const entries = nest(own.map((one) => ({ ...one, path: one.path.slice(1) })));
    return [{ key, at, value: { kind: 'map', at, entries } }];
  });
}

const isOfBuildpacks = ({ path }: PlacedValue) => path[1] === 'buildpack';

/** Inputs that say how buildpacks build, where no builder is named. */
function withoutBuilder(placed: readonly PlacedValue[]): readonly PlacedValue[] {
  const own = placed.filter(isOfBuildpacks);
  return own.some(({ path }) => path[2] === 'builder') ? [] : own;
}

/**
 * The image that the action's inputs describe, as one entry of `images` would
 * say it; every place is `input "name"`. Undefined where no such input is set.
 * Whether it may be described, and is called something, `inlineProblems` says.
 */
export function inlineImage(written: (name: string) => string | undefined): {
  readonly image?: SourceNode;
  readonly problems: readonly Problem[];
} {
  const textOf = withoutTemplates(written);
  const problems: Problem[] = [];
  const given = inputs.flatMap((input): readonly PlacedValue[] => {
    const path = inputPlaces.get(input.name);
    const text = path && textOf(input.name);
    if (path === undefined || text === undefined) return [];
    const at = { file: `input "${input.name}"` };
    const value = readValue(input, text, at, problems);
    return [{ path, at, value }];
  });
  const unfit = withoutBuilder(given);
  problems.push(...unfit.map(({ at }) => ({ ...at, message: NO_BUILDER })));
  const placed = given.filter((one) => !unfit.includes(one));
  if (!given.some(({ at }) => DESCRIBING.has(at.file))) return { problems };
  const top = nest(placed.filter(({ path }) => path[0] !== 'build'));
  const build = nest(
    placed.flatMap((one) => (one.path[0] === 'build' ? [{ ...one, path: one.path.slice(1) }] : [])),
  );
  const nested: NodeEntry = {
    key: 'build',
    at: TAGS,
    value: { kind: 'map', entries: build, at: TAGS },
  };
  return { image: { kind: 'map', entries: [...top, nested], at: TAGS }, problems };
}
