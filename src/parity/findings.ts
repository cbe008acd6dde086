import type { ForeignBuildpack, Offers } from '../buildpacks/index.js';
import { type Finding, finding, type Location } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { compareLock, type LockComparison } from './compare.js';
import { offerDifferences } from './differences.js';
import { type ImageLock, type LockedImage, type PinFacts, placeIn } from './lock.js';
import { offersByRuntime } from './offers.js';
import { differenceWords, shortReference } from './words.js';

/** Of many differences, these are listed; the others are counted. */
const LISTED = 20;

/** Where a lock has a fact of an image. */
export function lockLocation(image: LockedImage, fact: string): Location | undefined {
  return locationOf(image, fact).location;
}

function locationOf(image: LockedImage, fact: string, platform?: string): { location?: Location } {
  const { file, line, column } = placeIn(image, fact, platform);
  return line === undefined ? {} : { location: { file, line, ...defined({ column }) } };
}

/** At most `LISTED` lines. */
export function listed(lines: readonly string[]): readonly string[] {
  const more = lines.length - LISTED;
  return more > 0 ? [...lines.slice(0, LISTED), `and ${more} more`] : lines;
}

function disagreement(image: LockedImage, { differences }: LockComparison): Finding {
  const [first] = differences;
  const isRun = first?.fact.startsWith('run-image') === true;
  const pin = shortReference(isRun ? image.runImage : image.builder);
  const where = locationOf(image, first?.fact ?? 'derived-from', first?.platform);
  return finding(
    'lock-disagrees',
    { image: image.id.value, reference: isRun ? image.runImage : image.builder },
    `The lock has facts of ${pin} that are not so (lock → registry): ${listed(differenceWords(differences)).join('; ')}.`,
    where,
  );
}

function outdated(image: LockedImage, { differences }: LockComparison): Finding {
  const words = listed(differenceWords(differences));
  const changes = words.length === 0 ? 'nothing that the lock keeps' : words.join('; ');
  return finding(
    'lock-behind',
    { image: image.id.value, reference: image.builder },
    `The lock has facts of an earlier pin, and they were read again. Changed: ${changes}.`,
    locationOf(image, 'derived-from'),
  );
}

/** What is to be said of a lock, given what registries have under its pins. */
export function lockFindings(image: LockedImage, found: PinFacts): readonly Finding[] {
  const comparison = compareLock(image, found);
  if (comparison.state === 'same') return [];
  return [
    comparison.state === 'disagrees'
      ? disagreement(image, comparison)
      : outdated(image, comparison),
  ];
}

/**
 * Versions that a lock has for its builder, against those that stand in the builder's layers.
 * What a table says of a buildpack is not the builder's: a newer table may say more.
 */
export function offerFindings(image: LockedImage, known: Offers): readonly Finding[] {
  const inLayers = offersByRuntime({ ...known, offers: known.offers.filter((one) => !one.series) });
  const edited = Object.keys(inLayers).filter((runtime) => Object.hasOwn(image.offers, runtime));
  const of = (offers: ImageLock['offers']) =>
    Object.fromEntries(edited.map((runtime) => [runtime, offers[runtime] ?? []]));
  const { gained, lost } = offerDifferences(of(image.offers), of(inLayers));
  const words = [
    ...lost.map((one) => `${one} is in the lock alone`),
    ...gained.map((one) => `${one} is missing in the lock`),
  ];
  if (words.length === 0) return [];
  return [
    finding(
      'lock-disagrees',
      { image: image.id.value, reference: image.builder },
      `The lock has other versions for ${shortReference(image.builder)} than its layers list: ${listed(words).join('; ')}.`,
      locationOf(image, 'offers'),
    ),
  ];
}

/** What a build sets, beside what it is built with. */
interface AskedSettings {
  readonly env: readonly string[];
  readonly process?: string | undefined;
  /** Buildpacks that are brought to the builder; undefined where that is not asked. */
  readonly foreign?: readonly ForeignBuildpack[];
  /** `ID@VERSION` of what the builder has itself. */
  readonly held?: readonly string[];
}

/** Sentences about buildpacks that are brought to the builder, by whether they make another image. */
function foreignWords(
  { injected }: LockedImage,
  { foreign, held = [] }: AskedSettings,
): { readonly differs: readonly string[]; readonly missing: readonly string[] } {
  if (foreign === undefined) return { differs: [], missing: [] };
  const names = foreign.map(({ planned }) => planned).join(', ');
  if (injected.length === 0) {
    const said = `The build has buildpacks that are not the builder's, and the lock names none under "injected": ${names}.`;
    return { differs: foreign.length === 0 ? [] : [said], missing: [] };
  }
  const differs = foreign.flatMap(({ planned, provides }) => {
    if (provides === undefined) {
      return [
        `What the buildpack ${planned} calls itself cannot be read before the build, and the labels of the image say no more: bring it as a folder or an image (docker://).`,
      ];
    }
    // The labels of the image could not tell it from the builder's.
    const alike = provides.filter((one) => held.includes(one) && !injected.includes(one));
    return alike.map(
      (one) => `The buildpack ${planned} calls itself ${one}, as one of the builder does.`,
    );
  });
  const there = new Set([...held, ...foreign.flatMap(({ provides }) => provides ?? [])]);
  const missing = injected.filter((one) => !there.has(one));
  if (missing.length === 0 || differs.length > 0) return { differs, missing: [] };
  const said = `The lock names buildpacks that the deployment adds, and the build does not bring them: ${missing.join(', ')}.`;
  return { differs, missing: [said] };
}

/** What the deployment sets and a build does not, and the other way round. */
export function settingFindings(image: LockedImage, asked: AskedSettings): readonly Finding[] {
  const report = (fact: string, message: string, severity?: 'warning') =>
    finding('parity-differs', { image: image.id.value }, message, {
      ...locationOf(image, fact),
      ...defined({ severity }),
    });
  const unset = image.env.filter((name) => !asked.env.includes(name));
  const added = asked.env.filter((name) => !image.env.includes(name));
  const process = asked.process ?? image.process;
  const { differs, missing } = foreignWords(image, asked);
  return [
    ...(unset.length === 0
      ? []
      : [
          report(
            'env',
            `The lock names variables that the build does not set: ${unset.join(', ')}.`,
          ),
        ]),
    ...(added.length === 0
      ? []
      : [
          report(
            'env',
            `The build sets variables that the lock does not name: ${added.join(', ')}.`,
          ),
        ]),
    ...differs.map((said) => report('injected', said)),
    ...missing.map((said) => report('injected', said, 'warning')),
    ...(image.process === process
      ? []
      : [
          report(
            'process',
            `The build asks for the process type ${process}; the lock ${image.process === undefined ? 'names none' : `has ${image.process}`}.`,
          ),
        ]),
  ];
}
