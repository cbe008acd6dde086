import { compareVersions, type VersionNumbers, versionNumbers } from '../versions.js';
import table from './heroku-python.json' with { type: 'json' };

interface TableRow {
  /** The buildpack version from which on these are offered. */
  readonly from: string;
  readonly minors: readonly string[];
}

/** Python versions by the version of heroku/python, oldest first; the file says its source. */
const ROWS: readonly TableRow[] = table.rows;
const NEWEST = numbersOf(table.newest);

function numbersOf(version: string): VersionNumbers {
  return versionNumbers(version) ?? [];
}

/**
 * The minor versions of Python that a version of heroku/python offers, and whether the table
 * knows that version: one that is newer than the table may offer more. Undefined for what is
 * older than 0.18, which tries any version.
 */
export function herokuPythonMinors(
  version: string,
): { readonly minors: readonly string[]; readonly known: boolean } | undefined {
  const numbers = versionNumbers(version);
  if (numbers === undefined) return undefined;
  const row = ROWS.findLast(({ from }) => compareVersions(numbersOf(from), numbers) <= 0);
  if (row === undefined) return undefined;
  return { minors: row.minors, known: compareVersions(numbers, NEWEST) <= 0 };
}

/** The first version of heroku/python that offers a minor version of Python. */
export function herokuPythonSince(minor: string): string | undefined {
  return ROWS.find(({ minors }) => minors.includes(minor))?.from;
}
