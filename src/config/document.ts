import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { elsewhere, type Problem } from '../evidence/index.js';
import type { At, Raw, RawEntry } from './raw.js';

/** What a configuration file may hold at most: bytes, nodes with aliases written out, levels. */
export const LIMITS = { bytes: 1024 * 1024, nodes: 50_000, depth: 40 } as const;

interface Walk {
  readonly at: (node: Node) => At;
  readonly problems: Problem[];
  readonly anchors: Map<string, Node>;
  nodes: number;
}

/** A limit was passed: nothing after it is read. */
class TooMuch extends Error {
  constructor(
    readonly at: At,
    message: string,
  ) {
    super(message);
  }
}

function addEntry(walk: Walk, entries: RawEntry[], added: RawEntry): void {
  const first = entries.find((one) => one.key === added.key);
  if (first === undefined) entries.push(added);
  else {
    walk.problems.push({
      ...added.at,
      message: `key "${added.key}" is there twice (also line ${first.at.line})`,
    });
  }
}

/** The maps behind a merge key `<<`, as Compose files use it with anchors. */
function merged(value: Raw): readonly RawEntry[] | undefined {
  if (value.kind === 'map') return value.entries;
  if (value.kind !== 'list') return undefined;
  const parts = value.items.map(merged);
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

/** Neither a path nor an argument of a program can hold a NUL. */
function checkText(walk: Walk, text: string, at: At): void {
  if (text.includes('\0')) walk.problems.push({ ...at, message: 'a text cannot hold a NUL' });
}

function readMap(walk: Walk, node: Node, depth: number): readonly RawEntry[] {
  const entries: RawEntry[] = [];
  const inherited: RawEntry[] = [];
  if (!isMap(node)) return entries;
  for (const { key, value } of node.items) {
    const at = walk.at(key as Node);
    if (!isScalar(key)) {
      walk.problems.push({ ...at, message: 'a key is a plain name, not a list or a map' });
      continue;
    }
    const kept: Raw =
      value === null
        ? { kind: 'scalar', text: '', empty: true, at }
        : read(walk, value as Node, depth + 1);
    const name = String(key.value);
    checkText(walk, name, at);
    if (name !== '<<') addEntry(walk, entries, { key: name, at, value: kept });
    else {
      const found = merged(kept);
      if (found === undefined) walk.problems.push({ ...at, message: '"<<" takes a map' });
      else inherited.push(...found);
    }
  }
  for (const one of inherited) {
    if (!entries.some(({ key }) => key === one.key)) entries.push(one);
  }
  return entries;
}

function read(walk: Walk, node: Node, depth: number): Raw {
  const at = walk.at(node);
  walk.nodes += 1;
  if (walk.nodes > LIMITS.nodes) {
    throw new TooMuch(at, `there are more than ${LIMITS.nodes} values, aliases counted in full`);
  }
  if (depth > LIMITS.depth) {
    throw new TooMuch(at, `lists and maps are nested more than ${LIMITS.depth} deep`);
  }
  if (isAlias(node)) {
    const target = walk.anchors.get(node.source);
    if (target !== undefined) return read(walk, target, depth + 1);
    walk.problems.push({ ...at, message: `anchor "${node.source}" is not defined before this` });
    return { kind: 'scalar', text: '', empty: true, at };
  }
  // The anchor is known before what it holds is read: a cycle then ends at the depth limit.
  const { anchor } = node as { anchor?: string };
  if (anchor !== undefined) walk.anchors.set(anchor, node);
  if (isScalar(node)) {
    const text = String(node.value ?? '');
    checkText(walk, text, at);
    return { kind: 'scalar', text, empty: node.type === 'PLAIN' && /^(~|null|)$/.test(text), at };
  }
  if (isSeq(node)) {
    return {
      kind: 'list',
      items: node.items.map((item) => read(walk, item as Node, depth + 1)),
      at,
    };
  }
  return { kind: 'map', entries: readMap(walk, node, depth), at };
}

/** Errors beside which the first document is there as it was written. */
const WHOLE: ReadonlySet<string> = new Set(['MULTIPLE_DOCS', 'TAG_RESOLVE_FAILED']);

function syntaxMessage(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document starts here; one file holds one';
  if (code === 'TAG_RESOLVE_FAILED') return 'tags (!name) are not read; write the value plainly';
  return `this is not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}

/**
 * Reads YAML 1.2 into a tree of source texts: `1.10` stays `1.10`, `no` stays
 * `no`. `file` is the name that problems carry. The tree is undefined when
 * nothing could be read; problems may be there beside a tree.
 */
export function readDocument(
  text: string,
  file: string,
): { readonly root?: Raw; readonly problems: readonly Problem[] } {
  if (Buffer.byteLength(text) > LIMITS.bytes) {
    return { problems: [{ file, message: `the file is larger than ${LIMITS.bytes} bytes` }] };
  }
  const lines = new LineCounter();
  const place = (offset: number): At => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const problems: Problem[] = [];
  try {
    const document = parseDocument(text, {
      schema: 'failsafe',
      merge: false,
      uniqueKeys: false,
      lineCounter: lines,
      prettyErrors: false,
    });
    for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
      const at = place(pos[0]);
      // The parser may complain of one place several times; the first is the cause.
      if (elsewhere([{ ...at, message }], problems).length === 0) continue;
      problems.push({ ...at, message: syntaxMessage(code, message) });
    }
    // What the parser made of the rest is a guess, and everything said of it would follow from that.
    const guessed = document.errors.some(({ code }) => !WHOLE.has(code));
    if (document.contents === null || guessed) return { problems };
    const walk: Walk = {
      at: (node) => place(node.range?.[0] ?? 0),
      problems,
      anchors: new Map(),
      nodes: 0,
    };
    return { root: read(walk, document.contents, 0), problems };
  } catch (error) {
    if (error instanceof TooMuch) return { problems: [{ ...error.at, message: error.message }] };
    if (!(error instanceof RangeError)) throw error;
    return { problems: [{ file, message: 'the file is nested too deeply to be read' }] };
  }
}
