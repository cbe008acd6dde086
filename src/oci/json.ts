import { OciError } from './errors.js';

/** Registries should take manifests of 4 MB; nothing larger is read (distribution-spec). */
export const DOCUMENT_LIMIT = 4 * 1024 * 1024;

/** The same in words: `4 MiB`. */
export const DOCUMENT_LIMIT_TEXT = `${DOCUMENT_LIMIT / 1024 / 1024} MiB`;

/** A JSON object whose members are not known yet. */
export type Json = { readonly [key: string]: unknown };

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a text holds as JSON; undefined where it is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const below = Object.values(value).reduce<number>((sum, one) => sum + membersIn(one), 0);
  return below + (Array.isArray(value) ? 0 : Object.keys(value).length);
}

/** Whether a JSON text names a member of an object twice: readers differ in which one they take. */
export function hasDoubleMembers(text: string): boolean {
  const strings = text.match(/"(?:[^"\\]|\\.)*"\s*:?/g) ?? [];
  return strings.filter((one) => one.endsWith(':')).length !== membersIn(JSON.parse(text));
}

/** An own member of an object; nothing is inherited from a prototype. */
function member(object: Json, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Parses a JSON object of at most 4 MiB; `what` names it in errors. Throws an OciError. */
export function parseObject(bytes: Uint8Array, what: string): Json {
  if (bytes.length > DOCUMENT_LIMIT) {
    const found = `${bytes.length} bytes`;
    throw new OciError(
      'too-large',
      `${what} has ${found}; at most ${DOCUMENT_LIMIT_TEXT} are read`,
      { found },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new OciError('malformed', `${what} is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (!isObject(value)) throw new OciError('malformed', `${what} is not a JSON object`);
  return value;
}

/** Reads members of one object and keeps a sentence for each that is wrong. */
export interface Fields {
  readonly problems: readonly string[];
  text(key: string): string | undefined;
  whole(key: string): number | undefined;
  object(key: string): Json | undefined;
  list(key: string): readonly unknown[];
  words(key: string): readonly string[];
  /** A table of texts; entries of other types are left out, each with a problem. */
  table(key: string): ReadonlyMap<string, string>;
  wrong(message: string): void;
}

/** A reader of `object`'s members; `what` begins each sentence. Null counts as absent, as in Go. */
export function fieldsOf(object: Json, what: string): Fields {
  const problems: string[] = [];
  const get = <T>(key: string, is: (value: unknown) => value is T, kind: string): T | undefined => {
    const value = member(object, key) ?? undefined;
    if (value === undefined || is(value)) return value;
    problems.push(`${what}: "${key}" is not ${kind}`);
    return undefined;
  };
  const isText = (value: unknown) => typeof value === 'string';
  const isList = (value: unknown): value is unknown[] => Array.isArray(value);
  const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
  return {
    problems,
    text: (key) => get(key, isText, 'a string'),
    whole: (key) => get(key, isWhole, 'a whole number'),
    object: (key) => get(key, isObject, 'an object'),
    list: (key) => get(key, isList, 'a list') ?? [],
    words(key) {
      const values = get(key, isList, 'a list') ?? [];
      if (!values.every(isText))
        problems.push(`${what}: "${key}" has members that are not strings`);
      return values.filter(isText);
    },
    table(key) {
      const entries = Object.entries(get(key, isObject, 'an object') ?? {});
      if (!entries.every(([, value]) => isText(value))) {
        problems.push(`${what}: "${key}" has values that are not strings`);
      }
      return new Map(entries.filter((entry): entry is [string, string] => isText(entry[1])));
    },
    wrong: (message) => problems.push(`${what}: ${message}`),
  };
}
