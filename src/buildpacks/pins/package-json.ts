import { ANY_VERSION, npmRange } from '../versions.js';
import { jsonText } from './json-position.js';
import { quoted } from './lines.js';
import { LARGE, type PinFormat, type PinReading } from './pin.js';

/** `engines.node`: a range of npm's, or `latest`. */
function parse(source: string): PinReading {
  const found = jsonText(source, ['engines', 'node']);
  if (found === undefined) return {};
  if ('fault' in found) return { fault: { line: 1, column: 1, fault: found.fault } };
  const { text, line, column } = found;
  const constraint = text.trim() === 'latest' ? ANY_VERSION : npmRange(text);
  if (constraint === undefined) {
    return { fault: { line, column, fault: `engines.node ${quoted(text)} is not a range` } };
  }
  return { pin: { text, line, column, constraint } };
}

export const packageJson: PinFormat = {
  name: 'package.json',
  runtime: 'node',
  limit: LARGE,
  parse,
};
