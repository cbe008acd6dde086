import type { ProbedOffer } from '../buildpacks/index.js';
import type { Located, Position } from '../document/index.js';
import type { Channel } from '../reference/index.js';

/** What a builder is on one platform, as far as a lock keeps it. */
export interface BuilderFacts {
  /** Normalised. */
  readonly platform: string;
  /** The platform's manifest. */
  readonly digest: string;
  readonly lifecycle: string;
  /** The newest Platform API that the lifecycle serves. */
  readonly platformApi: string;
  /** `NAME VERSION`, such as `ubuntu 24.04`. */
  readonly distribution?: string;
  /** Every buildpack that it holds, `ID@VERSION`, sorted. */
  readonly buildpacks: readonly string[];
  /** Groups of `ID@VERSION`, with ` (optional)` behind what may be left out. */
  readonly order: readonly (readonly string[])[];
}

/** What a run image is on one platform. */
export interface RunImageFacts {
  readonly platform: string;
  readonly digest: string;
}

/** A builder and its run image, as registries have them. */
export interface PinFacts {
  /** What the builder's reference names: an index, or one platform's manifest. */
  readonly builder: { readonly digest: string; readonly platforms: readonly BuilderFacts[] };
  readonly runImage: { readonly digest: string; readonly platforms: readonly RunImageFacts[] };
}

/** What a lock says of one image. */
export interface ImageLock {
  /** As it is written: `builder`, a path, an address or a reference. */
  readonly source: string;
  readonly channel?: Channel;
  /** The last day of a channel, `2026-04-27`. */
  readonly until?: string;
  /** When the source was read, in UTC. */
  readonly time: string;
  /** `ID@VERSION` of what the deployment adds to the builder's own. */
  readonly injected: readonly string[];
  /** References with a digest. */
  readonly builder: string;
  readonly runImage: string;
  /** Facts about what `digest` names, which need not be the pins' digests any more. */
  readonly derived: PinFacts;
  readonly process?: string;
  readonly env: readonly string[];
  /** Versions by runtime, as far as they are known. */
  readonly offers: Readonly<Record<string, readonly string[]>>;
  /** What "parity probe" has found out of buildpacks that list nothing. */
  readonly probed: readonly ProbedOffer[];
}

/** The same, with the places that findings point at. */
export interface LockedImage extends ImageLock {
  readonly id: Located<string>;
  /** The place of a fact, by the names of `placeKey`. */
  readonly places: ReadonlyMap<string, Position>;
}

/** The name of a fact's place: `order linux/arm64`, `builder`. */
export function placeKey(fact: string, platform?: string): string {
  return platform === undefined ? fact : `${fact} ${platform}`;
}

/** The place of a fact in the lock, or of what holds it. */
export function placeIn({ places, id }: LockedImage, fact: string, platform?: string): Position {
  return places.get(placeKey(fact, platform)) ?? places.get(fact) ?? id.at;
}

export interface Lock {
  /** As problems name it, relative to the root. */
  readonly file: string;
  readonly images: ReadonlyMap<string, LockedImage>;
}
