import type { Shape } from './shape.js';

const filled: Shape = { kind: 'text', format: 'filled' };
const text: Shape = { kind: 'text' };

/** Shapes that keys of several kinds have. */
export const shapes = {
  text,
  filled,
  boolean: { kind: 'boolean' },
  pattern: { kind: 'text', format: 'pattern' },
  /** One word or several. */
  words: { kind: 'list', of: filled, single: true },
  /** Names with values, as a map or a list of NAME=value. */
  pairs: { kind: 'table', of: text, list: true },
  platforms: { kind: 'list', of: { kind: 'text', format: 'platform' }, single: true, filled: true },
  /** Docker's networks that a program may run in. */
  network: { kind: 'choice', of: ['default', 'none', 'host'] },
} as const satisfies Readonly<Record<string, Shape>>;
