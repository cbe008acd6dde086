import {
  globalArguments,
  isNamedContext,
  isPinned,
  parseDockerfile,
  readFrom,
  resolve,
  syntaxOf,
  takenIn,
} from '../dockerfile/index.js';
import { defined } from '../types/index.js';

/** An image that a Dockerfile starts from or copies from. */
export interface Base {
  /** Build arguments are put in as far as they are known. */
  readonly reference: string;
  /** Counted from 1. */
  readonly line: number;
  readonly pinned: boolean;
  /** An argument in it has no value before the build. */
  readonly unresolved?: true;
  /** No stage that is surely built needs it. */
  readonly unused?: true;
  /** The Dockerfile, and the platforms that it is needed for, where these have Dockerfiles or arguments of their own. */
  readonly file?: string;
  readonly platforms?: readonly string[];
}

/** A stage and what it takes from others, by the names that are written, in lower case. */
interface StageUse {
  readonly name?: string;
  readonly uses: Set<string>;
}

/** The stages that a target needs (default: the last), by their numbers; BuildKit leaves out all others. */
function reached(stages: readonly StageUse[], target: string | undefined): ReadonlySet<number> {
  const named = (name: string) => stages.findLastIndex((stage) => stage.name === name);
  const numberOf = (name: string) => (/^\d+$/.test(name) ? Number(name) : named(name));
  const found = new Set<number>();
  const go = (number: number) => {
    const stage = stages[number];
    if (stage === undefined || found.has(number)) return;
    found.add(number);
    for (const name of stage.uses) go(numberOf(name));
  };
  go(target === undefined ? stages.length - 1 : named(target.toLowerCase()));
  return found;
}

/**
 * The images that a Dockerfile builds on: those of FROM, `COPY --from` and
 * `RUN --mount=from=`, without stages, `scratch` and the named contexts of the
 * build. `args` are the build's; they come before the defaults of ARG. `target` is
 * the stage that is built.
 */
export function bases(
  dockerfile: string,
  args: Readonly<Record<string, string>>,
  contexts: readonly string[] = [],
  target?: string,
): readonly Base[] {
  const parsed = parseDockerfile(dockerfile);
  const known = globalArguments(parsed, args);
  const froms = parsed.instructions.filter(({ keyword }) => keyword === 'FROM').map(readFrom);
  const stages: StageUse[] = [];
  const found: (Base & { readonly stage: number })[] = [];
  /** `names` are those of the stages that can be meant. */
  const add = (written: string, line: number, names: readonly { readonly name?: string }[]) => {
    const { text, unresolved } = resolve(written, known, parsed.escapeSign);
    stages.at(-1)?.uses.add(text.toLowerCase());
    const isStage = names.some(({ name }) => name === text.toLowerCase());
    const local = isStage || /^\d+$/.test(text);
    if (local || text === 'scratch' || text === '' || isNamedContext(text, contexts)) return;
    const base = { reference: text, line, pinned: isPinned(text) };
    found.push({ ...base, ...(unresolved ? { unresolved } : {}), stage: stages.length - 1 });
  };
  let isReplaced = false;
  for (const instruction of parsed.instructions) {
    const { keyword, line } = instruction;
    if (keyword === 'FROM') {
      const { image, name } = readFrom(instruction);
      const before = froms.slice(0, stages.length);
      stages.push({ ...defined({ name }), uses: new Set() });
      isReplaced = name !== undefined && isNamedContext(name, contexts);
      if (!isReplaced) add(image, line, before);
    } else if (!isReplaced) {
      const { copied = '', mounted } = takenIn(instruction);
      for (const source of [copied, ...mounted]) add(source, line, froms);
    }
  }
  const needed = reached(stages, target);
  return found.map(({ stage, ...base }) => (needed.has(stage) ? base : { ...base, unused: true }));
}

/**
 * The image that reads a Dockerfile: its `# syntax=` line, or the argument
 * BUILDKIT_SYNTAX that comes before it; undefined where BuildKit's own does.
 */
export function frontend(
  dockerfile: string,
  args: Readonly<Record<string, string>>,
): Base | undefined {
  const written = syntaxOf(dockerfile);
  const [reference = ''] = args.BUILDKIT_SYNTAX?.trim().split(' ') ?? [written?.reference];
  if (reference === '') return undefined;
  return { reference, line: written?.line ?? 1, pinned: isPinned(reference) };
}
