import type { Finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { buildpacksIn } from './apis.js';
import type { PlatformBuilder, ResolvedBuilder } from './builder.js';
import type { Offer } from './offers/offer.js';
import type { Offers } from './offers/read-offers.js';
import {
  deprecated,
  invalid,
  notOffered,
  notRead,
  type RuntimeSource,
  type UnknownPin,
  unknownNote,
} from './pin-findings.js';
import { PIN_FORMATS } from './pins/formats.js';
import type { Pin, Runtime } from './pins/pin.js';
import type { PinFiles } from './pins/read-pins.js';
import {
  type BuildVariables,
  unknownVariables,
  variablePin,
  variablePins,
} from './pins/variable-pins.js';
import { readerOf } from './readers.js';
import {
  type Constraint,
  exactly,
  overlaps,
  satisfies,
  seriesOf,
  versionNumbers,
} from './versions.js';

/** What is judged before a build with buildpacks. */
export interface PinQuestion {
  readonly builder: ResolvedBuilder;
  readonly files: PinFiles;
  readonly offers: Offers;
  /** What the build is given. */
  readonly variables: BuildVariables;
  /** For versions that their makers give up. */
  readonly now: Date;
}

/** Order of the names of a runtime's files where it is not known what a buildpack reads. */
const USUAL = PIN_FORMATS.map(({ name }) => name);

function sourcesOf(
  on: PlatformBuilder,
  runtime: Runtime,
  offers: Offers,
): readonly RuntimeSource[] {
  return buildpacksIn(on).flatMap(({ id, version, order }) => {
    const reader = readerOf(id, version);
    const offer = offers.offers.find(
      ({ platform, buildpack, ...one }) =>
        platform === on.platform &&
        one.runtime === runtime &&
        buildpack.id === id &&
        buildpack.version === version,
    );
    // What a composite one is known to do, its parts do.
    const isSource = offer !== undefined || (reader?.runtime === runtime && order.length === 0);
    return isSource ? [{ id, version, ...defined({ reader, offer }) }] : [];
  });
}

/** The first of the names, in their order, that is among the files. */
function firstOf<T extends { readonly name: string }>(
  names: readonly string[],
  files: readonly T[],
): T | undefined {
  for (const name of names) {
    const found = files.find((one) => one.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isOffered(constraint: Constraint, { versions, series }: Offer): boolean {
  return versions.some(({ version }) => {
    const numbers = versionNumbers(version);
    if (numbers === undefined) return false;
    return series ? overlaps(constraint, seriesOf(numbers)) : satisfies(numbers, constraint);
  });
}

/** Whether a pin asks only for what is newer than the newest of an offer. */
function isBeyond(constraint: Constraint, { versions, series, bounded }: Offer): boolean {
  const newest = bounded && versionNumbers(versions.at(-1)?.version ?? '');
  if (!newest) return false;
  const own = series ? seriesOf(newest) : exactly(newest);
  return !overlaps(
    constraint,
    own.map(({ to }) => defined({ to })),
  );
}

/** What is found out about one runtime on one platform, and the pins of which nothing is known. */
interface JudgedPins {
  readonly findings: readonly Finding[];
  readonly unknown: readonly UnknownPin[];
}

const NOTHING: JudgedPins = { findings: [], unknown: [] };

function judgePin(
  pin: Pin,
  source: RuntimeSource,
  { reference, now }: { readonly reference: string; readonly now: Date },
): JudgedPins {
  const { reader, offer } = source;
  const constraint = (reader?.strict ? pin.strictly : undefined) ?? pin.constraint;
  if (constraint === undefined || offer === undefined) return { findings: [], unknown: [pin] };
  if (isOffered(constraint, offer)) {
    const old = offer.series ? [] : deprecated(pin, source, { reference, now }, constraint);
    return { findings: old, unknown: [] };
  }
  if (offer.partial && !isBeyond(constraint, offer)) return { findings: [], unknown: [pin] };
  return { findings: [notOffered(pin, source, reference, offer)], unknown: [] };
}

function judgeSource(source: RuntimeSource, runtime: Runtime, question: PinQuestion): JudgedPins {
  const { files, builder, variables, now } = question;
  const { reference } = builder;
  const { reader } = source;
  const asked = reader && variablePin(reader, variables);
  if (asked !== undefined) return judgePin(asked, source, { reference, now });
  const pins = files.pins.filter((one) => one.runtime === runtime);
  const faults = files.faults.filter((one) => one.runtime === runtime);
  const names = reader?.files ?? USUAL;
  // A file may have a pin and a fault.
  const byName = new Map([...faults, ...pins].map((one) => [one.name, one]));
  const unread = [...byName.values()].filter(({ name }) => !names.includes(name));
  const ignored = reader === undefined ? [] : unread.map((one) => notRead(one, reader, source));
  const read = firstOf(names, [...faults, ...pins]);
  const fault = faults.find(({ name }) => name === read?.name);
  // Only a buildpack whose rules are known refuses a file for certain.
  if (fault?.unread) return { findings: ignored, unknown: [fault] };
  if (fault !== undefined && reader !== undefined) {
    return { findings: [...ignored, invalid(fault, source)], unknown: [] };
  }
  const pin = firstOf(names, pins);
  if (pin === undefined) return { findings: ignored, unknown: [] };
  const judged = judgePin(pin, source, { reference, now });
  return { ...judged, findings: [...ignored, ...judged.findings] };
}

const FATAL: ReadonlySet<string> = new Set(['version-not-offered', 'pin-invalid', 'pin-not-read']);

/** Of several buildpacks for one runtime, one that takes the pin is enough: which one is used, detection decides. */
function judgeRuntime(on: PlatformBuilder, runtime: Runtime, question: PinQuestion): JudgedPins {
  const sources = sourcesOf(on, runtime, question.offers);
  const pins = question.files.pins.filter((pin) => pin.runtime === runtime);
  if (sources.length === 0) return { findings: [], unknown: pins.slice(0, 1) };
  const judged = sources.map((source) => judgeSource(source, runtime, question));
  const good = judged.find(({ findings }) => !findings.some(({ code }) => FATAL.has(code)));
  return good ?? judged[0] ?? NOTHING;
}

/** An application with several languages may use Node.js for its assets alone, by another buildpack. */
function weighed(one: Finding, runtime: Runtime, runtimes: ReadonlySet<Runtime>): Finding {
  const isBeside = runtime === 'node' && runtimes.size > 1;
  return isBeside && one.severity === 'error' ? { ...one, severity: 'warning' } : one;
}

/** The same finding on every platform is one about the image. */
function merged(
  byPlatform: readonly (readonly [platform: string, finding: Finding])[],
  all: number,
) {
  const groups = Map.groupBy(byPlatform, ([, one]) => JSON.stringify(one));
  return [...groups.values()].flatMap((group) =>
    group.length === all
      ? group.slice(0, 1).map(([, one]) => one)
      : group.map(([platform, one]) => ({ ...one, subject: { platform, ...one.subject } })),
  );
}

/**
 * Judges the pin files of an application by what a builder reads and offers, before
 * anything is built. What cannot be known is one note at most.
 */
export function judgePins(question: PinQuestion): readonly Finding[] {
  const { files, builder, variables } = question;
  const asked = variablePins(builder, variables);
  const named = [...files.pins, ...files.faults].map(({ runtime }) => runtime);
  const runtimes = new Set([...named, ...asked.keys()]);
  const unknown = new Map<string, UnknownPin>();
  const found = builder.platforms.flatMap((on) =>
    [...runtimes].flatMap((runtime) => {
      const judged = judgeRuntime(on, runtime, question);
      for (const pin of judged.unknown) unknown.set(pin.file, pin);
      return judged.findings.map((one) => [on.platform, weighed(one, runtime, runtimes)] as const);
    }),
  );
  return [
    ...merged(found, builder.platforms.length),
    ...unknownNote([...unknown.values()], builder.reference, {
      variables: unknownVariables(asked, variables),
      faults: question.offers.faults,
    }),
  ];
}
