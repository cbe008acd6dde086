import { randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';
import { fromInputs, type ParsedRequest, secretTexts } from '../config/index.js';
import { createRedactor, type Redactor } from '../evidence/index.js';
import { interruption, lastCall, type Ports, realScreen, type Screen } from '../ports/index.js';
import { printable, withoutCommands } from '../report/index.js';
import { cleanUpRun } from './clean-up-run.js';
import { errorText } from './error-text.js';
import { plan } from './plan.js';
import { sayProblems } from './problems.js';
import { type CommandResult, type Console, run } from './run.js';
import { maskCommands, readInputs, readState, saveState } from './runner.js';
import { systemErrorText } from './system-error.js';
import { tell, tellProblems, tellUnexpected } from './tell.js';
import { debugCommand, isDebug, verbose } from './verbose.js';

/** In a folder of its own in RUNNER_TEMP. */
const EVIDENCE = 'evidence.json';
const BESIDE = 'sea-trial-evidence-';

/** Everything in one stream: a stop-commands in one would hold for the other too. */
function consoleOf({ out }: Screen, redactor: Redactor, ports: Ports): Console {
  const quote = (text: string) => out(withoutCommands(text));
  return {
    screen: {
      out: quote,
      say: quote,
      live: false,
      colour: false,
      columns: () => 100,
      rows: () => 24,
    },
    progress: 'groups',
    progressTo: out,
    redactor,
    begins: (id) => saveState(ports, 'run', id),
  };
}

function knowing(secrets: readonly string[]): Redactor {
  const redactor = createRedactor();
  for (const secret of secrets) redactor.learn(secret);
  return redactor;
}

/** Where the runner was asked for a debug log, every command is in it. */
function debugging(ports: Ports, redactor: Redactor, { out }: Screen): Ports {
  if (!isDebug(ports.env)) return ports;
  return { ...ports, exec: verbose(ports, redactor, (line) => out(debugCommand(line))) };
}

async function perform(
  request: ParsedRequest,
  ports: Ports,
  console: Console,
): Promise<CommandResult> {
  if (request.command === 'plan') return plan(request, ports, console);
  const { signal, stop } = interruption();
  try {
    const own = { ...ports, exec: lastCall(ports.exec, signal) };
    return await run(request, own, console, signal);
  } finally {
    stop();
  }
}

async function act(folder: string, given: Ports): Promise<number> {
  const { env, files } = given;
  const screen = realScreen();
  const root = env.GITHUB_WORKSPACE || folder;
  const inputs = readInputs(env);
  // Before anything else is said: a complaint about an input may quote another.
  const secrets = secretTexts(inputs);
  for (const line of maskCommands(secrets)) screen.out(`${line}\n`);
  const redactor = knowing(secrets);
  const ports = debugging(given, redactor, screen);
  const console = consoleOf(screen, redactor, ports);
  const asked = fromInputs(inputs, { root, env });
  if ('problems' in asked) {
    sayProblems(asked.problems, false, console.screen);
    await tellProblems(asked.problems, redactor, ports, screen);
    return 2;
  }
  const { request } = asked;
  const beside = join(env.RUNNER_TEMP || env.TMPDIR || '/tmp', `${BESIDE}${randomUUID()}`);
  const evidence = join(beside, EVIDENCE);
  // Before it is made, so that post knows of it whenever this process ends.
  await saveState(ports, 'beside', beside);
  await files.makeDirectory(beside);
  const ended = await perform({ ...request, evidence }, ports, console);
  // The runner empties its folder in any case.
  if (ended.evidence === undefined || ended.unwritten !== undefined) {
    await files.remove(beside).catch(() => {});
  }
  await tell(ended, evidence, redactor, ports, screen);
  return ended.exitCode;
}

/**
 * The action's `main`: inputs in; outputs, job summary and annotations out. The
 * evidence is written beside the run's other files in RUNNER_TEMP. Answers the
 * exit code.
 */
export async function action(folder: string, ports: Ports): Promise<number> {
  try {
    return await act(folder, ports);
  } catch (error) {
    realScreen().out(errorText(error));
    // The runner's own files may be what has failed.
    await tellUnexpected(systemErrorText(error), ports).catch(() => {});
    return 3;
  }
}

/**
 * A run that was killed leaves the folder for its evidence, but no evidence. What
 * was saved may be damaged: nothing but such a folder is removed.
 */
async function removeEmpty({ env, files }: Ports): Promise<void> {
  const beside = readState(env, 'beside');
  if (beside === undefined || !basename(beside).startsWith(BESIDE)) return;
  if ((await files.look(join(beside, EVIDENCE))) !== undefined) return;
  await files.remove(beside);
}

/**
 * The action's `post`: removes what a run has left that was killed, or could not take
 * away itself; one that could has no record any more. Answers the exit code.
 */
export async function afterAction(ports: Ports): Promise<number> {
  await removeEmpty(ports).catch(() => {});
  const run = readState(ports.env, 'run');
  if (run === undefined) return 0;
  const screen = realScreen();
  const { out } = screen;
  const own = debugging(ports, knowing(secretTexts(readInputs(ports.env))), screen);
  try {
    for (const sentence of await cleanUpRun(run, own)) out(withoutCommands(printable(sentence)));
    return 0;
  } catch (error) {
    out(errorText(error));
    return 3;
  }
}
