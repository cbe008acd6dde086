/*
 * What a build, a test or a tool prints may be a secret of the run. Everything of
 * that kind passes through here before it is told or written down.
 */

/** What stands in a secret's place, as in the log of a job. */
const MASK = '***';

/** Shorter ones are words that stand in many places where they are no secret. */
const SHORTEST = 8;

/** Text that comes in pieces. A piece that may be a secret's beginning is kept back. */
export interface Pieces {
  push(piece: string): string;
  /** What was kept back, when nothing more comes. */
  end(): string;
}

/** Knows a run's secrets and takes them out of text. */
export interface Redactor {
  /** Each line of a secret is one, as logs are read by lines; those under eight characters are not. */
  learn(secret: string): void;
  /** `cut`: something was cut off before the text, in the middle of a secret perhaps. */
  text(text: string, cut?: boolean): string;
  pieces(): Pieces;
}

/** The lines that are known, by their first eight characters, the longest first. */
type Known = ReadonlyMap<string, readonly string[]>;

/** The secret that stands at a place of a text. */
function secretAt(text: string, at: number, known: Known): string | undefined {
  return known.get(text.slice(at, at + SHORTEST))?.find((secret) => text.startsWith(secret, at));
}

export function createRedactor(): Redactor {
  const known = new Map<string, readonly string[]>();
  // Most characters begin no secret; that is all that is asked of most of a long text.
  const firsts = new Set<number>();
  let longest = 0;

  /** Without the secrets that begin before `end`; what follows the last of them begins at `next`. */
  const clean = (text: string, end = text.length) => {
    let done = '';
    let from = 0;
    for (let at = 0; at < end; at++) {
      const found = firsts.has(text.charCodeAt(at)) ? secretAt(text, at, known) : undefined;
      if (found === undefined) continue;
      done += text.slice(from, at) + MASK;
      from = at + found.length;
      at = from - 1;
    }
    const next = Math.max(from, end);
    return { done: done + text.slice(from, next), next };
  };

  /** Where the end of a text may be the beginning of a secret. */
  const openEnd = (text: string) => {
    const lines = [...known.values()].flat();
    for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
      if (!firsts.has(text.charCodeAt(at))) continue;
      const rest = text.slice(at);
      if (lines.some((secret) => secret.length > rest.length && secret.startsWith(rest))) return at;
    }
    return text.length;
  };

  return {
    learn(secret) {
      for (const line of secret.split(/[\r\n]+/).map((one) => one.trim())) {
        const key = line.slice(0, SHORTEST);
        const before = known.get(key) ?? [];
        if (line.length < SHORTEST || before.includes(line)) continue;
        known.set(
          key,
          [...before, line].sort((a, b) => b.length - a.length),
        );
        firsts.add(line.charCodeAt(0));
        longest = Math.max(longest, line.length);
      }
    },
    text: (text, cut = false) => clean(text).done.slice(cut ? longest : 0),
    pieces() {
      let kept = '';
      return {
        push(piece) {
          const text = kept + piece;
          const { done, next } = clean(text, openEnd(text));
          kept = text.slice(next);
          return done;
        },
        end() {
          const { done } = clean(kept);
          kept = '';
          return done;
        },
      };
    },
  };
}

/** Plain data in which every text has passed a redactor. */
export function redacted<T>(value: T, redactor: Pick<Redactor, 'text'>): T {
  if (typeof value === 'string') return redactor.text(value) as T;
  if (Array.isArray(value)) return value.map((one) => redacted(one, redactor)) as T;
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, one]) => [key, redacted(one, redactor)]);
  return Object.fromEntries(entries) as T;
}
