import { type RunTools, removeIfPulled } from '../cleanup/index.js';
import { architectureOf } from '../platform/index.js';
import { type Installer, installHandlers } from './handlers.js';
import type { FailedProof, PlatformProof } from './judge-proof.js';
import { type ProofListener, type Proofs, type Prover, prove } from './prove.js';

export interface Runnable {
  readonly proofs: Proofs;
  /** Handlers that were registered. */
  readonly added: readonly string[];
  /** The output of installing, where that was done. */
  readonly installation?: string;
}

/** Hears which handlers may be added, before that is done, and which were. */
interface HandlerListener {
  before(handlers: readonly string[]): Promise<void>;
  after(handlers: readonly string[]): Promise<void>;
}

/** How missing emulators are installed. */
export interface Installing {
  readonly installer: Installer;
  readonly listener: HandlerListener;
  readonly prover: Prover;
  readonly judged?: ProofListener;
}

function withoutHandler(proofs: Proofs): readonly string[] {
  return [...proofs].filter(([, proof]) => lacksHandler(proof)).map(([platform]) => platform);
}

function lacksHandler(proof: PlatformProof | undefined): proof is FailedProof {
  return proof?.proved === false && proof.fault === 'no-handler';
}

/** The proof of a platform whose emulator may not be registered. */
function unprivileged(proof: PlatformProof | undefined): PlatformProof | undefined {
  return lacksHandler(proof) ? { ...proof, fault: 'unprivileged' } : proof;
}

/**
 * Proves every platform, and installs emulators for those that nothing executes.
 * `judged` hears of each platform as soon as nothing can change its proof any more.
 */
export async function makeRunnable(
  platforms: readonly string[],
  { installer, listener, prover, judged = () => {} }: Installing,
  { ports, engine, record, undo, signal }: RunTools,
): Promise<Runnable> {
  const proofs = await prove(platforms, prover, (platform, proof) => {
    if (!lacksHandler(proof)) judged(platform, proof);
  });
  const missing = withoutHandler(proofs);
  if (missing.length === 0) return { proofs, added: [] };

  await removeIfPulled({ image: installer.installer }, { engine, ports, record, undo });
  const architectures = [...new Set(missing.map(architectureOf))];
  const { before, after } = listener;
  const installation = await installHandlers(
    { architectures, note: before },
    installer,
    ports,
    signal,
  );
  const { added, said } = installation;
  await after(added);
  signal.throwIfAborted();
  const again = added.length > 0 ? await prove(missing, prover) : new Map();
  const all = new Map([...proofs, ...again]);
  for (const platform of missing) {
    if (installation.unprivileged) all.set(platform, unprivileged(all.get(platform)));
    judged(platform, all.get(platform));
  }
  return { proofs: all, added, installation: said };
}
