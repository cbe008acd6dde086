/*
 * Lists every sentence of the sources that a user may read, one a line behind its file and line:
 * `node --experimental-transform-types scripts/docs/messages.ts [FOLDER…]`. To be read apart from
 * the sources, as a user reads them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseSync } from '@swc/core';

const ROOT = join(import.meta.dirname, '..', '..');

interface Node {
  readonly type: string;
  readonly span?: { readonly start: number; readonly end: number };
  readonly value?: unknown;
  readonly cooked?: unknown;
  readonly quasis?: unknown;
  readonly expressions?: unknown;
  readonly operator?: string;
  readonly left?: Node;
  readonly right?: Node;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function nodesIn(value: unknown): readonly Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== 'object' || value === null) return [];
  return isNode(value) ? [value] : Object.values(value).flatMap(nodesIn);
}

const children = (node: Node) => Object.values(node).flatMap(nodesIn);

/** Text of a source by the parser's offsets, which are bytes behind a start of its own. */
interface Source {
  readonly file: string;
  readonly bytes: Buffer;
  readonly start: number;
}

const between = ({ bytes, start }: Source, from: number, to: number) =>
  bytes.subarray(from - start, to - start).toString();

function lineOf(source: Source, { span }: Node): number {
  return between(source, source.start, span?.start ?? source.start).split('\n').length;
}

/** A literal, a template or their sum as a text, with expressions as `${…}`; undefined for the rest. */
function textOf(source: Source, node: Node): string | undefined {
  if (node.type === 'StringLiteral') return String(node.value);
  if (node.type === 'TemplateLiteral') {
    const quasis = nodesIn(node.quasis);
    const expressions = nodesIn(node.expressions);
    return quasis
      .map((quasi, index) => {
        const expression = expressions[index];
        const { start = 0, end = 0 } = expression?.span ?? {};
        const code = between(source, start, end).replace(/\s+/g, ' ');
        return String(quasi.cooked ?? '') + (expression === undefined ? '' : `\${${code}}`);
      })
      .join('');
  }
  if (node.type !== 'BinaryExpression' || node.operator !== '+') return undefined;
  const sides = [node.left, node.right].map((side) => side && textOf(source, side));
  return sides.some((side) => side === undefined) ? undefined : sides.join('');
}

/** Three words in a row, or two that end as a sentence does; no path, option or pattern alone. */
function isSentence(text: string): boolean {
  const words = text.replace(/\$\{[^}]*\}/g, 'X');
  return (
    /(?:^|\s)[\w'"“-]+[,;:]? [\w'"“-]+[,;:]? [\w'"“-]+/.test(words) ||
    /\w \w[^/]*[.:;!?]$/.test(words)
  );
}

const SKIPPED = new Set(['ImportDeclaration', 'ExportAllDeclaration', 'TsLiteralType']);

function sentencesIn(source: Source, node: Node): readonly string[] {
  if (SKIPPED.has(node.type)) return [];
  const text = textOf(source, node);
  const here =
    text !== undefined && isSentence(text)
      ? [`${source.file}:${lineOf(source, node)}\t${text.replace(/\n/g, '\\n')}`]
      : [];
  if (node.type === 'StringLiteral') return here;
  const inside = children(node).filter(
    (child) => text === undefined || child.type !== 'StringLiteral',
  );
  return [...here, ...inside.flatMap((child) => sentencesIn(source, child))];
}

function sentencesOf(path: string): readonly string[] {
  const bytes = readFileSync(path);
  const tree = parseSync(bytes.toString(), { syntax: 'typescript', target: 'es2022' });
  // The offsets of one process go on from file to file, and begin at the first token.
  const leading = /^(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*/.exec(bytes.toString())?.[0] ?? '';
  const start = tree.span.start - Buffer.byteLength(leading);
  return sentencesIn({ file: relative(ROOT, path), bytes, start }, tree as unknown as Node);
}

const folders = process.argv.slice(2);
const lines = (folders.length === 0 ? ['src'] : folders).flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .flatMap((file) => sentencesOf(join(ROOT, folder, file))),
);
process.stdout.write(`${lines.join('\n')}\n`);
