import type { Copy, From, Run } from 'dockerfile-ast';
import { globalArguments, isPinned, parseDockerfile, resolve } from '../dockerfile/index.js';
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

/** `from` of `RUN --mount=type=bind,from=IMAGE`. */
function mountSources(run: Run): readonly string[] {
  return run
    .getFlags()
    .filter((flag) => flag.getName() === 'mount')
    .flatMap((flag) => (flag.getValue() ?? '').split(','))
    .filter((option) => option.startsWith('from='))
    .map((option) => option.slice('from='.length));
}

/** A stage and what it takes from others, by the names that are written, in lower case. */
interface StageUse {
  readonly name?: string;
  readonly uses: Set<string>;
}

/** The stages that a target needs (default: the last), by their numbers; BuildKit leaves out all others. */
function reached(stages: readonly StageUse[], target: string | undefined): ReadonlySet<number> {
  const numberOf = (name: string) =>
    /^\d+$/.test(name) ? Number(name) : stages.findLastIndex((stage) => stage.name === name);
  const found = new Set<number>();
  const go = (number: number) => {
    const stage = stages[number];
    if (stage === undefined || found.has(number)) return;
    found.add(number);
    for (const name of stage.uses) go(numberOf(name));
  };
  go(target === undefined ? stages.length - 1 : numberOf(target.toLowerCase()));
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
  const names = new Set(contexts.map((name) => name.toLowerCase()));
  const stages: StageUse[] = [];
  const found: (Base & { readonly stage: number })[] = [];
  const add = (written: string, line: number) => {
    const { text, unresolved } = resolve(written, known);
    stages.at(-1)?.uses.add(text.toLowerCase());
    const local = names.has(text.toLowerCase()) || /^\d+$/.test(text);
    if (local || text === 'scratch' || text === '') return;
    const base = { reference: text, line, pinned: isPinned(text) };
    found.push({ ...base, ...(unresolved ? { unresolved } : {}), stage: stages.length - 1 });
  };
  for (const instruction of parsed.getInstructions()) {
    const line = instruction.getRange().start.line + 1;
    const keyword = instruction.getKeyword();
    if (keyword === 'FROM') {
      const from = instruction as From;
      const name = from.getBuildStage()?.toLowerCase();
      stages.push({ ...defined({ name }), uses: new Set() });
      add(from.getImage() ?? '', line);
      if (name !== undefined) names.add(name);
    } else if (keyword === 'COPY') {
      add((instruction as Copy).getFromFlag()?.getValue() ?? '', line);
    } else if (keyword === 'RUN') {
      for (const source of mountSources(instruction as Run)) add(source, line);
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
  const written = parseDockerfile(dockerfile)
    .getDirectives()
    .find((directive) => directive.getName().toLowerCase() === 'syntax');
  const text = args.BUILDKIT_SYNTAX ?? written?.getValue() ?? '';
  const [reference = ''] = text.trim().split(/\s+/);
  if (reference === '') return undefined;
  const line = (written?.getRange().start.line ?? 0) + 1;
  return { reference, line, pinned: isPinned(reference) };
}
