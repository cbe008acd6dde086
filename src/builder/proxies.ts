import type { EngineFacts } from '../engine/index.js';
import type { Ports } from '../ports/index.js';
import { type DriverOption, onLoopback } from '../reference/index.js';

const ROADS = ['HTTP_PROXY', 'HTTPS_PROXY'] as const;

type Proxies = Readonly<Record<string, string>>;

/** Those of an environment; names in capitals come first, as in docker. */
export function environmentProxies(env: Ports['env']): Proxies {
  const pairs = [...ROADS, 'NO_PROXY'].flatMap((name) => {
    const value = env[name] || env[name.toLowerCase()];
    return value ? [[name, value] as const] : [];
  });
  return Object.fromEntries(pairs);
}

/** An engine shows `xxxxx` in place of a login, which no proxy accepts. */
function isMasked(proxies: Proxies): boolean {
  return Object.values(proxies).some((value) => value.includes('xxxxx'));
}

/** Whether any of them leads somewhere: exceptions alone do not. */
export function hasRoad(proxies: Proxies): boolean {
  return ROADS.some((name) => proxies[name] !== undefined);
}

/**
 * The proxies that BuildKit in a container is to use: those of the environment,
 * which are our own client's too, else the engine's. `given` are driver options
 * of the user's, and what they set is left to them; `apart` says that the engine's
 * loopback is not ours, and then a proxy on ours is none of it.
 */
export function proxiesFor(
  env: Ports['env'],
  engine: EngineFacts['proxies'],
  given: readonly DriverOption[],
  apart: boolean,
): Proxies {
  const seen = environmentProxies(env);
  const own = apart && areLocal(seen) ? {} : seen;
  const chosen = hasRoad(own) || isMasked(engine) ? own : engine;
  if (!hasRoad(chosen)) return {};
  const set = given.map(({ name }) => name.toLowerCase());
  const left = Object.entries(chosen).filter(
    ([name]) => !set.includes(`env.${name.toLowerCase()}`),
  );
  return Object.fromEntries(left);
}

/** Whether one of them is on the loopback of the machine that names it. */
export function areLocal(proxies: Proxies): boolean {
  return ROADS.some((name) => {
    const value = proxies[name] ?? '';
    const address = value.includes('://') ? value : `http://${value}`;
    return URL.canParse(address) && onLoopback(new URL(address).host);
  });
}

/** As driver options. */
export function proxyOptions(proxies: Proxies): readonly DriverOption[] {
  return Object.entries(proxies).map(([name, value]) => ({ name: `env.${name}`, value }));
}

/** A text without the logins that addresses in it have. */
export function withoutLogins(text: string): string {
  return text.replace(/\/\/[^/@\s"]+@/g, '//');
}
