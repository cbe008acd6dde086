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

/** `ghcr.io stopped answering while writing the tag dev of acme/greeter: no byte came for 30 s; attempt 2 of 5`. */
export function retryWords({ what, attempt, of }: Extract<Event, { kind: 'retry' }>): string {
  return shown(`${what}; attempt ${attempt} of ${of}`, 500);
}

/** The same for each pause, since for a reader it is one wait. */
export function lagWords({ registry, longest }: Extract<Event, { kind: 'lag' }>): string {
  return shown(`waiting up to ${longest / 1000} s until ${registry} serves what was pushed`);
}

/** A warning with what to do, which is longer than what goes on. */
export function warningWords({ code, message }: Extract<Event, { kind: 'warning' }>): string {
  return shown(`⚠ ${code}  ${message}`, 1_000);
}

/** The end of a trial whose tests were not all run, in the words of the report. */
export function notTested(reason: string): string {
  return `· not tested${reason === '' ? '' : `: ${reason}`}`;
}

/** Words for an event on one line; `passed` where its trial had passed by itself. */
function wordsOf(event: Exclude<Event, { kind: 'output' | 'remaining' }>, passed = false): string {
  if (event.kind === 'warning') return warningWords(event);
  if (event.kind === 'stage') return shown(`${event.stage}  ${event.detail}`).trimEnd();
  if (event.kind === 'wait') return waitWords(event);
  if (event.kind === 'lag') return lagWords(event);
  if (event.kind === 'retry') return retryWords(event);
  const { image, platform, phase, detail = '', ok, tried } = event;
  if (tried === false) return shown(`${image}  ${platform}  ${notTested(detail)}`);
  const mark = ok === undefined ? '' : ok ? '✔ ' : '✘ ';
  const words = passed && ok === false ? 'failed after all' : phase;
  return shown(`${image}  ${platform}  ${mark}${words}  ${detail}`).trimEnd();
}

/** The last line about a trial, or about the stage that the run is in. */
interface LastLine {
  readonly words: string;
  readonly since: number;
  readonly over: boolean;
  /** It is the end of a trial that has passed. */
  readonly passed?: boolean;
  /** It is about a build, whose output comes line by line. */
  readonly building: boolean;
}

type Change = Extract<Event, { kind: 'trial' | 'stage' }>;

const STAGE = 'stage';

/** Milliseconds without output after which a step looks as if it stood still. */
const SILENCE = 30_000;

const keyOf = ({ image, platform }: { readonly image: string; readonly platform: string }) =>
  JSON.stringify([image, platform]);

/** How long something has been going on, and for how long a build has written nothing meanwhile. */
function lasting({ since, building }: LastLine, heard = since, now: number): string {
  const whole = duration(now - since);
  if (!building) return whole;
  const silence = now - Math.max(since, heard);
  if (silence < SILENCE) return whole;
  return `${whole}, no output${heard > since ? ` for ${duration(silence)}` : ''}`;
}

/** Records what goes on in a build, of which nothing is written. */
function goOn(
  last: Map<string, LastLine>,
  event: Extract<Event, { kind: 'remaining' }>,
  now: number,
): void {
  const { image, platform, step: detail, age } = event;
  const words = wordsOf({ kind: 'trial', image, platform, phase: 'building', detail });
  last.set(keyOf(event), { words, since: now - age, over: false, building: true });
}

/** Records the line of a change; false where it is the same as the last one. A stage shows until a trial does. */
function isNew(last: Map<string, LastLine>, event: Change, words: string, since: number): boolean {
  const isTrial = event.kind === 'trial';
  const key = isTrial ? keyOf(event) : STAGE;
  if (isTrial) last.delete(STAGE);
  if (last.get(key)?.words === words) return false;
  const phase = isTrial ? event.phase : undefined;
  const over = phase === 'done';
  const passed = over && isTrial && event.ok === true;
  last.set(key, { words, since, over, passed, building: phase === 'building' });
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
  /** When a build wrote something last. */
  const heard = new Map<string, number>();
  const lagging = new Set<string>();
  const put = (words: string, now: number) => {
    write(`${duration(now - start).padStart(7)}  ${escapeCommands(words)}\n`);
  };
  const { written, stop } = heartbeat(clock, () => {
    const now = clock.ticks();
    for (const [key, line] of last) {
      if (!line.over) put(`${line.words}  (${lasting(line, heard.get(key), now)})`, now);
    }
  });
  const listen = (event: Event): void => {
    const now = clock.ticks();
    // Neither of them is a change.
    if (event.kind === 'output') {
      heard.set(keyOf(event), now);
      return;
    }
    if (event.kind === 'remaining') {
      goOn(last, event, now);
      return;
    }
    const before = event.kind === 'trial' ? last.get(keyOf(event)) : undefined;
    const words = wordsOf(event, before?.passed);
    if (event.kind === 'lag') {
      if (lagging.has(words)) return;
      lagging.add(words);
    } else if (
      event.kind !== 'wait' &&
      event.kind !== 'retry' &&
      event.kind !== 'warning' &&
      !isNew(last, event, words, now)
    ) {
      // A pause that a registry asks for again is another one.
      return;
    }
    put(words, now);
    written();
  };
  return Object.assign(listen, { stop });
}
