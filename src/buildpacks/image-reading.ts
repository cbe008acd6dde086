import type { Finding } from '../evidence/index.js';

/** What was read, or why it cannot be used: at least one finding. */
export type ImageReading<T> =
  | { readonly value: T; readonly findings?: undefined }
  | { readonly value?: undefined; readonly findings: readonly Finding[] };

/** All of the values; where one was not read, every finding of those. */
export function together<T>(readings: readonly ImageReading<T>[]): ImageReading<readonly T[]> {
  const findings = readings.flatMap((reading) => reading.findings ?? []);
  if (findings.length > 0) return { findings };
  return { value: readings.flatMap(({ value }) => (value === undefined ? [] : [value])) };
}
