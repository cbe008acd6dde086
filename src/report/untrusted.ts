/*
 * What an image, a build or a test wrote may hold anything: escape sequences
 * that repaint a terminal, bidirectional overrides that turn a sentence round,
 * markdown, HTML, mentions. Everything of that kind passes through here.
 */

import { ESCAPES } from '../evidence/index.js';

/** Control characters but tab and line feed; format characters (bidirectional, zero-width, tags). */
const INVISIBLE = /[^\P{Cc}\t\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Half of a surrogate pair: not text, and not UTF-8. */
const LONE = /\p{Surrogate}/gu;

/**
 * Lines that can be shown: a lone carriage return ends a line, escape sequences
 * are gone, other control and bidirectional characters became U+FFFD, tabs are
 * four spaces.
 */
export function shownLines(text: string): readonly string[] {
  const clean = text
    .replace(ESCAPES, '')
    .replace(/\r\n?/g, '\n')
    .replace(INVISIBLE, '\ufffd')
    .replace(LONE, '\ufffd')
    .replace(/\t/g, '    ');
  return clean.split('\n');
}

/** A text of several lines that can be shown. */
export function printable(text: string): string {
  return shownLines(text).join('\n');
}

/** One line that can be shown, cut to `limit` characters. */
export function shown(text: string, limit = 300): string {
  return cut(shownLines(text.slice(0, limit * 8)).join(' '), limit);
}

/** One line that is there to be copied: nothing invisible, and cut only where it is no name any more. */
export function copied(text: string): string {
  return shown(text, 2_000);
}

/** At most `limit` characters, the last of them an ellipsis where something was cut. */
export function cut(text: string, limit: number): string {
  const points = Array.from(text);
  return points.length <= limit ? text : `${points.slice(0, Math.max(limit - 1, 0)).join('')}…`;
}

/** The end of a text, and whether there is more of it than that. */
export interface Tail {
  readonly lines: readonly string[];
  readonly whole: boolean;
}

/** The last lines of a log, blank ones at its ends left out, each cut to `width`. */
export function tailOf(text: string, count: number, width = 400): Tail {
  const near = text.slice(-count * width * 4);
  const full = shownLines(near).map((line) => line.trimEnd());
  while (full.at(-1) === '') full.pop();
  while (full[0] === '') full.shift();
  const last = full.slice(-count);
  const lines = last.map((line) => cut(line, width));
  const whole =
    near.length === text.length &&
    last.length === full.length &&
    lines.every((line, at) => line === last[at]);
  return { lines, whole };
}

/** The lines of `tailOf` alone. */
export function lastLines(text: string, count: number, width = 400): readonly string[] {
  return tailOf(text, count, width).lines;
}

function entity(sign: string): string {
  return `&#${sign.codePointAt(0)};`;
}

/** As GitHub's markdown shows it literally, also in a table's cell and inside HTML. */
function literal(text: string, limit: number): string {
  return shown(text, limit)
    .trim()
    .replace(
      /[&<>"'\\`*_{}[\]()|~^$!@#]|:(?=\/\/)|(?<=www)\.|^[-+=]|(?<=^\d+)[.)](?=\s|$)/g,
      entity,
    );
}

/**
 * Text for a paragraph or a table's cell of GitHub's markdown: it shows as it
 * is and makes no markup, no link and no second cell. Mentions are looked for
 * in the rendered text, so `@` and `#` get a zero-width space behind them.
 */
export function markdown(text: string, limit = 300): string {
  return literal(text, limit).replace(/&#(64|35);/g, '$&&#8203;');
}

/** Text as code within a line; entities hold in `<code>`, in backticks they would not. */
export function code(text: string, limit = 300): string {
  return `<code>${literal(text, limit)}</code>`;
}

/** Lines in a block of code whose fence is longer than every run of backticks inside. */
export function fenced(lines: readonly string[], language = ''): string {
  const runs = lines.join('\n').match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return [`${fence}${language}`, ...lines, fence].join('\n');
}
