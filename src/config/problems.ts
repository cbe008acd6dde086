import type { Position } from '../document/index.js';
import type { Problem } from '../evidence/index.js';

/** `sea-trial.yml:4:5`, as far as it is known. */
export function writtenPlace({ file, line, column }: Partial<Position>): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

const GENERAL = 'usage';

/** How many problems there are, and where: `sea-trial.yml has 3 problems; nothing was started.` */
export function problemsHeading(problems: readonly Problem[]): string {
  const files = new Set(problems.map(({ file }) => file ?? GENERAL));
  const [file] = files;
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const isFile = files.size === 1 && problems[0]?.line !== undefined;
  return isFile
    ? `${file} has ${count}; nothing was started.`
    : `There ${problems.length === 1 ? 'is' : 'are'} ${count}; nothing was started.`;
}

const WIDEST = 32;

/** Further lines of a message under its first; a blank line has no indent. */
function hanging(message: string, indent: number): string {
  return message.replace(/\n(?=[^\n])/g, `\n${' '.repeat(indent)}`);
}

/** All problems as a text for a terminal: a heading, then a line for each with its place. */
export function renderProblems(problems: readonly Problem[]): string {
  const widths = problems.map((problem) => writtenPlace(problem).length).filter((w) => w <= WIDEST);
  const width = Math.max(0, ...widths);
  const lines = problems.map((problem) => {
    const where = writtenPlace(problem);
    if (where === '') return `  ${hanging(problem.message, 2)}`;
    const message = hanging(problem.message, width + 5);
    if (where.length > WIDEST) return `  ${where}\n  ${' '.repeat(width)}   ${message}`;
    return `  ${where.padEnd(width)}   ${message}`;
  });
  return [problemsHeading(problems), '', ...lines, ''].join('\n');
}
