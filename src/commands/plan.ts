import { type ParsedRequest, type Request, requestFromArguments } from '../config/index.js';
import { applySeverities, builtBy } from '../evidence/index.js';
import type { Planned } from '../plan/index.js';
import type { Ports } from '../ports/index.js';
import { escapeCommandsInJson, printable } from '../report/index.js';
import type { CliCommand, CommandResult, Console } from './command.js';
import { sayFindings } from './finding-lines.js';
import { interruptible } from './interruptible.js';
import { PLAN_OPTIONS, planRequest } from './plan-request.js';
import { baseLines, emulationWords, planLines } from './plan-words.js';
import { sayProblems, sayTrust } from './problems.js';

/** What is known of builders before a run; an engine is not needed for it. */
async function judgedBuilders(planned: Planned, request: Request, ports: Ports) {
  if (builtBy(planned.plan.images, 'buildpack').length === 0) return { findings: [], unread: [] };
  const { judgeBuilders } = await import('./with-engine.js');
  return judgeBuilders(planned, request, ports, new AbortController().signal);
}

/** What `plan` is asked for; `resolve`: what the bases are now, too. */
interface PlanRequest extends ParsedRequest {
  readonly resolve?: boolean;
}

async function basesOf(planned: Planned, ports: Ports, signal: AbortSignal) {
  const { resolvedBases } = await import('./with-engine.js');
  return resolvedBases(planned, ports, signal);
}

async function printPlan(
  asked: PlanRequest,
  ports: Ports,
  { screen }: Console,
  /** With it, the bases are resolved. */
  signal?: AbortSignal,
): Promise<CommandResult> {
  const { request, planned } = await planRequest(asked, ports);
  sayTrust(request.trust, 'problems' in planned, screen);
  if ('problems' in planned) {
    sayProblems(planned.problems, request.json, screen);
    return { exitCode: 2, problems: planned.problems };
  }
  const emulated = emulationWords(planned.plan, ports.machine.architecture);
  const notes = [...planned.notes, ...(emulated === undefined ? [] : [emulated])];
  for (const note of notes) screen.say(`${printable(note)}\n`);
  const { findings, unread } = await judgedBuilders(planned, request, ports);
  for (const sentence of unread) screen.say(`${printable(sentence)}\n`);
  const all = { ...planned, findings: [...planned.findings, ...findings] };
  sayFindings(all, screen, 'all');
  const bases = signal === undefined ? {} : { bases: await basesOf(planned, ports, signal) };
  if (request.json) {
    const said = { ...planned.plan, ...bases };
    screen.out(`${escapeCommandsInJson(JSON.stringify(said, undefined, 2))}\n`);
  } else screen.out([...planLines(planned.plan), ...baseLines(bases)].join('\n'));
  const judged = applySeverities(planned.plan, all.findings);
  const isWrong = judged.some(({ severity }) => severity === 'error');
  return { exitCode: isWrong ? 1 : 0, plan: planned.plan, findings: judged };
}

/** `sea-trial plan`: prints the trials of a run and starts nothing. */
export const plan: CliCommand<PlanRequest> = {
  name: 'plan',
  summary: 'Prints what run would do, and starts nothing.',
  options: [...PLAN_OPTIONS, 'resolve'],
  read: (given, start) => {
    const read = requestFromArguments('plan', given, start);
    if ('problems' in read) return read;
    return { request: { ...read.request, resolve: given.options.has('resolve') } };
  },
  run: (asked, ports, console) =>
    asked.resolve
      ? interruptible(ports, (own, signal) => printPlan(asked, own, console, signal))
      : printPlan(asked, ports, console),
};
