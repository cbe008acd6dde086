import { join } from 'node:path';
import { buildxFolder } from '../ports/index.js';
import { type DriverOption, onLoopback } from '../reference/index.js';
import { buildkitdConfig, loopbackMirrors, settingsFor } from './buildkitd.js';
import type { BuildxClient } from './buildx.js';
import type { CreatingClient, NewBuilder } from './new-builder.js';
import type { BuilderOptions } from './options.js';
import { areLocal, environmentProxies, proxiesFor, proxyOptions } from './proxies.js';

/** The user's own configuration of BuildKit; undefined where the builder would have none. */
async function givenConfiguration(
  { buildkitdConfig: given }: BuilderOptions,
  folder: string,
  { files, env }: BuildxClient,
): Promise<readonly string[] | undefined> {
  if (given !== undefined && 'file' in given) return ['--buildkitd-config', given.file];
  const file = join(folder, 'buildkitd.toml');
  if (given !== undefined) {
    await files.write(file, given.text);
    return ['--buildkitd-config', file];
  }
  // buildx takes this one by itself (docs.docker.com, "BuildKit TOML configuration").
  const home = buildxFolder(env);
  const usual = home && (await files.look(join(home, 'buildkitd.default.toml')));
  return usual === undefined ? undefined : [];
}

/** The configuration of BuildKit that makes it reach registries as the engine does. */
async function configuration(
  { engine, registries }: Pick<NewBuilder, 'engine' | 'registries'>,
  folder: string,
  client: CreatingClient,
): Promise<readonly string[]> {
  const { files } = client;
  const settings = await settingsFor(engine, registries, client);
  if (settings.size === 0) return [];
  const { text, certificates } = buildkitdConfig(settings, folder);
  for (const [path, pem] of certificates) await files.write(path, pem, 0o600);
  const file = join(folder, 'buildkitd.toml');
  await files.write(file, text);
  return ['--buildkitd-config', file];
}

/**
 * What a builder in a container is told of the network around it: registries,
 * proxies, and the host's own network where one of them is on the engine's
 * loopback. Only a builder on the engine's own machine is where that is.
 */
export async function networkOf(
  driver: string,
  order: NewBuilder,
  folder: string,
  client: CreatingClient,
): Promise<{ readonly args: readonly string[]; readonly proxies: readonly DriverOption[] }> {
  const { options, engine, registries, sharesLoopback } = order;
  const given = await givenConfiguration(options, folder, client);
  if (driver !== 'docker-container') return { args: given ?? [], proxies: [] };
  const here = options.endpoint === undefined;
  const isLocal = areLocal(environmentProxies(client.env));
  const apart = isLocal && (await sharesLoopback()) === 'no';
  const proxies = proxiesFor(client.env, engine.proxies, options.driverOptions, apart);
  const usable = here || !areLocal(proxies) ? proxies : {};
  const mirrors = engine.mirrors.filter((one) => here || loopbackMirrors([one]).length === 0);
  const settings =
    given ?? (await configuration({ engine: { ...engine, mirrors }, registries }, folder, client));
  const named = loopbackMirrors(mirrors).length > 0 || (here && registries.some(onLoopback));
  const local = (given === undefined && named) || areLocal(usable);
  const hasNetwork = options.driverOptions.some(({ name }) => name === 'network');
  const network = local && !hasNetwork ? ['--driver-opt', 'network=host'] : [];
  return { args: [...network, ...settings], proxies: proxyOptions(usable) };
}
