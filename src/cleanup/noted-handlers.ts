import type { LeasedHandlers, MadeHandlers, RunLeftovers, SettledHandlers } from './run-record.js';

/** The handlers that a run uses; undefined where it has never said so. */
export const reliedOn = ({ made }: RunLeftovers) =>
  made.findLast((one): one is LeasedHandlers => 'relies' in one)?.relies;

/** Whether a run has ended its use of handlers; others may still use those that it added. */
export function hasEnded(remains: RunLeftovers): boolean {
  return reliedOn(remains)?.length === 0;
}

/** The handlers that a run has added and that have not been removed. */
export function addedBy({ made }: RunLeftovers): readonly MadeHandlers[] {
  const settled = made
    .filter((one): one is SettledHandlers => 'settled' in one)
    .flatMap((one) => one.settled);
  return made
    .filter((one): one is MadeHandlers => 'handlers' in one)
    .map((one) => ({ ...one, handlers: one.handlers.filter((name) => !settled.includes(name)) }))
    .filter(({ handlers }) => handlers.length > 0);
}
