import { type Finding, finding, type Location } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { compareLock, type LockComparison } from './compare.js';
import { type LockedImage, type PinFacts, placeIn } from './lock.js';
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
 * What the deployment sets and a build does not, and the other way round. `foreign` are
 * buildpacks of a build that are not its builder's: one may call itself what the builder has.
 */
export function settingFindings(
  image: LockedImage,
  asked: {
    readonly env: readonly string[];
    readonly process?: string | undefined;
    readonly foreign?: readonly string[];
  },
): readonly Finding[] {
  const report = (fact: string, message: string) =>
    finding('parity-differs', { image: image.id.value }, message, locationOf(image, fact));
  const missing = image.env.filter((name) => !asked.env.includes(name));
  const added = asked.env.filter((name) => !image.env.includes(name));
  const process = asked.process ?? image.process;
  const foreign = image.injected.length > 0 ? [] : (asked.foreign ?? []);
  return [
    ...(missing.length === 0
      ? []
      : [
          report(
            'env',
            `The lock names variables that the build does not set: ${missing.join(', ')}.`,
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
    ...(foreign.length === 0
      ? []
      : [
          report(
            'injected',
            `The build has buildpacks that are not the builder's, and the lock names none under "injected": ${foreign.join(', ')}.`,
          ),
        ]),
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
