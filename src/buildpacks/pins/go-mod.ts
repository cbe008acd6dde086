import { atLeast, exactly, seriesOf, versionNumbers } from '../versions.js';
import { linesOf, type TextLine, withoutMark } from './lines.js';
import { LARGE, type PinFormat, type PinReading } from './pin.js';

const HEROKU = /^\s*\/\/\s*\+heroku\s+goVersion\s+(\S+)/;
const DIRECTIVE = /^\s*go\s+(\S+)/;

function columnOf({ text }: TextLine, word: string): number {
  return text.lastIndexOf(word) + 1;
}

/**
 * The comment that heroku/go reads, else the directive `go`, which asks for that version or a
 * newer one (go.dev/ref/mod#go-mod-file-go). `toolchain` is a suggestion and pins nothing.
 */
function parse(source: string): PinReading {
  const lines = linesOf(withoutMark(source));
  const matching = (pattern: RegExp) =>
    lines.flatMap((one) => {
      const word = pattern.exec(one.text)?.[1];
      return word === undefined ? [] : [{ ...one, word }];
    })[0];
  const comment = matching(HEROKU);
  const found = comment ?? matching(DIRECTIVE);
  if (found === undefined) return {};
  const { line, word } = found;
  const place = { line, column: columnOf(found, word) };
  // `1.21rc2` is older than `1.21.0`.
  const numbers = versionNumbers(word.replace(/^go/, '').replace(/(rc|beta)\d+$/, ''));
  if (numbers === undefined) {
    return { fault: { ...place, fault: `"${word}" is not a version of Go` } };
  }
  const pinned = numbers.length === 3 ? exactly(numbers) : seriesOf(numbers);
  const constraint = comment === undefined ? atLeast(numbers) : pinned;
  return { pin: { ...place, text: word, constraint } };
}

export const goMod: PinFormat = { name: 'go.mod', runtime: 'go', limit: LARGE, parse };
