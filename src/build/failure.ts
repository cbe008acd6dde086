import { type Code, type Finding, finding } from '../evidence/index.js';
import type { BuildProgress } from './progress.js';

/** What helps where the code's own remedy does not; `named` is what the pattern took out of the words. */
type Remedy = (named: string) => string;

const grantIt: Remedy = (name) =>
  `Ask for it in the image's build section, entitlements: [${name}], and grant it: --grant ${name}, or the action's input "grants"; for an image that the inputs describe, the input "allow" does both.`;

const allowIt: Remedy = (name) =>
  `Use a builder whose BuildKit was started with --allow-insecure-entitlement=${name}, or name none and let the run make one (driver: docker-container).`;

/** What a failed build is known by in its words, most telling first. */
const REASONS: readonly (readonly [RegExp, Code, string, Remedy?])[] = [
  [
    /granting entitlement (\S+) is not allowed by build daemon/,
    'build-failed',
    'the builder gives no build what this one asks for',
    allowIt,
  ],
  [
    /^(?:failed to load LLB: )?(network\.host|security\.insecure|device) is not allowed$/m,
    'build-failed',
    'a step asks for more than it was granted',
    grantIt,
  ],
  [
    /exec format error/i,
    'platform-not-runnable',
    'a step could not be executed: programs of this platform do not run here',
  ],
  [/no space left on device/i, 'engine-failed', "the builder's disk is full"],
  [
    /error getting credentials|failed to authorize|failed to fetch (anonymous|oauth) token|authorization failed|pull access denied/i,
    'not-pulled',
    'a base image could not be had with the credentials there are',
  ],
  [
    /failed to resolve source metadata|failed to do request|no match for platform/i,
    'not-pulled',
    'a base image could not be had',
  ],
  [
    /rpc error: code = Unavailable|cannot connect to the docker daemon|error reading from server: EOF|connection refused|closing transport|no builder ".*" found|failed to find (the )?instance/i,
    'engine-failed',
    'the builder went away',
  ],
  [
    /failed to configure .* cache (im|ex)porter|error writing (manifest|layer) blob|failed to (push|copy)/i,
    'registry-failed',
    'the build cache could not be read or written',
    () =>
      'See that the login may write the cache, or let the build do without it (ignore-error=true in cache_to).',
  ],
];

/** The line that the error's excerpt starts with: `Dockerfile:7`. */
function lineOf(text: readonly string[]): number | undefined {
  for (const line of text) {
    const match = /^\S.*:(\d+)$/.exec(line.trim());
    if (match !== null) return Number(match[1]);
  }
  return undefined;
}

function errorOf(text: readonly string[], stepError: string | undefined): string {
  const said = text.findLast((line) => line.startsWith('ERROR: '))?.slice('ERROR: '.length);
  return (said ?? stepError ?? text.at(-1) ?? 'the build ended without a word')
    .replace(/^failed to build: /, '')
    .replace(/^failed to solve: /, '');
}

/** Says why a build failed, and whether the image or the surroundings are to blame. */
export function buildFailure(
  subject: { readonly image: string; readonly platform: string },
  file: string,
  progress: BuildProgress,
): Finding {
  const failed = progress.failed();
  const error = errorOf(progress.text(), failed?.error);
  const said = [error, ...(failed?.log.slice(-3) ?? [])].join('\n');
  const [pattern, code, reason, remedy] = REASONS.find(([known]) => known.test(said)) ?? [
    /^/,
    'build-failed' as const,
    failed === undefined ? 'the build failed' : `step ${failed.step} failed`,
  ];
  const line = lineOf(progress.text());
  const [, named = ''] = pattern.exec(said) ?? [];
  return finding(code, subject, `${reason}: ${error}`, {
    ...(remedy === undefined ? {} : { remedy: remedy(named) }),
    detail: failed?.log.slice(-20) ?? progress.text().slice(-10),
    location: { file, ...(line === undefined ? {} : { line }) },
  });
}
