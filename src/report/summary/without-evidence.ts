import type { Problem } from '../../evidence/index.js';
import { placeOf } from '../model/index.js';
import { code, cut, fenced, markdown, shownLines } from '../untrusted.js';

/* Summaries of steps that ended without evidence: GitHub's markdown, far below its limit. */

const SHOWN = 50;
const WIDTH = 400;

function block(text: readonly string[]): string {
  const lines = text.slice(0, text.findLastIndex((line) => line !== '') + 1);
  const shown = lines.slice(0, SHOWN).map((line) => cut(line, WIDTH));
  const left = lines.length - shown.length;
  return fenced([...shown, ...(left > 0 ? [`… ${left} more lines are in the log`] : [])], 'text');
}

function problemLine({ file, message, ...place }: Problem): string {
  const where = file === undefined ? undefined : placeOf({ file, ...place });
  const [first = '', ...rest] = shownLines(message);
  const example = rest.filter((line) => line !== '');
  const line = `- ${where === undefined ? '' : `${code(where)} `}${markdown(first, 1000)}`;
  return example.length === 0 ? line : `${line}\n\n${block(example)}\n`;
}

/** Everything that is wrong with a configuration, each with its place, under a heading in words. */
export function renderProblemSummary(heading: string, problems: readonly Problem[]): string {
  const left = problems.length - SHOWN;
  const more = left > 0 ? [`- ${left} more are in the log.`] : [];
  const lines = [...problems.slice(0, SHOWN).map(problemLine), ...more];
  return [`## ✘ ${markdown(heading)}`, lines.join('\n')].join('\n\n');
}

/** That a run ended before there was evidence, and why, as far as that is known. */
export function renderBrokenOff(sentence: string, why?: string): string {
  const heading = `## ✘ ${markdown(sentence)}`;
  return why === undefined ? heading : `${heading}\n\n${block(shownLines(why))}`;
}

/** A plan as it is printed, under a heading in words. */
export function renderPlanSummary(heading: string, lines: readonly string[]): string {
  return `## ${markdown(heading)}\n\n${block(lines)}`;
}
