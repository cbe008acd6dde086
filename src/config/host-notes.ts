import { splitName } from '../reference/index.js';
import type { ImageEntry } from './config.js';
import { writtenPlace } from './problems.js';

/** That docker keeps the capitals of a registry's host, so that no login is found for it. */
export function hostNotes({ targets }: ImageEntry): readonly string[] {
  return targets.flatMap(({ at, repository }) => {
    const { host = '' } = splitName(repository);
    if (host === host.toLowerCase()) return [];
    return [
      `${writtenPlace(at)}: the host "${host}" has capitals, which docker keeps: a login for "${host.toLowerCase()}" is not used for it. Write "${host.toLowerCase()}".`,
    ];
  });
}
