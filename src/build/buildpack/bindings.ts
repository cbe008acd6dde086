import { isAbsolute, join } from 'node:path';
import { EngineError } from '../../engine/index.js';
import type { BuildpackPlan } from '../../evidence/index.js';
import { writeVolume } from '../../reference/index.js';
import type { BuildTools } from '../kind.js';
import type { BuildpackOrder } from './order.js';

type BindingTools = Pick<BuildTools, 'ports' | 'secretEnvironment'>;

/** A secret's value; undefined where its variable is not set. */
async function secretValue(
  { id, env, file }: BuildpackPlan['secrets'][number],
  { root, secretVariables }: BuildpackOrder,
  { ports, secretEnvironment }: BindingTools,
): Promise<string | Buffer | undefined> {
  const given = secretVariables.get(id);
  if (given !== undefined) return secretEnvironment[given];
  if (env !== undefined) return ports.env[env];
  const path = file ?? id;
  return ports.files.read(isAbsolute(path) ? path : join(root, path));
}

/** A file of a service binding. */
interface BindingFile {
  readonly binding: string;
  readonly name: string;
  readonly content: string | Buffer;
}

/**
 * The files of a build's service bindings (buildpacks/spec, platform.md, "Bindings"). Rejects
 * with `EngineError` where a secret has no value, and with node's errors.
 */
export async function bindingFiles(
  order: BuildpackOrder,
  tools: BindingTools,
): Promise<readonly BindingFile[]> {
  const { bindings, secrets } = order.image.build;
  const files = bindings.flatMap(({ name: binding, type, entries }) => [
    { binding, name: 'type', content: type },
    ...entries.map(async ({ key, secret }) => {
      const planned = secrets.find(({ id }) => id === secret);
      const content = planned && (await secretValue(planned, order, tools));
      if (content !== undefined) return { binding, name: key, content };
      const message = `The secret "${secret}" of the binding "${binding}" has no value.`;
      throw new EngineError('failed', message, '');
    }),
  ]);
  return Promise.all(files);
}

/** Writes them to a private folder; answers the volumes that bring them to where buildpacks look for them. */
export async function writeBindings(
  order: BuildpackOrder,
  folder: string,
  tools: BindingTools,
): Promise<readonly string[]> {
  const { files } = tools.ports;
  for (const { binding, name, content } of await bindingFiles(order, tools)) {
    await files.makeDirectory(join(folder, binding));
    // The build has another user; nobody else comes through the folder above.
    await files.write(join(folder, binding, name), content, 0o644);
  }
  return order.image.build.bindings.map(({ name }) =>
    writeVolume({
      source: join(folder, name),
      target: `/platform/bindings/${name}`,
      writable: false,
    }),
  );
}
