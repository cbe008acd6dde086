import type { Evidence, Listen } from '../../src/evidence/index.js';
import type { Layout } from '../../src/oci/index.js';
import { publishImages } from '../../src/pipeline/publication.js';
import { verifyImages } from '../../src/pipeline/verification.js';
import type { RegistryClient } from '../../src/registry/index.js';
import type { Blobs } from '../registry/images.js';
import { clientFor, fakeClock } from '../registry/rig.js';

/** Publishes what the evidence allows and reads it back, as a run does. */
export async function publishAndVerify(
  evidence: Evidence,
  store: Blobs,
  {
    client = clientFor(),
    localRegistry,
    diskError,
    signal = new AbortController().signal,
    listen = () => {},
  }: {
    readonly client?: RegistryClient;
    readonly localRegistry?: string;
    /** With which the local registry ends. */
    readonly diskError?: () => Error;
    readonly signal?: AbortSignal;
    readonly listen?: Listen;
  } = {},
): Promise<Evidence> {
  const context = {
    options: { listen, signal },
    identity: { client },
    layout: { read: store.open } as Layout,
    ports: { clock: fakeClock() },
    ...(localRegistry === undefined
      ? {}
      : {
          localRegistry: {
            host: async () => localRegistry,
            throwDiskError() {
              if (diskError !== undefined) throw diskError();
            },
            async close() {},
          },
        }),
  };
  return verifyImages(await publishImages(evidence, context), context);
}
