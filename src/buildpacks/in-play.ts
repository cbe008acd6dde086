import { plannedBuildpack } from '../reference/index.js';
import type { BuildpackRef, ResolvedBuilder } from './builder.js';

/** The buildpacks of the plan: in place of the builder's order, before it, behind it. */
interface AskedBuildpacks {
  readonly buildpacks: readonly string[];
  readonly preBuildpacks: readonly string[];
  readonly postBuildpacks: readonly string[];
}

function refsOf(planned: readonly string[]): readonly BuildpackRef[] {
  return planned.flatMap((one) => {
    const source = plannedBuildpack(one);
    return source.from === 'builder' ? [{ id: source.id, version: source.version ?? '' }] : [];
  });
}

/** The builder with the order of which a build's buildpacks are chosen; what is not the builder's is left out of it. */
export function withAskedBuildpacks(
  builder: ResolvedBuilder,
  { buildpacks, preBuildpacks, postBuildpacks }: AskedBuildpacks,
): ResolvedBuilder {
  const more = [...preBuildpacks, ...postBuildpacks];
  const isWhole =
    buildpacks.length === 0 || buildpacks.some((one) => plannedBuildpack(one).from === 'order');
  const asked = refsOf([...buildpacks, ...more]);
  return {
    ...builder,
    platforms: builder.platforms.map((on) => ({
      ...on,
      order: [...(isWhole ? on.order : []), asked],
    })),
  };
}

/** The buildpacks of the plan that are brought to the builder, as the plan has them. */
export function foreignBuildpacks({
  buildpacks,
  preBuildpacks,
  postBuildpacks,
}: AskedBuildpacks): readonly string[] {
  return [...preBuildpacks, ...buildpacks, ...postBuildpacks].filter(
    (one) => !['order', 'builder'].includes(plannedBuildpack(one).from),
  );
}
