import type { Listen } from '../evidence/index.js';
import type { Clock } from '../ports/index.js';
import { groups } from './groups.js';
import { live } from './live.js';
import { plain } from './plain.js';

/** Where progress goes: text with its newlines, already made harmless. */
export interface ProgressPorts {
  readonly write: (text: string) => void;
  readonly clock: Pick<Clock, 'ticks' | 'sleep'>;
  /** The terminal's size, asked again for each frame; only `live` looks at it. */
  readonly columns: () => number;
  readonly rows?: () => number;
  /** Colours repeat what the words say; only `live` uses them. */
  readonly colour?: boolean;
}

/** Takes events; `stop` writes what is still held back and ends the display. */
export type Progress = Listen & { readonly stop: () => void };

export type ProgressKind = 'live' | 'plain' | 'groups';

/**
 * Shows what a run tells: `live` redraws rows in a terminal, `plain` writes a
 * line per change, `groups` is `plain` with the output of each trial folded in
 * for GitHub's log.
 */
export function createProgress({
  kind,
  ...ports
}: ProgressPorts & { readonly kind: ProgressKind }): Progress {
  if (kind === 'live') return live(ports);
  return kind === 'plain' ? plain(ports) : groups(ports);
}
