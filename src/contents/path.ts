/** Longest path that is taken, in UTF-16 units; Linux's own limit is 4096 bytes. */
const LONGEST = 4096;

/**
 * A path of a layer without a leading `/` or `./`, without `.`, `..` and empty
 * parts; empty for the root. Undefined where it leaves the root or is too long.
 */
export function normalisePath(path: string): string | undefined {
  if (path.length > LONGEST) return undefined;
  if (isNormal(path)) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** Most paths are normal already, directories but for their slash. */
function isNormal(path: string): boolean {
  return !/(^|\/)(\.{0,2})(\/|$)/.test(path);
}
