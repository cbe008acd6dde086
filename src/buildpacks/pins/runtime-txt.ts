import { BYTE_ORDER_MARK, linesOf, quoted, trimmed } from './lines.js';
import { type PinFormat, type PinReading, SMALL } from './pin.js';
import { pythonConstraint } from './python-version.js';

const PREFIX = 'python-';

/** One text, `python-3.12.1`, with blanks and line ends around it (heroku/python v0.26: src/runtime_txt.rs). */
function parse(text: string): PinReading {
  // To its tool a byte order mark is no blank, as it is to `trim`.
  const whole = text.includes(BYTE_ORDER_MARK) ? text : text.trim();
  const first = linesOf(text).find((one) => one.text.trim() !== '');
  if (first === undefined) return { fault: { line: 1, column: 1, fault: 'it has no version' } };
  const { line, column } = trimmed(first);
  const version = whole.startsWith(PREFIX) ? whole.slice(PREFIX.length) : '';
  const constraint = pythonConstraint(version);
  if (constraint === undefined) {
    const fault = `${quoted(whole)} is not a version; expected python-X.Y.Z, such as python-3.12.1`;
    return { fault: { line, column, fault } };
  }
  return {
    pin: { line, column: column + PREFIX.length, text: version, prefix: PREFIX, constraint },
  };
}

export const runtimeTxt: PinFormat = {
  name: 'runtime.txt',
  runtime: 'python',
  limit: SMALL,
  parse,
};
