import { defined } from '../../types/index.js';
import { type Constraint, seriesOf, versionNumbers } from '../versions.js';
import { linesOf, quoted, trimmed, withoutMark } from './lines.js';
import { LARGE, type PinFormat, type PinReading, SMALL } from './pin.js';

/** `3.3.0`, with or without a patch level, which no other release of it has. */
function rubyConstraint(text: string): Constraint | undefined {
  const numbers = versionNumbers(text.replace(/p\d+$/, ''));
  return numbers === undefined ? undefined : seriesOf(numbers);
}

function pinOf(text: string, place: { readonly line: number; readonly column: number }) {
  const { line, column } = place;
  return { line, column, text, ...defined({ constraint: rubyConstraint(text) }) };
}

/** The line below `RUBY VERSION`, as Bundler writes it: `   ruby 3.3.0p0`. */
function parseLock(source: string): PinReading {
  const lines = linesOf(withoutMark(source));
  const at = lines.findIndex(({ text }) => text.trimEnd() === 'RUBY VERSION');
  const below = at === -1 ? undefined : lines[at + 1];
  if (below === undefined) return {};
  const { line, column, text } = trimmed(below);
  const version = /^ruby (\S+)(?: \((\S+) (\S+)\))?$/.exec(text);
  if (version === null) {
    const fault = `${quoted(text)} below RUBY VERSION is not a version; run bundle update --ruby`;
    return { fault: { line, column, fault } };
  }
  // Another engine, as jruby, has a version of its own.
  if (version[2] !== undefined) return { pin: { line, column, text } };
  return { pin: pinOf(version[1] ?? '', { line, column: column + 'ruby '.length }) };
}

/** One version, with `ruby-` before it or without; rbenv reads the first word. */
function parseVersion(source: string): PinReading {
  const first = linesOf(withoutMark(source))
    .map(trimmed)
    .find(({ text }) => text !== '' && !text.startsWith('#'));
  if (first === undefined) return { fault: { line: 1, column: 1, fault: 'it has no version' } };
  const word = first.text.split(/\s/, 1)[0] ?? '';
  const version = word.replace(/^ruby-/, '');
  return { pin: pinOf(version, { ...first, column: first.column + word.length - version.length }) };
}

export const gemfileLock: PinFormat = {
  name: 'Gemfile.lock',
  runtime: 'ruby',
  limit: LARGE,
  parse: parseLock,
};
export const rubyVersion: PinFormat = {
  name: '.ruby-version',
  runtime: 'ruby',
  limit: SMALL,
  parse: parseVersion,
};
