import { createImageReader } from '../buildpacks/index.js';
import { dockerEngine } from '../engine/index.js';
import type { SourceReaders } from '../parity/index.js';
import type { Ports } from '../ports/index.js';
import {
  createRegistryClient,
  dockerCredentials,
  isInsecure,
  isPrivateAddress,
  type RegistryClient,
} from '../registry/index.js';
import type { ParityWork } from './parity-targets.js';

/** How registries and sources are read. */
export interface ParityReaders extends SourceReaders {
  readonly client: RegistryClient;
  /** Hosts that are asked for Docker Hub's images before itself. */
  readonly mirrors: readonly string[];
}

/**
 * What asks registries outside of a run, with docker's logins; an engine is asked for its
 * mirrors (base URLs), where there is one.
 */
export async function registryReader(
  ports: Ports,
  signal: AbortSignal,
): Promise<{ readonly client: RegistryClient; readonly mirrors: readonly string[] }> {
  const { http, clock, resolve } = ports;
  const facts = await dockerEngine(ports, signal)
    .facts()
    .catch(() => undefined);
  signal.throwIfAborted();
  const client = createRegistryClient({
    http,
    clock,
    resolve,
    credentials: dockerCredentials(ports),
    insecure: async (registry) =>
      isPrivateAddress(registry) ||
      (facts !== undefined && (await isInsecure(registry, facts.insecure, resolve))),
  });
  return { client, mirrors: facts?.mirrors ?? [] };
}

/** How the registries and sources of a parity lock are read. */
export async function parityReaders(
  { request }: Pick<ParityWork, 'request'>,
  ports: Ports,
  signal: AbortSignal,
): Promise<ParityReaders> {
  const { http, files } = ports;
  const { client, mirrors: urls } = await registryReader(ports, signal);
  const mirrors = urls.flatMap((url) => (URL.canParse(url) ? [new URL(url).host] : []));
  const reader = createImageReader({ client, mirrors, signal });
  const { root, trust } = request;
  return { client, mirrors, reader, http, files, root, untrusted: trust.untrusted, signal };
}
