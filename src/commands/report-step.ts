import { problemsHeading } from '../config/index.js';
import type { Finding, Plan, Problem, Redactor, Verdict } from '../evidence/index.js';
import type { Runner } from '../github/index.js';
import {
  type Annotation,
  annotationsOf,
  brokenOffAnnotation,
  findingAnnotations,
  outputsOf,
  renderBrokenOff,
  renderPlanSummary,
  renderProblemSummary,
  renderSummary,
  shownLines,
} from '../report/index.js';
import type { CommandResult } from './command.js';
import { findingLines } from './finding-lines.js';
import { planHeading, planLines } from './plan-words.js';

/** The runner shows ten annotations of each level and step. */
const ANNOTATIONS = 10;

function errorOf(message: string): Annotation {
  return { level: 'error', message: shownLines(message).join('\n') };
}

/** Problems of the configuration, each at its line; the tenth says how many more the log holds. */
function problemAnnotations(problems: readonly Problem[]): readonly Annotation[] {
  const shown = problems.length > ANNOTATIONS ? problems.slice(0, ANNOTATIONS - 1) : problems;
  const annotations = shown.map(({ file, line, column, message }): Annotation => {
    // Without a line, `file` names an input; the message has to say which.
    const text = line === undefined && file !== undefined ? `${file}: ${message}` : message;
    const place = line === undefined ? {} : { file, line, column };
    return { ...errorOf(text), ...place, title: 'configuration' };
  });
  const left = problems.length - shown.length;
  return left === 0 ? annotations : [...annotations, errorOf(`${left} more are in the log.`)];
}

/** The outputs and the summary of a step that has no evidence. */
async function conclude(
  verdict: Verdict['verdict'],
  summary: string,
  runner: Runner,
): Promise<void> {
  await runner.setOutputs({ verdict });
  await runner.addSummary(summary);
}

/**
 * Reports what is wrong with the inputs or the configuration: annotations, summary and
 * verdict. The redactor knows the secrets among the inputs, which a message may quote.
 */
export async function reportProblems(
  problems: readonly Problem[],
  redactor: Redactor,
  runner: Runner,
): Promise<void> {
  for (const annotation of problemAnnotations(problems)) runner.annotate(annotation);
  const shown = problems.map((one) => ({ ...one, message: redactor.text(one.message) }));
  await conclude('errored', renderProblemSummary(problemsHeading(problems), shown), runner);
}

/** Reports an error that is our own; the log holds all of it. */
export async function reportUnexpected(fault: string | undefined, runner: Runner): Promise<void> {
  const summary = renderBrokenOff(
    'The run ended with an unexpected error; the log has details.',
    fault,
  );
  await conclude('errored', summary, runner);
}

/** Reports a run that ended without evidence; the log has said why. */
async function reportNothing({ exitCode, fault }: CommandResult, runner: Runner): Promise<void> {
  const [verdict, what] =
    exitCode === 3
      ? (['errored', 'could not continue'] as const)
      : (['interrupted', 'was interrupted'] as const);
  const sentence = `The run ${what}; nothing was published.`;
  runner.annotate(brokenOffAnnotation(sentence, fault));
  await conclude(verdict, renderBrokenOff(sentence, fault), runner);
}

/** Reports a plan: what was found for it at its lines, and all of it in the summary. */
async function reportPlan(
  plan: Plan,
  findings: readonly Finding[],
  redactor: Redactor,
  runner: Runner,
): Promise<void> {
  for (const annotation of findingAnnotations(findings)) runner.annotate(annotation);
  const found = findings.flatMap(findingLines).flatMap((line) => shownLines(redactor.text(line)));
  const lines = [...found, ...(found.length > 0 ? [''] : []), ...planLines(plan)];
  const mark = findings.some(({ severity }) => severity === 'error') ? '✘ ' : '';
  await runner.addSummary(renderPlanSummary(`${mark}${planHeading(plan)}`, lines));
}

/** Reports how a step ended; `evidence` is the file that holds its evidence, where there is any. */
export async function reportStep(
  ended: CommandResult,
  evidence: string,
  redactor: Redactor,
  runner: Runner,
): Promise<void> {
  if (ended.problems !== undefined) return reportProblems(ended.problems, redactor, runner);
  if (ended.plan !== undefined)
    return reportPlan(ended.plan, ended.findings ?? [], redactor, runner);
  if (ended.evidence === undefined) return reportNothing(ended, runner);
  const { unwritten } = ended;
  if (unwritten !== undefined) runner.annotate(errorOf(unwritten));
  for (const annotation of annotationsOf(ended.evidence)) runner.annotate(annotation);
  const file = unwritten === undefined ? evidence : '';
  await runner.setOutputs({ ...outputsOf(ended.evidence), evidence: file });
  await runner.addSummary(renderSummary(ended.evidence));
}
