import { RE2JS } from 're2js';
import type { Clock } from '../ports/index.js';

/*
 * Who writes a pattern and the program whose output it meets can make a search of hours,
 * and while it goes on nothing else is done: no signal is heard, no limit of time kept.
 */

/** Instructions of a compiled pattern: the most that one character of a text may cost. */
const LARGEST = 10_000;

/** Milliseconds of one search. Usual patterns take less than a tenth of that for the longest outputs. */
const LONGEST = 2_000;

/** Characters that are read between two looks at the clock. */
const READ = 64;

/** Characters in which a literal is looked for between two looks at the clock. */
const SLICE = 64 * 1024;

/** What is said of a search that was given up. */
export const TOO_LONG = `took longer than ${LONGEST / 1000} s`;

/** What a search is timed with. */
export type Stopwatch = Pick<Clock, 'ticks'>;

class TooLong extends Error {}

/**
 * A text that throws when it is read for too long. Whichever of its machines re2js takes, it
 * reads a text through these two alone.
 */
class TimedText extends String {
  readonly #text: string;
  readonly #late: () => boolean;
  #reads = 0;

  constructor(text: string, late: () => boolean) {
    super(text);
    this.#text = text;
    this.#late = late;
  }

  override charCodeAt(at: number): number {
    this.#reads++;
    if (this.#reads % READ === 0) this.#look();
    return this.#text.charCodeAt(at);
  }

  override indexOf(wanted: string, from = 0): number {
    for (let at = from; at <= this.#text.length; at += SLICE) {
      this.#look();
      const found = this.#text.slice(at, at + SLICE + wanted.length - 1).indexOf(wanted);
      if (found >= 0) return at + found;
    }
    return -1;
  }

  #look(): void {
    if (this.#late()) throw new TooLong();
  }
}

/** What other languages' patterns have, by what re2js says of it. */
const LACKING: readonly { readonly said: RegExp; readonly what: string }[] = [
  { said: /`\(\?<[=!]/, what: 'lookbehind' },
  { said: /`\(\?[=!]/, what: 'lookahead' },
  { said: /`\(\?>/, what: 'atomic groups' },
  { said: /escape sequence: `\\[1-9k]/, what: 'backreferences' },
  { said: /nested repetition operator: `[^`]+\+`/, what: 'possessive quantifiers' },
];

/** Why a text cannot be a pattern; undefined where it is one. */
export function patternFault(pattern: string): string | undefined {
  try {
    const size = RE2JS.compile(pattern).programSize();
    if (size <= LARGEST) return undefined;
    return `is too large a pattern: it has ${size} instructions of at most ${LARGEST}; repeat less in it`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const what = LACKING.find(({ said }) => said.test(reason))?.what;
    const lacking = what === undefined ? '' : `, which has no ${what}`;
    return `is not a pattern in Go's syntax${lacking}: ${reason}`;
  }
}

/** Whether a pattern is found anywhere in one of the texts, unless that takes too long. */
export function findPattern(
  pattern: string,
  texts: Iterable<string>,
  clock: Stopwatch,
): boolean | 'too-long' {
  const compiled = RE2JS.compile(pattern);
  const end = clock.ticks() + LONGEST;
  const late = () => clock.ticks() > end;
  try {
    for (const text of texts) {
      // re2js takes objects of this kind, its types say it of primitive ones only.
      if (compiled.test(new TimedText(text, late) as unknown as string)) return true;
    }
    return false;
  } catch (error) {
    if (error instanceof TooLong) return 'too-long';
    throw error;
  }
}
