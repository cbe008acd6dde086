import { type Directive, directivesIn } from './directives.js';
import { heredocsOf } from './heredocs.js';
import { jsonWords } from './json-words.js';
import { isSpace, trimEndOf, trimSpace, trimStart } from './spaces.js';

/*
 * Dockerfiles as BuildKit's own parser reads them (frontend/dockerfile/parser), step by step:
 * decisions depend on which lines are a FROM.
 */

/** A keyword with what stands behind it. */
interface BareInstruction {
  /** In upper case. */
  readonly keyword: string;
  /** `--name=value`, without quotes. */
  readonly flags: readonly string[];
  /** What stands behind the flags, in one line. */
  readonly text: string;
  /** What stands behind the keyword, in one line. */
  readonly rest: string;
}

/** A place in a text; both are counted from 0. */
interface TextPlace {
  readonly line: number;
  readonly column: number;
}

export interface Instruction extends BareInstruction {
  /** Counted from 1. */
  readonly line: number;
  /** Where its keyword ends. */
  readonly keywordEnd: TextPlace;
  /** The texts of its here-documents. */
  readonly heredocs: readonly string[];
  /** What an ONBUILD asks for. */
  readonly trigger?: BareInstruction;
}

export interface Dockerfile {
  readonly instructions: readonly Instruction[];
  /** The sign that continues lines and takes the meaning of the next sign. */
  readonly escapeSign: string;
}

/** White space between words, which is less than what can stand at a line's ends. */
export const BLANKS = /[\t\v\f\r ]+/;

/** A part of an instruction's line, with the place that it comes from. */
interface LinePart extends TextPlace {
  readonly text: string;
}

function withoutReturns(line: string): string {
  return trimEndOf(line, (sign) => sign === '\r');
}

/** A line without the one escape sign at its end that continues it. */
function withoutContinuation(line: string, escapeSign: string): string {
  const trimmed = trimEndOf(line, (sign) => sign === ' ' || sign === '\t');
  const isContinued = trimmed.endsWith(escapeSign) && trimmed.at(-2) !== escapeSign;
  return isContinued ? trimmed.slice(0, -1) : line;
}

function isComment(line: string): boolean {
  return trimStart(line).startsWith('#');
}

/** `--name=value` before other words, read byte by byte as BuildKit does, and the rest. */
function splitFlags(rest: string, escapeSign: string): Pick<BareInstruction, 'flags' | 'text'> {
  const bytes = Buffer.from(rest).toString('latin1');
  const utf8 = (part: string) => Buffer.from(part, 'latin1').toString('utf8');
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (at < bytes.length && isSpace(bytes.charAt(at))) at++;
    if (!bytes.startsWith('--', at)) return { flags, text: trimSpace(utf8(bytes.slice(at))) };
    let [word, quote, isQuoted] = ['', '', false];
    for (; at < bytes.length; at++) {
      let sign = bytes.charAt(at);
      if (quote === '' && isSpace(sign)) break;
      if (quote === '' ? sign === '"' || sign === "'" : sign === quote) {
        quote = quote === '' ? sign : '';
        isQuoted = true;
        continue;
      }
      if (sign === escapeSign) sign = bytes.charAt(++at);
      word += sign;
    }
    if (word === '--' && at < bytes.length) {
      return { flags, text: trimSpace(utf8(bytes.slice(at))) };
    }
    if (word !== '--' && (word !== '' || isQuoted)) flags.push(utf8(word));
  }
}

function commandIn(line: string, escapeSign: string): BareInstruction {
  const trimmed = trimSpace(line);
  const blank = BLANKS.exec(trimmed);
  const keyword = trimmed.slice(0, blank?.index).replace(/[a-z]+/g, (part) => part.toUpperCase());
  const rest = blank === null ? '' : trimmed.slice(blank.index + blank[0].length);
  return { keyword, rest, ...splitFlags(rest, escapeSign) };
}

/** In a list of words in JSON nothing is a here-document. */
function takesHeredocs({ keyword, text }: BareInstruction): boolean {
  return ['ADD', 'COPY', 'RUN'].includes(keyword) && jsonWords(text) === undefined;
}

/** Where the keyword of an instruction ends, by the parts of its line. */
function keywordEnd(parts: readonly LinePart[], keyword: string): TextPlace {
  const line = parts.map(({ text }) => text).join('');
  let left = line.length - trimStart(line).length + keyword.length;
  for (const { text, line: number, column } of parts) {
    if (left <= text.length) return { line: number, column: column + left };
    left -= text.length;
  }
  const { line: first = 0, column = 0 } = parts[0] ?? {};
  return { line: first, column };
}

/** The texts of here-documents that begin at a line, and the line behind them; undefined where one has no end. */
function readHeredocs(line: string, lines: readonly string[], from: number) {
  const texts: string[] = [];
  let at = from;
  for (const { end, chomp } of heredocsOf(line)) {
    const text: string[] = [];
    for (;;) {
      const read = lines[at++];
      if (read === undefined) return undefined;
      const bare = withoutReturns(read);
      if ((chomp ? bare.replace(/^\t+/, '') : bare) === end) break;
      text.push(`${read}\n`);
    }
    texts.push(text.join(''));
  }
  return { texts, behind: at };
}

/** Here-documents without an end, behind which no others are looked for: each is looked for to the end of the file. */
const MOST_OPEN = 100;

function escapeOf(directives: readonly Directive[]): string {
  const { value } = directives.find(({ name }) => name === 'escape') ?? {};
  return value === '`' ? '`' : '\\';
}

/** Texts whose instructions are kept: more than a plan has Dockerfiles. */
const MOST_KEPT = 64;

const kept = new Map<string, Dockerfile>();

/** A Dockerfile's instructions. Nothing changes them, so that each text is read once. */
export function parseDockerfile(text: string): Dockerfile {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const [oldest] = kept.keys();
  if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  const dockerfile = readInstructions(text);
  kept.set(text, dockerfile);
  return dockerfile;
}

/**
 * The instructions of a Dockerfile. What BuildKit refuses is read as far as it goes: a
 * here-document without an end as none, as BuildKit before 0.23 reads `1 << 2`.
 */
function readInstructions(text: string): Dockerfile {
  const isMarked = text.startsWith('\uFEFF');
  const lines = text.slice(isMarked ? 1 : 0).split('\n');
  const escapeSign = escapeOf(directivesIn(lines.map(trimStart), '#'));
  const instructions: Instruction[] = [];
  let at = 0;
  let open = 0;

  /** The next line as a part, and whether it ends the instruction. */
  const readPart = (isFirst: boolean): LinePart & { readonly isLast: boolean } => {
    const line = at++;
    const bare = withoutReturns(lines[line] ?? '');
    const kept = isFirst ? trimStart(bare) : bare;
    const whole = withoutContinuation(kept, escapeSign);
    const column = bare.length - kept.length + (isMarked && line === 0 ? 1 : 0);
    return { text: whole, line, column, isLast: whole === kept };
  };

  while (at < lines.length) {
    const start = at;
    if (isComment(lines[start] ?? '')) {
      at++;
      continue;
    }
    let part = readPart(true);
    if (part.isLast && part.text === '') continue;
    const parts: LinePart[] = [part];
    while (!part.isLast && at < lines.length) {
      const read = lines[at] ?? '';
      if (isComment(read) || trimSpace(read) === '') {
        at++;
        continue;
      }
      part = readPart(false);
      parts.push(part);
    }
    const line = parts.map((one) => one.text).join('');
    const command = commandIn(line, escapeSign);
    const trigger =
      command.keyword === 'ONBUILD' && command.text !== ''
        ? commandIn(command.text, escapeSign)
        : undefined;
    const isAsking = line.includes('<<') && takesHeredocs(trigger ?? command) && open < MOST_OPEN;
    const heredocs = isAsking ? readHeredocs(line, lines, at) : undefined;
    if (isAsking && heredocs === undefined) open++;
    at = heredocs?.behind ?? at;
    instructions.push({
      ...command,
      line: start + 1,
      keywordEnd: keywordEnd(parts, command.keyword),
      heredocs: heredocs?.texts ?? [],
      ...(trigger === undefined ? {} : { trigger }),
    });
  }
  return { instructions, escapeSign };
}

/** Words at white space outside of quotes, which they keep. */
export function quotedWords(text: string, escapeSign: string): readonly string[] {
  const words: string[] = [];
  let [word, quote, isWord] = ['', '', false];
  const signs = [...text];
  for (let at = 0; at < signs.length; at++) {
    const sign = signs[at] ?? '';
    if (quote === '' && isSpace(sign)) {
      if (isWord) words.push(word);
      [word, isWord] = ['', false];
      continue;
    }
    isWord = true;
    if (sign === escapeSign && quote !== "'") {
      const escaped = signs[++at];
      word += escaped === undefined ? '' : sign + escaped;
      continue;
    }
    if (quote === '') quote = sign === '"' || sign === "'" ? sign : '';
    else if (sign === quote) quote = '';
    word += sign;
  }
  if (isWord && word !== '') words.push(word);
  return words;
}
