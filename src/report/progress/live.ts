import { stripVTControlCharacters } from 'node:util';
import type { Event } from '../../evidence/index.js';
import { duration } from '../format.js';
import { columnsOf, createStyle, truncated } from '../terminal/index.js';
import { shown, shownLines } from '../untrusted.js';
import { lagWords, retryWords, waitWords, warningWords } from './plain.js';
import type { Progress, ProgressPorts } from './ports.js';
import { advance, type Lead, type ProgressRow, rowLine, spinner } from './rows.js';

const FRAME = 100;

/** Milliseconds for which another try shows: as long as one waits for an answer. */
const RETRY_SHOWN = 30_000;

interface LiveState {
  readonly rows: ReadonlyMap<string, ProgressRow>;
  /** Above the rows. */
  readonly warnings: readonly string[];
  /** A pause that a registry asked for, or that the run makes until it serves a push. */
  readonly wait?: { readonly words: string; readonly since: number; readonly until: number };
  readonly stage?: { readonly name: string; readonly detail: string; readonly since: number };
}

function step(state: LiveState, event: Event, now: number): LiveState {
  if (event.kind === 'stage') {
    const { stage, detail } = event;
    const since = state.stage?.name === stage ? state.stage.since : now;
    return { ...state, stage: { name: shown(stage), detail: shown(detail), since } };
  }
  if (event.kind === 'wait' || event.kind === 'lag') {
    const words = event.kind === 'wait' ? waitWords(event) : lagWords(event);
    const since = words === state.wait?.words ? state.wait.since : now;
    const wait = { words, since, until: now + event.duration };
    return { ...state, wait };
  }
  if (event.kind === 'retry') {
    const wait = { words: retryWords(event), since: now, until: now + RETRY_SHOWN };
    return { ...state, wait };
  }
  if (event.kind === 'warning') {
    return { ...state, warnings: [...state.warnings, warningWords(event)] };
  }
  const key = JSON.stringify([event.image, event.platform]);
  const row = state.rows.get(key);
  if (event.kind === 'trial') {
    return { ...state, rows: new Map(state.rows).set(key, advance(row, event, now)) };
  }
  if (event.kind === 'remaining') {
    if (row?.phase !== 'building') return state;
    const detail = shown(event.step);
    return { ...state, rows: new Map(state.rows).set(key, { ...row, detail }) };
  }
  // A build names its steps itself; a test's last line is all that it tells.
  const line = shownLines(event.text.slice(-2_000)).findLast((text) => text.trim() !== '');
  if (row?.phase !== 'testing' || line === undefined) return state;
  return { ...state, rows: new Map(state.rows).set(key, { ...row, detail: line.trim() }) };
}

/** Rows that fit, those in progress first; the others are counted in words. */
function visibleRows(
  rows: readonly ProgressRow[],
  height: number,
): { shown: readonly ProgressRow[]; more: string } {
  if (rows.length <= height) return { shown: rows, more: '' };
  const rank = ({ phase, ok }: ProgressRow) =>
    phase === 'done' ? (ok ? 3 : 0) : phase === 'waiting' ? 2 : 1;
  const kept = new Set(
    [...rows].sort((one, other) => rank(one) - rank(other)).slice(0, Math.max(height - 1, 1)),
  );
  const left = rows.filter((row) => !kept.has(row));
  const done = left.filter(({ phase }) => phase === 'done').length;
  const more = `… and ${left.length} more: ${done} done, ${left.length - done} waiting`;
  return { shown: rows.filter((row) => kept.has(row)), more };
}

/** What the run as a whole does: it waits, or is in a stage that no row shows. */
function runLine({ wait, stage }: LiveState, busy: boolean, now: number) {
  if (wait !== undefined && now < wait.until) return wait;
  if (stage === undefined || busy) return undefined;
  return { words: `${stage.name}  ${stage.detail}`, since: stage.since };
}

interface FrameSize {
  readonly columns: number;
  readonly height: number;
}

function frame(state: LiveState, now: number, { columns, height }: FrameSize, colour: boolean) {
  const style = createStyle(colour);
  const all = [...state.rows.values()];
  const warnings = state.warnings.slice(-Math.floor(height / 4));
  const { shown: rows, more } = visibleRows(all, height - 2 - warnings.length);
  const widest = (values: readonly string[]) => Math.max(0, ...values.map((text) => text.length));
  const lead: Lead = {
    image: Math.min(widest(all.map(({ image }) => image)), Math.floor(columns / 3)),
    platform: widest(all.map(({ platform }) => platform)),
  };
  const lines = [
    ...warnings.map((words) => truncated(words, columns)),
    ...rows.map((row) => rowLine(row, { lead, columns }, now, style)),
  ];
  if (more !== '') lines.push(truncated(more, columns));
  const busy = all.some(({ phase }) => phase !== 'done');
  const whole = runLine(state, busy, now);
  if (whole !== undefined) {
    const words = `${spinner(now)} ${whole.words}`.trimEnd();
    lines.push(truncated(`${words}  ${duration(now - whole.since)}`, columns));
  }
  return lines;
}

/** Moves the cursor up over what was drawn, which a narrower terminal may have wrapped since. */
function cursorUp(drawn: readonly string[], columns: number): string {
  const height = drawn.reduce(
    (sum, line) =>
      sum + Math.max(1, Math.ceil(columnsOf(stripVTControlCharacters(line)) / columns)),
    0,
  );
  return height === 0 ? '' : `\r\u001b[${height}A`;
}

/** Rows in a terminal, redrawn in place ten times a second. */
export function live({ write, clock, columns, rows, colour = false }: ProgressPorts): Progress {
  let state: LiveState = { rows: new Map(), warnings: [] };
  let drawn: readonly string[] = [];
  const stopped = new AbortController();
  const draw = (last = false) => {
    const width = Math.max(columns(), 20);
    const shownState = last ? { rows: state.rows, warnings: [] } : state;
    const size = { columns: width - 1, height: rows?.() ?? 24 };
    const lines = frame(shownState, clock.ticks(), size, colour);
    const text = lines.map((line) => `${line}\u001b[K\n`).join('');
    write(`${cursorUp(drawn, width)}${text}\u001b[J`);
    drawn = lines;
  };
  const spin = async () => {
    while (!stopped.signal.aborted) {
      draw();
      await clock.sleep(FRAME, stopped.signal).catch(() => {});
    }
  };
  let started = false;
  const listen = (event: Event) => {
    if (stopped.signal.aborted) return;
    state = step(state, event, clock.ticks());
    if (!started) {
      started = true;
      void spin();
    }
  };
  const stop = () => {
    if (stopped.signal.aborted) return;
    stopped.abort();
    if (started) draw(true);
  };
  return Object.assign(listen, { stop });
}
