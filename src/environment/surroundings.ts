import { type ProvedHere, platformFacts } from '../emulation/index.js';
import type { EngineFacts, Shared } from '../engine/index.js';
import type { EnvironmentFacts } from '../evidence/index.js';

/** Everything that was found out about where a run takes place. */
interface FoundSurroundings extends ProvedHere {
  readonly facts: EngineFacts;
  /** buildx's version. */
  readonly buildx: string;
  readonly builder: Omit<EnvironmentFacts['builder'], 'buildx'>;
  /** Undefined where nothing is on a loopback, so that it was not tested. */
  readonly sharesLoopback: Shared | undefined;
  readonly sharesFiles: Shared;
}

/** The evidence of the surroundings, platforms in the order they were asked for. */
export function surroundingsOf(found: FoundSurroundings): EnvironmentFacts {
  const { builder, buildx, sharesLoopback, sharesFiles } = found;
  const { name, version, store, platform, rootless } = found.facts;
  const loopback = sharesLoopback === undefined ? {} : { sharesLoopback };
  return {
    engine: { name, version, store, platform, rootless, ...loopback, sharesFiles },
    builder: { name: builder.name, driver: builder.driver, buildx, nodes: builder.nodes },
    platforms: Array.from(found.proofs, ([one, proof]) =>
      platformFacts(one, proof, platform, found.handlers),
    ),
  };
}
