import type { Located, TextTable } from './located.js';
import { child, type SourceNode } from './node.js';

/*
 * Reading of a tree that was validated: what does not fit its shape has its
 * problem already and reads as if it were not there.
 */

export function text(raw: SourceNode | undefined, key: string): string | undefined {
  return located(raw, key)?.value;
}

export function located(raw: SourceNode | undefined, key: string): Located<string> | undefined {
  const value = child(raw, key);
  return value?.kind === 'scalar' ? { value: value.text, at: value.at } : undefined;
}

export function flag(raw: SourceNode | undefined, key: string): boolean | undefined {
  const value = text(raw, key);
  return value === undefined ? undefined : value.toLowerCase() === 'true';
}

/** The items of a list, or the one value that stands for a list of one. */
export function items(raw: SourceNode | undefined, key: string): readonly SourceNode[] {
  const value = child(raw, key);
  if (value === undefined) return [];
  return value.kind === 'list' ? value.items : [value];
}

export function locatedWords(raw: SourceNode | undefined, key: string): readonly Located<string>[] {
  return items(raw, key).flatMap((item) =>
    item.kind === 'scalar' ? [{ value: item.text, at: item.at }] : [],
  );
}

export function words(raw: SourceNode | undefined, key: string): readonly string[] {
  return locatedWords(raw, key).map(({ value }) => value);
}

interface Pair extends Located<string | undefined> {
  readonly name: string;
}

/** A map, or a list of NAME=value; the value is undefined where only a name is written. */
export function pairs(raw: SourceNode | undefined, key: string): readonly Pair[] {
  const value = child(raw, key);
  if (value?.kind === 'map') {
    return value.entries.flatMap(({ key: name, at, value: one }) =>
      one.kind === 'scalar' ? [{ name, at, value: one.empty ? undefined : one.text }] : [],
    );
  }
  return locatedWords(raw, key).map(({ value: item, at }) => {
    const equals = item.indexOf('=');
    if (equals === -1) return { name: item, at, value: undefined };
    return { name: item.slice(0, equals), at, value: item.slice(equals + 1) };
  });
}

/** Names with values, the last of one name winning; a name alone has the empty value. */
export function table(raw: SourceNode | undefined, key: string): TextTable {
  return tableOf(pairs(raw, key).map(({ name, value }) => [name, value ?? '']));
}

/** An object of pairs in which every name, `__proto__` too, is a name of its own. */
export function tableOf(entries: readonly (readonly [string, string])[]): TextTable {
  return Object.fromEntries(entries);
}
