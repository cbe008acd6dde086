/** Where something was written: a file with line and column, or the name of an input. */
export interface At {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * What was written, before anything is known about it: scalars are their source
 * text. A YAML file and the action's inputs both become this, so that one
 * validation answers for both.
 */
export type Raw = RawScalar | RawList | RawMap;

export interface RawScalar {
  readonly kind: 'scalar';
  readonly text: string;
  /** Nothing, `~` or `null` without quotes. */
  readonly empty: boolean;
  readonly at: At;
}

interface RawList {
  readonly kind: 'list';
  readonly items: readonly Raw[];
  readonly at: At;
}

export interface RawEntry {
  readonly key: string;
  /** What stands there, where it is a misspelt `key`. */
  readonly written?: string;
  readonly at: At;
  readonly value: Raw;
}

export interface RawMap {
  readonly kind: 'map';
  readonly entries: readonly RawEntry[];
  readonly at: At;
}

export function scalar(text: string, at: At): RawScalar {
  return { kind: 'scalar', text, empty: false, at };
}

export function list(items: readonly Raw[], at: At): RawList {
  return { kind: 'list', items, at };
}

/** The value of a key; undefined where there is no map, no such key, or nothing behind it. */
export function child(raw: Raw | undefined, key: string): Raw | undefined {
  const value = entry(raw, key)?.value;
  return value?.kind === 'scalar' && value.empty ? undefined : value;
}

export function entry(raw: Raw | undefined, key: string): RawEntry | undefined {
  return raw?.kind === 'map' ? raw.entries.find((one) => one.key === key) : undefined;
}

/** The tree with every scalar's text replaced; keys stay. */
export function mapScalars(raw: Raw, change: (scalar: RawScalar) => RawScalar): Raw {
  switch (raw.kind) {
    case 'scalar':
      return change(raw);
    case 'list':
      return { ...raw, items: raw.items.map((item) => mapScalars(item, change)) };
    case 'map':
      return {
        ...raw,
        entries: raw.entries.map((one) => ({ ...one, value: mapScalars(one.value, change) })),
      };
  }
}
