/** In the place of what a text puts in, which only the shell can tell. */
const PUT_IN = '$' + '{_}';

/** Reads a shell's text up to a sign that closes it; answers where it has come to. */
function read(text: string, from: number, close: ')' | undefined, texts: string[]): number {
  const own = texts.push('') - 1;
  const write = (words: string) => {
    texts[own] += words;
  };
  let quoted = false;
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const sign = text[at] ?? '';
    if (sign === '\\') {
      write(text[at + 1] === '\n' ? ' ' : text.slice(at, at + 2));
      at += 2;
    } else if (sign === "'" && !quoted) {
      const end = text.indexOf("'", at + 1);
      const next = end === -1 ? text.length : end + 1;
      write(text.slice(at, next));
      at = next;
    } else if (sign === '`') {
      const inner = /^(?:[^\\`]|\\[\s\S])*/.exec(text.slice(at + 1))?.[0] ?? '';
      read(inner.replace(/\\([\\$`])/g, '$1'), 0, undefined, texts);
      write(PUT_IN);
      at += inner.length + 2;
    } else if (text[at + 1] === '(' && (sign === '$' || (!quoted && /[<>]/.test(sign)))) {
      at = read(text, at + 2, ')', texts) + 1;
      write(PUT_IN);
    } else if (sign === '#' && !quoted && /(?:^|[\s;&|(])$/.test(texts[own] ?? '')) {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
    } else {
      if (sign === '"') quoted = !quoted;
      if (!quoted && sign === '(') depth++;
      if (!quoted && sign === ')' && depth-- === 0 && close !== undefined) return at;
      if (quoted) write(sign);
      // What divides the text into words takes this for a comment within a word, too.
      else if (sign === '#') write('\\#');
      else write(sign === '\n' ? ' ; ' : sign);
      at++;
    }
  }
  return at;
}

/**
 * The texts that a shell executes for one: itself, with its lines as commands of one
 * line and without comments, and what stands in `$(…)`, `<(…)` and between backticks, in
 * double quotes too.
 */
export function textsIn(text: string): readonly string[] {
  const texts: string[] = [];
  read(text, 0, undefined, texts);
  return texts;
}
