import type { At } from './node.js';

/** A value with the place that it was written at. */
export interface Said<T> {
  readonly value: T;
  readonly at: At;
}

/** A path, or an address; `written` is the absolute path that was made relative to the root. */
export interface SaidPath extends Said<string> {
  readonly written?: string;
}

export type Table = Readonly<Record<string, string>>;
