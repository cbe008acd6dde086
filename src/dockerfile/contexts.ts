import { familiarName, parseReference } from '../reference/index.js';

/** A name as BuildKit compares it with those of build contexts: `golang` for `docker.io/library/golang:latest`. */
function contextName(name: string): string {
  const parsed = parseReference(name);
  if (!parsed.ok) return name.toLowerCase();
  const { digest } = parsed.reference;
  return familiarName(parsed.reference) + (digest === undefined ? '' : `@${digest}`);
}

/** Whether a build context takes the place of what a name means. */
export function isNamedContext(name: string, contexts: readonly string[]): boolean {
  if (contexts.length === 0 || /^(?:scratch|context)$/i.test(name)) return false;
  const wanted = contextName(name);
  return contexts.some((one) => contextName(one) === wanted);
}

/** Whether two references mean the same image. */
export function isSameImage(one: string, other: string): boolean {
  return one === other || contextName(one) === contextName(other);
}
