/*
 * Patterns for paths of an image. Neither of the two searches goes back further
 * than to the last star, so that no pattern can make one long.
 */

/** Whether the parts fit a pattern in which `star` stands for any number of them. */
function fits(
  pattern: readonly string[],
  parts: readonly string[],
  star: string,
  one: (wanted: string, part: string) => boolean,
): boolean {
  let [next, at] = [0, 0];
  let last: { readonly next: number; at: number } | undefined;
  while (at < parts.length) {
    const wanted = pattern[next];
    if (wanted === star) {
      next++;
      last = { next, at };
    } else if (wanted !== undefined && one(wanted, parts[at] ?? '')) {
      next++;
      at++;
    } else if (last !== undefined) {
      last.at++;
      ({ next, at } = last);
    } else return false;
  }
  return pattern.slice(next).every((wanted) => wanted === star);
}

const fitsName = (pattern: string, name: string): boolean =>
  fits([...pattern], [...name], '*', (wanted, sign) => wanted === '?' || wanted === sign);

function partsOf(path: string): readonly string[] {
  return path.replace(/^\/+/, '').split('/');
}

/** Whether a path fits a pattern without fault; both with or without a leading `/`. */
export function fitsGlob(pattern: string, path: string): boolean {
  const wanted = partsOf(pattern);
  // What is in a folder is not the folder itself.
  const whole = wanted.at(-1) === '**' ? [...wanted, '*'] : wanted;
  return fits(whole, partsOf(path), '**', fitsName);
}

/** Why a text cannot be a pattern for paths; undefined where it is one. */
export function globFault(text: string): string | undefined {
  if (text.trim() === '') return 'is empty; name a file or a folder of the image';
  const special = /[\\[\]{}!]/.exec(text)?.[0];
  if (special !== undefined) {
    return `has a "${special}"; a pattern has *, ** and ?, and ? stands for any one character`;
  }
  if (/^[*?/\s]*$/.test(text)) return 'would fit every file; name a file or a folder in it';
  if (text.endsWith('/')) return `ends with "/"; write "${text}**" for everything in that folder`;
  const parts = partsOf(text);
  if (parts.some((part) => ['', '.', '..'].includes(part))) {
    return 'has an empty part, "." or ".."; write the path as it is in the image';
  }
  if (parts.some((part) => part.includes('**') && part !== '**')) {
    return 'has a "**" beside other characters; it stands alone between slashes';
  }
  return undefined;
}
