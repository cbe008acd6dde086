import type { Event } from '../../evidence/index.js';
import { duration } from '../format.js';
import { columnsOf, type Style, truncated } from '../terminal/index.js';
import { shown } from '../untrusted.js';
import { notTested } from './plain.js';

/* What a live display knows about one trial, and its row. */

type TrialEvent = Extract<Event, { kind: 'trial' }>;
type Phase = TrialEvent['phase'];

export interface ProgressRow {
  readonly image: string;
  readonly platform: string;
  readonly phase: Phase;
  /** When the phase began, in ticks of the clock. */
  readonly since: number;
  readonly detail: string;
  readonly ok: boolean;
  /** False where it did not come to the end of its tests. */
  readonly tested: boolean;
  /** What went before: `built 3.1s`. */
  readonly behind: readonly string[];
}

const NOW = {
  waiting: 'waiting',
  building: 'building',
  inspecting: 'inspecting',
  loading: 'loading',
  testing: 'testing',
  done: 'done',
} as const satisfies Record<Phase, string>;

function past(row: ProgressRow, now: number): readonly string[] {
  const time = duration(now - row.since);
  if (row.phase === 'building') return [...row.behind, `built ${time}`];
  if (row.phase === 'inspecting') return [...row.behind, 'inspected'];
  if (row.phase === 'testing') return [...row.behind, `tested ${time}`];
  return row.behind;
}

/** The row after an event; a trial that ends badly does not pass its last phase. */
export function advance(row: ProgressRow | undefined, event: TrialEvent, now: number): ProgressRow {
  const { phase } = event;
  const [image, platform] = [shown(event.image, 80), shown(event.platform, 40)];
  const detail = shown(event.detail ?? '');
  const ok = event.ok ?? true;
  const tested = event.tried ?? true;
  if (row?.phase === phase) return { ...row, detail, ok, tested };
  const behind = row === undefined ? [] : ok ? past(row, now) : row.behind;
  return { image, platform, phase, since: now, detail, ok, tested, behind };
}

const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** A frame of the spinner; ten a second. */
export function spinner(now: number): string {
  return SPINNER[Math.floor(now / 100) % SPINNER.length] ?? '';
}

function active(row: ProgressRow, now: number, room: number): string {
  if (row.phase === 'waiting') return `· ${row.detail === '' ? NOW.waiting : row.detail}`;
  if (!row.tested) return notTested(row.detail);
  if (row.phase === 'done') return row.ok ? row.detail : `✘ ${row.detail || 'failed'}`;
  const words = `${spinner(now)} ${NOW[row.phase]}${row.detail === '' ? '' : `  ${row.detail}`}`;
  const time = duration(now - row.since);
  const left = truncated(words, room - time.length - 2);
  return `${left}${' '.repeat(Math.max(room - columnsOf(left) - time.length, 1))}${time}`;
}

function styled(text: string, style: Style): string {
  return text.replace(/✔/g, style.good('✔')).replace(/✘/g, style.bad('✘'));
}

/** Widths of the two leading columns. */
export interface Lead {
  readonly image: number;
  readonly platform: number;
}

/** A trial's line, at most `columns` wide. What is behind gives way to what goes on. */
export function rowLine(
  row: ProgressRow,
  { lead, columns }: { readonly lead: Lead; readonly columns: number },
  now: number,
  style: Style,
): string {
  const name = `${truncated(row.image, lead.image).padEnd(lead.image)}   ${row.platform.padEnd(lead.platform)}   `;
  const room = columns - columnsOf(name);
  const behind = row.behind.map((words) => `✔ ${words}`).join('  ');
  const busy = row.phase !== 'done' && row.phase !== 'waiting';
  // What a trial does now, or why it failed, matters more than what is over.
  const tight = busy || !row.ok;
  const space = tight && columnsOf(behind) > room / 3 ? '' : behind;
  const gap = space === '' ? '' : '  ';
  const rest = active(row, now, room - columnsOf(space) - gap.length);
  return styled(truncated(`${name}${space}${gap}${rest}`.trimEnd(), columns), style);
}
