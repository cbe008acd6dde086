import type { Builder } from '../builder/index.js';
import { type ProvedHere, platformFacts } from '../emulation/index.js';
import type { EngineFacts, Shared } from '../engine/index.js';
import type { Surroundings } from '../evidence/index.js';

/** Everything that was found out about where a run takes place. */
interface Found extends ProvedHere {
  readonly facts: EngineFacts;
  readonly buildx: string;
  readonly builder: Builder;
  readonly sharesLoopback: Shared;
  readonly sharesFiles: Shared;
}

function builderFacts({ builder, buildx }: Found): Surroundings['builder'] {
  const nodes = builder.nodes.map(({ name, buildkit, platforms }) => ({
    name,
    ...(buildkit === undefined ? {} : { buildkit }),
    platforms,
  }));
  return { name: builder.name, driver: builder.driver, buildx, nodes };
}

/** The evidence of the surroundings, platforms in the order they were asked for. */
export function surroundingsOf(found: Found): Surroundings {
  const { name, version, store, platform, rootless } = found.facts;
  const { sharesLoopback, sharesFiles } = found;
  return {
    engine: { name, version, store, platform, rootless, sharesLoopback, sharesFiles },
    builder: builderFacts(found),
    platforms: Array.from(found.proofs, ([one, proof]) =>
      platformFacts(one, proof, platform, found.handlers),
    ),
  };
}
