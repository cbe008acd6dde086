import type { MadeHandlers, Relied, Remains, Settled } from './journal.js';

/** The handlers that a run uses; undefined where it has never said so. */
export const reliedOn = ({ made }: Remains) =>
  made.findLast((one): one is Relied => 'relies' in one)?.relies;

/** A run that needs no emulators any more, while what it added may be others' still. */
export function hasEnded(remains: Remains): boolean {
  return reliedOn(remains)?.length === 0;
}

/** What a run has added and nobody has taken away. */
export function addedBy({ made }: Remains): readonly MadeHandlers[] {
  const settled = made
    .filter((one): one is Settled => 'settled' in one)
    .flatMap((one) => one.settled);
  return made
    .filter((one): one is MadeHandlers => 'handlers' in one)
    .map((one) => ({ ...one, handlers: one.handlers.filter((name) => !settled.includes(name)) }))
    .filter(({ handlers }) => handlers.length > 0);
}
