import type { TextFormat } from './formats.js';

/**
 * What may be written at a place, as data: the validation, the documentation
 * and the editors' JSON Schema are made from it.
 */
export type Shape =
  | { readonly kind: 'text'; readonly format?: TextFormat }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer'; readonly least: number; readonly most: number }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  /** `single`: one item may stand there without being a list. */
  | {
      readonly kind: 'list';
      readonly of: Shape;
      readonly single?: true;
      readonly filled?: true;
    }
  /** Free names with values; `list`: also as a list of `NAME=value`; `repeats`: in which a name may have several. */
  | {
      readonly kind: 'table';
      readonly of: Shape;
      readonly list?: true;
      readonly repeats?: true;
      readonly names?: readonly string[];
    }
  /** Known keys; `short`: the key that a plain scalar or list stands for. */
  | {
      readonly kind: 'map';
      readonly what: string;
      readonly keys: KeyTable;
      readonly short?: string;
      /** Keys that start with `x-` are taken and not read, as in a Compose file. */
      readonly extensible?: true;
    };

/** A map with known keys. */
export type MapShape = Extract<Shape, { readonly kind: 'map' }>;

/** The keys of a table in the configuration, by name. */
export type KeyTable = Readonly<Record<string, Key>>;

/** What may stand behind a key; its description is part of docs/reference/configuration.md. */
export type Key =
  | {
      readonly shape: Shape;
      readonly description: string;
      readonly required?: true;
      /** The key that serves in place of one that is required. */
      readonly unless?: string;
    }
  /** A key that other tools have here, and the sentence that answers it. */
  | { readonly refused: string };

/** The keys that a map may hold, without those that are only answered. */
export function knownKeys({ keys }: { readonly keys: KeyTable }): readonly string[] {
  return Object.entries(keys).flatMap(([name, key]) => (isRefused(key) ? [] : [name]));
}

export function isRefused(key: Key): key is { readonly refused: string } {
  return 'refused' in key;
}
