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

/** The last lines of a log, blank ones at its ends left out, each cut to `width`. */
export function lastLines(text: string, count: number, width = 400): readonly string[] {
  const lines = shownLines(text.slice(-count * width * 4)).map((line) =>
    cut(line.trimEnd(), width),
  );
  while (lines.at(-1) === '') lines.pop();
  while (lines[0] === '') lines.shift();
  return lines.slice(-count);
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
