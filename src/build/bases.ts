import { parseReference, type Reference, type RegistryClient } from '../registry/index.js';

/** A base by the name that a build context replaces it by, and its digest. */
export interface PinnedBase {
  readonly name: string;
  readonly digest: string;
}

/**
 * The name under which BuildKit looks for a context that replaces a `FROM`:
 * docker's familiar form, without `:latest`.
 */
export function familiarName({ registry, repository, tag }: Reference): string {
  const hub = registry === 'docker.io';
  const name = hub ? repository.replace(/^library\//, '') : `${registry}/${repository}`;
  return tag === undefined || tag === 'latest' ? name : `${name}:${tag}`;
}

function mirrorHost(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}

async function digestOf(
  reference: Reference,
  registry: RegistryClient,
  mirrors: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const hosts = reference.registry === 'docker.io' ? mirrors.map(mirrorHost) : [];
  for (const host of [...hosts, reference.registry]) {
    if (host === undefined) continue;
    try {
      const place = registry.repository(host, reference.repository);
      const hint = await place.headManifest(reference.tag ?? 'latest', signal);
      if (hint?.digest !== undefined) return hint.digest;
    } catch {
      // Where we cannot look, the builder may still: it has credentials and mirrors of its own.
    }
  }
  return undefined;
}

/**
 * Asks once for the digest behind every base that is not pinned, so that all
 * platforms are built on one and the same. What cannot be resolved is left to
 * the builder; whether it moved between two builds is seen afterwards. Answers
 * references as written → what they are pinned to.
 */
export async function resolveBases(
  references: readonly string[],
  registry: RegistryClient,
  mirrors: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, PinnedBase>> {
  const resolved = await Promise.all(
    [...new Set(references)].map(async (text) => {
      const parsed = parseReference(text);
      if (!parsed.ok || parsed.reference.digest !== undefined) return [];
      const digest = await digestOf(parsed.reference, registry, mirrors, signal);
      if (digest === undefined) return [];
      return [[text, { name: familiarName(parsed.reference), digest }] as const];
    }),
  );
  return new Map(resolved.flat());
}
