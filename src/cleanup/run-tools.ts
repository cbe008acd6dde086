import type { Engine } from '../engine/index.js';
import type { Ports } from '../ports/index.js';
import type { RunRecord } from './run-record.js';
import type { Undo } from './undo.js';

/** What a run makes things with, and by which they are removed again. */
export interface RunTools {
  readonly engine: Engine;
  readonly ports: Ports;
  readonly record: RunRecord;
  readonly undo: Undo;
  readonly signal: AbortSignal;
}
