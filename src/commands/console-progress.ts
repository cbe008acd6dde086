import type { Listen } from '../evidence/index.js';
import type { Clock } from '../ports/index.js';
import { createProgress } from '../report/index.js';
import type { Console } from './command.js';

/** The progress of a run on a console; `stop` ends it before the report. */
export function consoleProgress(
  console: Console,
  clock: Clock,
): { readonly listen: Listen; stop(): void } {
  const { screen } = console;
  const progress = createProgress({
    kind: console.progress,
    write: console.progressTo ?? screen.say,
    group: console.group,
    clock,
    columns: screen.columns,
    rows: screen.rows,
    colour: screen.colour,
  });
  return {
    listen(event) {
      progress(event);
      console.listen?.(event);
    },
    stop: progress.stop,
  };
}
