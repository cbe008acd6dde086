import {
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
} from 'js-yaml';
import { LIMITS } from './yaml.js';

/** A node of a YAML document with the place of its source: from `start`, before `end`. */
export type SpanNode = SpanScalar | SpanList | SpanMap;

interface Span {
  readonly start: number;
  readonly end: number;
}

export interface SpanScalar extends Span {
  readonly kind: 'scalar';
  readonly text: string;
}

export interface SpanList extends Span {
  readonly kind: 'list';
  /** Written as `[a, b]`. */
  readonly flow: boolean;
  readonly items: readonly SpanNode[];
}

interface SpanEntry {
  readonly key: string;
  readonly start: number;
  readonly value: SpanNode;
}

export interface SpanMap extends Span {
  readonly kind: 'map';
  readonly flow: boolean;
  readonly entries: readonly SpanEntry[];
}

interface SpanReader {
  readonly source: string;
  readonly events: readonly Event[];
  next: number;
}

/** Why a document cannot be edited, as the rest of a sentence. */
export class EditError extends Error {}

/** js-yaml's style of a collection in brackets. */
const FLOW = 2;

/** What has a meaning beyond its place cannot be edited in its place. */
function refuseProperties(event: { readonly anchorStart: number; readonly tagStart: number }) {
  if (event.anchorStart < 0 && event.tagStart < 0) return;
  throw new EditError('it has anchors or tags');
}

function scalarSpan({ source }: SpanReader, event: ScalarEvent, after: number): SpanScalar {
  const { style, valueStart, valueEnd } = event;
  // Nothing is written: it would stand behind the sign that asks for it.
  if (valueStart < 0) return { kind: 'scalar', text: '', start: after, end: after };
  const isQuoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
  if (!isQuoted && style !== SCALAR_STYLE.PLAIN) {
    throw new EditError('it has texts in blocks');
  }
  const quote = isQuoted ? 1 : 0;
  const text = getScalarValue(source, event);
  return { kind: 'scalar', text, start: valueStart - quote, end: valueEnd + quote };
}

/** The place behind the sign, past white space, comments and the commas of brackets. */
function behind({ source }: SpanReader, sign: string, from: number): number {
  let at = from;
  while (at < source.length && source[at] !== sign) {
    if (source[at] === '#') at = source.indexOf('\n', at);
    if (at < 0) return source.length;
    at += 1;
  }
  return Math.min(at + 1, source.length);
}

function readSpan(reader: SpanReader, after: number): SpanNode {
  const event = reader.events[reader.next];
  reader.next += 1;
  if (event?.type === EVENT_ID.SCALAR) {
    refuseProperties(event);
    return scalarSpan(reader, event, after);
  }
  if (event?.type !== EVENT_ID.SEQUENCE && event?.type !== EVENT_ID.MAPPING) {
    throw new EditError('it has aliases');
  }
  refuseProperties(event);
  const { start } = event;
  const flow = event.style === FLOW;
  const isOver = () => reader.events[reader.next]?.type === EVENT_ID.POP;
  let end = flow ? start + 1 : start;
  if (event.type === EVENT_ID.SEQUENCE) {
    const items: SpanNode[] = [];
    while (!isOver()) {
      const item = readSpan(reader, end);
      items.push(item);
      end = item.end;
    }
    reader.next += 1;
    return { kind: 'list', flow, items, start, end: flow ? behind(reader, ']', end) : end };
  }
  const entries: SpanEntry[] = [];
  while (!isOver()) {
    const key = readSpan(reader, end);
    if (key.kind !== 'scalar') throw new EditError('it has lists as keys');
    const value = readSpan(reader, behind(reader, ':', key.end));
    entries.push({ key: key.text, start: key.start, value });
    end = value.end;
  }
  reader.next += 1;
  return { kind: 'map', flow, entries, start, end: flow ? behind(reader, '}', end) : end };
}

/**
 * The tree of a YAML document with the place of each node. Throws js-yaml's
 * error for what is no YAML, and an `EditError` for what cannot be changed in its place: anchors, aliases, tags, texts in blocks.
 */
export function readSpans(text: string): SpanNode | undefined {
  const source = text.replace(/\r(?!\n)/g, '\n');
  const events = parseEvents(source, { maxDepth: LIMITS.depth + 1 });
  if (events.length === 0) return undefined;
  return readSpan({ source, events, next: 1 }, source.length);
}
