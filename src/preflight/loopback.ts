import type { Shared } from '../engine/index.js';
import { type Finding, finding, type Plan } from '../evidence/index.js';
import { onLoopback, parseReference } from '../reference/index.js';
import { defined } from '../types/index.js';
import type { RegistryNeed } from './needs.js';

/** The registries that a plan pushes to, each with a repository. */
export function pushedTo({ push, images }: Plan): ReadonlyMap<string, string> {
  const repositories = images.flatMap(({ targets }) => targets.map(({ repository }) => repository));
  const hosts = repositories.flatMap((repository) => {
    const parsed = parseReference(repository);
    return push && parsed.ok ? [[parsed.reference.registry, repository] as const] : [];
  });
  return new Map(hosts);
}

const ONE_NAME =
  "Use a name or an address of the registry that both can reach; if it has no TLS, add it to the engine's insecure-registries.";

function judge(
  host: string,
  target: string,
  need: RegistryNeed | undefined,
  shared: Shared,
): readonly Finding[] {
  const subject = { reference: host };
  if (need === undefined) {
    if (shared === 'unknown') return [];
    const message = `${target} is on the loopback of this machine, from which images are pushed; the engine has another loopback.`;
    const remedy =
      'Nothing if the registry runs on this machine; otherwise use an address that can be reached from here.';
    return [finding('two-loopbacks', subject, message, { severity: 'warning', remedy })];
  }
  const { reference, location } = need;
  const both = `${target} is pushed from this machine, and the builder pulls ${reference} from the engine's`;
  const message =
    shared === 'no'
      ? `${host} would be two registries: ${both}, which has another loopback.`
      : `${host} may be two registries: ${both}; whether they share a loopback is not known.`;
  return [
    finding('two-loopbacks', subject, message, {
      ...(shared === 'no' ? {} : { severity: 'warning' }),
      ...defined({ location }),
      remedy: ONE_NAME,
    }),
  ];
}

/**
 * Loopback references that mean one machine to our own client, which pushes, and
 * another to the builder, which pulls. What only the builder uses means its
 * machine alone, as it does to docker.
 */
export async function loopbackFindings(
  plan: Plan,
  needs: readonly RegistryNeed[],
  sharesLoopback: () => Promise<Shared>,
): Promise<readonly Finding[]> {
  const targets = [...pushedTo(plan)].filter(([host]) => onLoopback(host));
  if (targets.length === 0) return [];
  const shared = await sharesLoopback();
  if (shared === 'yes') return [];
  return targets.flatMap(([host, target]) => {
    const need = needs.find(({ registry }) => registry === host);
    return judge(host, target, need, shared);
  });
}
