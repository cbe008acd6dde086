import { childEnvironment, type EnvironmentVariables } from '../../ports/index.js';
import { defined } from '../../types/index.js';
import type { PackTools } from './order.js';

/** What of a child's variables is not pack's: it would find logins and keys by them. Proxies are those of the run. */
const NOT_FOR_PACK =
  /^(?:XDG_|BUILDX_|BUILDKIT_|SSH_AUTH_SOCK$|DOCKER_AUTH_CONFIG$|DOCKER_CONTEXT$|(?:https?|no)_proxy$|(?:HTTPS?|NO)_PROXY$)/;

/** A proxy's address without the login in it. */
function withoutLogin(proxy: string): string {
  return proxy.replace(/^([^:/@]+:\/\/)?.*@/, '$1');
}

/**
 * The variables by which the lifecycle and buildpacks know proxies, in both cases, as pack sets
 * them. The registry of the build, at `gateway`, is reached without one. Buildpacks see them: in
 * an untrusted run they have no logins.
 */
export function proxyVariables(
  { proxies, untrusted }: Pick<PackTools, 'proxies' | 'untrusted'>,
  gateway: string,
): Readonly<Record<string, string>> {
  const { NO_PROXY: without, ...roads } = proxies;
  const values = Object.entries(roads).map(
    ([name, value]) => [name, untrusted ? withoutLogin(value) : value] as const,
  );
  const all = [...values, ['NO_PROXY', without ? `${without},${gateway}` : gateway] as const];
  return Object.fromEntries(
    all.flatMap(([name, value]) => [
      [name, value],
      [name.toLowerCase(), value],
    ]),
  );
}

/**
 * What pack sees of the environment. `home` is a folder of the build's own: there is no
 * configuration of pack's, nor of anything else. pack hands proxies on to the lifecycle.
 */
export function packEnvironment(
  env: EnvironmentVariables,
  { home, gateway }: { readonly home: string; readonly gateway: string },
  tools: Pick<PackTools, 'dockerConfig' | 'engineHost' | 'untrusted' | 'proxies'>,
): Record<string, string> {
  const { dockerConfig, engineHost } = tools;
  const seen = Object.entries(childEnvironment(env)).filter(([name]) => !NOT_FOR_PACK.test(name));
  return {
    ...Object.fromEntries(seen),
    HOME: home,
    PACK_HOME: home,
    // Names a volume that only a builder with extensions uses; nothing of it is kept.
    PACK_VOLUME_KEY: 'sea-trial',
    DOCKER_CONFIG: dockerConfig,
    ...proxyVariables(tools, gateway),
    ...(env.DOCKER_HOST ? {} : defined({ DOCKER_HOST: engineHost })),
  };
}
