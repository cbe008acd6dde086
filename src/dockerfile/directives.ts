import { trimEndOf, trimStart } from './spaces.js';

/** `# name=value` before everything else. */
export interface Directive {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

const DIRECTIVE = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*([^\n]+)$/;
const isBlank = (sign: string) => '\t\n\f\r '.includes(sign);
const KNOWN = ['syntax', 'check', 'escape'];

/** The directives that lines begin with; the first line that is none ends them. */
export function directivesIn(lines: readonly string[], comment: string): readonly Directive[] {
  const found: Directive[] = [];
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith(comment)) break;
    const [, written = '', value = ''] =
      DIRECTIVE.exec(trimStart(line.slice(comment.length))) ?? [];
    const name = written.toLowerCase();
    // One that is there twice is refused by BuildKit.
    if (!KNOWN.includes(name) || found.some((one) => one.name === name)) break;
    found.push({ name, value: trimEndOf(value, isBlank), line: index + 1 });
  }
  return found;
}

function syntaxInJson(text: string): string | undefined {
  try {
    const found: unknown = JSON.parse(text);
    const isObject = typeof found === 'object' && found !== null && 'syntax' in found;
    return isObject && typeof found.syntax === 'string' ? found.syntax : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The image that a file says it is read by, as BuildKit looks for it: `# syntax=`, the same
 * behind `//`, or `"syntax"` in JSON; a first line with `#!` does not count.
 */
export function syntaxOf(
  text: string,
): { readonly reference: string; readonly line: number } | undefined {
  const all = text.replace(/^\uFEFF/, '');
  const before = /^#![^\n]*(?:\n|$)/.exec(all)?.[0] ?? '';
  const file = all.slice(before.length);
  const lines = file.split('\n').map((line) => line.replace(/\r$/, ''));
  for (const comment of ['#', '//']) {
    const found = directivesIn(lines, comment).find(({ name }) => name === 'syntax');
    if (found === undefined) continue;
    const [reference = ''] = found.value.split(' ');
    return { reference, line: found.line + (before === '' ? 0 : 1) };
  }
  const reference = syntaxInJson(file);
  return reference === undefined ? undefined : { reference, line: 1 };
}
