import {
  type Building,
  globalArguments,
  isNamedContext,
  isPinned,
  parseDockerfile,
  platformArguments,
  readFrom,
  resolve,
  syntaxOf,
  takenIn,
} from '../dockerfile/index.js';
import { defined } from '../types/index.js';
import { byPlatform } from './by-platform.js';

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

/** What a stage takes from others. */
interface StageUse {
  /** The number of the stage that it starts from. */
  readonly parent?: number;
  /** The names or numbers that are written behind `--from`, in lower case. */
  readonly copied: Set<string>;
}

/** The stages that a target needs, by their numbers; BuildKit leaves out all others. */
function reached(
  stages: readonly StageUse[],
  named: ReadonlyMap<string, number>,
  target: number | undefined,
): ReadonlySet<number> {
  const numberOf = (name: string) => (/^\d+$/.test(name) ? Number(name) : named.get(name));
  const found = new Set<number>();
  const add = (number: number | undefined) => {
    if (number !== undefined && stages[number] !== undefined) found.add(number);
  };
  add(target);
  // A set goes on with what is added on the way.
  for (const number of found) {
    const { parent, copied = [] } = stages[number] ?? {};
    add(parent);
    for (const name of copied) add(numberOf(name));
  }
  return found;
}

/**
 * The images that a Dockerfile builds on: those of FROM, `COPY --from` and
 * `RUN --mount=from=`, without stages, `scratch` and the named contexts of the build.
 */
export function bases(
  dockerfile: string,
  { args, automatic, contexts, target }: Building,
): readonly Base[] {
  const parsed = parseDockerfile(dockerfile);
  const known = globalArguments(parsed, args, automatic);
  const put = (written: string) => resolve(written, known, parsed.escapeSign);
  const names = parsed.instructions.map((one) =>
    one.keyword === 'FROM' ? readFrom(one).name : undefined,
  );
  const all = new Set(names);
  /** The last stage of each name so far. */
  const named = new Map<string, number>();
  const stages: StageUse[] = [];
  const found: (Base & { readonly stage: number })[] = [];
  const add = (written: string, line: number) => {
    const { text, unresolved } = put(written);
    if (text === 'scratch' || text === '' || isNamedContext(text, contexts)) return;
    const base = { reference: text, line, pinned: isPinned(text) };
    found.push({ ...base, ...(unresolved ? { unresolved } : {}), stage: stages.length - 1 });
  };
  let isReplaced = false;
  for (const instruction of parsed.instructions) {
    const { keyword, line } = instruction;
    if (keyword === 'FROM') {
      const { image, name } = readFrom(instruction);
      isReplaced = name !== undefined && isNamedContext(name, contexts);
      const parent = isReplaced ? undefined : named.get(put(image).text.toLowerCase());
      stages.push({ ...defined({ parent }), copied: new Set() });
      if (!isReplaced && parent === undefined) add(image, line);
      if (name !== undefined) named.set(name, stages.length - 1);
    } else if (!isReplaced) {
      const { copied = '', mounted } = takenIn(instruction);
      for (const source of [copied, ...mounted]) {
        const name = put(source).text.toLowerCase();
        stages.at(-1)?.copied.add(name);
        if (!all.has(name) && !/^\d+$/.test(name)) add(source, line);
      }
    }
  }
  const last = target === undefined ? stages.length - 1 : named.get(target.toLowerCase());
  const needed = reached(stages, named, last);
  return found.map(({ stage, ...base }) => (needed.has(stage) ? base : { ...base, unused: true }));
}

/** The images that the builds of some platforms build on, with the platforms where not all do. */
export function basesOf(
  dockerfile: string,
  { file, ...building }: Building & { readonly file: string },
  platforms: readonly string[],
): readonly Base[] {
  const said = platforms.map((platform) => ({
    platform,
    values: bases(dockerfile, { ...building, automatic: platformArguments(platform) }),
  }));
  return byPlatform(said).map(({ value: base, platforms: own }) =>
    own.length === platforms.length ? base : { ...base, file, platforms: own },
  );
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
