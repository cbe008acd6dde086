import { isDigest, splitReference } from '../reference/index.js';
import { type Dockerfile, quotedWords } from './parse.js';
import { type Arguments, lex } from './shell-words.js';

interface Resolved {
  readonly text: string;
  readonly unresolved: boolean;
}

/** Longer than any reference; what is longer is not looked into. */
const LONGEST = 4096;

/** A text with the values of build arguments put in, as far as they are known, and without its quotes. */
export function resolve(text: string, values: Arguments, escapeSign: string): Resolved {
  const cut = { text: text.slice(0, LONGEST), unresolved: true };
  if (text.length > LONGEST) return cut;
  const found = lex(text, { escapeSign, values });
  if (found === undefined) return cut;
  const { text: whole, unresolved } = found;
  return whole.length > LONGEST
    ? { ...cut, text: whole.slice(0, LONGEST) }
    : { text: whole, unresolved };
}

/** A name that an ARG declares, with the default behind it as written. */
interface Declared {
  readonly name: string;
  readonly standing?: string;
}

/** All names of an ARG, which may be several. */
export function declaredIn(text: string, escapeSign: string): readonly Declared[] {
  return quotedWords(text, escapeSign).map((word) => {
    const sign = word.indexOf('=');
    return sign < 0
      ? { name: word }
      : { name: word.slice(0, sign), standing: word.slice(sign + 1) };
  });
}

/** The arguments before the first FROM: `args` are the build's, which come before the defaults of ARG. */
export function globalArguments(
  { instructions, escapeSign }: Dockerfile,
  args: Readonly<Record<string, string>>,
  automatic: Arguments = new Map(),
): Arguments {
  const given = (name: string) => (Object.hasOwn(args, name) ? args[name] : undefined);
  const known = new Map([...automatic].map(([name, value]) => [name, given(name) ?? value]));
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  for (const { keyword, text } of instructions.slice(0, first < 0 ? undefined : first)) {
    if (keyword !== 'ARG') continue;
    for (const { name, standing } of declaredIn(text, escapeSign)) {
      const own =
        standing === undefined ? known.get(name) : resolve(standing, known, escapeSign).text;
      known.set(name, given(name) ?? own);
    }
  }
  return known;
}

/** Whether a reference names a digest. */
export function isPinned(reference: string): boolean {
  return isDigest(splitReference(reference).digest);
}
