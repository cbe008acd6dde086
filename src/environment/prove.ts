import { type Engine, runName, watchContainer } from '../engine/index.js';
import type { Clock } from '../ports/index.js';
import { programFor, proofImage, RUN_LABEL } from './image.js';
import { type Judgement, judge, type ProofOutput } from './judge.js';

/** Milliseconds that a proof may take (an emulated one takes half a second), and bytes that it may say. */
const LIMITS = { time: 60_000, output: 64 * 1024 };

/** What a proof is made with. */
export interface Prover {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly runId: string;
  readonly signal: AbortSignal;
  /** Takes what may be cleared away while others go on; without it that is waited for. */
  readonly later?: (step: () => Promise<void>) => void;
}

/** What was found out about platforms; undefined for one that has no program. */
export type Proofs = ReadonlyMap<string, Judgement | undefined>;

async function watch(prover: Prover, container: string): Promise<ProofOutput> {
  const { engine, clock, signal } = prover;
  signal.throwIfAborted();
  const watched = await watchContainer(container, LIMITS, engine, clock, signal);
  signal.throwIfAborted();
  const { stdout, stderr, timedOut: hung } = watched;
  const { exitCode, error } = await engine.inspect(container);
  return { stdout: stdout.text, stderr: stderr.text, exitCode, error, hung };
}

/**
 * Runs the proof program of a platform in a container of the engine and judges
 * what it says. Leaves nothing behind once what was put off is done. Rejects with
 * `EngineError` where the engine is at fault, and with the signal's reason.
 */
export async function prove(platform: string, prover: Prover): Promise<Judgement | undefined> {
  const { engine, runId, signal, later } = prover;
  const program = programFor(platform);
  if (program === undefined) return undefined;
  const image = await proofImage(platform, program, runId);
  const name = runName(runId, image.manifest);
  let container: string | undefined;
  const clear = async () => {
    if (container !== undefined) await engine.remove(container);
    await engine.removeImage(name);
  };
  try {
    signal.throwIfAborted();
    const id = await engine.load(image.archive(name), name);
    signal.throwIfAborted();
    const labels = { [RUN_LABEL]: runId };
    const spec = { image: id, platform, arguments: [], env: {}, network: 'none', labels };
    container = await engine.create(spec);
    return judge(platform, await watch(prover, container));
  } finally {
    if (later === undefined) await clear();
    else later(clear);
  }
}

/**
 * Proves platforms beside each other; all have ended before an error is passed on.
 * `judged` hears of each when its own proof is over.
 */
export async function proveAll(
  platforms: readonly string[],
  prover: Prover,
  judged: (platform: string, proof: Judgement | undefined) => void = () => {},
): Promise<Proofs> {
  const judging = platforms.map(async (platform) => {
    const proof = await prove(platform, prover);
    judged(platform, proof);
    return [platform, proof] as const;
  });
  await Promise.allSettled(judging);
  return new Map(await Promise.all(judging));
}
