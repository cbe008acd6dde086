import { problemsHeading } from '../config/index.js';
import type { Problem, Redactor, Verdict } from '../evidence/index.js';
import type { Ports, Screen } from '../ports/index.js';
import {
  annotateBrokenOff,
  command,
  outputsOf,
  renderAnnotations,
  renderBrokenOff,
  renderPlanSummary,
  renderProblemSummary,
  renderSummary,
  shownLines,
} from '../report/index.js';
import { planHeading, planLines } from './plan-words.js';
import type { CommandResult } from './run.js';
import { addSummary, setOutputs } from './runner.js';

/** Annotations that the runner shows of one kind and step. */
const ANNOTATIONS = 10;

/** Problems of the configuration, each at its line; the tenth says how many are left to the log. */
function annotate(problems: readonly Problem[]): readonly string[] {
  const shown = problems.length > ANNOTATIONS ? problems.slice(0, ANNOTATIONS - 1) : problems;
  const lines = shown.map(({ file, line, column, message }) => {
    // Without a line, `file` names an input; the message has to say which.
    const place = line === undefined ? {} : { file, line, col: column };
    const text = line === undefined && file !== undefined ? `${file}: ${message}` : message;
    return command('error', shownLines(text).join('\n'), { ...place, title: 'configuration' });
  });
  const left = problems.length - shown.length;
  return left === 0 ? lines : [...lines, command('error', `${left} more are in the log.`)];
}

/** The outputs and the summary of a step that has no evidence. */
async function conclude(verdict: Verdict['verdict'], summary: string, ports: Ports): Promise<void> {
  await setOutputs(ports, { verdict });
  await addSummary(ports, summary);
}

/**
 * Tells the runner what is wrong with the inputs or the configuration: annotations,
 * summary and verdict. The redactor knows the secrets among the inputs, which a
 * message may quote.
 */
export async function tellProblems(
  problems: readonly Problem[],
  redactor: Redactor,
  ports: Ports,
  { out }: Pick<Screen, 'out'>,
): Promise<void> {
  out(`${annotate(problems).join('\n')}\n`);
  const shown = problems.map((one) => ({ ...one, message: redactor.text(one.message) }));
  await conclude('errored', renderProblemSummary(problemsHeading(problems), shown), ports);
}

/** Tells the runner of an error that nobody has foreseen; the log has all of it. */
export async function tellUnexpected(fault: string | undefined, ports: Ports): Promise<void> {
  const summary = renderBrokenOff('The run broke off; the log says more.', fault);
  await conclude('errored', summary, ports);
}

/** A run that ended before anything was published or could be judged; the log has said why. */
async function tellNothing(
  { exitCode, fault }: CommandResult,
  ports: Ports,
  out: Screen['out'],
): Promise<void> {
  const [verdict, what] =
    exitCode === 3
      ? (['errored', 'could not go on'] as const)
      : (['interrupted', 'was interrupted'] as const);
  const sentence = `The run ${what}; nothing was published.`;
  out(`${annotateBrokenOff(sentence, fault)}\n`);
  await conclude(verdict, renderBrokenOff(sentence, fault), ports);
}

/** Tells the runner what came of a step; `evidence` is the file that holds it, where there is any. */
export async function tell(
  ended: CommandResult,
  evidence: string,
  redactor: Redactor,
  ports: Ports,
  screen: Screen,
): Promise<void> {
  const { out } = screen;
  if (ended.problems !== undefined) return tellProblems(ended.problems, redactor, ports, screen);
  if (ended.plan !== undefined) {
    return addSummary(ports, renderPlanSummary(planHeading(ended.plan), planLines(ended.plan)));
  }
  if (ended.evidence === undefined) return tellNothing(ended, ports, out);
  const { unwritten } = ended;
  if (unwritten !== undefined) out(`${command('error', shownLines(unwritten).join('\n'))}\n`);
  for (const line of renderAnnotations(ended.evidence)) out(`${line}\n`);
  const file = unwritten === undefined ? evidence : '';
  await setOutputs(ports, { ...outputsOf(ended.evidence), evidence: file });
  await addSummary(ports, renderSummary(ended.evidence));
}
