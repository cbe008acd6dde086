import { dirname, resolve } from 'node:path';
import { checkBuilderOptions } from '../builder/index.js';
import { type ParsedRequest, type Request, trustSentence } from '../config/index.js';
import { createRunId } from '../engine/index.js';
import {
  type Evidence,
  formatEvidence,
  judge,
  type Listen,
  type Plan,
  type Problem,
  type Redactor,
  writeEvidence,
} from '../evidence/index.js';
import { type RunOptions, runPipeline } from '../pipeline/index.js';
import { makePlan, type Planned } from '../plan/index.js';
import {
  abortable,
  INTERRUPTIONS,
  interruptedBy,
  type Ports,
  type Screen,
} from '../ports/index.js';
import {
  createProgress,
  escapeCommandsInJson,
  printable,
  renderTerminal,
} from '../report/index.js';
import { sayProblems } from './problems.js';
import { systemErrorText } from './system-error.js';
import { tool } from './tool.js';
import { trustedRequest } from './trusted-request.js';
import { succeeds, withRecord } from './with-record.js';

/** How a command ended: its exit code (design decision 15), and the evidence where it came so far. */
export interface CommandResult {
  readonly exitCode: number;
  readonly evidence?: Evidence;
  /** Why the evidence is in no file, though it was to be written to one; it has been said. */
  readonly unwritten?: string;
  /** What was wrong before anything was started. */
  readonly problems?: readonly Problem[];
  /** Why the surroundings ended it before there was evidence; without secrets, and said. */
  readonly fault?: string;
  /** What was planned and not run, since only that was asked. */
  readonly plan?: Plan;
}

/** Where progress and reports go, and how. */
export interface Console {
  readonly screen: Screen;
  readonly progress: 'live' | 'plain' | 'groups';
  /** Takes the progress, where it holds a log's own commands; otherwise it is said. */
  readonly progressTo?: (text: string) => void;
  /** Prints lines of the progress folded under a title, where not as the log's own commands. */
  readonly group?: (title: string, text: string) => void;
  /** Receives every event beside the progress. */
  readonly listen?: Listen;
  /** Knows the secrets of all that is told. */
  readonly redactor: Redactor;
  /** Hears the run's id before anything is made under its name. */
  readonly begins?: (run: string) => Promise<void>;
}

/** The plan of a request, or every problem of its configuration, and whether it is trusted. */
export async function planFor(asked: ParsedRequest, ports: Ports) {
  const { request, config } = await trustedRequest(asked, ports);
  return { request, planned: await makePlan(config, request, ports) };
}

/** Names everything that a run makes; the CI's own run is recognisable in it. */
function identify(env: Ports['env']): RunOptions['run'] {
  const attempt = Number(env.GITHUB_RUN_ATTEMPT ?? 1);
  return {
    id: createRunId(env.GITHUB_RUN_ID),
    attempt: Number.isSafeInteger(attempt) ? attempt : 1,
  };
}

async function perform(
  planned: Planned,
  request: Request,
  ports: Ports,
  listen: Listen,
  { begins, screen, redactor }: Console,
  signal: AbortSignal,
): Promise<Evidence> {
  const run = identify(ports.env);
  await begins?.(run.id);
  return withRecord(run.id, ports, screen, signal, async (record, own) => {
    const folder = await record.makeFolder();
    const evidence = await runPipeline(
      { planned, request, tool, run, folder, record, listen, redactor, signal },
      own,
    );
    const removed = await succeeds(ports.files.remove(folder));
    const failed = evidence.findings.some(({ code }) => code === 'engine-failed');
    return { value: evidence, tidy: removed && !failed && !signal.aborted };
  });
}

/** A fault of the surroundings that ended the run, which was before anything was published. */
function refused(
  error: unknown,
  { screen, redactor }: Console,
  signal: AbortSignal,
): CommandResult {
  const interrupted = interruptedBy(signal);
  if (interrupted !== undefined) return { exitCode: INTERRUPTIONS[interrupted] };
  const said = systemErrorText(error);
  if (said === undefined) throw error;
  const fault = redactor.text(said);
  screen.say(`✘ the run could not go on; nothing was published\n\n  ${printable(fault)}\n`);
  return { exitCode: 3, fault };
}

/** Why the evidence cannot be written to where it was asked for: found before a run, not after it. */
async function evidenceProblems(
  { evidence, root }: Request,
  { files }: Ports,
): Promise<readonly Problem[]> {
  if (evidence === undefined) return [];
  const path = resolve(root, evidence);
  const there = await files.look(path);
  if (there !== undefined && there.kind !== 'file') {
    const kind = there.kind === 'other' ? 'device' : there.kind;
    const message = `--evidence ${evidence}: a ${kind} is there; it is written to a file of its own`;
    return [{ message }];
  }
  try {
    await files.write(`${path}.part`, '');
    await files.remove(`${path}.part`);
    return [];
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? `there is no folder "${dirname(evidence)}"`
        : `it cannot be written there (${code ?? message})`;
    return [{ message: `--evidence ${evidence}: ${why}` }];
  }
}

/** Writes the evidence to where it was asked for; answers why it could not. */
async function keep(
  evidence: Evidence,
  { evidence: file, root }: Request,
  { files }: Ports,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    await writeEvidence(files, resolve(root, file), evidence);
    return undefined;
  } catch (error) {
    const why = (error as Error).message;
    return `The evidence could not be written to ${file} (${why}). What the report says holds all the same; mend that or name another file, and run again for the evidence.`;
  }
}

/** Tells what came of a run, also where its evidence cannot be kept. */
async function report(
  evidence: Evidence,
  request: Request,
  ports: Ports,
  { screen }: Console,
): Promise<CommandResult> {
  const unwritten = await keep(evidence, request, ports);
  const { colour } = screen;
  const { evidence: file } = request;
  const text = renderTerminal(evidence, {
    colour,
    columns: Math.min(screen.columns(), 100),
    ...(file === undefined || unwritten !== undefined ? {} : { evidenceFile: file }),
  });
  if (request.json) screen.out(escapeCommandsInJson(formatEvidence(evidence)));
  (request.json ? screen.say : screen.out)(text);
  const { exitCode } = judge(evidence);
  if (unwritten === undefined) return { exitCode, evidence };
  screen.say(`✘ ${printable(unwritten)}\n`);
  return { exitCode: evidence.run.interrupted === undefined ? 3 : exitCode, evidence, unwritten };
}

/** The same, but nothing is waited for after the signal: no child, and no pipe that is read. */
function abortablePorts(ports: Ports, signal: AbortSignal): Ports {
  const { exec, files } = ports;
  const read: Ports['files']['read'] = (path, most) => files.read(path, most, signal);
  return { ...ports, exec: abortable(exec, signal), files: { ...files, read } };
}

/** `sea-trial run`: the whole way, from the configuration to the report. */
export async function run(
  asked: ParsedRequest,
  ports: Ports,
  console: Console,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { screen } = console;
  // Nothing is made yet that would have to be brought to its end.
  const done = await planFor(asked, abortablePorts(ports, signal)).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return undefined;
  });
  const interrupted = interruptedBy(signal);
  if (done === undefined || interrupted !== undefined) {
    return { exitCode: INTERRUPTIONS[interrupted ?? 'SIGINT'] };
  }
  const { request, planned } = done;
  screen.say(`${printable(trustSentence(request.trust))}\n`);
  const problems = [
    ...('problems' in planned ? planned.problems : []),
    ...(await evidenceProblems(request, ports)),
    ...(request.newBuilder === undefined
      ? []
      : await checkBuilderOptions(request.newBuilder, ports)),
  ];
  if ('problems' in planned || problems.length > 0) {
    sayProblems(problems, request.json, screen);
    return { exitCode: 2, problems };
  }
  for (const note of planned.notes) screen.say(`${printable(note)}\n`);
  const progress = createProgress({
    kind: console.progress,
    write: console.progressTo ?? screen.say,
    group: console.group,
    clock: ports.clock,
    columns: screen.columns,
    rows: screen.rows,
    colour: screen.colour,
  });
  let evidence: Evidence;
  try {
    const listen: Listen = (event) => {
      progress(event);
      console.listen?.(event);
    };
    evidence = await perform(planned, request, ports, listen, console, signal);
  } catch (error) {
    progress.stop();
    return refused(error, console, signal);
  }
  progress.stop();
  return report(evidence, request, ports, console);
}
