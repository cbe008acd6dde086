import { atEndpoint, dockerEngine, failure } from '../engine/index.js';
import { buildxFolder } from '../ports/index.js';
import { type BuildxClient, listBuilders, runBuildx } from './buildx.js';
import { definitionPath } from './definition.js';
import { type BuilderOptions, DEFAULT_BUILDER } from './options.js';

/** The reason in buildx's output, whose last line only counts builders. */
function reasonOf(said: string): string {
  return /^failed to remove .+$/m.exec(said)?.[0].replace(/^failed to remove \S+: /, '') ?? said;
}

async function remove(name: string, client: BuildxClient, options: readonly string[] = []) {
  const { code, signal, stderr } = await runBuildx(client, ['rm', '--force', ...options, name]);
  if (code === 0 || /no builder .* found/i.test(stderr)) return;
  const silent = signal === null ? '' : `no answer came before ${signal}`;
  throw failure(`The builder "${name}" could not be removed:`, reasonOf(stderr) || silent);
}

/** The error that buildx lists for a builder or one of its nodes. */
async function complaint(name: string, client: BuildxClient): Promise<string | undefined> {
  const builders = await listBuilders(client, new AbortController().signal);
  const found = builders.find((builder) => builder.name === name);
  return found?.error ?? found?.nodes.find((node) => node.error !== undefined)?.error;
}

/**
 * buildx forgets a builder whatever became of its deployments, and nothing else knows
 * of those: where they were not removed its definition is restored, for another attempt.
 */
async function removeFromCluster(name: string, client: BuildxClient): Promise<void> {
  const { files, env } = client;
  const path = definitionPath(buildxFolder(env) ?? '', name);
  const definition = await files.read(path).catch(() => undefined);
  const restore = async () => {
    if (definition !== undefined) await files.write(path, definition, 0o600);
  };
  const before = await complaint(name, client);
  await remove(name, client).catch(async (error: unknown) => {
    await restore();
    throw error;
  });
  if (before === undefined) return;
  // buildx ignores a cluster that it cannot reach; a pod that was broken is removed.
  await restore();
  const after = await complaint(name, client);
  if (after !== undefined) {
    throw failure(`The builder "${name}" could not be removed from its cluster:`, after);
  }
  await remove(name, client);
}

/** Removes a builder with its container and cache; one that is not there is no error. */
export async function removeBuilder(
  name: string,
  client: BuildxClient,
  {
    keepState,
    driver,
    endpoint,
  }: Pick<BuilderOptions, 'keepState' | 'driver' | 'endpoint'> = DEFAULT_BUILDER,
): Promise<void> {
  const known = driver ?? client.driver ?? 'docker-container';
  if (known === 'kubernetes') return removeFromCluster(name, client);
  // A BuildKit that is just starting ignores the signal to stop, which takes ten seconds.
  if (!keepState && known === 'docker-container')
    await dockerEngine(atEndpoint(client, endpoint))
      .kill(`buildx_buildkit_${name.toLowerCase()}0`)
      .catch(() => {});
  await remove(name, client, keepState ? ['--keep-state'] : []);
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
