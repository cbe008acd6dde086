import { type Finding, finding, joinWords, type Location } from '../evidence/index.js';
import { herokuPythonSince } from './offers/heroku-python.js';
import type { Offer, OfferedVersion } from './offers/offer.js';
import { shortened } from './pins/lines.js';
import type { FaultyPin, Pin, Runtime } from './pins/pin.js';
import type { RuntimeReader } from './readers.js';
import { type Constraint, compareVersions, satisfies, versionNumbers } from './versions.js';

/** A buildpack of the builder that brings a runtime, and what is known of it. */
export interface RuntimeSource {
  readonly id: string;
  readonly version: string;
  readonly reader?: RuntimeReader;
  readonly offer?: Offer;
}

/** `heroku/python 0.25.0` */
function nameOf({ id, version }: Pick<RuntimeSource, 'id' | 'version'>): string {
  return `${id} ${version}`;
}

/** A builder as people call it: its digest is left out where it has a tag too. */
function taggedName(reference: string): string {
  return reference.replace(/(:[^/@:]+)@[^@]+$/, '$1');
}

const NAMES: Readonly<Record<Runtime, string>> = {
  go: 'Go',
  node: 'Node.js',
  php: 'PHP',
  python: 'Python',
  ruby: 'Ruby',
};

function byAge(versions: readonly OfferedVersion[]): readonly OfferedVersion[] {
  const numbers = ({ version }: OfferedVersion) => versionNumbers(version) ?? [];
  return versions.toSorted((a, b) => compareVersions(numbers(a), numbers(b)));
}

/** The version as the pin would have it: its series, where the pin is one. */
function written(version: string, { text }: Pin): string {
  const wanted = versionNumbers(text.replace(/^v/, ''))?.length;
  const numbers = versionNumbers(version);
  return wanted === undefined || numbers === undefined
    ? version
    : numbers.slice(0, wanted).join('.');
}

const LISTED = 20;

/** A variable has no place of its own: the finding gets the image's. */
function locationOf(pin: Pin | FaultyPin): { readonly location?: Location } {
  const { file, line, column } = pin;
  return 'variable' in pin ? {} : { location: { file, line, column } };
}

/** What is pinned, with the variable that does so. */
function pinned({ text, name, variable }: Pin): string {
  return variable ? `${name}=${shortened(text)}` : shortened(text);
}

/** What to do about a pin that is not offered, and which builder would do. */
function remedyFor(pin: Pin, { id, version }: RuntimeSource, newest: string): string {
  const minor = versionNumbers(pin.text)?.slice(0, 2).join('.');
  const since = id === 'heroku/python' && minor ? herokuPythonSince(minor) : undefined;
  const numbersOf = (text: string) => versionNumbers(text) ?? [];
  const isLater = since !== undefined && compareVersions(numbersOf(since), numbersOf(version)) > 0;
  const builder = isLater ? `a builder with ${id} ${since} or later` : 'a builder that offers it';
  return `Pin ${pin.prefix ?? ''}${newest}, or choose ${builder}.`;
}

export function notOffered(
  pin: Pin,
  source: RuntimeSource,
  reference: string,
  offer: Offer,
): Finding {
  const versions = byAge(offer.versions);
  const names = [...new Set(versions.map(({ version }) => shortened(written(version, pin))))];
  const newest = names.at(-1);
  const there = newest === undefined ? 'it offers none' : `newest: ${newest}`;
  const message = `${pinned(pin)} is not offered by ${taggedName(reference)} (${nameOf(source)}); ${there}.`;
  const list = names.slice(-LISTED);
  const more = names.length > list.length ? ` and ${names.length - list.length} older` : '';
  return finding('version-not-offered', { reference }, message, {
    ...locationOf(pin),
    ...(newest === undefined ? {} : { remedy: remedyFor(pin, source, newest) }),
    detail: [`${NAMES[pin.runtime]} there (${offer.from}): ${list.join(', ') || 'none'}${more}`],
  });
}

const DAYS_AHEAD = 30;
const DAY = 24 * 60 * 60 * 1000;

/** The newest version that would do is what the buildpack takes; whether its makers give it up. */
export function deprecated(
  pin: Pin,
  source: RuntimeSource,
  { reference, now }: { readonly reference: string; readonly now: Date },
  constraint: Constraint,
): readonly Finding[] {
  const fitting = (source.offer?.versions ?? []).filter(({ version }) => {
    const numbers = versionNumbers(version);
    return numbers !== undefined && satisfies(numbers, constraint);
  });
  const taken = byAge(fitting).at(-1);
  const date = taken?.deprecation;
  if (date === undefined || Date.parse(date) - now.getTime() > DAYS_AHEAD * DAY) return [];
  const message = `${NAMES[pin.runtime]} ${taken?.version}, which ${nameOf(source)} takes for ${pinned(pin)}, is given up by its makers on ${date}.`;
  return [finding('version-deprecated', { reference }, message, locationOf(pin))];
}

export function notRead(
  pin: Pin | FaultyPin,
  reader: RuntimeReader,
  source: RuntimeSource,
): Finding {
  const message = `${pin.name} is not read by ${nameOf(source)}: the version of ${NAMES[pin.runtime]} that it names has no effect.`;
  return finding('pin-not-read', {}, message, {
    ...locationOf(pin),
    remedy: `Write the version ${reader.instead}.`,
  });
}

export function invalid(faulty: FaultyPin, source: RuntimeSource): Finding {
  const message = `${faulty.name} is refused by ${nameOf(source)}: ${faulty.fault}.`;
  return finding('pin-invalid', {}, message, locationOf(faulty));
}

/** A pin of which nothing is known, or a file that could not be read. */
export type UnknownPin = Pin | FaultyPin;

function unknownWords(one: UnknownPin): string {
  const name = NAMES[one.runtime];
  return 'fault' in one
    ? `the ${name} that ${one.file} names (${one.fault})`
    : `${name} ${shortened(one.text)} (${one.file})`;
}

/** One note about everything that cannot be known; none where there is nothing. */
export function unknownNote(
  pins: readonly UnknownPin[],
  reference: string,
  {
    variables,
    faults,
  }: { readonly variables: readonly string[]; readonly faults: readonly string[] },
): readonly Finding[] {
  const list = [
    ...new Set(pins.map(unknownWords)),
    ...variables.map((name) => `what the variable ${shortened(name)} asks for`),
  ];
  if (list.length === 0) return [];
  const message = `Whether ${taggedName(reference)} offers ${joinWords(list)} is not known before the build.`;
  const detail = faults.slice(0, 5);
  const [first] = pins;
  return [
    finding('version-unknown', { reference }, message, {
      ...(first === undefined ? {} : locationOf(first)),
      ...(detail.length > 0 ? { detail } : {}),
    }),
  ];
}
