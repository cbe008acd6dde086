import type { Position } from './node.js';

/** A value with the place that it was written at. */
export interface Located<T> {
  readonly value: T;
  readonly at: Position;
}

/** A path, or an address; `written` is the absolute path that was made relative to the root. */
export interface LocatedPath extends Located<string> {
  readonly written?: string;
}

export type TextTable = Readonly<Record<string, string>>;
