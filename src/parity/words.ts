import type { FactDifference } from './differences.js';

const HEX = 12;

/** Digests short, for eyes. */
function short(text: string): string {
  return text.replace(/\b(sha\d+:[0-9a-f]{12})[0-9a-f]+/g, '$1…').slice(0, 400);
}

/** `heroku/python 0.25.0 → 6.4.0`, `heroku/ruby 1.0.0 is gone`. */
function change({ what, before, now }: FactDifference): string {
  if (before === undefined) return `${what} ${short(now ?? '')} is new`;
  if (now === undefined) return `${what} ${short(before)} is gone`;
  return `${what} ${short(before)} → ${short(now)}`;
}

/** Each difference in words, once where it is the same on several platforms. */
export function differenceWords(all: readonly FactDifference[]): readonly string[] {
  const platforms = new Set(all.map(({ platform }) => platform));
  const said = new Map<string, string[]>();
  for (const one of all) {
    const words = change(one);
    said.set(words, [...(said.get(words) ?? []), one.platform]);
  }
  return [...said].map(([words, on]) =>
    on.length === platforms.size && platforms.size > 1 ? words : `${words} (${on.join(', ')})`,
  );
}

/** A reference with its digest short. */
export function shortReference(reference: string): string {
  return reference.replace(new RegExp(`(@sha\\d+:[0-9a-f]{${HEX}})[0-9a-f]+$`), '$1…');
}
