import { randomUUID } from 'node:crypto';
import { type Description, describeEngine } from '../engine/index.js';
import type { Event, Redactor } from '../evidence/index.js';
import type { GitHub, WorkflowEvent } from '../github/index.js';
import { endMarkedProcesses } from '../ports/index.js';
import { shownLines } from '../report/index.js';
import { withoutSecrets } from './verbose.js';

/** The variable by which commands are found that have to be ended. */
const MARK = 'SEA_TRIAL_DESCRIBES';

/** Milliseconds that the end of a run waits for the commands. */
const PATIENCE = 1_000;

const UNANSWERED: Description = {
  command: 'docker version; docker info',
  text: 'They did not end before the run did.',
};

/** The group "Environment" of the action's log. */
interface EnvironmentLog {
  /** Receives the run's events: the group is printed as soon as the builder is known. */
  listen(event: Event): void;
  /** Prints the group if it was not printed yet, and ends the commands that still run. Never rejects. */
  end(): Promise<void>;
}

function eventWords({ name, ref, pullRequest }: WorkflowEvent): string {
  const about = pullRequest === undefined ? '' : `pull request #${pullRequest}`;
  return [name, about, ref].filter((part) => part !== '').join(', ');
}

/** Lines of which each may be `name=value`, as an engine's labels are. */
function withoutSecretsIn(text: string, redactor: Pick<Redactor, 'text'>): string {
  const lines = shownLines(redactor.text(text)).map((line) => {
    const words = line.trimStart();
    return line.slice(0, line.length - words.length) + withoutSecrets(words, redactor);
  });
  return lines.join('\n');
}

/**
 * Prints what people paste into bug reports: the event, the builder, and what `docker
 * version` and `docker info` say. Both commands start when the run first uses its
 * environment, and run beside it.
 */
export function createEnvironmentLog(
  { ports, runner, event, runCommand }: GitHub,
  redactor: Pick<Redactor, 'text'>,
): EnvironmentLog {
  const mark = randomUUID();
  let described: Promise<void> | undefined;
  let known: readonly Description[] | undefined;
  let printed = false;
  const begin = async () => {
    known = await describeEngine(runCommand, ports.env, { [MARK]: mark });
  };
  const print = (builder: string) => {
    if (printed) return;
    printed = true;
    const rows = [
      ['event', eventWords(event)],
      ['builder', builder],
    ].filter(([, text]) => text !== '');
    const lines = [
      ...rows.map(([name = '', text = '']) => `${name.padEnd(9)}${text}`),
      ...(known ?? [UNANSWERED]).flatMap(({ command, text }) => ['', `$ ${command}`, text]),
    ];
    runner.group('Environment', withoutSecretsIn(lines.join('\n'), redactor));
  };
  return {
    listen(one) {
      if (one.kind !== 'stage') return;
      if (one.stage === 'environment') described ??= begin();
      if (one.stage === 'builder') described?.then(() => print(one.detail));
    },
    async end() {
      if (described === undefined) return;
      const over = new AbortController();
      const late = ports.clock.sleep(PATIENCE, over.signal).catch(() => {});
      await Promise.race([described, late]);
      over.abort();
      if (known === undefined) await endMarkedProcesses(MARK, mark, ports).catch(() => {});
      print('');
    },
  };
}
