import type { RunRecord, Undo } from '../cleanup/index.js';
import type { EngineFacts } from '../engine/index.js';
import type { Ports } from '../ports/index.js';
import type { Installer } from './handlers.js';
import { type HandlerListener, makeRunnable, type Runnable } from './install.js';
import type { ProofResult } from './judge-proof.js';
import { groundOf, keepProofs, recallProofs } from './kept-proofs.js';
import { platformFacts } from './platform-facts.js';
import type { Proofs, Prover } from './prove.js';

/** Whether a platform's programs run here, and what runs them. */
export interface PlatformStatus {
  readonly runs: boolean;
  readonly emulated: boolean;
}

/** The proofs under way: each platform's on its own, and all of them. */
export interface Proving {
  /** Answers as soon as that platform's own proof is over. Rejects as `all` does. */
  standing(platform: string): Promise<PlatformStatus>;
  readonly all: Promise<Runnable>;
  /** Never rejects. */
  readonly ended: Promise<void>;
}

type ProofListener = (platform: string, proof: ProofResult | undefined) => void;

/** What proofs are made with, and what emulators are installed with where they are missing. */
export interface Means {
  readonly facts: EngineFacts;
  readonly installer: Installer;
  readonly registering: HandlerListener;
  readonly work: {
    readonly ports: Ports;
    readonly prover: Prover;
    readonly record: RunRecord;
    readonly undo: Undo;
  };
  /** The run's own, which is in the folder of all runs. */
  readonly folder?: string;
}

/** Takes the proofs that still hold, and makes the others. */
async function proveOrRecall(
  platforms: readonly string[],
  { facts, installer, registering, work, folder }: Means,
  judged: ProofListener,
): Promise<Runnable> {
  const { ports, prover } = work;
  const ground = folder === undefined ? undefined : await groundOf(facts, folder, ports);
  const kept: Proofs = ground === undefined ? new Map() : await recallProofs(ground, ports);
  const held = platforms.filter((one) => kept.has(one));
  for (const one of held) judged(one, kept.get(one));
  const left = platforms.filter((one) => !kept.has(one));
  if (left.length === 0) prover.marker?.found('yes');
  const runnable = await makeRunnable(left, installer, registering, work, judged);
  const proofs = new Map(platforms.map((one) => [one, kept.get(one) ?? runnable.proofs.get(one)]));
  // Handlers of this machine say something about an engine only where that has its files.
  const isHere = prover.marker?.shared() === 'yes' && runnable.added.length === 0;
  if (ground !== undefined && left.length > 0 && isHere) {
    await keepProofs(ground, new Map([...kept, ...runnable.proofs]), ports);
  }
  return { ...runnable, proofs };
}

/** Begins to prove platforms, which none may be named twice; emulators are installed where they are missing. */
export function beginProofs(platforms: readonly string[], means: Means): Proving {
  const { platform: own } = means.facts;
  const standings = new Map(platforms.map((one) => [one, Promise.withResolvers<PlatformStatus>()]));
  const all = proveOrRecall(platforms, means, (platform, proof) => {
    const { emulated } = platformFacts(platform, proof, own, []);
    standings.get(platform)?.resolve({ runs: proof?.proved === true, emulated });
  });
  for (const { promise } of standings.values()) promise.catch(() => {});
  const ended = all.then(
    () => {},
    (error: unknown) => {
      for (const { reject } of standings.values()) reject(error);
    },
  );
  return {
    async standing(platform) {
      const known = standings.get(platform)?.promise;
      return known ?? { runs: false, emulated: false };
    },
    all,
    ended,
  };
}
