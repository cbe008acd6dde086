import { mapScalars, type Position, type ScalarNode, type SourceNode } from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import type { Lookup, RefusedVariable } from '../kinds/index.js';
import { nearest } from '../platform/index.js';
import { isJobVariable } from '../ports/index.js';
import { isSecretName } from '../reference/index.js';
import { writtenPlace } from './problems.js';

interface VariableSources {
  /** From `--set`. */
  readonly set: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly vars: ReadonlyMap<string, string | RefusedVariable>;
  readonly publicArgs: PublicArgs;
  /** The environment is read by a list. */
  readonly untrusted: boolean;
}

/** Variables of the runner that tell nothing the author of an untrusted configuration must not know. */
const OPEN: ReadonlySet<string> = new Set([
  'CI',
  'GITHUB_ACTOR',
  'GITHUB_BASE_REF',
  'GITHUB_EVENT_NAME',
  'GITHUB_HEAD_REF',
  'GITHUB_JOB',
  'GITHUB_REF',
  'GITHUB_REF_NAME',
  'GITHUB_REF_TYPE',
  'GITHUB_REPOSITORY',
  'GITHUB_REPOSITORY_OWNER',
  'GITHUB_RUN_ATTEMPT',
  'GITHUB_RUN_ID',
  'GITHUB_RUN_NUMBER',
  'GITHUB_SERVER_URL',
  'GITHUB_SHA',
  'GITHUB_WORKFLOW',
  'RUNNER_ARCH',
  'RUNNER_OS',
  'SOURCE_DATE_EPOCH',
]);

/** Names of branches that the author of a pull request chooses, whatever the run is. */
const OTHERS: ReadonlySet<string> = new Set([
  'BITBUCKET_BRANCH',
  'CHANGE_BRANCH',
  'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
  'DRONE_SOURCE_BRANCH',
  'GITHUB_HEAD_REF',
  'SYSTEM_PULLREQUEST_SOURCEBRANCH',
  'TRAVIS_PULL_REQUEST_BRANCH',
]);

/** A text that neither ends what it stands in, for a shell or as CSV, nor begins an option. */
const PLAIN = /^(?!-)[\p{L}\p{N}_./@+#=-]*$/u;

/** A variable or a build argument that is given. */
interface GivenVariable {
  readonly name: string;
  readonly value: string;
}

/** The names in `public-args`: what they hold may be recorded, whatever they look like. */
type PublicArgs = ReadonlySet<string>;

/** Whether a name says that the value is a secret; an empty value is none. */
export function isSecretVariable({ name, value }: GivenVariable, publicArgs: PublicArgs): boolean {
  return value !== '' && isSecretName(name) && !publicArgs.has(name);
}

/**
 * Why a variable is refused for its name: what the configuration says is recorded.
 * `whose` names it and where it comes from. Undefined where it may be used.
 */
export function judgeName(
  given: GivenVariable,
  whose: string,
  publicArgs: PublicArgs,
): string | undefined {
  if (!isSecretVariable(given, publicArgs)) return undefined;
  return `${whose} looks like a secret and would be recorded; pass it as a build secret, or, if it is public, name "${given.name}" under "public-args"`;
}

const NONE: PublicArgs = new Set();

/** Looks names up: --set first, then the environment, then `vars`. */
export function lookup({ set, env, vars, publicArgs, untrusted }: VariableSources): Lookup {
  return (name) => {
    const given = set.get(name);
    // Where it is given there is a problem already.
    if (given !== undefined) {
      return isSecretVariable({ name, value: given }, publicArgs) ? {} : given;
    }
    const surrounding = Object.hasOwn(env, name) ? env[name] : undefined;
    if (surrounding !== undefined) {
      const whose = `the environment's "${name}"`;
      // It is never public, whatever a file calls it.
      const known = isJobVariable(name) ? NONE : publicArgs;
      const refused = judgeName({ name, value: surrounding }, whose, known);
      if (refused !== undefined) return { refused };
      if (OTHERS.has(name) && !PLAIN.test(surrounding)) {
        return {
          refused: `variable "${name}" is the name of a branch, which its author chooses, and has characters with a meaning for a shell or an option; use only letters, digits and "_ . / @ + # = -"`,
        };
      }
      if (!untrusted || OPEN.has(name)) return surrounding;
      if (!vars.has(name)) {
        return {
          refused: `variable "${name}" is set in the environment, which an untrusted run may not read; use --set or the input "set"`,
        };
      }
    }
    return vars.get(name);
  };
}

/** `$$`, a variable, or an expression of GitHub's workflows, whose braces are doubled. */
const REFERENCE = /\$(?:\$|(?=\{\{)(\{\{[\s\S]*?\}\})|\{([^}]*)(\}?))/g;
const FORM = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:-|:\?)([\s\S]*))?$/;

/** Names that a test on the host finds in its environment. */
const OURS = /^SEA_TRIAL_/;

function hint(name: string, known: Replacing['known']): string {
  if (OURS.test(name)) {
    return `a test on the host has it in its environment; write "$${name}" or "$\${${name}}" for the shell`;
  }
  const near = nearest(name, known());
  if (near !== undefined) return `did you mean "${near}"?`;
  return `give it with --set, the environment or "vars", or write "$\${${name}}" for the shell's own`;
}

/** What a text with variables is replaced by. */
export interface Replacing {
  readonly find: Lookup;
  /** Names that there are, for a hint. */
  readonly known: () => readonly string[];
  /** How many characters variables may still add, in all texts together: each may use others twice. */
  readonly room: { left: number };
}

/** The beginning of what workflows know, as an expression or in the braces of a variable. */
const CONTEXT = /^\s*(?:env|github|inputs|matrix|needs|runner|secrets|steps|vars)\./;

const KNOWN = /^\s*(github|env|secrets)\.([A-Za-z][\w-]*)\s*$/;

const NOT_EVALUATED = 'expressions of GitHub are not evaluated in this file';

/** What to write instead of an expression of a workflow; `written` is how it stands there. */
function aboutExpression(expression: string, written: string): string {
  const [, context, name = ''] = KNOWN.exec(expression) ?? [];
  const right = `\${{ ${expression.trim()} }}`;
  const head = `"${written}": ${NOT_EVALUATED}; write`;
  if (context === 'secrets' || isSecretName(name)) {
    const id = name.toLowerCase();
    return `${head} ${id} under "secrets" of "build", and in the workflow ${id}=${right} in the action's input "secrets"`;
  }
  const variable = context === 'github' ? `GITHUB_${name.toUpperCase()}` : name;
  if (context === 'env' || OPEN.has(variable)) {
    return `${head} \${${variable}}, which the workflow's job has in its environment`;
  }
  return `${head} \${NAME}, and in the workflow NAME=${right} in the action's input "set"`;
}

function expand(
  body: string,
  find: Lookup,
  known: Replacing['known'],
): string | Problem | undefined {
  const [, name, operator, rest = ''] = FORM.exec(body) ?? [];
  if (name === undefined && CONTEXT.test(body)) {
    return { message: aboutExpression(body, `\${${body}}`) };
  }
  if (name === undefined) {
    const message = `"\${${body}}" is not a variable; write "$\${${body}}" for the text itself`;
    return { message };
  }
  const value = find(name);
  if (typeof value === 'object') {
    return value.refused === undefined ? undefined : { message: value.refused };
  }
  if (operator === undefined) {
    if (value !== undefined) return value;
    return { message: `variable "${name}" is not set; ${hint(name, known)}` };
  }
  if (value !== undefined && value !== '') return value;
  if (operator === ':-') return rest;
  return { message: `variable "${name}" is not set or empty: ${rest || 'it is needed here'}` };
}

/** The parts of what stands behind a dollar sign. */
interface ReferenceParts {
  readonly whole: string;
  readonly expression: string | undefined;
  readonly body: string | undefined;
  /** Empty where the brace is not closed. */
  readonly close: string | undefined;
}

function evaluate(
  { whole, expression, body = '', close }: ReferenceParts,
  find: Lookup,
  known: Replacing['known'],
): string | Problem | undefined {
  if (expression !== undefined) {
    return { message: aboutExpression(expression.slice(2, -2), whole) };
  }
  if (close === '') return { message: `"\${" is not closed in "${whole.slice(0, 40)}"` };
  return expand(body, find, known);
}

/** A tree whose variables have been replaced. */
interface Substituted {
  readonly raw: SourceNode;
  readonly problems: readonly Problem[];
  /** Where a text is not known, for want of a variable. */
  readonly unknown: readonly Position[];
  /** Names of the variables that were looked for, in their order. */
  readonly used: ReadonlySet<string>;
}

/**
 * Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?message}` in every scalar
 * of a tree; `$$` becomes `$`, a `$` before anything else stays.
 */
export function substitute(raw: SourceNode, { find, known, room }: Replacing): Substituted {
  const problems: Problem[] = [];
  const unknown: Position[] = [];
  const used = new Set<string>();
  const noted: Lookup = (name) => {
    used.add(name);
    return find(name);
  };
  const change = (scalar: ScalarNode): ScalarNode => {
    if (!scalar.text.includes('$')) return scalar;
    const text = scalar.text.replace(REFERENCE, (whole, ...parts: (string | undefined)[]) => {
      const [expression, body, close] = parts;
      if (expression === undefined && body === undefined) return '$';
      const value = evaluate({ whole, expression, body, close }, noted, known);
      if (typeof value === 'string') {
        const before = room.left;
        room.left -= value.length;
        if (room.left >= 0) return value;
        // Said once: after that nothing is known any more.
        if (before >= 0)
          problems.push({ ...scalar.at, message: 'the variables add more than 1 MiB of text' });
        unknown.push(scalar.at);
        return '';
      }
      unknown.push(scalar.at);
      if (value !== undefined) problems.push({ ...scalar.at, ...value });
      return '';
    });
    return { ...scalar, text };
  };
  const changed = mapScalars(raw, change);
  return { raw: changed, problems, unknown, used };
}

/** A variable as a shell has it, which stays as it is. */
const BARE = /(?<!\$)\$([A-Za-z_]\w*)/g;

/** About `$NAME` in a build, where Compose reads a variable; in tests a shell may have it. */
export function bareNotes(build: SourceNode | undefined): readonly string[] {
  const notes: string[] = [];
  if (build === undefined) return notes;
  mapScalars(build, (one) => {
    for (const [written, name] of one.text.matchAll(BARE)) {
      notes.push(
        `${writtenPlace(one.at)}: "${written}" stays as it is; a variable is written \${${name}}, and "$${written}" is the text without this note.`,
      );
    }
    return one;
  });
  return notes;
}
