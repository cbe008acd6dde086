import { foreignPath, type TreeFile } from '../contents/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { architecturesOf, distinct } from './elf-files.js';
import type { Inspected } from './inspected.js';

/** Files that `foreign` permits: told with its reason. */
export function permittedFindings(
  subject: Inspected,
  files: readonly TreeFile[],
): readonly Finding[] {
  const { image, platform, foreign = [] } = subject;
  const permitted = foreignPath(foreign);
  return foreign.flatMap((entry) => {
    const own = distinct(files.filter(({ path }) => permitted(path) === entry));
    if (own.length === 0) return [];
    const { path, reason, location } = entry;
    const count = own.length === 1 ? '1 file' : `${own.length} files`;
    const message = `foreign: ${path}, ${count} for ${architecturesOf(own)}: ${reason}`;
    return [
      finding('foreign-files', { image, platform, path }, message, {
        ...defined({ location }),
      }),
    ];
  });
}
