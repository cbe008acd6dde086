import { child, pairs, type SourceNode, words } from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import type { Request } from './request/request.js';
import { isSecretVariable, judgeName } from './variables.js';

const LISTED = 10;

type Pairs = ReturnType<typeof pairs>;

/** What an entry of `images` gives its build: arguments, or variables of buildpacks. */
function buildPairs(image: SourceNode): { readonly args: Pairs; readonly env: Pairs } {
  const build = child(image, 'build');
  return { args: pairs(build, 'args'), env: pairs(child(build, 'buildpack'), 'env') };
}

/** The variables that those without a value take, of one entry of `images`. */
export function argumentsUse(image: SourceNode): readonly string[] {
  const { args, env } = buildPairs(image);
  return [...args, ...env].filter(({ value }) => value === undefined).map(({ name }) => name);
}

/** The names under `public-args`, in the file and in the inputs. */
export function publicArgsOf(images: readonly SourceNode[]): ReadonlySet<string> {
  return new Set(images.flatMap((image) => words(image, 'public-args')));
}

/** A problem with a variable that `--set` or the input "set" gives, named as the caller knows it. */
function about({ from }: Request, message: string): Problem {
  return from === 'inputs' ? { file: 'input "set"', message } : { message: `--set ${message}` };
}

/**
 * Variables and build arguments that are given and whose names look like secrets; `described`
 * is the inputs' image as each platform's build reads it. What the configuration gives a build
 * is in the repository already.
 */
export function secretProblems(
  request: Request,
  described: readonly SourceNode[],
  publicArgs: ReadonlySet<string>,
): readonly Problem[] {
  const variables = [...request.set].flatMap(([name, value]) => {
    const message = judgeName({ name, value }, name, publicArgs);
    return message === undefined ? [] : [about(request, message)];
  });
  const images = request.inline === undefined ? [] : described.map(buildPairs);
  const judged = (input: string, given: Pairs) =>
    given.flatMap(({ name, value }) => {
      const message =
        value === undefined ? undefined : judgeName({ name, value }, name, publicArgs);
      return message === undefined ? [] : [{ file: `input "${input}"`, message }];
    });
  return [
    ...variables,
    ...images.flatMap(({ args, env }) => [
      ...judged('build-args', args),
      ...judged('buildpack-env', env),
    ]),
  ];
}

function hint({ inline }: Request, name: string, used: ReadonlySet<string>): string {
  const near = nearest(name, used);
  if (near !== undefined) return `did you mean "${near}"?`;
  if (inline !== undefined) {
    return 'inputs are used as they are written, except build arguments and variables of buildpacks without a value';
  }
  if (used.size === 0) return 'the configuration has no variables';
  const more = used.size > LISTED ? ', …' : '';
  return `there are: ${[...used].slice(0, LISTED).join(', ')}${more}`;
}

/** Variables that are given and change nothing; `used` are the names that anything refers to. */
export function unusedProblems(
  request: Request,
  used: ReadonlySet<string>,
  publicArgs: ReadonlySet<string>,
): readonly Problem[] {
  return [...request.set]
    .filter(([name, value]) => !used.has(name) && !isSecretVariable({ name, value }, publicArgs))
    .map(([name]) =>
      about(request, `${name}: nothing uses this variable; ${hint(request, name, used)}`),
    );
}
