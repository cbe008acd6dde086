import { defined } from '../types/index.js';
import type { RateLimit } from './errors.js';

type Headers = ReadonlyMap<string, string>;

function count(text: string | undefined): number | undefined {
  const found = /^\s*(\d{1,9})\b/.exec(text ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}

/** `100;w=21600`: a window in seconds beside the number. */
function windowIn(text: string | undefined): number | undefined {
  const found = /;\s*w=(\d{1,9})/.exec(text ?? '')?.[1];
  return found === undefined ? undefined : Number(found) * 1000;
}

/** The structured `RateLimit: "default";r=0;t=30` (draft-ietf-httpapi-ratelimit-headers). */
function parameter(text: string | undefined, name: string): number | undefined {
  const found = new RegExp(`;\\s*${name}=(\\d{1,9})`).exec(text ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}

/** What `RateLimit-*` headers tell: Docker Hub's form, GitLab's, and the draft's two. */
export function rateLimitIn(headers: Headers): RateLimit | undefined {
  const limit = headers.get('ratelimit-limit');
  const remaining = headers.get('ratelimit-remaining');
  const policy = headers.get('ratelimit-policy');
  const requests = count(limit) ?? parameter(policy, 'q');
  const left = count(remaining) ?? parameter(headers.get('ratelimit'), 'r');
  const window = windowIn(limit) ?? windowIn(remaining) ?? windowIn(policy);
  if (requests === undefined && left === undefined) return undefined;
  return defined({ requests, window, left });
}

/**
 * Milliseconds until the window begins anew, for answers without `Retry-After`:
 * `RateLimit-Reset` in seconds, or in GitLab's form as seconds since 1970.
 */
export function resetIn(headers: Headers, now: Date): number | undefined {
  const text = headers.get('ratelimit-reset')?.trim() ?? '';
  if (/^\d{10}$/.test(text)) return Math.max(0, Number(text) * 1000 - now.getTime());
  const seconds = count(text) ?? parameter(headers.get('ratelimit'), 't');
  return seconds === undefined ? undefined : seconds * 1000;
}
