import { groups } from './groups.js';
import { live } from './live.js';
import { plain } from './plain.js';
import type { Progress, ProgressPorts } from './ports.js';

/** How progress is shown; `createProgress` says what each is. */
export type ProgressKind = 'live' | 'plain' | 'groups';

/**
 * Shows what a run tells: `live` redraws rows in a terminal, `plain` writes a
 * line per change and what goes on after a minute without one, `groups` is
 * `plain` with the output of each trial folded in for GitHub's log.
 */
export function createProgress({
  kind,
  ...ports
}: ProgressPorts & { readonly kind: ProgressKind }): Progress {
  if (kind === 'live') return live(ports);
  return kind === 'plain' ? plain(ports) : groups(ports);
}
