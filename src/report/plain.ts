import type { Event } from '../evidence/index.js';
import { escapeCommands } from './commands.js';
import type { Progress, ProgressPorts } from './display.js';
import { duration } from './format.js';
import { shown } from './untrusted.js';

/** `waits 60 s, as ghcr.io asks`. */
export function waitWords({ registry, duration }: Extract<Event, { kind: 'wait' }>): string {
  return shown(`waits ${Math.ceil(duration / 1000)} s, as ${registry} asks`);
}

/** The end of a trial that did not come to its tests, in the words of the report. */
export function notTried(reason: string): string {
  return `· not tried${reason === '' ? '' : `: ${reason}`}`;
}

/** Words for an event on one line; undefined for output, which is not a change. */
function wordsOf(event: Event): string | undefined {
  if (event.kind === 'output') return undefined;
  if (event.kind === 'stage') return shown(`${event.stage}  ${event.detail}`).trimEnd();
  if (event.kind === 'wait') return waitWords(event);
  const { image, platform, phase, detail = '', ok, tried } = event;
  if (tried === false) return shown(`${image}  ${platform}  ${notTried(detail)}`);
  const mark = ok === undefined ? '' : ok ? '✔ ' : '✘ ';
  return shown(`${image}  ${platform}  ${mark}${phase}  ${detail}`).trimEnd();
}

/**
 * A writer of one line per change, each behind the time since the start.
 * GitHub's runner obeys `##[command]` anywhere in a line, so that is broken up.
 */
export function changes({ write, clock }: Pick<ProgressPorts, 'write' | 'clock'>) {
  const start = clock.ticks();
  const last = new Map<string, string>();
  return (event: Event): void => {
    const words = wordsOf(event);
    if (words === undefined) return;
    const key = event.kind === 'trial' ? JSON.stringify([event.image, event.platform]) : '';
    // A pause that comes again is another one.
    if (event.kind !== 'wait' && last.get(key) === words) return;
    last.set(key, words);
    const time = duration(clock.ticks() - start).padStart(7);
    write(`${time}  ${escapeCommands(words)}\n`);
  };
}

/** A line per change, for a pipe or a file. */
export function plain(ports: ProgressPorts): Progress {
  return Object.assign(changes(ports), { stop: () => {} });
}
