const UNITS = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

const DURATION = /^(?=\d)(\d{1,9}h)?(\d{1,9}m)?(\d{1,9}s)?(\d{1,9}ms)?$/;
const LONGEST = 24 * 3_600_000;

/** Milliseconds of `90s`, `5m`, `1h30m`; undefined for anything else, nothing, and over a day. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h)/g)) {
    sum += Number(count) * (UNITS.get(unit ?? '') ?? 0);
  }
  return sum > 0 && sum <= LONGEST ? sum : undefined;
}

/** The same as `1h30m`: what `parseDuration` reads as that many milliseconds, whole ones up to a day. */
export function writeDuration(milliseconds: number): string {
  let left = milliseconds;
  const parts = [...UNITS].reverse().map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return parts.join('');
}

export function isDuration(text: string): boolean {
  return parseDuration(text) !== undefined;
}
