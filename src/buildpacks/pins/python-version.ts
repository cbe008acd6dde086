import { defined } from '../../types/index.js';
import { type Constraint, seriesOf, versionNumbers } from '../versions.js';
import { BYTE_ORDER_MARK, linesOf, quoted, trimmed, withoutMark } from './lines.js';
import { type PinFormat, type PinReading, SMALL } from './pin.js';

/** `3.14` is its newest patch release, `3.14.6` is itself; nothing else is a version to heroku/python. */
export function pythonConstraint(text: string): Constraint | undefined {
  const numbers = versionNumbers(text);
  return numbers?.length === 2 || numbers?.length === 3 ? seriesOf(numbers) : undefined;
}

const FORM = 'expected X.Y or X.Y.Z, such as 3.13';

/**
 * Faults are those of heroku/python (src/python_version_file.rs): whole lines are comments,
 * one version, numbers alone. The pin is what pyenv reads: the first word of the first line
 * that is no comment.
 */
function parse(text: string): PinReading {
  const lines = linesOf(withoutMark(text))
    .map(trimmed)
    .filter((one) => one.text !== '' && !one.text.startsWith('#'));
  const [first, second] = lines;
  if (first === undefined) return { fault: { line: 1, column: 1, fault: 'it has no version' } };
  const { line, column } = first;
  const word = first.text.split(/[\s#]/, 1)[0] ?? '';
  const constraint = pythonConstraint(word);
  const pin = { line, column, text: word, ...defined({ constraint }) };
  if (text.startsWith(BYTE_ORDER_MARK)) {
    return { pin, fault: { line: 1, column: 1, fault: 'it begins with a byte order mark' } };
  }
  if (second !== undefined) {
    const fault = `it has ${lines.length} versions, ${lines
      .map((one) => quoted(one.text))
      .slice(0, 3)
      .join(', ')}; expected one`;
    return { pin, fault: { line: second.line, column: second.column, fault } };
  }
  if (word !== first.text || constraint === undefined) {
    const fault = `${quoted(first.text)} is not a version; ${FORM}`;
    return { pin, fault: { line, column, fault } };
  }
  return { pin };
}

export const pythonVersion: PinFormat = {
  name: '.python-version',
  runtime: 'python',
  limit: SMALL,
  parse,
};
