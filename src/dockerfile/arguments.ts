import type { Dockerfile, Instruction } from 'dockerfile-ast';
import { isDigest, splitReference } from '../reference/index.js';

/** The values that build arguments have, by name; undefined: declared without one. */
export type Arguments = ReadonlyMap<string, string | undefined>;

interface Resolved {
  readonly text: string;
  readonly unresolved: boolean;
}

/** Braces may stand in those of a default, once. */
const VARIABLE =
  /\\\$|\$(?:\{([A-Za-z_]\w*)(?:(:?[-+])((?:[^{}]|\{[^{}]*\})*))?\}|([A-Za-z_]\w*))/g;
/** What is left where a variable is asked for in another way: `${V#v}`. */
const LEFT = /\$\{/;

/** Longer than any reference; what is longer is not looked into. */
const LONGEST = 4096;

/** A text with the values of build arguments put in, as far as they are known. */
export function resolve(text: string, args: Arguments): Resolved {
  if (text.length > LONGEST) return { text: text.slice(0, LONGEST), unresolved: true };
  let unresolved = false;
  const whole = text.replace(VARIABLE, (found, ...groups: readonly string[]) => {
    const [braced, operator, word = '', plain = ''] = groups;
    if (found === '\\$') return '$';
    const value = args.get(braced ?? plain);
    const set = value !== undefined && (value !== '' || operator?.startsWith(':') !== true);
    const isInstead = operator?.endsWith('+') === true;
    if (set && !isInstead) return value;
    if (operator === undefined) {
      unresolved = true;
      return found;
    }
    if (set !== isInstead) return '';
    const inner = resolve(word, args);
    unresolved ||= inner.unresolved;
    return inner.text;
  });
  return { text: whole.replaceAll('"', ''), unresolved: unresolved || LEFT.test(whole) };
}

/** A name that an ARG declares, with the default behind it as written, without its quotes. */
interface Declared {
  readonly name: string;
  readonly standing?: string;
}

const DECLARED =
  /(?<=^|\s)([A-Za-z_]\w*)(?:=((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'])*))?(?=\s|$)/g;

/** All names of an ARG, which may be several. */
export function declaredIn(arg: Instruction): readonly Declared[] {
  return [...(arg.getArgumentsContent() ?? '').matchAll(DECLARED)].map(([, name = '', value]) => ({
    name,
    ...(value === undefined ? {} : { standing: value.replace(/^(["'])(.*)\1$/s, '$2') }),
  }));
}

/** The arguments before the first FROM: `args` are the build's, which come before the defaults of ARG. */
export function globalArguments(
  parsed: Dockerfile,
  args: Readonly<Record<string, string>>,
  automatic: Arguments = new Map(),
): Arguments {
  const known = new Map(automatic);
  for (const { name, standing } of parsed.getInitialARGs().flatMap(declaredIn)) {
    const value = standing === undefined ? automatic.get(name) : resolve(standing, known).text;
    known.set(name, Object.hasOwn(args, name) ? args[name] : value);
  }
  return known;
}

/** Whether a reference names a digest. */
export function isPinned(reference: string): boolean {
  return isDigest(splitReference(reference).digest);
}
