import { knownPlatforms } from './platform.js';

/** Edit distance with neighbours that changed places counted once (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + same);
      // In front of the first character there is none, which equals no other.
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}

const LONGEST = 64;

/**
 * The name that was probably meant: at most one edit in three characters away,
 * the first of the nearest. Undefined where nothing is near.
 */
export function nearest(
  written: string,
  among: Iterable<string> = knownPlatforms,
): string | undefined {
  if (written.length > LONGEST) return undefined;
  const text = written.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(text.length / 3)) + 1;
  for (const name of among) {
    // Each character more or less is an edit.
    if (Math.abs(name.length - text.length) >= least) continue;
    const far = distance(text, name.toLowerCase());
    if (far < least) [best, least] = [name, far];
  }
  return best;
}
