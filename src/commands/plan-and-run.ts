import { checkBuilderOptions } from '../builder/index.js';
import type { ParsedRequest, Request } from '../config/index.js';
import { type Evidence, formatEvidence, judge, type Listen } from '../evidence/index.js';
import { runPipeline } from '../pipeline/index.js';
import type { Planned } from '../plan/index.js';
import { abortable, INTERRUPTIONS, interruptedBy, type Ports } from '../ports/index.js';
import { escapeCommandsInJson, printable, renderTerminal } from '../report/index.js';
import type { CommandResult, Console } from './command.js';
import { consoleProgress } from './console-progress.js';
import { evidenceProblems, saveEvidence } from './evidence-file.js';
import { sayFindings } from './finding-lines.js';
import { planRequest } from './plan-request.js';
import { sayProblems, sayTrust } from './problems.js';
import { runIdentity } from './run-identity.js';
import { systemErrorText } from './system-error.js';
import { tool } from './tool.js';
import { succeeds, withRecord } from './with-record.js';

interface PlannedRun {
  readonly planned: Planned;
  readonly request: Request;
  readonly listen: Listen;
  readonly signal: AbortSignal;
}

/** Runs a plan under an id of its own, and cleans up. */
async function runPlanned(
  { planned, request, listen, signal }: PlannedRun,
  ports: Ports,
  { begins, screen, redactor }: Console,
): Promise<Evidence> {
  const run = runIdentity(ports.env);
  await begins?.(run.id);
  return withRecord({ run: run.id, ports, screen, signal }, async (record, own) => {
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

/** A system error that ended the run, before anything was published. */
function brokenOffResult(
  error: unknown,
  { screen, redactor }: Console,
  signal: AbortSignal,
): CommandResult {
  const interrupted = interruptedBy(signal);
  if (interrupted !== undefined) return { exitCode: INTERRUPTIONS[interrupted] };
  const said = systemErrorText(error);
  if (said === undefined) throw error;
  const fault = redactor.text(said);
  screen.say(`✘ the run could not continue; nothing was published\n\n  ${printable(fault)}\n`);
  return { exitCode: 3, fault };
}

/** Prints the report of a run, also if its evidence could not be written. */
async function report(
  evidence: Evidence,
  request: Request,
  ports: Ports,
  { screen }: Console,
): Promise<CommandResult> {
  const unwritten = await saveEvidence(evidence, request, ports);
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

/** Ports that stop waiting at the signal: for children, and for files that may be pipes. */
function abortablePorts(ports: Ports, signal: AbortSignal): Ports {
  const { exec, files } = ports;
  const read: Ports['files']['read'] = (path, most) => files.read(path, most, signal);
  return { ...ports, exec: abortable(exec, signal), files: { ...files, read } };
}

/** Plans a request and runs the plan, and prints the report. Rejects with `EngineError`. */
export async function planAndRun(
  asked: ParsedRequest,
  ports: Ports,
  console: Console,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { screen } = console;
  // Nothing is made yet that would have to be finished.
  const done = await planRequest(asked, abortablePorts(ports, signal)).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return undefined;
  });
  const interrupted = interruptedBy(signal);
  if (done === undefined || interrupted !== undefined) {
    return { exitCode: INTERRUPTIONS[interrupted ?? 'SIGINT'] };
  }
  const { request, planned } = done;
  const problems = [
    ...('problems' in planned ? planned.problems : []),
    ...(await evidenceProblems(request, ports)),
    ...(request.newBuilder === undefined
      ? []
      : await checkBuilderOptions(request.newBuilder, ports)),
  ];
  sayTrust(request.trust, problems.length > 0, screen);
  if ('problems' in planned || problems.length > 0) {
    sayProblems(problems, request.json, screen);
    return { exitCode: 2, problems };
  }
  for (const note of planned.notes) screen.say(`${printable(note)}\n`);
  sayFindings(planned, screen, 'no notes');
  const { listen, stop } = consoleProgress(console, ports.clock);
  let evidence: Evidence;
  try {
    evidence = await runPlanned({ planned, request, listen, signal }, ports, console);
  } catch (error) {
    stop();
    return brokenOffResult(error, console, signal);
  }
  stop();
  return report(evidence, request, ports, console);
}
