import { atLeast, type Constraint, npmRange, seriesOf, versionNumbers } from '../versions.js';
import { linesOf, quoted, type TextLine, withoutMark } from './lines.js';
import { LARGE, type PinFormat, type PinReading } from './pin.js';

const HEROKU = /^\s*\/\/\s*\+heroku\s+goVersion\s+(\S+)/;
const DIRECTIVE = /^\s*go\s+(\S+)/;

function columnOf({ text }: TextLine, word: string): number {
  return text.lastIndexOf(word) + 1;
}

/**
 * What the comment asks for: `go1.22` is that version; anything else is a requirement as Cargo
 * has them (heroku/buildpacks-go: common/go-utils/src/vrs.rs), where `1.22` allows every later 1.x.
 */
function requirement(word: string): Constraint | undefined {
  const numbers = versionNumbers(word.replace(/^go/, ''));
  if (numbers !== undefined && word.startsWith('go')) return seriesOf(numbers);
  return npmRange(numbers === undefined ? word.replaceAll(',', ' ') : `^${word}`);
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
  const numbers = versionNumbers(word.replace(/(rc|beta)\d+$/, ''));
  const refused = { fault: { ...place, fault: `${quoted(word)} is not a version of Go` } };
  if (comment === undefined) {
    if (numbers === undefined) return refused;
    const constraint = atLeast(numbers);
    return { pin: { ...place, text: word, constraint, strictly: seriesOf(numbers) } };
  }
  const constraint = requirement(word);
  return constraint === undefined ? refused : { pin: { ...place, text: word, constraint } };
}

export const goMod: PinFormat = { name: 'go.mod', runtime: 'go', limit: LARGE, parse };
