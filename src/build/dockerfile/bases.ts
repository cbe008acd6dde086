import { DOCKER_HUB, familiarName, parseReference, type Reference } from '../../reference/index.js';
import { type RegistryClient, RegistryError } from '../../registry/index.js';

/** A base by the name that a build context replaces it by, and its digest. */
export interface PinnedBase {
  readonly name: string;
  readonly digest: string;
}

function mirrorHost(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}

/** Where bases are asked for. */
interface BaseRegistries {
  readonly client: RegistryClient;
  /** The engine's mirrors for Docker Hub. */
  readonly mirrors: readonly string[];
  /** Whether a host is the same machine to us as to the builder. */
  readonly isSame?: (host: string) => Promise<boolean>;
}

/** What hosts say of a base; a refusal only where none of them can be meant to have it. */
interface BaseAnswer {
  readonly digest?: string;
  readonly refusal?: RegistryError;
}

/** A host that refuses or knows nothing is done with; of any other the builder may hear more than we do. */
function refusalIn(error: unknown): RegistryError | undefined {
  const isRefusal =
    error instanceof RegistryError && ['unauthorized', 'denied'].includes(error.code);
  return isRefusal ? error : undefined;
}

async function ask(
  reference: Reference,
  { client, mirrors, isSame = async () => true }: BaseRegistries,
  signal: AbortSignal | undefined,
): Promise<BaseAnswer> {
  const hosts = reference.registry === DOCKER_HUB ? mirrors.map(mirrorHost) : [];
  let beyondUs = hosts.includes(undefined);
  let refusal: RegistryError | undefined;
  for (const host of [...hosts, reference.registry]) {
    if (host === undefined) continue;
    if (!(await isSame(host))) {
      beyondUs = true;
      continue;
    }
    try {
      const place = client.repository(host, reference.repository);
      const hint = await place.headManifest(reference.tag ?? 'latest', signal);
      if (hint?.digest !== undefined) return { digest: hint.digest };
      refusal = undefined;
      beyondUs ||= hint !== undefined;
    } catch (error) {
      // Where we cannot look, the builder may still: it has credentials and mirrors of its own.
      refusal = refusalIn(error);
      beyondUs ||= refusal === undefined;
    }
  }
  return refusal === undefined || beyondUs ? {} : { refusal };
}

/** What is known of bases, by the references as they are written. */
interface ResolvedBases {
  readonly pinned: ReadonlyMap<string, PinnedBase>;
  /** Those that their registry, and each mirror before it, would not give us. */
  readonly refused: ReadonlyMap<string, RegistryError>;
}

/**
 * Asks once for the digest behind every base that is not pinned, so that all
 * platforms are built on one and the same. What cannot be resolved is left to
 * the builder; whether it moved between two builds is seen afterwards.
 */
export async function resolveBases(
  references: readonly string[],
  registries: BaseRegistries,
  signal?: AbortSignal,
): Promise<ResolvedBases> {
  const pinned = new Map<string, PinnedBase>();
  const refused = new Map<string, RegistryError>();
  await Promise.all(
    [...new Set(references)].map(async (text) => {
      const parsed = parseReference(text);
      if (!parsed.ok || parsed.reference.digest !== undefined) return;
      const { digest, refusal } = await ask(parsed.reference, registries, signal);
      if (digest !== undefined) pinned.set(text, { name: familiarName(parsed.reference), digest });
      if (refusal !== undefined) refused.set(text, refusal);
    }),
  );
  return { pinned, refused };
}
