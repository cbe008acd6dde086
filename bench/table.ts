import { type Pair, ratio, type Sample, type Spread, spread } from './measure.js';

/** A number that was to be reached, and whether it was. */
interface Goal {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  readonly reached: boolean;
}

/** What a part found out: `samples` goes into the JSON, everything else also into the page. */
export interface Findings {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
  readonly notes: readonly string[];
  readonly samples: unknown;
}

/** Under which conditions a part was measured. */
export interface Conditions {
  readonly date: string;
  readonly machine: string;
  readonly software: string;
  readonly load: string;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** `0.93 (0.88–1.02)`, in a unit that is `scale` times smaller than the value's. */
export function shown({ median, least, most }: Spread, digits = 2, scale = 1): string {
  const text = (value: number) => (value * scale).toFixed(digits);
  return `${text(median)} (${text(least)}–${text(most)})`;
}

/** A row of two sides: rounds, seconds of each, and ours over theirs. */
export function paired(what: string, pairs: readonly Pair<Sample>[]): readonly string[] {
  const side = (which: 'ours' | 'theirs') =>
    shown(spread(pairs.map((pair) => pair[which].seconds)));
  return [what, `${pairs.length}`, side('ours'), side('theirs'), shown(ratio(pairs))];
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`;
}

export function atMost(what: string, limit: number, found: number, unit = '', digits = 2): Goal {
  return {
    what,
    wanted: `at most ${limit}${unit}`,
    found: `${found.toFixed(digits)}${unit}`,
    reached: found <= limit,
  };
}

export function atLeast(what: string, limit: number, found: number, unit = '', digits = 2): Goal {
  const goal = atMost(what, limit, found, unit, digits);
  return { ...goal, wanted: `at least ${limit}${unit}`, reached: found >= limit };
}

/** A part as a section of the page. */
export function section(findings: Findings, { date, machine, software, load }: Conditions): string {
  const { head, rows, goals, notes } = findings;
  const judged = goals.map(({ what, wanted, found, reached }) => [
    what,
    wanted,
    `${found} ${reached ? '✔' : '✘'}`,
  ]);
  return [
    `Measured ${date} on ${machine}; ${software}; load average before and after: ${load}.`,
    table(head, rows),
    ...(judged.length === 0 ? [] : [table(['to reach', 'wanted', 'found'], judged)]),
    notes.map((note) => `- ${note}`).join('\n'),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

/** Puts `content` between the markers `<!-- NAME -->` and `<!-- /NAME -->` of a page. */
export function between(page: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`The page has no ${start} … ${end}.`);
  return `${page.slice(0, from + start.length)}\n\n${content}\n\n${page.slice(to)}`;
}
