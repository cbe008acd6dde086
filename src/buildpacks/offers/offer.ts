import type { BuildpackRef } from '../builder.js';
import type { Runtime } from '../pins/pin.js';

/** A version that a buildpack offers. */
export interface OfferedVersion {
  readonly version: string;
  /** When its makers give it up: `2026-04-30`. */
  readonly deprecation?: string;
}

/** What a buildpack of a builder offers of a runtime, on one platform. */
export interface Offer {
  readonly runtime: Runtime;
  readonly platform: string;
  readonly buildpack: Omit<BuildpackRef, 'optional'>;
  /** Where this is from: `buildpack.toml in its layer`, `the table for heroku/python 0.25.0`. */
  readonly from: string;
  readonly versions: readonly OfferedVersion[];
  /** The versions are those of a series, `3.13`, of which any release may be there. */
  readonly series?: true;
  /** There may be more than these. */
  readonly partial?: true;
  /** None is newer than the last of them. */
  readonly bounded?: true;
}
