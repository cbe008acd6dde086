import { defined } from '../types/index.js';
import { globalArguments, resolve } from './arguments.js';
import { isNamedContext } from './contexts.js';
import { type CopiedPaths, copiedPaths } from './copied-paths.js';
import { readFrom, takenIn } from './from.js';
import { parseDockerfile } from './parse.js';
import type { Arguments } from './shell-words.js';

/** An instruction of a stage that leaves an entry in the image's history. */
export interface StageStep {
  readonly keyword: string;
  /** Counted from 1. */
  readonly line: number;
  /** The stage or image of `COPY --from`. */
  readonly copiedFrom?: string;
  /** The stages or images of `RUN --mount=from=`. */
  readonly mountedFrom?: readonly string[];
  /** `--name=value`, without quotes. */
  readonly flags: readonly string[];
  /** What a COPY or ADD says; undefined where only the build knows. */
  readonly paths?: CopiedPaths;
  /** What stands behind the keyword, with its flags and here-documents. */
  readonly text: string;
}

/** A stage of a Dockerfile, with its FROM. */
export interface Stage {
  /** In lower case. */
  readonly name?: string;
  /** The image or stage that it starts from, with build arguments put in. */
  readonly from: string;
  /** What it starts from is known to the build alone. */
  readonly unresolved?: true;
  /** A build context of its name takes its place; its own lines are not executed. */
  readonly replaced?: true;
  /** What stands behind `--platform=`, as written. */
  readonly platform?: string;
  /** That of its FROM, counted from 1. */
  readonly line: number;
  readonly steps: readonly StageStep[];
  /** It asks for steps in the stages that start from it. */
  readonly triggers: boolean;
}

/** How a Dockerfile is built. */
export interface Building {
  readonly args: Readonly<Record<string, string>>;
  /** Names of build contexts, which take the place of stages and images. */
  readonly contexts: readonly string[];
  /** The stage that is built (default: the last). */
  readonly target?: string;
  /** Arguments that BuildKit sets by itself. */
  readonly automatic?: Arguments;
}

/** The stages of a Dockerfile in their order. */
export function stagesOf(text: string, { args, automatic, contexts }: Building): readonly Stage[] {
  const dockerfile = parseDockerfile(text);
  const { instructions, escapeSign } = dockerfile;
  const known = globalArguments(dockerfile, args, automatic);
  const put = (written: string) => resolve(written, known, escapeSign);
  const stages: (Stage & { steps: StageStep[]; triggers: boolean })[] = [];
  for (const instruction of instructions) {
    const { keyword, line, flags, rest, heredocs } = instruction;
    const last = stages.at(-1);
    if (keyword === 'FROM') {
      const { image, name, platform } = readFrom(instruction);
      const empty = { ...defined({ name }), line, steps: [], triggers: false };
      const { text: from, unresolved } = put(image);
      if (name !== undefined && isNamedContext(name, contexts)) {
        stages.push({ ...empty, from: name, replaced: true });
      } else {
        stages.push({
          ...empty,
          from,
          ...(unresolved ? { unresolved } : {}),
          ...defined({ platform }),
        });
      }
    } else if (last !== undefined && keyword === 'ONBUILD') {
      last.triggers = !last.replaced;
    } else if (last !== undefined && !last.replaced) {
      const { copied, mounted } = takenIn(instruction);
      last.steps.push({
        keyword,
        line,
        flags,
        ...defined({ paths: copiedPaths(instruction, escapeSign) }),
        text: [rest, ...heredocs].join('\n').trim(),
        ...(copied === undefined ? {} : { copiedFrom: put(copied).text }),
        ...(mounted.length === 0 ? {} : { mountedFrom: mounted.map((one) => put(one).text) }),
      });
    }
  }
  return stages;
}

/** What the names of stages mean, by the numbers of these: the last of a name, as BuildKit has it. */
interface StageNumbers {
  readonly named: ReadonlyMap<string, number>;
  /** Of each stage that it starts from another, the number of that one. */
  readonly parents: ReadonlyMap<number, number>;
}

const numbered = new WeakMap<readonly Stage[], StageNumbers>();

function numbersOf(stages: readonly Stage[]): StageNumbers {
  const known = numbered.get(stages);
  if (known !== undefined) return known;
  const named = new Map<string, number>();
  const parents = new Map<number, number>();
  for (const [number, { name, from, replaced }] of stages.entries()) {
    const parent = replaced ? undefined : named.get(from.toLowerCase());
    if (parent !== undefined) parents.set(number, parent);
    if (name !== undefined) named.set(name, number);
  }
  const numbers = { named, parents };
  numbered.set(stages, numbers);
  return numbers;
}

/** A stage and those that it starts from in turn; the last of them starts from an image or `scratch`, or is a build context. */
function chainFrom(number: number | undefined, stages: readonly Stage[]): readonly Stage[] {
  const { parents } = numbersOf(stages);
  const chain: Stage[] = [];
  for (let at = number; at !== undefined; at = parents.get(at)) {
    const stage = stages[at];
    if (stage !== undefined) chain.push(stage);
  }
  return chain;
}

/** A stage and those that it starts from in turn. */
export function chainOf(stage: Stage, stages: readonly Stage[]): readonly Stage[] {
  return chainFrom(stages.indexOf(stage), stages);
}

/** The stage that is built, and those that it starts from in turn. BuildKit takes a target by its name alone. */
export function builtChain(stages: readonly Stage[], { target }: Building): readonly Stage[] {
  const last = stages.length - 1;
  const { named } = numbersOf(stages);
  return chainFrom(target === undefined ? last : named.get(target.toLowerCase()), stages);
}

/** The stage that a `COPY --from` means, and those that it starts from in turn; none where it means an image. */
function copiedChain(
  { copiedFrom = '' }: Pick<StageStep, 'copiedFrom'>,
  stages: readonly Stage[],
): readonly Stage[] {
  if (copiedFrom === '') return [];
  const number = /^\d+$/.test(copiedFrom)
    ? Number(copiedFrom)
    : numbersOf(stages).named.get(copiedFrom.toLowerCase());
  return chainFrom(number, stages);
}

/** The image that the stage which is built starts from; undefined for `scratch`, a build context, and where it is not known. */
export function builtFrom(text: string, building: Building): string | undefined {
  const root = builtChain(stagesOf(text, building), building).at(-1);
  if (root === undefined || root.unresolved || root.from === 'scratch') return undefined;
  return isNamedContext(root.from, building.contexts) ? undefined : root.from;
}

/** Stages, and all that these copy and mount from in turn. */
function withSources(chain: readonly Stage[], stages: readonly Stage[]): readonly Stage[] {
  const found = new Set(chain);
  for (const { steps } of found) {
    for (const stage of steps.flatMap((step) => takenFrom(step, stages))) {
      found.add(stage);
    }
  }
  return [...found];
}

function takenFrom(
  { copiedFrom = '', mountedFrom = [] }: StageStep,
  stages: readonly Stage[],
): readonly Stage[] {
  return [copiedFrom, ...mountedFrom].flatMap((from) => copiedChain({ copiedFrom: from }, stages));
}

/** All stages that a build executes: what is built, and what it starts, copies and mounts from. */
export function neededStages(stages: readonly Stage[], building: Building): readonly Stage[] {
  return withSources(builtChain(stages, building), stages);
}

/** All stages that a step takes something from, the nearest first. */
export function stagesBehind(step: StageStep, stages: readonly Stage[]): readonly Stage[] {
  return withSources(takenFrom(step, stages), stages);
}
