import {
  type AliasEvent,
  EVENT_ID,
  type Event,
  getScalarValue,
  type MappingEvent,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
  YAMLException,
} from 'js-yaml';
import type { Problem } from '../evidence/index.js';
import type { NodeEntry, Position, SourceNode } from './node.js';

/** What a configuration file may hold at most: bytes, nodes with aliases written out, levels. */
export const LIMITS = { bytes: 1024 * 1024, nodes: 50_000, depth: 40 } as const;

const TOO_DEEP = `lists and maps are nested more than ${LIMITS.depth} deep`;

/** Tags that say what a node is anyway. */
const PLAIN_TAGS: ReadonlySet<string> = new Set(['!', '!!str', '!!seq', '!!map']);

type NodeEvent = ScalarEvent | SequenceEvent | MappingEvent | AliasEvent;

interface YamlReader {
  readonly source: string;
  readonly events: readonly Event[];
  readonly place: (offset: number) => Position;
  readonly problems: Problem[];
  /** Where the node of each anchor begins among the events. */
  readonly anchors: Map<string, number>;
  /** The next event. */
  next: number;
  nodes: number;
}

/** A limit was passed: nothing after it is read. */
class TooMuch extends Error {
  constructor(
    readonly at: Position,
    message: string,
  ) {
    super(message);
  }
}

/** Lines and columns count from 1, columns in UTF-16 units. */
function placesIn(source: string, file: string): (offset: number) => Position {
  const starts = [0];
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) {
    starts.push(at + 1);
  }
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** Events have the offsets of a scalar's content; a block scalar begins with `|` or `>` on the line before. */
function scalarOffset(source: string, { style, valueStart }: ScalarEvent): number {
  if (style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED) {
    return valueStart - 1;
  }
  if (style !== SCALAR_STYLE.LITERAL_BLOCK && style !== SCALAR_STYLE.FOLDED_BLOCK) {
    return valueStart;
  }
  const end = source[valueStart - 1] === '\n' ? valueStart - 1 : valueStart;
  const start = source.lastIndexOf('\n', end - 1) + 1;
  const header = source.slice(start, end).search(/(?<=^|[\s:-])[|>][-+\d]{0,2}(?=\s*$|\s+#)/);
  return header === -1 ? valueStart : start + header;
}

/** Undefined for an empty scalar without properties, which has none. */
function offsetOf(source: string, event: NodeEvent): number | undefined {
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  if (event.type !== EVENT_ID.SCALAR) return event.start;
  if (event.valueStart !== -1) return scalarOffset(source, event);
  const properties = [event.anchorStart - 1, event.tagStart].filter((offset) => offset >= 0);
  return properties.length === 0 ? undefined : Math.min(...properties);
}

function isNode(event: Event | undefined): event is NodeEvent {
  return event !== undefined && event.type !== EVENT_ID.DOCUMENT && event.type !== EVENT_ID.POP;
}

function addEntry(walk: YamlReader, entries: Map<string, NodeEntry>, added: NodeEntry): void {
  const first = entries.get(added.key);
  if (first === undefined) entries.set(added.key, added);
  else {
    walk.problems.push({
      ...added.at,
      message: `key "${added.key}" appears twice (also line ${first.at.line})`,
    });
  }
}

/** The maps behind a merge key `<<`, as Compose files use it with anchors. */
function merged(value: SourceNode): readonly NodeEntry[] | undefined {
  if (value.kind === 'map') return value.entries;
  if (value.kind !== 'list') return undefined;
  const parts = value.items.map(merged);
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

/** Neither a path nor an argument of a program can hold a NUL. */
function checkText(walk: YamlReader, text: string, at: Position): void {
  if (text.includes('\0')) walk.problems.push({ ...at, message: 'a text cannot hold a NUL' });
}

/** The text of a key. One that is a list or a map is read past. */
function readKey(
  walk: YamlReader,
  parent: Position,
  depth: number,
): { readonly at: Position; readonly text?: string } {
  const key = read(walk, parent, depth + 1);
  if (key.kind === 'scalar') return { at: key.at, text: key.text };
  const braces = key.kind === 'map' ? '; a text with double braces needs quotes' : '';
  const message = `a key is a plain name, not a list or a map${braces}`;
  walk.problems.push({ ...key.at, message });
  return { at: key.at };
}

function readMap(walk: YamlReader, at: Position, depth: number): readonly NodeEntry[] {
  const entries = new Map<string, NodeEntry>();
  const inherited: NodeEntry[] = [];
  while (isNode(walk.events[walk.next])) {
    const key = readKey(walk, at, depth);
    const value = read(walk, key.at, depth + 1);
    if (key.text === undefined) continue;
    if (key.text !== '<<') addEntry(walk, entries, { key: key.text, at: key.at, value });
    else {
      const found = merged(value);
      if (found === undefined) walk.problems.push({ ...key.at, message: '"<<" takes a map' });
      else inherited.push(...found);
    }
  }
  walk.next += 1;
  for (const one of inherited) {
    if (!entries.has(one.key)) entries.set(one.key, one);
  }
  return [...entries.values()];
}

function readList(walk: YamlReader, at: Position, depth: number): readonly SourceNode[] {
  const items: SourceNode[] = [];
  while (isNode(walk.events[walk.next])) items.push(read(walk, at, depth + 1));
  walk.next += 1;
  return items;
}

/** An alias is its anchor's node, read once more. */
function readAlias(walk: YamlReader, event: AliasEvent, at: Position, depth: number): SourceNode {
  const name = walk.source.slice(event.anchorStart, event.anchorEnd);
  const target = walk.anchors.get(name);
  if (target === undefined) {
    walk.problems.push({ ...at, message: `anchor "${name}" is not defined before this` });
    return { kind: 'scalar', text: '', empty: true, at };
  }
  const after = walk.next;
  walk.next = target;
  const value = read(walk, at, depth + 1);
  walk.next = after;
  return value;
}

function readProperties(walk: YamlReader, event: Exclude<NodeEvent, AliasEvent>): void {
  const { anchorStart, anchorEnd, tagStart, tagEnd } = event;
  // The anchor is known before what it holds is read: a cycle then ends at the depth limit.
  if (anchorStart >= 0) {
    walk.anchors.set(walk.source.slice(anchorStart, anchorEnd), walk.next - 1);
  }
  if (tagStart < 0 || PLAIN_TAGS.has(walk.source.slice(tagStart, tagEnd))) return;
  const message = 'tags (!name) are not read; write the value plainly';
  walk.problems.push({ ...walk.place(tagStart), message });
}

function readScalar(walk: YamlReader, event: ScalarEvent, at: Position): SourceNode {
  const written = getScalarValue(walk.source, event);
  checkText(walk, written, at);
  // Paths are looked at all the same, for what else is wrong.
  const text = written.replaceAll('\0', '\ufffd');
  const empty = event.style === SCALAR_STYLE.PLAIN && /^(~|null|)$/.test(text);
  return { kind: 'scalar', text, empty, at };
}

/** The node that the next event begins; `parent` is where one without an offset is said to be. */
function read(walk: YamlReader, parent: Position, depth: number): SourceNode {
  const event = walk.events[walk.next];
  if (!isNode(event)) throw new Error('the events of a YAML document are out of order');
  walk.next += 1;
  const offset = offsetOf(walk.source, event);
  const at = offset === undefined ? parent : walk.place(offset);
  walk.nodes += 1;
  if (walk.nodes > LIMITS.nodes) {
    throw new TooMuch(at, `there are more than ${LIMITS.nodes} values, aliases counted in full`);
  }
  if (depth > LIMITS.depth) throw new TooMuch(at, TOO_DEEP);
  if (event.type === EVENT_ID.ALIAS) return readAlias(walk, event, at, depth);
  readProperties(walk, event);
  if (event.type === EVENT_ID.SCALAR) return readScalar(walk, event, at);
  if (event.type === EVENT_ID.SEQUENCE) {
    return { kind: 'list', items: readList(walk, at, depth), at };
  }
  return { kind: 'map', entries: readMap(walk, at, depth), at };
}

/** A second document is an error at its marker, or at what it holds where it has none. */
function checkSingle({ events, source, place, problems }: YamlReader): void {
  const second = events.findIndex((event, at) => at > 0 && event.type === EVENT_ID.DOCUMENT);
  const event = events[second];
  if (event?.type !== EVENT_ID.DOCUMENT) return;
  const first = events[second + 1];
  const content = isNode(first) ? offsetOf(source, first) : undefined;
  const offset = event.explicitStart ? source.lastIndexOf('\n---', content) + 1 : content;
  const message = 'a second document starts here; one file holds one';
  problems.push({ ...place(offset ?? source.length), message });
}

/** What js-yaml says of the most common mistakes, for people who do not know its terms. */
const REASONS: readonly (readonly [begins: string, words: string])[] = [
  [
    'deficient indentation',
    'the quote, "[" or "{" opened above is not closed, or this line is indented too little',
  ],
  ['unexpected end of the stream within a flow', 'the closing "]" or "}" is missing'],
  ['unexpected end of the stream within a', 'the closing quote is missing'],
  [
    'bad indentation of a mapping entry',
    'the line is indented unlike the keys beside it, or its value holds ": " and needs quotes',
  ],
  ['bad indentation of a sequence entry', 'the line is indented unlike the items beside it'],
  ['tab characters must not', 'indentation takes spaces, not tabs'],
  ['end of the stream or a document separator', 'this does not continue what stands above it'],
];

/** A value that begins with a brace and goes on behind it, or an expression of GitHub's workflows. */
const BRACES = /(?:^|[\s:[,-])(\$\{\{.*?\}\}|\{[\w-]+\}[^\s,}\]#]+|\{\{.*?\}\})/;

/** A text with braces, which none without quotes has within a map or list of one line. */
const WITHIN = /([^\s"'{}[\],$:]+\{[\w-]+\}[^\s"',}\]#]*)/;

/** What braces without quotes have broken, which the parser does not see. */
function bracesReason(line: string, isFlow: boolean): string | undefined {
  const [, text] = BRACES.exec(line) ?? (isFlow ? WITHIN.exec(line) : null) ?? [];
  if (text === undefined) return undefined;
  return text.startsWith('$')
    ? `${text} needs quotes; and expressions of GitHub are not evaluated in this file: write "\${NAME}", and in the workflow NAME=${text} in the action's input "set"`
    : `${text} needs quotes, '${text}': without them a brace begins a map`;
}

function syntaxProblem(
  { reason, mark }: YAMLException,
  source: string,
  place: (offset: number) => Position,
): Problem {
  const at = place(mark?.position ?? 0);
  if (reason.startsWith('nesting exceeded')) return { ...at, message: TOO_DEEP };
  const line = source.split('\n')[(at.line ?? 1) - 1] ?? '';
  const braces = bracesReason(line, reason.includes('flow collection'));
  if (braces !== undefined) return { ...at, message: `this is not valid YAML: ${braces}` };
  const [, words = reason] = REASONS.find(([begins]) => reason.startsWith(begins)) ?? [];
  return { ...at, message: `this is not valid YAML: ${words}` };
}

/**
 * Reads YAML 1.2 into a tree of source texts: `1.10` stays `1.10`, `no` stays
 * `no`. `file` is the name that problems carry. The tree is undefined when
 * nothing could be read; problems may be there beside a tree. A syntax error is
 * the only problem reported then: nothing after it can be read reliably.
 */
export function readDocument(
  text: string,
  file: string,
): { readonly root?: SourceNode; readonly problems: readonly Problem[] } {
  if (Buffer.byteLength(text) > LIMITS.bytes) {
    return { problems: [{ file, message: `the file is larger than ${LIMITS.bytes} bytes` }] };
  }
  // A carriage return alone ends a line, too; offsets stay.
  const source = text.replace(/\r(?!\n)/g, '\n');
  const place = placesIn(source, file);
  try {
    const events = parseEvents(source, { maxDepth: LIMITS.depth + 1 });
    if (events.length === 0) return { problems: [] };
    const problems: Problem[] = [];
    const anchors = new Map<string, number>();
    const walk: YamlReader = { source, events, place, problems, anchors, next: 1, nodes: 0 };
    checkSingle(walk);
    return { root: read(walk, { file, line: 1, column: 1 }, 0), problems };
  } catch (error) {
    if (error instanceof TooMuch) return { problems: [{ ...error.at, message: error.message }] };
    if (error instanceof YAMLException) return { problems: [syntaxProblem(error, source, place)] };
    throw error;
  }
}
