import { defined } from '../../types/index.js';
import { ANY_VERSION, type Constraint, seriesOf, versionNumbers } from '../versions.js';
import { linesOf, quoted, trimmed, withoutMark } from './lines.js';
import { type PinFormat, type PinReading, SMALL } from './pin.js';

/** Code names of Node's releases with long support (nodejs/Release: CODENAMES.md). */
const RELEASES: ReadonlyMap<string, number> = new Map([
  ['argon', 4],
  ['boron', 6],
  ['carbon', 8],
  ['dubnium', 10],
  ['erbium', 12],
  ['fermium', 14],
  ['gallium', 16],
  ['hydrogen', 18],
  ['iron', 20],
  ['jod', 22],
  ['krypton', 24],
]);

/** `20`, `v20.11` and `20.11.1`; of nvm's names those that stay what they are. */
function nodeConstraint(text: string): Constraint | undefined {
  const numbers = versionNumbers(text.replace(/^v/, ''));
  if (numbers !== undefined) return seriesOf(numbers);
  if (text === 'node') return ANY_VERSION;
  const release = RELEASES.get(/^lts\/([a-z]+)$/.exec(text.toLowerCase())?.[1] ?? '');
  return release === undefined ? undefined : seriesOf([release]);
}

/** Names that nvm knows, and whose versions change with time. */
const MOVING = /^(lts\/(\*|-\d+)|stable|unstable|iojs|system|default)$/;

/** One version; `#` begins a comment (nvm.sh: nvm_process_nvmrc). */
function parse(source: string): PinReading {
  const lines = linesOf(withoutMark(source))
    .map((one) => trimmed({ ...one, text: one.text.replace(/#.*/, '') }))
    .filter(({ text }) => text !== '');
  const [first, second] = lines;
  if (first === undefined) return { fault: { line: 1, column: 1, fault: 'it has no version' } };
  const constraint = nodeConstraint(first.text);
  const known = constraint !== undefined || MOVING.test(first.text);
  const pin = { ...first, ...defined({ constraint }) };
  const { line, column } = second ?? first;
  if (second !== undefined) {
    return { pin, fault: { line, column, fault: 'it has more than one version' } };
  }
  if (known) return { pin };
  return { fault: { line, column, fault: `${quoted(first.text)} is not a version` } };
}

const node = { runtime: 'node', limit: SMALL, parse } as const;

export const nvmrc: PinFormat = { ...node, name: '.nvmrc' };
export const nodeVersion: PinFormat = { ...node, name: '.node-version' };
