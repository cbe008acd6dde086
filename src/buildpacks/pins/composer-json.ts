import { defined } from '../../types/index.js';
import {
  type Constraint,
  compared,
  intersection,
  seriesOf,
  type VersionInterval,
  versionNumbers,
} from '../versions.js';
import { jsonText } from './json-position.js';
import { quoted } from './lines.js';
import { LARGE, type PinFormat, type PinReading } from './pin.js';

/** Up to, and without, the next number at a place: `^8.1` ends before 9, `^0.3` before 0.4. */
function upTo(numbers: readonly number[], place: number): VersionInterval {
  const next = numbers.slice(0, place + 1);
  next[place] = (next[place] ?? 0) + 1;
  return { from: { version: numbers, inclusive: true }, to: { version: next, inclusive: false } };
}

/** One term, as getcomposer.org/doc/articles/versions.md describes it. */
function termOf(written: string): VersionInterval | undefined {
  const term = written.replace(/@\w+$/, '').replace(/-(dev|stable|alpha|beta|RC)\d*$/i, '');
  if (term === '*' || term === '') return {};
  const [, operator = '', text = '', wildcard] =
    /^(\^|~|>=|<=|>|<|==|=)?\s*v?(\d[\d.]*?)(\.[*x])?$/.exec(term) ?? [];
  const numbers = versionNumbers(text);
  if (numbers === undefined) return undefined;
  if (wildcard !== undefined) return operator === '' ? seriesOf(numbers)[0] : undefined;
  if (operator === '~') return upTo(numbers, Math.max(0, numbers.length - 2));
  if (operator === '^') {
    const significant = numbers.findIndex((one) => one !== 0);
    return upTo(numbers, significant === -1 ? numbers.length - 1 : significant);
  }
  return compared(operator, numbers);
}

/** `8.1 - 8.3`: with fewer than three numbers the end takes in its whole series. */
function hyphenated(text: string): VersionInterval | undefined {
  const [, first, last] = /^v?(\d[\d.]*) +- +v?(\d[\d.]*)$/.exec(text) ?? [];
  const [from, to] = [versionNumbers(first ?? ''), versionNumbers(last ?? '')];
  if (from === undefined || to === undefined) return undefined;
  const end = to.length < 3 ? seriesOf(to)[0]?.to : { version: to, inclusive: true };
  return { from: { version: from, inclusive: true }, ...defined({ to: end }) };
}

function composerRange(text: string): Constraint | undefined {
  const parts = text.split(/\|\|?/).map((part) => part.trim());
  const intervals: VersionInterval[] = [];
  for (const part of parts) {
    const range = hyphenated(part);
    const terms = range === undefined ? part.split(/(?<![\^~<>=,\s])(?:\s*,\s*|\s+)(?=[^\s])/) : [];
    let interval: VersionInterval | undefined = range ?? {};
    for (const term of terms) {
      const next = termOf(term);
      if (next === undefined) return undefined;
      interval = interval && intersection(interval, next);
    }
    if (interval !== undefined) intervals.push(interval);
  }
  return intervals;
}

/** `require.php`: a range of Composer's. */
function parse(source: string): PinReading {
  const found = jsonText(source, ['require', 'php']);
  if (found === undefined) return {};
  if ('fault' in found) return { fault: { line: 1, column: 1, fault: found.fault } };
  const { text, line, column } = found;
  const constraint = composerRange(text);
  if (constraint === undefined) {
    return { fault: { line, column, fault: `require.php ${quoted(text)} is not a range` } };
  }
  return { pin: { text, line, column, constraint } };
}

export const composerJson: PinFormat = {
  name: 'composer.json',
  runtime: 'php',
  limit: LARGE,
  parse,
};
