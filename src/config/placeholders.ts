import { mapScalars, type Position, type SourceNode } from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import { mapPerPlatform, perPlatformKeys } from '../kinds/index.js';
import { nearest, parsePlatform } from '../platform/index.js';

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

/** A tree with the placeholders of its texts replaced. */
export function fill(raw: SourceNode, values: Values): SourceNode {
  return mapScalars(raw, (one) => ({ ...one, text: fillText(one.text, values) }));
}

/** Whether a tree holds a placeholder that stands for something of a platform. */
export function differs(raw: SourceNode): boolean {
  return namesIn(raw).some(({ name }) => NAMES.includes(name));
}

interface NamedPlace {
  readonly name: string;
  readonly at: Position;
}

function namesIn(raw: SourceNode): readonly NamedPlace[] {
  const found: NamedPlace[] = [];
  mapScalars(raw, (one) => {
    for (const match of one.text.matchAll(BRACES)) {
      const [whole, name = ''] = match;
      if (!isText(one.text, match.index, whole)) found.push({ name, at: one.at });
    }
    return one;
  });
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
export function mapBuild(image: SourceNode, change: (value: SourceNode) => SourceNode): SourceNode {
  if (image.kind !== 'map') return image;
  const entries = image.entries.map((one) =>
    one.key === 'build' ? { ...one, value: mapPerPlatform(one.value, change) } : one,
  );
  return { ...image, entries };
}

function placeOf({ file, line, column }: Position): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

/** Whose shapes refuse braces. */
const WITHOUT_BRACES = ['id', 'name', 'tags', 'targets', 'platforms', 'replaces'];

const ITSELF =
  'for the text itself, write a build argument without a value, and give it by a variable';

/** What is wrong with a placeholder of a build; undefined where it is none, or is replaced. */
function fault({ name }: NamedPlace): string | undefined {
  if (name === 'version') {
    return `"{version}" stands for nothing here: it needs a "dockerfile" with {version} in its name; ${ITSELF}`;
  }
  const near = NAMES.includes(name) ? undefined : meant(name);
  if (near === undefined) return undefined;
  return `"{${name}}" is not a placeholder; did you mean "{${near}}"? Or, ${ITSELF}`;
}

/** The word about a name that stays in a test as it is: a script may well mean it so. */
function testNote({ name, at }: NamedPlace): readonly string[] {
  const near = [...NAMES, 'version'].includes(name) ? undefined : meant(name);
  if (near === undefined) return [];
  return [`${placeOf(at)}: "{${name}}" stays as it is; the placeholder is "{${near}}".`];
}

function otherNote({ name, at }: NamedPlace): readonly string[] {
  if (meant(name) === undefined) return [];
  const where = `${perPlatformKeys.join(', ')} and tests`;
  return [`${placeOf(at)}: "{${name}}" stays as it is; placeholders are replaced in ${where}.`];
}

/**
 * Names in braces that look like placeholders and are not replaced, in an entry of `images`
 * into which the versions of a glob have been put. Where a build may have placeholders they
 * are problems; elsewhere they may be meant as they stand, and are notes.
 */
export function strayPlaceholders(image: SourceNode): {
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
} {
  const inBuild: NamedPlace[] = [];
  const rest = mapBuild(image, (value) => {
    inBuild.push(...namesIn(value));
    return mapScalars(value, (one) => ({ ...one, text: '' }));
  });
  const problems = inBuild.flatMap((one) => {
    const message = fault(one);
    return message === undefined ? [] : [{ ...one.at, message }];
  });
  const notes = (rest.kind === 'map' ? rest.entries : []).flatMap(({ key, value }) => {
    if (WITHOUT_BRACES.includes(key)) return [];
    return namesIn(value).flatMap(key === 'tests' ? testNote : otherNote);
  });
  return { problems, notes };
}
