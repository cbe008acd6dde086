import { mapScalars, type Position, type ScalarNode, type SourceNode } from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import type { Lookup, RefusedVariable } from '../kinds/index.js';
import { nearest } from '../platform/index.js';
import { isJobVariable } from '../ports/index.js';
import { isSecretName } from '../reference/index.js';
import { placeholderOf } from './placeholders.js';
import { NO_PLACES, type TextPlaces, type VariableReader } from './text-places.js';

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

/** Variables that every shell or login has, so that a container has its own under the same name. */
const OWN: ReadonlySet<string> = new Set([
  'EUID',
  'HOME',
  'HOSTNAME',
  'LOGNAME',
  'OLDPWD',
  'PATH',
  'PWD',
  'SHELL',
  'SHLVL',
  'TERM',
  'UID',
  'USER',
]);

export function isOwn(name: string): boolean {
  return OWN.has(name);
}

/** What to write for the container's own. */
export function forOwn(name: string): string {
  return `write "$${name}" or "$\${${name}}" for the container's own`;
}

/** `$$`, a variable, or an expression of GitHub's workflows, whose braces are doubled. */
export const REFERENCE = /\$(?:\$|(?=\{\{)(\{\{[\s\S]*?\}\})|\{([^}]*)(\}?))/g;
export const FORM = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:-|:\?)([\s\S]*))?$/;

/** Names that a test on the host finds in its environment. */
const OURS = /^SEA_TRIAL_/;

/** Names under which BuildKit tells a Dockerfile of the machine that builds. */
const OF_BUILDER = /^BUILD(?:ARCH|OS|PLATFORM|VARIANT)$/;

/** What may be written instead of a variable in one text. */
interface VariablePlace {
  /** What reads it where it is written with two dollar signs. */
  readonly reader: VariableReader | undefined;
  readonly isPerPlatform: boolean;
}

/** About a name that BuildKit sets in a Dockerfile; undefined of others. */
function ofBuildKit(name: string, { isPerPlatform }: VariablePlace): string | undefined {
  const placeholder = placeholderOf(name);
  if (placeholder === undefined && !OF_BUILDER.test(name)) return undefined;
  const head = `BuildKit sets it, and only in a Dockerfile that has "ARG ${name}"`;
  if (placeholder === undefined) return `${head}; leave it out`;
  return isPerPlatform
    ? `${head}; here, write '{${placeholder}}'`
    : `${head}, and this text is one for all platforms; leave it out`;
}

function hint(name: string, known: Replacing['known'], place: VariablePlace): string {
  if (OURS.test(name)) {
    return `a test on the host has it in its environment; write "$${name}" or "$\${${name}}" for the shell`;
  }
  const near = nearest(name, known());
  if (near !== undefined) return `did you mean "${near}"?`;
  const own =
    place.reader === undefined ? '' : `, or write "$\${${name}}" for the ${place.reader}'s own`;
  const builtIn = ofBuildKit(name, place);
  return `${builtIn ?? 'give it with --set, the environment or "vars"'}${own}`;
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

/** What a shell makes of a variable, behind its name: a part of it, or something in its place. */
const SHELL_FORM = /^([A-Za-z_]\w*)([-?]?)([\s\S]*)$/;

/** About a text in the braces of a variable that is none. */
function notVariable(body: string, { reader }: VariablePlace): string {
  const head = `"\${${body}}" is not a variable`;
  const own = `write "$\${${body}}" for the ${reader ?? 'text itself'}`;
  const [, name, operator, rest] = SHELL_FORM.exec(body) ?? [];
  if (name === undefined) return `${head}; ${own}`;
  const other = reader === undefined ? '' : `${own}, or `;
  if (operator !== '') {
    return `${head}, whose name has letters, digits and "_"; ${other}write "\${${name}:${operator}${rest}}" for ${operator === '-' ? 'a default' : 'a message'}`;
  }
  return `"\${${body}}": only a whole variable can be used here; ${other}set one to the text that is needed, with --set SHORT=… or in the action's input "set", and write "\${SHORT}"`;
}

interface Expanding {
  readonly find: Lookup;
  readonly known: Replacing['known'];
  readonly place: VariablePlace;
}

function expand(body: string, { find, known, place }: Expanding): string | Problem | undefined {
  const [, name, operator, rest = ''] = FORM.exec(body) ?? [];
  if (name === undefined && CONTEXT.test(body)) {
    return { message: aboutExpression(body, `\${${body}}`) };
  }
  if (name === undefined) return { message: notVariable(body, place) };
  const value = find(name);
  if (typeof value === 'object') {
    if (value.refused === undefined) return undefined;
    const own = place.reader === 'shell' && isOwn(name) ? `; ${forOwn(name)}` : '';
    return { message: `${value.refused}${own}` };
  }
  if (operator === undefined) {
    if (value !== undefined) return value;
    return { message: `variable "${name}" is not set; ${hint(name, known, place)}` };
  }
  if (value !== undefined && value !== '') return value;
  if (operator === ':-') return rest;
  const why = rest || ofBuildKit(name, place) || 'it is needed here';
  return { message: `variable "${name}" is not set or empty: ${why}` };
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
  expanding: Expanding,
): string | Problem | undefined {
  if (expression !== undefined) {
    return { message: aboutExpression(expression.slice(2, -2), whole) };
  }
  if (close === '') return { message: `"\${" is not closed in "${whole.slice(0, 40)}"` };
  return expand(body, expanding);
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
export function substitute(
  raw: SourceNode,
  { find, known, room }: Replacing,
  { readers, perPlatform }: TextPlaces = NO_PLACES,
): Substituted {
  const problems: Problem[] = [];
  const unknown: Position[] = [];
  const used = new Set<string>();
  const noted: Lookup = (name) => {
    used.add(name);
    return find(name);
  };
  const change = (scalar: ScalarNode): ScalarNode => {
    if (!scalar.text.includes('$')) return scalar;
    const place = { reader: readers.get(scalar), isPerPlatform: perPlatform.has(scalar) };
    let isUnknown = false;
    const spoil = (message?: string) => {
      isUnknown = true;
      unknown.push(scalar.at);
      if (message !== undefined) problems.push({ ...scalar.at, message });
      return '';
    };
    const text = scalar.text.replace(REFERENCE, (whole, ...parts: (string | undefined)[]) => {
      const [expression, body, close] = parts;
      if (expression === undefined && body === undefined) return '$';
      const read = { whole, expression, body, close };
      const value = evaluate(read, { find: noted, known, place });
      if (typeof value !== 'string') return spoil(value?.message);
      const before = room.left;
      room.left -= value.length;
      if (room.left >= 0) return value;
      // Said once: after that nothing is known any more.
      return spoil(before >= 0 ? 'the variables add more than 1 MiB of text' : undefined);
    });
    const origin = text === scalar.text ? {} : { written: scalar.text };
    return { ...scalar, text, ...origin, ...(isUnknown ? { unknown: true } : {}) };
  };
  const changed = mapScalars(raw, change);
  return { raw: changed, problems, unknown, used };
}
