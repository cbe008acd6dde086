import type { Problem } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import type { Request } from './config.js';
import { child, type Raw } from './raw.js';
import { pairs } from './values.js';

const LISTED = 10;

/** The variables that build arguments without a value take, of one entry of `images`. */
export function argumentsUse(image: Raw): readonly string[] {
  return pairs(child(image, 'build'), 'args')
    .filter(({ value }) => value === undefined)
    .map(({ name }) => name);
}

/** A sentence about a variable that `--set` or the input "set" gives, with its place. */
function about({ from }: Request, name: string, sentence: string): Problem {
  return from === 'inputs'
    ? { file: 'input "set"', message: `${name}: ${sentence}` }
    : { message: `--set ${name}: ${sentence}` };
}

function hint({ inline }: Request, name: string, used: readonly string[]): string {
  const near = nearest(name, used);
  if (near !== undefined) return `did you mean "${near}"?`;
  if (inline !== undefined) {
    return 'what inputs describe is taken as it is, but for build arguments without a value';
  }
  if (used.length === 0) return 'the configuration has no variables';
  const more = used.length > LISTED ? ', …' : '';
  return `there are: ${used.slice(0, LISTED).join(', ')}${more}`;
}

/** Variables that are given and change nothing; `used` are the names that anything refers to. */
export function unusedProblems(request: Request, used: readonly string[]): readonly Problem[] {
  const names = [...new Set(used)];
  return [...request.set.keys()]
    .filter((name) => !names.includes(name))
    .map((name) =>
      about(request, name, `nothing uses this variable; ${hint(request, name, names)}`),
    );
}
