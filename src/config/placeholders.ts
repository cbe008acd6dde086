import { mapScalars, type Position, type SourceNode } from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import { mapPerPlatform, perPlatformKeys } from '../kinds/index.js';
import { nearest, parsePlatform } from '../platform/index.js';
import { writtenPlace } from './problems.js';

/** What `{arch}` and its like stand for on a platform, by their names. */
type Values = Readonly<Record<string, string>>;

/** Names in braces, behind which something of the run stands. */
const BRACES = /\{([A-Za-z][A-Za-z_-]*)\}/g;

/** What a platform's placeholders stand for; undefined where it is no platform. */
export function platformValues(platform: string): Values | undefined {
  const parsed = parsePlatform(platform);
  if (parsed === undefined) return undefined;
  const { os, architecture: arch, variant = '' } = parsed;
  const parts = [os, arch, ...(variant === '' ? [] : [variant])];
  return { arch, os, variant, platform: parts.join('/'), 'platform-slug': parts.join('-') };
}

/** The placeholders, with what they stand for on linux/arm/v7. */
export const PLACEHOLDERS = platformValues('linux/arm/v7') ?? {};

const NAMES = Object.keys(PLACEHOLDERS);

/** Other tools' words for the same. */
const MEANT: Values = {
  architecture: 'arch',
  targetarch: 'arch',
  targetos: 'os',
  targetplatform: 'platform',
  targetvariant: 'variant',
};

/** The placeholder for what BuildKit tells a Dockerfile under a name, as TARGETARCH. */
export function placeholderOf(name: string): string | undefined {
  return /^TARGET[A-Z]+$/.test(name) ? MEANT[name.toLowerCase()] : undefined;
}

/** Behind `$` stands a variable of the shell, and in double braces another tool's template. */
function isText(text: string, at: number, whole: string): boolean {
  const [before, after] = [text[at - 1], text[at + whole.length]];
  return before === '$' || (before === '{' && after === '}');
}

/** A text with its placeholders replaced; those that have no value here stay. */
export function fillText(text: string, values: Values): string {
  return text.replace(BRACES, (whole, name: string, at: number) =>
    isText(text, at, whole) || !Object.hasOwn(values, name) ? whole : (values[name] ?? whole),
  );
}

/** A tree with the placeholders of its texts replaced, names of build arguments and the like included. */
export function fill(raw: SourceNode, values: Values): SourceNode {
  return mapScalars(
    raw,
    (one) => ({ ...one, text: fillText(one.text, values) }),
    (key) => fillText(key, values),
  );
}

/** Whether a tree holds a placeholder that stands for something of a platform. */
export function differs(raw: SourceNode): boolean {
  return namesIn(raw).some(({ name }) => NAMES.includes(name));
}

interface NamedPlace {
  readonly name: string;
  /** The text that it stands in. */
  readonly text: string;
  readonly at: Position;
}

function namesIn(raw: SourceNode): readonly NamedPlace[] {
  const found: NamedPlace[] = [];
  const look = (text: string, at: Position) => {
    for (const match of text.matchAll(BRACES)) {
      const [whole, name = ''] = match;
      if (!isText(text, match.index, whole)) found.push({ name, text, at });
    }
  };
  mapScalars(
    raw,
    (one) => {
      look(one.text, one.at);
      return one;
    },
    (key, at) => {
      look(key, at);
      return key;
    },
  );
  return found;
}

/** The placeholder that a name in braces was probably meant to be; undefined where it is another word. */
function meant(name: string): string | undefined {
  const plain = name.toLowerCase().replaceAll('_', '-');
  const known = [...NAMES, 'version'];
  if (known.includes(plain)) return plain;
  if (Object.hasOwn(MEANT, plain)) return MEANT[plain];
  const near = plain.length < 3 ? undefined : nearest(plain, known);
  return near !== undefined && near[0] === plain[0] ? near : undefined;
}

/** An entry of `images` with something else in the place of what may differ per platform in its build. */
export function mapBuild(
  image: SourceNode,
  change: (value: SourceNode, key: string) => SourceNode,
): SourceNode {
  if (image.kind !== 'map') return image;
  const entries = image.entries.map((one) =>
    one.key === 'build' ? { ...one, value: mapPerPlatform(one.value, change) } : one,
  );
  return { ...image, entries };
}

/** Keys of an image that are one for all platforms, and whose texts have no braces. */
const ONE_FOR_ALL = ['id', 'name', 'tags', 'targets'];

/** Keys that say which platforms there are. */
const OF_PLATFORMS = ['platforms', 'replaces'];

/** Tables whose names without a value take the variable's of that name, in which nothing is replaced. */
const FROM_VARIABLES: Values = { args: 'argument', env: 'variable' };

/** How a text in braces gets to a build as it is, where it can. */
function asItIs(name: string, key: string): string {
  const what = Object.hasOwn(FROM_VARIABLES, key) ? FROM_VARIABLES[key] : undefined;
  if (what === undefined) return '';
  return ` For the text "{${name}}" itself, name the ${what} without a value, and give the value with --set or in "vars".`;
}

const NO_VERSION =
  '"{version}" stands for nothing here: it needs a "dockerfile" with {version} in its name';

function notPlaceholder(name: string, near: string): string {
  return `"{${name}}" is not a placeholder; did you mean "{${near}}"?`;
}

/** What is wrong with a placeholder of a build, under that key; undefined where it is none, or is replaced. */
function fault({ name }: NamedPlace, key: string): string | undefined {
  const rest = asItIs(name, key);
  if (name === 'version') return rest === '' ? NO_VERSION : `${NO_VERSION}.${rest}`;
  const near = NAMES.includes(name) ? undefined : meant(name);
  return near === undefined ? undefined : `${notPlaceholder(name, near)}${rest}`;
}

/** What is wrong with a name in braces in a text that has none; undefined where it is another word. */
function faultOutside({ name, text }: NamedPlace, key: string): string | undefined {
  const near = meant(name);
  if (near === undefined) return undefined;
  const whole = text === `{${name}}` ? '' : `"${text}": `;
  if (name === 'version') return `${whole}${NO_VERSION}`;
  if (near === 'version') return `${whole}${notPlaceholder(name, near)}`;
  const what = `"${text}": {${name}}`;
  return OF_PLATFORMS.includes(key)
    ? `${what} stands for a part of the platform, which "${key}" chooses; write the platforms themselves, as linux/arm64, or leave "${key}" out`
    : `${what} would be another text on each platform, and "${key}" is one for all platforms; leave {${name}} out`;
}

/** The word about a name that stays in a test as it is: a script may well mean it so. */
function testNote({ name, at }: NamedPlace): readonly string[] {
  const near = [...NAMES, 'version'].includes(name) ? undefined : meant(name);
  if (near === undefined) return [];
  return [`${writtenPlace(at)}: "{${name}}" stays as it is; the placeholder is "{${near}}".`];
}

function otherNote({ name, at }: NamedPlace): readonly string[] {
  if (meant(name) === undefined) return [];
  const where = `${perPlatformKeys.join(', ')} and tests`;
  return [
    `${writtenPlace(at)}: "{${name}}" stays as it is; placeholders are replaced in ${where}.`,
  ];
}

/** What is wrong with names in braces where none may be, by the key that has the text. */
function outsideProblems(raw: SourceNode, key: string): readonly Problem[] {
  if (raw.kind === 'list') return raw.items.flatMap((item) => outsideProblems(item, key));
  if (raw.kind === 'map') {
    return raw.entries.flatMap((entry) => outsideProblems(entry.value, entry.key));
  }
  return namesIn(raw).flatMap((one) => {
    const message = faultOutside(one, key);
    return message === undefined ? [] : [{ ...one.at, message }];
  });
}

/** An entry of `tests` by its parts: which platforms it is for, and all else. */
export function divideTests(tests: SourceNode) {
  const platforms: SourceNode[] = [];
  const rest = (tests.kind === 'list' ? tests.items : [tests]).flatMap((test) => {
    if (test.kind !== 'map') return [test];
    platforms.push(
      ...test.entries.flatMap(({ key, value }) => (key === 'platforms' ? [value] : [])),
    );
    return test.entries.flatMap(({ key, value }) => (key === 'platforms' ? [] : [value]));
  });
  return { platforms, rest };
}

/**
 * Names in braces that look like placeholders and are not replaced, in an entry of `images`
 * into which the versions of a glob have been put. Where a build may have placeholders, and
 * where no text has braces, they are problems; elsewhere they may be meant as they stand, and
 * are notes.
 */
export function strayPlaceholders(image: SourceNode): {
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
} {
  const problems: Problem[] = [];
  const rest = mapBuild(image, (value, key) => {
    for (const one of namesIn(value)) {
      const message = fault(one, key);
      if (message !== undefined) problems.push({ ...one.at, message });
    }
    return { kind: 'scalar', text: '', empty: true, at: value.at };
  });
  const notes: string[] = [];
  for (const { key, value } of rest.kind === 'map' ? rest.entries : []) {
    if ([...ONE_FOR_ALL, ...OF_PLATFORMS].includes(key)) {
      problems.push(...outsideProblems(value, key));
    } else if (key === 'tests') {
      const divided = divideTests(value);
      problems.push(...divided.platforms.flatMap((one) => outsideProblems(one, 'platforms')));
      notes.push(...divided.rest.flatMap(namesIn).flatMap(testNote));
    } else notes.push(...namesIn(value).flatMap(otherNote));
  }
  return { problems, notes };
}
