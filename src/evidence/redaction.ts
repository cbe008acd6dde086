import { escapesIn, hasEscapes, withoutEscapes } from './escapes.js';

/*
 * What a build, a test or a tool prints may be a secret of the run. Everything of
 * that kind passes through here before it is told or written down.
 */

/** What stands in a secret's place, as in the log of a job. */
export const MASK = '***';

/** Shorter ones are words that stand in many places where they are no secret. */
const SHORTEST = 8;

/** Characters that are kept back with their escape sequences; of more those are left out. */
const COLOURED = 64 * 1024;

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

/**
 * Where a secret ends that begins at a place of a text, with escape sequences
 * between its characters: whoever shows the text leaves those out. `open`: the text
 * ends before the secret does.
 */
function colouredEnd(
  text: string,
  at: number,
  secret: string,
  past: (at: number) => number,
): number | 'open' | undefined {
  let next = at;
  for (let of = 0; of < secret.length; of++) {
    if (of > 0) next = past(next);
    if (next >= text.length) return 'open';
    if (text.charCodeAt(next) !== secret.charCodeAt(of)) return undefined;
    next++;
  }
  return next;
}

/** A redactor that knows no secret yet. */
export function createRedactor(): Redactor {
  /** By their first eight characters, the longest first. */
  const known = new Map<string, readonly string[]>();
  /** By their first. Most characters begin no secret; that is all that is asked of most of a long text. */
  const starting = new Map<number, readonly string[]>();
  let longest = 0;

  /** Where the secret ends that begins at a place of a text. */
  const endAt = (
    text: string,
    at: number,
    past: ((at: number) => number) | undefined,
  ): number | undefined => {
    const like = known.get(text.slice(at, at + SHORTEST));
    const plain = like?.find((secret) => text.startsWith(secret, at));
    if (plain !== undefined) return at + plain.length;
    if (past === undefined) return undefined;
    const all = starting.get(text.charCodeAt(at)) ?? [];
    const ends = all.map((secret) => colouredEnd(text, at, secret, past));
    const found = ends.filter((end) => typeof end === 'number');
    return found.length === 0 ? undefined : Math.max(...found);
  };

  /** Without the secrets that begin before `end`; what follows the last of them begins at `next`. */
  const clean = (text: string, end = text.length) => {
    let done = '';
    let from = 0;
    const past = hasEscapes(text) ? escapesIn(text) : undefined;
    for (let at = 0; at < end; at++) {
      const first = starting.has(text.charCodeAt(at));
      const found = first ? endAt(text, at, past) : undefined;
      if (found === undefined) continue;
      done += text.slice(from, at) + MASK;
      from = found;
      at = from - 1;
    }
    const next = Math.max(from, end);
    return { done: done + text.slice(from, next), next };
  };

  /** Where the end of a text may be the beginning of a secret. */
  const openEnd = (text: string) => {
    const past = escapesIn(text);
    const from = hasEscapes(text) ? 0 : text.length - longest + 1;
    for (let at = Math.max(0, from); at < text.length; at++) {
      const all = starting.get(text.charCodeAt(at)) ?? [];
      if (all.some((secret) => colouredEnd(text, at, secret, past) === 'open')) return at;
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
        const first = line.charCodeAt(0);
        starting.set(first, [...(starting.get(first) ?? []), line]);
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
          const rest = text.slice(next);
          kept = rest.length > COLOURED ? withoutEscapes(rest) : rest;
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
