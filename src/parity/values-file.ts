import { formats, type Located, type Position } from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import type { Channel } from '../reference/index.js';
import { parseReference } from '../reference/index.js';

/** What a deployment's values say of one channel. */
export interface ChannelValues {
  readonly builder: Located<string>;
  readonly runImage: Located<string>;
  /** The last day of the channel. */
  readonly until?: Located<string>;
}

/**
 * The keys of each channel in Toolforge's values
 * (toolforge-deploy: components/builds-api/values/tools.yaml.gotmpl).
 */
const KEYS = {
  default: { builder: 'builder', runImage: 'runner' },
  latest: { builder: 'latestBuilder', runImage: 'latestRunner' },
  deprecated: {
    builder: 'deprecatedBuilder',
    runImage: 'deprecatedRunner',
    until: 'deprecatedValidUntil',
  },
} as const satisfies Record<Channel, { builder: string; runImage: string; until?: string }>;

/** Lines that are looked at, and characters of each. */
const MOST_LINES = 20_000;
const LONGEST_LINE = 2_000;

const LINE = /^\s*(["']?)([A-Za-z][A-Za-z0-9]{0,40})\1\s*:(?:\s+(.*))?$/;
const ACTION = /\{\{-?\s*(if|range|with|define|block|end)\b/g;

/** A key as it stands in a line, or why its value is not known. */
type KeyReading = { readonly at: Position } & (
  | { readonly value: string }
  | { readonly unread: string }
);

/** Comments of the template, with as many lines as before. */
function withoutTemplateComments(text: string): string {
  return text.replace(/\{\{-?\s*\/\*[\s\S]*?\*\/\s*-?\}\}/g, (comment) =>
    comment.replace(/[^\n]/g, ' '),
  );
}

/** A plain or quoted text of one line, without the comment behind it. */
function scalarIn(text: string): { readonly value: string } | { readonly unread: string } {
  if (text.includes('{{')) return { unread: 'it is made by an expression of the template' };
  const [, , quoted] = /^(["'])([^"'\\]*)\1\s*(?:#.*)?$/.exec(text) ?? [];
  const value = quoted ?? text.replace(/(?:^|\s)#.*$/, '').trim();
  if (value === '') return { unread: 'nothing stands behind it on its line' };
  if (quoted === undefined && /^[&*!|>%@`"'[{]/.test(value)) {
    return { unread: 'it is not a plain text on one line' };
  }
  return { value };
}

/** Every place in which the keys stand, line by line: a template is no YAML before it is executed. */
function readKeys(text: string, file: string): ReadonlyMap<string, readonly KeyReading[]> {
  const found = new Map<string, KeyReading[]>();
  const wanted: ReadonlySet<string> = new Set(
    Object.values(KEYS).flatMap((one) => Object.values(one)),
  );
  /** Lines of the conditions and loops that are open. */
  const open: number[] = [];
  const lines = withoutTemplateComments(text).split(/\r?\n/, MOST_LINES);
  for (const [index, line] of lines.entries()) {
    const [, , key = '', rest = ''] = LINE.exec(line.slice(0, LONGEST_LINE)) ?? [];
    if (wanted.has(key)) {
      const at = { file, line: index + 1, column: line.indexOf(key) + 1 };
      const condition = open.at(-1);
      const reading =
        condition === undefined
          ? scalarIn(rest.trim())
          : { unread: `it depends on what the template decides in line ${condition}` };
      found.set(key, [...(found.get(key) ?? []), { at, ...reading }]);
    }
    for (const [, word] of line.slice(0, LONGEST_LINE).matchAll(ACTION)) {
      if (word === 'end') open.pop();
      else open.push(index + 1);
    }
  }
  return found;
}

/** The one value of a key, or a problem. */
function oneOf(
  all: ReadonlyMap<string, readonly KeyReading[]>,
  key: string,
  file: string,
): { readonly value: Located<string> } | { readonly problem: Problem } {
  const readings = all.get(key) ?? [];
  const [first] = readings;
  if (first === undefined) return { problem: { file, message: `there is no key "${key}"` } };
  const unread = readings.find((one) => 'unread' in one);
  if (unread !== undefined && 'unread' in unread) {
    return { problem: { ...unread.at, message: `"${key}" cannot be read: ${unread.unread}` } };
  }
  const values = new Set(readings.map((one) => ('value' in one ? one.value : '')));
  const again = readings[1];
  if (values.size > 1 && again !== undefined) {
    const message = `"${key}" has another value in line ${first.at.line}; which of them is used is not known`;
    return { problem: { ...again.at, message } };
  }
  return { value: { value: 'value' in first ? first.value : '', at: first.at } };
}

function judged(
  { at }: Located<string>,
  key: string,
  fault: string | undefined,
): readonly Problem[] {
  return fault === undefined ? [] : [{ ...at, message: `"${key}": ${fault.replace(/\.$/, '')}` }];
}

function referenceFault(text: string): string | undefined {
  const parsed = parseReference(text);
  return parsed.ok ? undefined : parsed.problem.message;
}

/**
 * Reads what a deployment's values say of a channel. They may be a Go template, which is
 * not executed: a key whose value the template makes or decides is a problem, with its line.
 */
export function readValues(
  text: string,
  file: string,
  channel: Channel,
): { readonly value: ChannelValues } | { readonly problems: readonly Problem[] } {
  const keys = KEYS[channel];
  const all = readKeys(text, file);
  const builder = oneOf(all, keys.builder, file);
  const runImage = oneOf(all, keys.runImage, file);
  const until = 'until' in keys && all.has(keys.until) ? oneOf(all, keys.until, file) : undefined;
  const problems = [builder, runImage, ...(until === undefined ? [] : [until])].flatMap((one) =>
    'problem' in one ? [one.problem] : [],
  );
  if ('problem' in builder || 'problem' in runImage) return { problems };
  const end = until !== undefined && 'value' in until ? until.value : undefined;
  problems.push(
    ...judged(builder.value, keys.builder, referenceFault(builder.value.value)),
    ...judged(runImage.value, keys.runImage, referenceFault(runImage.value.value)),
    ...(end === undefined ? [] : judged(end, 'deprecatedValidUntil', formats.day(end.value))),
  );
  if (problems.length > 0) return { problems };
  return {
    value: {
      builder: builder.value,
      runImage: runImage.value,
      ...(end === undefined ? {} : { until: end }),
    },
  };
}
