/**
 * What a run tells while it goes on, for the terminal and the log of a job.
 * Events carry nothing that the evidence will not hold: they may be dropped.
 */
export type Event =
  /** The run as a whole enters a stage: `environment`, `builder`, `publish`, `stopping`, … */
  | { readonly kind: 'stage'; readonly stage: string; readonly detail: string }
  /**
   * A trial moved on. `step` is BuildKit's `[7/11] RUN make`; `done` ends it, also one
   * that is `tried: false`, for it did not come to the end of its tests; `detail` says why.
   */
  | {
      readonly kind: 'trial';
      readonly image: string;
      readonly platform: string;
      readonly phase: 'waiting' | 'building' | 'inspecting' | 'loading' | 'testing' | 'done';
      readonly detail?: string;
      readonly ok?: boolean;
      readonly tried?: false;
    }
  /**
   * A step of a build has ended, and this one, which began `age` milliseconds ago, goes on:
   * no change, but what a line about the build says from now on.
   */
  | {
      readonly kind: 'remaining';
      readonly image: string;
      readonly platform: string;
      readonly step: string;
      readonly age: number;
    }
  /** Something that is worth knowing before it shows; the report says it again. */
  | { readonly kind: 'warning'; readonly code: string; readonly message: string }
  /** A registry asked for a pause of so many milliseconds, and gets it. */
  | { readonly kind: 'wait'; readonly registry: string; readonly duration: number }
  /** A registry did not answer in time (`what`), and is asked another time: the `attempt` of `of`. */
  | {
      readonly kind: 'retry';
      readonly what: string;
      readonly attempt: number;
      readonly of: number;
    }
  /** A registry does not show yet what it took, and is asked again after so many milliseconds. */
  | {
      readonly kind: 'lag';
      readonly registry: string;
      readonly duration: number;
      /** Milliseconds that a run waits for such, all in all. */
      readonly longest: number;
    }
  /** A line that a build or a test wrote: somebody else's words. */
  | {
      readonly kind: 'output';
      readonly image: string;
      readonly platform: string;
      readonly source: string;
      readonly text: string;
    };

export type Listen = (event: Event) => void;
