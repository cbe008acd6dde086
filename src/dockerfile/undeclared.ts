import { defined } from '../types/index.js';
import { declaredIn } from './arguments.js';
import { SET_BY_BUILDKIT } from './automatic.js';
import { parseDockerfile } from './parse.js';
import { type Building, chainOf, neededStages, type Stage, stagesOf } from './stages.js';

/** A RUN that uses an argument of BuildKit's which no ARG of its stage declares: it is empty there. */
export interface UndeclaredArgument {
  readonly name: string;
  /** Of the RUN, counted from 1. */
  readonly line: number;
  /** The name of its stage. */
  readonly stage?: string;
}

/** Whether a shell puts in the value of a variable that the text itself does not set. */
function uses(text: string, name: string): boolean {
  if (!new RegExp(`(?<![\\\\$])\\$(?:${name}\\b|\\{${name}\\})`).test(text)) return false;
  const isSet = new RegExp(
    `\\b${name}=|\\b(?:read|for|export|local|printf -v)\\b[^\\n;&|]{0,200}\\b${name}\\b`,
  );
  // What stands in quotes behind "<<" may be a script for later.
  return !isSet.test(text) && !/<<-?\s*["']/.test(text);
}

/** The names that an ARG or ENV of a stage declares, before one of its lines. */
function declaredBefore(stage: Stage, line: number, escapeSign: string): readonly string[] {
  const before = stage.steps.filter((step) => step.line < line);
  return before.flatMap(({ keyword, text }) => {
    if (keyword === 'ARG') return declaredIn(text, escapeSign).map(({ name }) => name);
    if (keyword !== 'ENV') return [];
    const names = declaredIn(text, escapeSign);
    // The form ENV NAME VALUE has one name.
    const isOne = names[0]?.standing === undefined;
    return names.slice(0, isOne ? 1 : undefined).map(({ name }) => name);
  });
}

/**
 * The uses of what BuildKit sets of the platforms that see nothing, since an ARG is for its
 * own stage, below it, and for those that start from that one. Stages whose parents ask
 * for steps (`ONBUILD`) are left out.
 */
export function undeclaredArguments(
  text: string,
  building: Building,
): readonly UndeclaredArgument[] {
  const { escapeSign } = parseDockerfile(text);
  const stages = stagesOf(text, building);
  return neededStages(stages, building).flatMap((stage) => {
    const used = stage.steps
      .filter(({ keyword }) => keyword === 'RUN')
      .flatMap(({ text: command, line }) =>
        [...SET_BY_BUILDKIT].filter((name) => uses(command, name)).map((name) => ({ name, line })),
      );
    if (used.length === 0) return [];
    const [, ...parents] = chainOf(stage, stages);
    if (parents.some(({ triggers }) => triggers)) return [];
    const inherited = parents.flatMap((one) =>
      declaredBefore(one, Number.POSITIVE_INFINITY, escapeSign),
    );
    return used
      .filter(({ name, line }) => {
        const known = [...inherited, ...declaredBefore(stage, line, escapeSign)];
        return !known.includes(name);
      })
      .map((one) => ({ ...one, ...defined({ stage: stage.name }) }));
  });
}
