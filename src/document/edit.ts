import { EditError, readSpans, type SpanList, type SpanMap, type SpanNode } from './span.js';
import {
  blockLines,
  entriesOf,
  entryLines,
  inline,
  isBlock,
  isList,
  itemLines,
  type Written,
  type WrittenMap,
  writeDocument,
} from './write.js';

/** A piece of the source, and what takes its place. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Whether a node says a value already. */
function says(node: SpanNode, value: Written): boolean {
  if (node.kind === 'scalar') return node.text === value;
  if (typeof value === 'string') return false;
  if (node.kind === 'list') {
    if (!isList(value) || value.length !== node.items.length) return false;
    return node.items.every((item, at) => says(item, value[at] ?? ''));
  }
  if (isList(value) || entriesOf(value).length !== node.entries.length) return false;
  return node.entries.every(({ key, value: one }) => {
    const wanted = Object.hasOwn(value, key) ? value[key] : undefined;
    return wanted !== undefined && says(one, wanted);
  });
}

/** The source while it is edited. */
interface Sheet {
  readonly source: string;
  readonly newline: string;
  readonly splices: Splice[];
}

function lineStart({ source }: Sheet, at: number): number {
  return source.lastIndexOf('\n', at - 1) + 1;
}

/** Behind the end of the line that `at` is in. */
function lineEnd({ source }: Sheet, at: number): number {
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end + 1;
}

/** White space in front of a node on its line, where other signs are read as such. */
function indentAt(sheet: Sheet, at: number): string {
  return sheet.source.slice(lineStart(sheet, at), at).replace(/[^\s]/g, ' ').replace('\uFEFF', '');
}

function insertLines(sheet: Sheet, at: number, lines: readonly string[]): void {
  const { source, newline, splices } = sheet;
  const isOpen = at > 0 && source[at - 1] !== '\n';
  const text = `${lines.join(newline)}${newline}`;
  splices.push({ start: at, end: at, text: isOpen ? `${newline}${text}` : text });
}

/** Puts a value where another one of a map's entry or a list's item stands. */
function replace(sheet: Sheet, node: SpanNode, value: Written, indent: string): void {
  const { start, end } = node;
  if (!isBlock(value)) {
    // What is in brackets is no line of a block: the line above asks for the value.
    const isBelow = node.kind !== 'scalar' && !node.flow;
    const text = inline(value);
    if (!isBelow) {
      const before = sheet.source[start - 1];
      const needsSpace = start === end && before !== undefined && /\S/.test(before);
      sheet.splices.push({ start, end, text: needsSpace ? ` ${text}` : text });
      return;
    }
    const from = sheet.source.slice(0, start).trimEnd().length;
    sheet.splices.push({ start: from, end, text: ` ${text}` });
    return;
  }
  const { newline } = sheet;
  const lines = blockLines(value, indent).join(newline);
  if (node.kind === 'scalar' || node.flow) {
    const from = sheet.source.slice(0, start).replace(/[ \t]+$/, '').length;
    sheet.splices.push({ start: from, end, text: `${newline}${lines}` });
  } else sheet.splices.push({ start, end, text: lines.trimStart() });
}

function isAlone(sheet: Sheet, at: number): boolean {
  return /^\s*$/.test(sheet.source.slice(lineStart(sheet, at), at).replace('\uFEFF', ''));
}

function removeLines(sheet: Sheet, from: number, to: number): void {
  sheet.splices.push({ start: lineStart(sheet, from), end: lineEnd(sheet, to), text: '' });
}

function editMap(sheet: Sheet, node: SpanMap, value: WrittenMap): void {
  const wanted = entriesOf(value);
  const isWanted = (key: string) => wanted.some(([name]) => name === key);
  const gone = node.entries.filter(({ key }) => !isWanted(key));
  const [head] = node.entries;
  const indent = indentAt(sheet, head?.start ?? node.start);
  const isShared = gone.some(({ start }) => !isAlone(sheet, start));
  // Something of the map stays in each of its places, or it is written anew as a whole.
  if (head === undefined || isShared || gone.length === node.entries.length) {
    replace(sheet, node, value, indent);
    return;
  }
  for (const { start, value: one } of gone) removeLines(sheet, start, one.end);
  let last: number | undefined;
  for (const [key, one] of wanted) {
    const there = node.entries.find((entry) => entry.key === key);
    if (there === undefined) {
      const lines = entryLines(key, one, indent);
      // In front of all others where it comes first, if that line is the map's own.
      const isFirst = last === undefined && isAlone(sheet, head.start);
      const at = isFirst ? lineStart(sheet, head.start) : lineEnd(sheet, last ?? head.value.end);
      insertLines(sheet, at, lines);
      continue;
    }
    edit(sheet, there.value, one, `${indent}  `);
    last = there.value.end;
  }
}

function editBlockList(sheet: Sheet, node: SpanList, value: readonly Written[]): void {
  const { items } = node;
  const indent = indentAt(sheet, node.start);
  const least = Math.min(items.length, value.length);
  const equal = (at: number, from: number) => {
    const item = items[at];
    const one = value[from];
    return item !== undefined && one !== undefined && says(item, one);
  };
  let before = 0;
  while (before < least && equal(before, before)) before += 1;
  let behind = 0;
  while (behind < least - before && equal(items.length - 1 - behind, value.length - 1 - behind)) {
    behind += 1;
  }
  const old = items.slice(before, items.length - behind);
  const added = value.slice(before, value.length - behind);
  old.slice(0, added.length).forEach((item, at) => {
    edit(sheet, item, added[at] ?? '', `${indent}  `);
  });
  for (const item of old.slice(added.length)) removeLines(sheet, item.start, item.end);
  const more = added.slice(old.length).flatMap((one) => itemLines(one, indent));
  if (more.length === 0) return;
  const anchor = items[before + old.length - 1];
  const at = anchor === undefined ? lineStart(sheet, node.start) : lineEnd(sheet, anchor.end);
  insertLines(sheet, at, more);
}

/** In brackets, what is of another form is written anew up to its own brackets. */
function editFlow(sheet: Sheet, node: SpanNode, value: Written): void {
  if (says(node, value)) return;
  const { start, end } = node;
  if (node.kind === 'list' && isList(value) && value.length === node.items.length) {
    for (const [at, item] of node.items.entries()) editFlow(sheet, item, value[at] ?? '');
    return;
  }
  if (node.kind === 'map' && typeof value !== 'string' && !isList(value)) {
    const keys = entriesOf(value).map(([key]) => key);
    const same = new Set([...keys, ...node.entries.map(({ key }) => key)]);
    if (same.size === keys.length && same.size === node.entries.length) {
      for (const { key, value: one } of node.entries) editFlow(sheet, one, value[key] ?? '');
      return;
    }
  }
  sheet.splices.push({ start, end, text: inline(value) });
}

/** `indent` is that of the lines of a block that takes the node's place. */
function edit(sheet: Sheet, node: SpanNode, value: Written, indent: string): void {
  if (says(node, value)) return;
  const isFlow = node.kind !== 'scalar' && node.flow;
  const isEmpty =
    node.kind === 'list'
      ? node.items.length === 0
      : node.kind === 'map' && node.entries.length === 0;
  if (isFlow && typeof value !== 'string' && !isEmpty) editFlow(sheet, node, value);
  else if (node.kind === 'list' && !isFlow && isList(value) && value.length > 0) {
    editBlockList(sheet, node, value);
  } else if (node.kind === 'map' && !isFlow && typeof value !== 'string' && !isList(value)) {
    editMap(sheet, node, value);
  } else replace(sheet, node, value, indent);
}

/**
 * The document changed to say `value`, by splices at the places of what differs: every other
 * byte stays, comments among them. Throws an `EditError` for a document that cannot be edited.
 */
export function editDocument(text: string, value: Written): string {
  const root = readSpans(text);
  if (root === undefined) return `${text}${/[^\n]$/.test(text) ? '\n' : ''}${writeDocument(value)}`;
  const newline = /\r\n/.test(text) ? '\r\n' : '\n';
  const sheet: Sheet = { source: text, newline, splices: [] };
  edit(sheet, root, value, '');
  // From the end on, so that places in front stay; at one place, what is removed comes before what is put there.
  const splices = sheet.splices
    .map((splice, at) => ({ ...splice, at }))
    .sort((a, b) => b.start - a.start || b.end - a.end || b.at - a.at);
  const edited = splices.reduce(
    (rest, { start, end, text: put }) => rest.slice(0, start) + put + rest.slice(end),
    text,
  );
  const now = readSpans(edited);
  if (now === undefined || !says(now, value)) {
    throw new EditError('it is written in a form that cannot be changed in its place');
  }
  return edited;
}
