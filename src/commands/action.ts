import { randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';
import { fromInputs, type ParsedRequest, secretTexts } from '../config/index.js';
import { createRedactor, type Redactor } from '../evidence/index.js';
import type { GitHub } from '../github/index.js';
import { type Ports, realScreen, type Screen } from '../ports/index.js';
import { escapeCommands, printable, withoutCommands } from '../report/index.js';
import type { CommandResult, Console } from './command.js';
import { createEnvironmentLog } from './environment-log.js';
import { errorText } from './error-text.js';
import { sayProblems } from './problems.js';
import { reportProblems, reportStep, reportUnexpected } from './report-step.js';
import { run } from './run.js';
import { systemErrorText } from './system-error.js';
import { modes } from './table.js';
import { isDebug, verbose } from './verbose.js';

/** The evidence is in a folder of its own in RUNNER_TEMP. */
const EVIDENCE = 'evidence.json';
const EVIDENCE_FOLDER = 'sea-trial-evidence-';

/** Everything goes to stdout: stop-commands in one stream would hold for the other too. */
function consoleOf({ out }: Screen, redactor: Redactor, { runner }: GitHub): Console {
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
    group: runner.group,
    redactor,
    begins: (id) => runner.saveState('run', id),
  };
}

function redactorOf(secrets: readonly string[]): Redactor {
  const redactor = createRedactor();
  for (const secret of secrets) redactor.learn(secret);
  return redactor;
}

/** With the workflow's debug log on, every command is printed there. */
function debugging(github: GitHub, redactor: Redactor): GitHub {
  const { ports, runner, runCommand } = github;
  if (!isDebug(ports.env)) return github;
  const observe = (exec: Ports['exec']) =>
    verbose({ ...ports, exec }, redactor, (line) => runner.debug(escapeCommands(line)));
  return {
    ...github,
    ports: { ...ports, exec: observe(ports.exec) },
    runCommand: observe({ ...ports.exec, run: runCommand }).run,
  };
}

async function perform(
  request: ParsedRequest,
  console: Console,
  github: GitHub,
): Promise<CommandResult> {
  const command = modes.find(({ name }) => name === request.command) ?? run;
  const log = createEnvironmentLog(github, console.redactor);
  try {
    return await command.run(request, github.ports, { ...console, listen: log.listen });
  } finally {
    await log.end();
  }
}

async function act(folder: string, given: GitHub): Promise<number> {
  const { runner } = given;
  const { env, files } = given.ports;
  const screen = realScreen();
  const root = env.GITHUB_WORKSPACE || folder;
  const inputs = runner.inputs();
  // Before anything else is printed: a problem of one input may quote another.
  const secrets = secretTexts(inputs);
  runner.mask(secrets);
  const redactor = redactorOf(secrets);
  const github = debugging(given, redactor);
  const console = consoleOf(screen, redactor, github);
  const names = modes.map(({ name }) => name);
  const parsed = fromInputs(inputs, { root, env }, names);
  if ('problems' in parsed) {
    sayProblems(parsed.problems, false, console.screen);
    await reportProblems(parsed.problems, redactor, runner);
    return 2;
  }
  const parent = env.RUNNER_TEMP || env.TMPDIR || '/tmp';
  const evidenceFolder = join(parent, `${EVIDENCE_FOLDER}${randomUUID()}`);
  const evidence = join(evidenceFolder, EVIDENCE);
  // Before the folder is made, so that post finds it however this process ends.
  await runner.saveState('beside', evidenceFolder);
  await files.makeDirectory(evidenceFolder);
  const ended = await perform({ ...parsed.request, evidence }, console, github);
  // The runner empties RUNNER_TEMP in any case.
  if (ended.evidence === undefined || ended.unwritten !== undefined) {
    await files.remove(evidenceFolder).catch(() => {});
  }
  await reportStep(ended, evidence, redactor, runner);
  return ended.exitCode;
}

/**
 * The action's `main`: inputs in; outputs, job summary and annotations out. `folder` is
 * the working directory, for a runner that names no GITHUB_WORKSPACE. The evidence is
 * written to RUNNER_TEMP. Answers the exit code.
 */
export async function action(folder: string, github: GitHub): Promise<number> {
  try {
    return await act(folder, github);
  } catch (error) {
    realScreen().out(errorText(error));
    // The runner's own files may be what failed.
    await reportUnexpected(systemErrorText(error), github.runner).catch(() => {});
    return 3;
  }
}

/**
 * Removes the folder for the evidence that a killed run left without evidence. The saved
 * state may be damaged, so no other folder is ever removed.
 */
async function removeEmpty({ ports: { files }, runner }: GitHub): Promise<void> {
  const folder = runner.state('beside');
  if (folder === undefined || !basename(folder).startsWith(EVIDENCE_FOLDER)) return;
  if ((await files.look(join(folder, EVIDENCE))) !== undefined) return;
  await files.remove(folder);
}

/**
 * The action's `post`: removes what a run left that was killed, or that could not clean up
 * itself; a run that could has no record any more. Answers the exit code.
 */
export async function afterAction(github: GitHub): Promise<number> {
  const { runner } = github;
  await removeEmpty(github).catch(() => {});
  const run = runner.state('run');
  if (run === undefined) return 0;
  const { out } = realScreen();
  const { ports } = debugging(github, redactorOf(secretTexts(runner.inputs())));
  try {
    const { cleanUpRun } = await import('./with-engine.js');
    for (const sentence of await cleanUpRun(run, ports)) out(withoutCommands(printable(sentence)));
    return 0;
  } catch (error) {
    out(errorText(error));
    return 3;
  }
}
