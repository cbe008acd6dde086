import type { Event } from '../../evidence/index.js';
import { duration } from '../format.js';
import { shown } from '../untrusted.js';
import { escapeCommands } from '../workflow-commands.js';
import { heartbeat } from './heartbeat.js';
import type { Progress, ProgressPorts } from './ports.js';

/** `waiting 60 s, as ghcr.io asks`. */
export function waitWords({ registry, duration }: Extract<Event, { kind: 'wait' }>): string {
  return shown(`waiting ${Math.ceil(duration / 1000)} s, as ${registry} asks`);
}

/** The same for each pause, since for a reader it is one wait. */
export function lagWords({ registry, longest }: Extract<Event, { kind: 'lag' }>): string {
  return shown(`waiting up to ${longest / 1000} s until ${registry} serves what was pushed`);
}

/** The end of a trial whose tests were not all run, in the words of the report. */
export function notTested(reason: string): string {
  return `· not tested${reason === '' ? '' : `: ${reason}`}`;
}

/** Words for an event on one line. */
function wordsOf(event: Exclude<Event, { kind: 'output' }>): string {
  if (event.kind === 'stage') return shown(`${event.stage}  ${event.detail}`).trimEnd();
  if (event.kind === 'wait') return waitWords(event);
  if (event.kind === 'lag') return lagWords(event);
  const { image, platform, phase, detail = '', ok, tried } = event;
  if (tried === false) return shown(`${image}  ${platform}  ${notTested(detail)}`);
  const mark = ok === undefined ? '' : ok ? '✔ ' : '✘ ';
  return shown(`${image}  ${platform}  ${mark}${phase}  ${detail}`).trimEnd();
}

/** The last line about a trial, or about the stage that the run is in. */
interface LastLine {
  readonly words: string;
  readonly since: number;
  readonly over: boolean;
}

type Change = Extract<Event, { kind: 'trial' | 'stage' }>;

const STAGE = 'stage';

/** Records the line of a change; false where it is the same as the last one. A stage shows until a trial does. */
function isNew(last: Map<string, LastLine>, event: Change, words: string, since: number): boolean {
  const isTrial = event.kind === 'trial';
  const key = isTrial ? JSON.stringify([event.image, event.platform]) : STAGE;
  if (isTrial) last.delete(STAGE);
  if (last.get(key)?.words === words) return false;
  last.set(key, { words, since, over: isTrial && event.phase === 'done' });
  return true;
}

/**
 * A line per change, for a pipe or a file, each behind the time since the start;
 * after a minute without one, a line for each thing that is in progress. GitHub's runner
 * executes `##[command]` anywhere in a line, so that is broken up.
 */
export function plain({ write, clock }: Pick<ProgressPorts, 'write' | 'clock'>): Progress {
  const start = clock.ticks();
  const last = new Map<string, LastLine>();
  const lagging = new Set<string>();
  const put = (words: string, now: number) => {
    write(`${duration(now - start).padStart(7)}  ${escapeCommands(words)}\n`);
  };
  const { written, stop } = heartbeat(clock, () => {
    const now = clock.ticks();
    for (const { words, since, over } of last.values()) {
      if (!over) put(`${words}  (${duration(now - since)})`, now);
    }
  });
  const listen = (event: Event): void => {
    // Output is not a change.
    if (event.kind === 'output') return;
    const words = wordsOf(event);
    const now = clock.ticks();
    if (event.kind === 'lag') {
      if (lagging.has(words)) return;
      lagging.add(words);
    } else if (event.kind !== 'wait' && !isNew(last, event, words, now)) {
      // A pause that a registry asks for again is another one.
      return;
    }
    put(words, now);
    written();
  };
  return Object.assign(listen, { stop });
}
