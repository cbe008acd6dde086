import { randomBytes } from 'node:crypto';

/** The one form of a run's id, as a pattern: the CI's number or what it is without one, and what tells it from all others. */
export const RUN_ID = String.raw`(?:\d{1,20}|local|emulation)-[0-9a-f]{8}`;

const WHOLE = new RegExp(`^${RUN_ID}$`);

/** What says this by itself may have written anything. */
export function isRunId(value: unknown): value is string {
  return typeof value === 'string' && WHOLE.test(value);
}

/** A new run's id, in which the CI's own run is recognisable. */
export function createRunId(kind = 'local'): string {
  const random = randomBytes(4).toString('hex');
  const id = `${kind}-${random}`;
  return isRunId(id) ? id : `local-${random}`;
}
