/** Where something was written: a file with line and column, or the name of an input. */
export interface Position {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * What was written, before anything is known about it: scalars are their source
 * text. A YAML file and the action's inputs both become this, so that one
 * validation answers for both.
 */
export type SourceNode = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly text: string;
  /** Nothing, `~` or `null` without quotes. */
  readonly empty: boolean;
  /** What stands there, where variables made the text of it. */
  readonly written?: string;
  /** A variable of it could not be read: nothing can be said of what the text would be. */
  readonly unknown?: true;
  readonly at: Position;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly SourceNode[];
  readonly at: Position;
}

export interface NodeEntry {
  readonly key: string;
  /** What stands there, where it is a misspelt `key`. */
  readonly written?: string;
  readonly at: Position;
  readonly value: SourceNode;
}

export interface MapNode {
  readonly kind: 'map';
  readonly entries: readonly NodeEntry[];
  readonly at: Position;
}

export function scalar(text: string, at: Position): ScalarNode {
  return { kind: 'scalar', text, empty: false, at };
}

export function list(items: readonly SourceNode[], at: Position): ListNode {
  return { kind: 'list', items, at };
}

/** The value of a key; undefined where there is no map, no such key, or nothing behind it. */
export function child(raw: SourceNode | undefined, key: string): SourceNode | undefined {
  const value = entry(raw, key)?.value;
  return value?.kind === 'scalar' && value.empty ? undefined : value;
}

export function entry(raw: SourceNode | undefined, key: string): NodeEntry | undefined {
  return raw?.kind === 'map' ? raw.entries.find((one) => one.key === key) : undefined;
}

/** The tree with every scalar's text replaced; keys stay, unless it is said what becomes of them. */
export function mapScalars(
  raw: SourceNode,
  change: (scalar: ScalarNode) => ScalarNode,
  changeKey: (key: string, at: Position) => string = (key) => key,
): SourceNode {
  switch (raw.kind) {
    case 'scalar':
      return change(raw);
    case 'list':
      return { ...raw, items: raw.items.map((item) => mapScalars(item, change, changeKey)) };
    case 'map':
      return {
        ...raw,
        entries: raw.entries.map((one) => ({
          ...one,
          key: changeKey(one.key, one.at),
          value: mapScalars(one.value, change, changeKey),
        })),
      };
  }
}
