import type { ParsedRequest } from '../config/index.js';
import type { Finding, Problem } from '../evidence/index.js';
import type { Channel } from '../reference/index.js';

/** What is asked of `sea-trial parity`. */
export interface ParityRequest {
  readonly action: 'lock' | 'check' | 'update' | 'probe';
  readonly asked: ParsedRequest;
  /** The source, as written; undefined: the configuration's builder, or what the lock has. */
  readonly from?: string;
  readonly channel?: Channel;
  /** `ID@VERSION` of what the deployment adds. */
  readonly injected: readonly string[];
  /** Whether the source is asked, too. */
  readonly live: boolean;
}

/** What has come of one image. */
export interface ParityOutcome {
  readonly image: string;
  /**
   * `locked`, `updated`: written; `same`: nothing has moved; `behind`: a pin was changed;
   * `disagrees`: the facts are not the pin's; `moved`: the source has something else;
   * `probed`: buildpacks were asked; `known`: there was nothing to ask; `unlocked`: the lock
   * does not have the image; `unused`: the configuration does not; `failed`: nothing is known;
   * `unwritten`: it could be written, but for another image that failed.
   */
  readonly state:
    | 'locked'
    | 'updated'
    | 'same'
    | 'behind'
    | 'disagrees'
    | 'moved'
    | 'probed'
    | 'known'
    | 'unlocked'
    | 'unused'
    | 'unwritten'
    | 'failed';
  readonly builder?: string;
  readonly runImage?: string;
  /** In words, `before → now`. */
  readonly changes: readonly string[];
}

/** What an action has come to. */
export interface ParityReport {
  readonly outcomes: readonly ParityOutcome[];
  readonly findings: readonly Finding[];
  /** What is wrong with what was written (exit code 2). */
  readonly problems: readonly Problem[];
  /** What did not answer (exit code 3). */
  readonly outages: readonly Problem[];
  /** The lock's new text, if it is to be written. */
  readonly text?: string;
}
