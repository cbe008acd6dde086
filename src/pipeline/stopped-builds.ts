import { applySeverities, type Code } from '../evidence/index.js';
import type { Planned } from '../plan/index.js';

/** What a plan finds of builds that surely fail, and why such an image is not built. */
const SURELY_FAILS: Partial<Readonly<Record<Code, string>>> = {
  'source-missing': 'its Dockerfile copies a file that the build context does not have',
  'base-unset': 'its Dockerfile names a base by an argument without a value',
};

/** Why images are not built although nothing was started yet, by image id. */
export function stoppedBuilds({
  plan,
  findings,
}: Pick<Planned, 'plan' | 'findings'>): ReadonlyMap<string, string> {
  const errors = applySeverities(plan, findings).filter(({ severity }) => severity === 'error');
  return new Map(
    errors.flatMap(({ code, subject: { image } }) => {
      const reason = SURELY_FAILS[code as Code];
      return image === undefined || reason === undefined ? [] : [[image, reason]];
    }),
  );
}
