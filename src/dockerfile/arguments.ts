import { isDigest, splitReference } from '../reference/index.js';
import { SET_BY_BUILDKIT } from './automatic.js';
import { type Dockerfile, quotedWords } from './parse.js';
import { type Arguments, type ArgumentValue, lex } from './shell-words.js';

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

/** What BuildKit gives to all FROMs without an ARG; `args` come first, and what is not known is open. */
export function givenByBuildKit(
  args: Readonly<Record<string, string>>,
  automatic: Arguments = new Map(),
): Arguments {
  const known = (name: string): ArgumentValue =>
    Object.hasOwn(args, name) ? args[name] : (automatic.get(name) ?? {});
  return new Map([...SET_BY_BUILDKIT].map((name) => [name, known(name)]));
}

/** The value of a default. */
export function standingValue(
  standing: string,
  known: Arguments,
  escapeSign: string,
): ArgumentValue {
  const { text, unresolved } = resolve(standing, known, escapeSign);
  return unresolved ? { open: text } : text;
}

/** The arguments before the first FROM: `args` are the build's, which come before the defaults of ARG. */
export function globalArguments(
  { instructions, escapeSign }: Dockerfile,
  args: Readonly<Record<string, string>>,
  automatic?: Arguments,
): Arguments {
  const known = new Map(givenByBuildKit(args, automatic));
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  for (const { keyword, text } of instructions.slice(0, first < 0 ? undefined : first)) {
    if (keyword !== 'ARG') continue;
    for (const { name, standing } of declaredIn(text, escapeSign)) {
      const own =
        standing === undefined ? known.get(name) : standingValue(standing, known, escapeSign);
      known.set(name, Object.hasOwn(args, name) ? args[name] : own);
    }
  }
  return known;
}

/** Whether a reference names a digest. */
export function isPinned(reference: string): boolean {
  return isDigest(splitReference(reference).digest);
}
