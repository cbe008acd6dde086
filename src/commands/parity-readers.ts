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

/** Registries are asked with docker's logins; an engine is asked for its mirrors, where there is one. */
export async function parityReaders(
  { request }: Pick<ParityWork, 'request'>,
  ports: Ports,
  signal: AbortSignal,
): Promise<ParityReaders> {
  const { http, clock, resolve, files } = ports;
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
  const mirrors = (facts?.mirrors ?? []).flatMap((url) =>
    URL.canParse(url) ? [new URL(url).host] : [],
  );
  const reader = createImageReader({ client, mirrors, signal });
  const { root, trust } = request;
  return { client, mirrors, reader, http, files, root, untrusted: trust.untrusted, signal };
}
