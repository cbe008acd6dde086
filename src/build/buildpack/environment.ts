import { childEnvironment, type EnvironmentVariables } from '../../ports/index.js';
import { defined } from '../../types/index.js';
import type { PackTools } from './order.js';

/** What of a child's variables is not pack's: it would find logins and keys by them. */
const NOT_FOR_PACK =
  /^(?:XDG_|BUILDX_|BUILDKIT_|SSH_AUTH_SOCK$|DOCKER_AUTH_CONFIG$|DOCKER_CONTEXT$)/;

const PROXIES = /^https?_proxy$/i;

/** A proxy's address without the login in it. */
function withoutLogin(proxy: string): string {
  return proxy.replace(/^([^:/@]+:\/\/)?.*@/, '$1');
}

/** The hosts that no proxy stands before, with one more. */
function withoutProxy(env: EnvironmentVariables, host: string): Record<string, string> {
  const names = ['NO_PROXY', 'no_proxy'];
  const written = names
    .map((name) => env[name])
    .find((value) => value !== undefined && value !== '');
  const value = written === undefined ? host : `${written},${host}`;
  return Object.fromEntries(names.map((name) => [name, value]));
}

/**
 * What pack sees of the environment. `home` is a folder of the build's own: there is no
 * configuration of pack's, nor of anything else. pack hands proxies on to the lifecycle,
 * which reaches the registry of the build, at `gateway`, without one. Buildpacks see them:
 * in an untrusted run they have no logins.
 */
export function packEnvironment(
  env: EnvironmentVariables,
  { home, gateway }: { readonly home: string; readonly gateway: string },
  {
    dockerConfig,
    engineHost,
    untrusted,
  }: Pick<PackTools, 'dockerConfig' | 'engineHost' | 'untrusted'>,
): Record<string, string> {
  const seen = Object.entries(childEnvironment(env))
    .filter(([name]) => !NOT_FOR_PACK.test(name))
    .map(([name, value]) =>
      untrusted && PROXIES.test(name) ? [name, withoutLogin(value)] : [name, value],
    );
  return {
    ...Object.fromEntries(seen),
    HOME: home,
    PACK_HOME: home,
    // Names a volume that only a builder with extensions uses; nothing of it is kept.
    PACK_VOLUME_KEY: 'sea-trial',
    DOCKER_CONFIG: dockerConfig,
    ...withoutProxy(env, gateway),
    ...(env.DOCKER_HOST ? {} : defined({ DOCKER_HOST: engineHost })),
  };
}
