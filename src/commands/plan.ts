import { type ParsedRequest, requestFromArguments } from '../config/index.js';
import type { Ports } from '../ports/index.js';
import { escapeCommandsInJson, printable } from '../report/index.js';
import type { CliCommand, CommandResult, Console } from './command.js';
import { sayFindings } from './finding-lines.js';
import { PLAN_OPTIONS, planRequest } from './plan-request.js';
import { planLines } from './plan-words.js';
import { sayProblems, sayTrust } from './problems.js';

async function printPlan(
  asked: ParsedRequest,
  ports: Ports,
  { screen }: Console,
): Promise<CommandResult> {
  const { request, planned } = await planRequest(asked, ports);
  sayTrust(request.trust, 'problems' in planned, screen);
  if ('problems' in planned) {
    sayProblems(planned.problems, request.json, screen);
    return { exitCode: 2, problems: planned.problems };
  }
  for (const note of planned.notes) screen.say(`${printable(note)}\n`);
  sayFindings(planned, screen, 'all');
  if (request.json) {
    screen.out(`${escapeCommandsInJson(JSON.stringify(planned.plan, undefined, 2))}\n`);
  } else screen.out(`${planLines(planned.plan).join('\n')}`);
  return { exitCode: 0, plan: planned.plan };
}

/** `sea-trial plan`: prints the trials of a run and starts nothing. */
export const plan: CliCommand<ParsedRequest> = {
  name: 'plan',
  summary: 'Prints what run would do, and starts nothing.',
  options: PLAN_OPTIONS,
  read: (given, start) => requestFromArguments('plan', given, start),
  run: printPlan,
};
