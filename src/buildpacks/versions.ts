import { Range } from 'semver';
import { defined } from '../types/index.js';

/** Numbers between dots, most significant first. */
export type VersionNumbers = readonly number[];

interface Bound {
  readonly version: VersionNumbers;
  readonly inclusive: boolean;
}

/** Versions between two bounds; without one it is open. */
export interface VersionInterval {
  readonly from?: Bound;
  readonly to?: Bound;
}

/** The versions that would do: all in any of the intervals. */
export type Constraint = readonly VersionInterval[];

/** Every version. */
export const ANY_VERSION: Constraint = [{}];

/** `3.14.6` as numbers; undefined for all that is not only numbers, as a release candidate. */
export function versionNumbers(text: string): VersionNumbers | undefined {
  return /^\d{1,9}(\.\d{1,9}){0,3}$/.test(text) ? text.split('.').map(Number) : undefined;
}

/** Negative where `a` is older; what is not written counts as 0. */
export function compareVersions(a: VersionNumbers, b: VersionNumbers): number {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** That version alone. */
export function exactly(version: VersionNumbers): Constraint {
  const bound = { version, inclusive: true };
  return [{ from: bound, to: bound }];
}

/** That version and everything that is newer. */
export function atLeast(version: VersionNumbers): Constraint {
  return [{ from: { version, inclusive: true } }];
}

/** All versions that begin with these numbers: `3.14` is 3.14.0 up to, and without, 3.15. */
export function seriesOf(version: VersionNumbers): Constraint {
  const next = [...version.slice(0, -1), (version.at(-1) ?? 0) + 1];
  return [{ from: { version, inclusive: true }, to: { version: next, inclusive: false } }];
}

function isWithin(version: VersionNumbers, { from, to }: VersionInterval): boolean {
  const above = from === undefined ? 1 : compareVersions(version, from.version);
  const below = to === undefined ? 1 : compareVersions(to.version, version);
  return (
    (above > 0 || (above === 0 && from?.inclusive !== false)) &&
    (below > 0 || (below === 0 && to?.inclusive !== false))
  );
}

/** Whether a version would do. */
export function satisfies(version: VersionNumbers, constraint: Constraint): boolean {
  return constraint.some((interval) => isWithin(version, interval));
}

function stricter(a: Bound | undefined, b: Bound | undefined, sign: 1 | -1): Bound | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const difference = sign * compareVersions(a.version, b.version);
  if (difference === 0) return a.inclusive ? b : a;
  return difference > 0 ? a : b;
}

/** Versions that are in both intervals; undefined where there can be none. */
export function intersection(a: VersionInterval, b: VersionInterval): VersionInterval | undefined {
  const from = stricter(a.from, b.from, 1);
  const to = stricter(a.to, b.to, -1);
  if (from !== undefined && to !== undefined) {
    const room = compareVersions(to.version, from.version);
    if (room < 0 || (room === 0 && !(from.inclusive && to.inclusive))) return undefined;
  }
  return defined({ from, to });
}

/** Whether some version may be in both. */
export function overlaps(one: Constraint, other: Constraint): boolean {
  return one.some((a) => other.some((b) => intersection(a, b) !== undefined));
}

/** What a comparison such as `>=` with a version allows; undefined where it is none. */
export function compared(operator: string, version: VersionNumbers): VersionInterval | undefined {
  const bound = (inclusive: boolean) => ({ version, inclusive });
  switch (operator) {
    case '':
    case '=':
    case '==':
      return { from: bound(true), to: bound(true) };
    case '>':
      return { from: bound(false) };
    case '>=':
      return { from: bound(true) };
    case '<':
      return { to: bound(false) };
    case '<=':
      return { to: bound(true) };
    default:
      return undefined;
  }
}

/** A range as npm reads it (package `semver`); undefined where it is none. Marks of pre-releases are left out. */
export function npmRange(text: string): Constraint | undefined {
  let range: Range;
  try {
    range = new Range(text);
  } catch {
    return undefined;
  }
  return range.set.flatMap((comparators) => {
    let interval: VersionInterval | undefined = {};
    for (const { operator, semver } of comparators) {
      // `*` is a comparator with no version.
      if (typeof semver.major !== 'number') continue;
      const next = compared(operator, [semver.major, semver.minor, semver.patch]);
      interval = interval && next && intersection(interval, next);
    }
    return interval === undefined ? [] : [interval];
  });
}
