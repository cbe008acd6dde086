import { type RunRecord, removeIfPulled, type Undo } from '../cleanup/index.js';
import { architectureOf } from '../platform/index.js';
import type { Ports } from '../ports/index.js';
import { type Installer, installHandlers } from './handlers.js';
import type { ProofResult } from './judge-proof.js';
import { type Proofs, type Prover, prove } from './prove.js';

interface Work {
  readonly ports: Ports;
  readonly prover: Prover;
  readonly record: RunRecord;
  readonly undo: Undo;
}

export interface Runnable {
  readonly proofs: Proofs;
  /** Handlers that were registered. */
  readonly added: readonly string[];
  /** What installing said, where it was tried. */
  readonly installation?: string;
}

/** Who hears which handlers may be added, before that is done, and which were. */
export interface HandlerListener {
  before(handlers: readonly string[]): Promise<void>;
  after(handlers: readonly string[]): Promise<void>;
}

function withoutHandler(proofs: Proofs): readonly string[] {
  return [...proofs].filter(([, proof]) => lacksHandler(proof)).map(([platform]) => platform);
}

function lacksHandler(proof: ProofResult | undefined): boolean {
  return proof?.proved === false && proof.fault === 'no-handler';
}

/** The proof of a platform whose emulator nobody may register. */
function unprivileged(proof: ProofResult | undefined): ProofResult | undefined {
  if (proof?.proved !== false || !lacksHandler(proof)) return proof;
  return { ...proof, fault: 'unprivileged' };
}

/**
 * Proves every platform, and installs emulators for those that nobody executes.
 * `judged` hears of each platform as soon as nothing can change its proof any more.
 */
export async function makeRunnable(
  platforms: readonly string[],
  installer: Installer,
  registering: HandlerListener,
  { ports, prover, record, undo }: Work,
  judged: (platform: string, proof: ProofResult | undefined) => void = () => {},
): Promise<Runnable> {
  const { engine, signal } = prover;
  const proofs = await prove(platforms, prover, (platform, proof) => {
    if (!lacksHandler(proof)) judged(platform, proof);
  });
  const missing = withoutHandler(proofs);
  if (missing.length === 0) return { proofs, added: [] };

  await removeIfPulled(installer.installer, engine, record, undo);
  const architectures = [...new Set(missing.map(architectureOf))];
  const { before, after } = registering;
  const installation = await installHandlers(architectures, installer, before, ports, signal);
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
