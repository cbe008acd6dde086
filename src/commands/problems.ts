import { type Request, renderProblems, trustSentence } from '../config/index.js';
import type { Problem, Verdict } from '../evidence/index.js';
import type { Screen } from '../ports/index.js';
import { escapeCommandsInJson, printable } from '../report/index.js';

/** What --json prints if there is neither evidence nor plan. */
interface Refused {
  readonly verdict: Verdict['verdict'];
  readonly problems: readonly Problem[];
}

/** Prints what is wrong with the usage or the configuration: always in words, and as JSON if asked for. */
export function sayProblems(
  problems: readonly Problem[],
  json: boolean,
  { out, say }: Pick<Screen, 'out' | 'say'>,
): void {
  say(printable(renderProblems(problems)));
  if (!json) return;
  const refused: Refused = { verdict: 'errored', problems };
  out(`${escapeCommandsInJson(JSON.stringify(refused, undefined, 2))}\n`);
}

/** Prints whether a run is trusted; above problems only where that may be their reason. */
export function sayTrust(
  trust: Request['trust'],
  isRefused: boolean,
  { say }: Pick<Screen, 'say'>,
): void {
  if (!isRefused || trust.untrusted) say(`${printable(trustSentence(trust))}\n`);
}
