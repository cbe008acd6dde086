import { isSpace } from './spaces.js';

/*
 * Quotes, escapes and variables as BuildKit reads them (frontend/dockerfile/shell), case by
 * case: what a FROM means and where here-documents begin depend on it.
 */

/** A value that only the build knows, as far as it is known before; without that, its name stays. */
interface OpenValue {
  readonly open?: string;
}

export type ArgumentValue = string | OpenValue | undefined;

/** The values that build arguments have, by name; undefined: declared without one. */
export type Arguments = ReadonlyMap<string, ArgumentValue>;

interface Rules {
  /** The sign that takes the meaning of the next one. */
  readonly escapeSign: string;
  readonly rawQuotes?: boolean;
  readonly rawEscapes?: boolean;
  /** Without it, variables stay as they are. */
  readonly values?: Arguments;
}

interface Lexed {
  readonly text: string;
  /** Split at white space outside of quotes. */
  readonly words: readonly string[];
  /** A variable has no value before the build. */
  readonly unresolved: boolean;
}

/** Levels of `${a:-${b:-…}}`. */
const DEEPEST = 200;

const LETTER = /^[\p{L}\p{Nd}_]$/u;
const DIGIT = /^\p{Nd}$/u;
/** The shell's own parameters, each of one sign. */
const SPECIAL = /^[@*#?\-$!0]$/;

/** What a text says; undefined where BuildKit refuses it. */
export function lex(source: string, rules: Rules): Lexed | undefined {
  const { escapeSign, rawQuotes = false, values } = rules;
  const signs = [...source.replace(/^\uFEFF/, '')];
  let at = 0;
  let depth = 0;
  let rawEscapes = rules.rawEscapes ?? false;
  let unresolved = false;
  // One for all levels, as BuildKit has it: what stands before `${a:-b}` is lost for words.
  let word = '';
  const refuse = (): never => {
    throw new SyntaxError(source);
  };
  const next = (): string => signs[at++] ?? refuse();

  const until = (stop: string | undefined, isRaw: boolean) => {
    if (++depth > DEEPEST) refuse();
    const outer = rawEscapes;
    rawEscapes = isRaw;
    let text = '';
    let inWord = false;
    const words: string[] = [];
    const end = () => {
      if (word !== '') words.push(word);
      word = '';
    };
    const addRaw = (part: string) => {
      word += part;
      inWord = true;
    };
    const add = (part: string) => {
      for (const sign of part) {
        if (!isSpace(sign)) addRaw(sign);
        else if (inWord && word !== '') {
          end();
          inWord = false;
        }
      }
    };
    word = '';
    for (let sign = signs[at]; sign !== undefined; sign = signs[at]) {
      if (sign === stop) break;
      const special = { $: variable, '<': twoLess, "'": single, '"': double }[sign];
      if (special !== undefined) {
        const part = special();
        text += part;
        if (sign === '$') add(part);
        else addRaw(part);
        continue;
      }
      at++;
      if (sign !== escapeSign) {
        add(sign);
        text += sign;
        continue;
      }
      const escaped = signs[at++];
      const part = (rawEscapes ? sign : '') + (escaped ?? '');
      if (part !== '') addRaw(part);
      text += part;
    }
    if (stop !== undefined && next() !== stop) refuse();
    end();
    rawEscapes = outer;
    depth--;
    return { text, words };
  };

  function single(): string {
    const quote = next();
    let text = '';
    for (let sign = next(); sign !== quote; sign = next()) text += sign;
    return rawQuotes ? `'${text}'` : text;
  }

  function double(): string {
    const quote = next();
    let text = '';
    for (;;) {
      if (signs[at] === '$') {
        text += variable();
        continue;
      }
      const sign = next();
      if (sign === quote) return rawQuotes ? `"${text}"` : text;
      if (sign !== escapeSign) {
        text += sign;
        continue;
      }
      if (rawEscapes) text += sign;
      const following = signs[at] ?? refuse();
      text += ['"', '$', escapeSign].includes(following) ? next() : sign;
    }
  }

  function twoLess(): string {
    next();
    if (signs[at] !== '<') return '<';
    let text = '<<';
    for (at++; /^[\t\r ]$/.test(signs[at] ?? ''); at++) text += signs[at];
    return text;
  }

  function name(): string {
    let found = '';
    const first = signs[at] ?? '';
    if (SPECIAL.test(first) && !DIGIT.test(first)) return next();
    const fits = DIGIT.test(first) ? DIGIT : LETTER;
    while (fits.test(signs[at] ?? '')) found += next();
    return found;
  }

  /** As it is written from a place on; its value is not known here. */
  const written = (start: number): string => {
    unresolved = true;
    return signs.slice(start, at).join('');
  };

  /** A value where no operator looks at it. */
  const plainValue = (value: ArgumentValue, start: number): string => {
    if (typeof value !== 'object') return value ?? written(start);
    unresolved = true;
    return value.open ?? written(start);
  };

  function variable(): string {
    const start = at++;
    if (signs[at] !== '{') {
      const plain = name();
      return plain === '' ? '$' : plainValue(values?.get(plain), start);
    }
    at++;
    if (['{', '}', ':'].includes(signs[at] ?? refuse())) refuse();
    const braced = name();
    const value = values?.get(braced);
    let modifier = next();
    if (modifier === '}') return plainValue(value, start);
    if (modifier === '/') {
      if (signs[at] === '/') at++;
      const [pattern, replacement] = [until('/', true).text, until('}', true).text];
      return values === undefined ? `\${${braced}/${pattern}/${replacement}}` : written(start);
    }
    const isEmptyUnset = modifier === ':';
    if (isEmptyUnset) modifier += next();
    const kind = modifier.at(-1) ?? '';
    const isTrim = kind === '#' || kind === '%';
    if ((isEmptyUnset && isTrim) || !(isEmptyUnset || '+-?#%'.includes(kind))) refuse();
    const before = unresolved;
    const { text } = until('}', isTrim);
    if (values === undefined) return `\${${braced}${modifier}${text}}`;
    if (typeof value === 'object') return written(start);
    const isSet = value !== undefined && !(isEmptyUnset && value === '');
    // A word that is not taken may say anything.
    if (isSet !== (kind === '+')) unresolved = before;
    if (kind === '-') return isSet ? value : text;
    if (kind === '+') return isSet ? text : '';
    if (kind === '?') return isSet ? value : refuse();
    return isTrim ? written(start) : refuse();
  }

  try {
    const { text, words } = until(undefined, rawEscapes);
    return { text, words, unresolved };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
