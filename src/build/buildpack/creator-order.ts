import { stringify } from 'smol-toml';
import type { BuildpackRef, PlatformBuilder } from '../../buildpacks/index.js';
import { EngineError } from '../../engine/index.js';
import type { BuildpackPlan } from '../../evidence/index.js';
import { plannedBuildpack } from '../../reference/index.js';

type OrderGroup = readonly BuildpackRef[];

/** Folders of added buildpacks, by their paths in the plan. */
export type AddedBuildpacks = ReadonlyMap<string, BuildpackRef>;

function inBuilder({ buildpacks }: PlatformBuilder, id: string, wanted?: string): BuildpackRef {
  const version = wanted ?? buildpacks.findLast((one) => one.id === id)?.version;
  if (version === undefined) throw new EngineError('failed', `The builder has no ${id}.`, '');
  return { id, version };
}

/** The groups that one buildpack of the plan stands for. */
function groupsOf(
  planned: string,
  builder: PlatformBuilder,
  added: AddedBuildpacks,
): readonly OrderGroup[] {
  const source = plannedBuildpack(planned);
  if (source.from === 'order') return builder.order;
  if (source.from === 'builder') return [[inBuilder(builder, source.id, source.version)]];
  const own = added.get(planned);
  if (own !== undefined) return [[own]];
  const message = `With "flow: creator", buildpacks are those of the builder and folders; ${planned} is neither. Use pack's flow, or a builder that has it.`;
  throw new EngineError('failed', message, '');
}

/** Each group of the first list with each of the second behind it. */
const product = (groups: readonly OrderGroup[], more: readonly OrderGroup[]) =>
  groups.flatMap((group) => more.map((one) => [...group, ...one]));

/**
 * The order in which the lifecycle tries buildpacks, as order.toml has it
 * (buildpacks/spec, platform.md, "order.toml"); undefined where it is the builder's own.
 * Throws an `EngineError` for a buildpack that cannot be brought to a builder.
 */
export function orderToml(
  { buildpacks, preBuildpacks, postBuildpacks }: BuildpackPlan,
  builder: PlatformBuilder,
  added: AddedBuildpacks,
): string | undefined {
  if ([buildpacks, preBuildpacks, postBuildpacks].every((list) => list.length === 0)) {
    return undefined;
  }
  const groups = (list: readonly string[]) =>
    list.map((one) => groupsOf(one, builder, added)).reduce(product, [[]]);
  const middle = buildpacks.length === 0 ? builder.order : groups(buildpacks);
  const all = [groups(preBuildpacks), middle, groups(postBuildpacks)].reduce(product, [[]]);
  const order = all.map((group) => ({
    group: group.map(({ id, version, optional }) => ({
      id,
      version,
      ...(optional ? { optional } : {}),
    })),
  }));
  return stringify({ order });
}
