import type { Event } from '../evidence/index.js';
import { escapeCommands } from './commands.js';
import type { Progress, ProgressPorts } from './display.js';
import { duration } from './format.js';
import { silence } from './silence.js';
import { shown } from './untrusted.js';

/** `waits 60 s, as ghcr.io asks`. */
export function waitWords({ registry, duration }: Extract<Event, { kind: 'wait' }>): string {
  return shown(`waits ${Math.ceil(duration / 1000)} s, as ${registry} asks`);
}

/** The same for each pause: it is one wait to the one who reads. */
export function lagWords({ registry, longest }: Extract<Event, { kind: 'lag' }>): string {
  return shown(`waits up to ${longest / 1000} s until ${registry} shows what it took`);
}

/** The end of a trial that did not come to its tests, in the words of the report. */
export function notTried(reason: string): string {
  return `· not tried${reason === '' ? '' : `: ${reason}`}`;
}

/** Words for an event on one line. */
function wordsOf(event: Exclude<Event, { kind: 'output' }>): string {
  if (event.kind === 'stage') return shown(`${event.stage}  ${event.detail}`).trimEnd();
  if (event.kind === 'wait') return waitWords(event);
  if (event.kind === 'lag') return lagWords(event);
  const { image, platform, phase, detail = '', ok, tried } = event;
  if (tried === false) return shown(`${image}  ${platform}  ${notTried(detail)}`);
  const mark = ok === undefined ? '' : ok ? '✔ ' : '✘ ';
  return shown(`${image}  ${platform}  ${mark}${phase}  ${detail}`).trimEnd();
}

/** What was said last of a trial, or of the stage that the run is in. */
interface Said {
  readonly words: string;
  readonly since: number;
  readonly over: boolean;
}

type Change = Extract<Event, { kind: 'trial' | 'stage' }>;

const STAGE = 'stage';

/** Keeps what is said; answers whether it was not said before. A stage shows until a trial does. */
function keep(said: Map<string, Said>, event: Change, words: string, since: number): boolean {
  const isTrial = event.kind === 'trial';
  const key = isTrial ? JSON.stringify([event.image, event.platform]) : STAGE;
  if (isTrial) said.delete(STAGE);
  if (said.get(key)?.words === words) return false;
  said.set(key, { words, since, over: isTrial && event.phase === 'done' });
  return true;
}

/**
 * A line per change, for a pipe or a file, each behind the time since the start;
 * after a minute without one, a line for each thing that goes on. GitHub's runner
 * obeys `##[command]` anywhere in a line, so that is broken up.
 */
export function plain({ write, clock }: Pick<ProgressPorts, 'write' | 'clock'>): Progress {
  const start = clock.ticks();
  const said = new Map<string, Said>();
  const lagging = new Set<string>();
  const put = (words: string, now: number) => {
    write(`${duration(now - start).padStart(7)}  ${escapeCommands(words)}\n`);
  };
  const { broken, stop } = silence(clock, () => {
    const now = clock.ticks();
    for (const { words, since, over } of said.values()) {
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
    } else if (event.kind !== 'wait' && !keep(said, event, words, now)) {
      // A pause that a registry asks for again is another one.
      return;
    }
    put(words, now);
    broken();
  };
  return Object.assign(listen, { stop });
}
