import { isObject, jsonIn } from '../../oci/index.js';
import { withoutMark } from './lines.js';

/** A text below some keys of a JSON document, and where it stands. */
interface JsonText {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** The offset of the value below these keys, in a text that is JSON; the last where a key is there twice. */
function offsetOf(json: string, path: readonly string[]): number | undefined {
  const open: { key?: string; isList: boolean }[] = [];
  let found: number | undefined;
  let isKey = false;
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    const here = open.at(-1);
    if (token === '{' || token === '[') {
      open.push({ isList: token === '[' });
      isKey = token === '{';
    } else if (token === '}' || token === ']') {
      open.pop();
      isKey = false;
    } else if (token === ',') isKey = here?.isList === false;
    else if (token === ':') isKey = false;
    else if (isKey && here !== undefined) here.key = JSON.parse(token);
    else {
      const keys = open.map(({ key, isList }) => (isList ? undefined : key));
      if (keys.length === path.length && keys.every((key, at) => key === path[at])) found = index;
    }
  }
  return found;
}

/** The place of an offset; counted from 1. */
export function placeOf(text: string, offset: number) {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** Longer than any range that somebody writes; keeps work on a hostile one small. */
const LONGEST = 1000;

/**
 * The text below these keys; undefined where the document has none there, and a clause where
 * it is no JSON object, or the text too long.
 */
export function jsonText(
  source: string,
  path: readonly string[],
): JsonText | undefined | { readonly fault: string } {
  const text = withoutMark(source);
  const top = jsonIn(text);
  if (!isObject(top)) return { fault: 'it is not a JSON object' };
  let value: unknown = top;
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  const offset = typeof value === 'string' ? offsetOf(text, path) : undefined;
  if (typeof value !== 'string' || offset === undefined) return undefined;
  if (value.length > LONGEST) {
    return {
      fault: `its ${path.join('.')} has ${value.length} characters; at most ${LONGEST} are read`,
    };
  }
  return { text: value, ...placeOf(text, offset + 1) };
}
