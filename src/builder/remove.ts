import { atEndpoint, dockerEngine, failure } from '../engine/index.js';
import { buildxFolder } from '../ports/index.js';
import { type BuildxClient, listBuilders, runBuildx } from './buildx.js';
import { definitionPath } from './definition.js';
import { type BuilderOptions, DEFAULT_BUILDER } from './options.js';

/** buildx ends with a line that only counts. */
function reasonIn(said: string): string {
  return /^failed to remove .+$/m.exec(said)?.[0].replace(/^failed to remove \S+: /, '') ?? said;
}

async function remove(name: string, world: BuildxClient, options: readonly string[] = []) {
  const { code, signal, stderr } = await runBuildx(world, ['rm', '--force', ...options, name]);
  if (code === 0 || /no builder .* found/i.test(stderr)) return;
  const silent = signal === null ? '' : `no answer came before ${signal}`;
  throw failure(`The builder "${name}" could not be removed:`, reasonIn(stderr) || silent);
}

/** What a builder's nodes complain about. */
async function complaint(name: string, world: BuildxClient): Promise<string | undefined> {
  const builders = await listBuilders(world, new AbortController().signal);
  const found = builders.find((builder) => builder.name === name);
  return found?.error ?? found?.nodes.find((node) => node.error !== undefined)?.error;
}

/**
 * buildx forgets a builder whatever became of its deployments, and nobody else knows
 * of those: where they could not be removed it is made to remember, for another try.
 */
async function removeFromCluster(name: string, world: BuildxClient): Promise<void> {
  const { files, env } = world;
  const path = definitionPath(buildxFolder(env) ?? '', name);
  const definition = await files.read(path).catch(() => undefined);
  const restore = async () => {
    if (definition !== undefined) await files.write(path, definition, 0o600);
  };
  const before = await complaint(name, world);
  await remove(name, world).catch(async (error: unknown) => {
    await restore();
    throw error;
  });
  if (before === undefined) return;
  // A cluster that cannot even be asked is passed over without a word; a pod that was ill is gone.
  await restore();
  const after = await complaint(name, world);
  if (after !== undefined) {
    throw failure(`The builder "${name}" could not be removed from its cluster:`, after);
  }
  await remove(name, world);
}

/** Removes a builder with its container and cache; one that is not there is no error. */
export async function removeBuilder(
  name: string,
  world: BuildxClient,
  {
    keepState,
    driver,
    endpoint,
  }: Pick<BuilderOptions, 'keepState' | 'driver' | 'endpoint'> = DEFAULT_BUILDER,
): Promise<void> {
  const known = driver ?? world.driver ?? 'docker-container';
  if (known === 'kubernetes') return removeFromCluster(name, world);
  // One that is only just starting does not hear that it is to stop, and ten seconds pass.
  if (!keepState && known === 'docker-container')
    await dockerEngine(atEndpoint(world, endpoint))
      .kill(`buildx_buildkit_${name.toLowerCase()}0`)
      .catch(() => {});
  await remove(name, world, keepState ? ['--keep-state'] : []);
}

/** The same, where buildx knows the builder; answers whether it does. */
export async function removeKnownBuilder(
  name: string,
  client: BuildxClient,
  options: Pick<BuilderOptions, 'keepState'>,
): Promise<boolean> {
  const { code, stdout } = await runBuildx(client, ['ls', '--format', '{{.Name}}']);
  const isKnown = code === 0 && stdout.split('\n').includes(name);
  if (isKnown) await removeBuilder(name, client, options);
  return isKnown;
}
