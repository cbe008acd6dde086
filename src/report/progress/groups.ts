import type { Event } from '../../evidence/index.js';
import { shown, shownLines } from '../untrusted.js';
import { command, withoutCommands } from '../workflow-commands.js';
import { plain } from './plain.js';
import type { Progress, ProgressPorts } from './ports.js';

/** The end of a trial's output that is kept for its group, in characters; at most twice that. */
const KEPT = 512 * 1024;

interface HeldOutput {
  readonly title: string;
  text: string;
  cut: boolean;
  source: string;
}

function hold(held: HeldOutput, source: string, text: string): void {
  const head = source === held.source ? '' : `— ${source}\n`;
  const whole = `${held.text}${head}${text.endsWith('\n') ? text : `${text}\n`}`;
  held.source = source;
  // Cutting at each line would copy the whole of it each time.
  const long = whole.length > 2 * KEPT;
  held.cut ||= long;
  held.text = long ? whole.slice(-KEPT) : whole;
}

/** Lines that the log folds under a title; the runner obeys no command in them. */
function folded(title: string, text: string): string {
  return `${command('group', title)}\n${withoutCommands(text)}${command('endgroup', '')}\n`;
}

function markOf({ ok, tried }: Extract<Event, { kind: 'trial' }>): string {
  if (tried === false) return '(not tested)';
  return ok === false ? '✘' : '✔';
}

const keyOf = ({ image, platform }: { readonly image: string; readonly platform: string }) =>
  JSON.stringify([image, platform]);

/** A line per change, and when a trial is done, its output in a group of its own. */
export function groups(ports: ProgressPorts): Progress {
  const change = plain(ports);
  const held = new Map<string, HeldOutput>();
  const group = ports.group ?? ((title, text) => ports.write(folded(title, text)));
  const flush = (key: string, state: string) => {
    const one = held.get(key);
    held.delete(key);
    if (one === undefined) return;
    const beginning = one.cut ? ['… the beginning is left out'] : [];
    group(`${one.title} ${state}`, [...beginning, ...shownLines(one.text)].join('\n'));
  };
  const listen = (event: Event) => {
    change(event);
    if (event.kind === 'output') {
      const key = keyOf(event);
      const title = `Output of ${shown(event.image, 80)} ${shown(event.platform, 40)}`;
      const one = held.get(key) ?? { title, text: '', cut: false, source: '' };
      hold(one, shown(event.source, 80), event.text);
      held.set(key, one);
    } else if (event.kind === 'trial' && event.phase === 'done') {
      flush(keyOf(event), markOf(event));
    }
  };
  const stop = () => {
    change.stop();
    for (const key of [...held.keys()]) flush(key, '(not finished)');
  };
  return Object.assign(listen, { stop });
}
