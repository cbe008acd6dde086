import type { Listen } from '../../evidence/index.js';
import type { Clock } from '../../ports/index.js';

/** Where progress goes: text with its newlines, already made harmless. */
export interface ProgressPorts {
  readonly write: (text: string) => void;
  readonly clock: Pick<Clock, 'ticks' | 'sleep'>;
  /** Prints lines that are folded under a title; only `groups` uses it. */
  readonly group?: ((title: string, text: string) => void) | undefined;
  /** The terminal's size, asked again for each frame; only `live` looks at it. */
  readonly columns: () => number;
  readonly rows?: () => number;
  /** Colours repeat what the words say; only `live` uses them. */
  readonly colour?: boolean;
}

/** Takes events; `stop` writes what is still held back and ends the display. */
export type Progress = Listen & { readonly stop: () => void };
