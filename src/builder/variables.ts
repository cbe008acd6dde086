import { failure } from '../engine/index.js';
import { buildxFolder } from '../ports/index.js';
import type { DriverOption } from '../reference/index.js';
import type { BuildxClient } from './buildx.js';
import { readDefinition, writeDefinition } from './definition.js';
import type { NodeOptions } from './options.js';

/** Whether a driver option sets what may be a secret, a proxy's login above all. */
export function isVariable({ name }: DriverOption): boolean {
  return name.startsWith('env.');
}

/**
 * Sets variables for BuildKit in a node that is not started yet, the last one where
 * it has no name: in the file from which buildx starts it, since anybody on the
 * machine can read the arguments of a process. Rejects with `EngineError` where
 * buildx keeps its builders in another way.
 */
export async function giveVariables(
  options: readonly DriverOption[],
  { name: node }: Pick<NodeOptions, 'name'>,
  builder: string,
  client: BuildxClient,
): Promise<void> {
  const variables = options.filter(isVariable);
  if (variables.length === 0) return;
  const folder = buildxFolder(client.env) ?? '';
  const definition = await readDefinition(builder, folder, client);
  const given = definition?.Nodes.findLast(
    ({ Name }) => node === undefined || Name === node.toLowerCase(),
  );
  if (definition === undefined || given === undefined) {
    throw failure(
      `The builder "${builder}" is not stored under ${folder} in the format that is known of buildx, so its variables (proxies, driver options env.…) cannot be set; create it with docker buildx create, and pass its name as the builder.`,
    );
  }
  const pairs = variables.map(({ name, value }) => [name, value] as const);
  const changed = { ...given, DriverOpts: { ...given.DriverOpts, ...Object.fromEntries(pairs) } };
  const Nodes = definition.Nodes.map((one) => (one === given ? changed : one));
  await writeDefinition({ ...definition, Nodes }, builder, folder, client);
}
