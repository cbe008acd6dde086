import {
  type ContainerSpec,
  type Engine,
  EngineError,
  runName,
  watchContainer,
} from '../engine/index.js';
import type { Clock } from '../ports/index.js';
import { programFor, programPath, proofImage } from './image.js';
import { type Judgement, judge, type ProofOutput } from './judge.js';
import type { Marker } from './place.js';

/** Milliseconds that a proof may take (an emulated one takes half a second), and bytes that it may say. */
const LIMITS = { time: 60_000, output: 64 * 1024 };

/** What a proof is made with. */
export interface Prover {
  readonly engine: Engine;
  /** The engine's own platform. */
  readonly own: string;
  readonly clock: Clock;
  readonly runId: string;
  /** Of everything that the run makes. */
  readonly labels: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Finds out on the way whether the engine's files are ours. */
  readonly marker?: Marker;
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

const isAboutMounts = (said: string) => /bind source path|mount/i.test(said);

/**
 * Runs a container to its end, with the marker mounted into the first of all. An
 * engine that cannot see it says so when the container is made or, as Docker
 * Desktop may, when it starts; then it runs without. `made` hears of each container.
 */
async function runMarked(
  spec: ContainerSpec,
  prover: Prover,
  made: (container: string) => void,
): Promise<ProofOutput> {
  const { engine, marker } = prover;
  const run = async (one: ContainerSpec) => {
    const container = await engine.create(one);
    made(container);
    return watch(prover, container);
  };
  const source = marker?.take();
  if (marker === undefined || source === undefined) return run(spec);
  try {
    const output = await run({ ...spec, mounts: [{ source, target: '/marker' }] });
    const refused = isAboutMounts(`${output.error}${output.stderr}`);
    marker.found(refused ? 'no' : 'yes');
    if (!refused) return output;
  } catch (error) {
    if (!(error instanceof EngineError && isAboutMounts(error.said))) throw error;
    marker.found('no');
  }
  return run(spec);
}

/** Runs a platform's program in a container of its own and judges what it says. */
async function proveOne(
  platform: string,
  image: string,
  prover: Prover,
  made: (container: string) => void,
): Promise<Judgement> {
  const { own, labels } = prover;
  const entrypoint = programPath(platform);
  const room = { image, platform: own, entrypoint, arguments: [], env: {}, network: 'none' };
  return judge(platform, await runMarked({ ...room, labels }, prover, made));
}

/**
 * Runs the proof programs of platforms, beside each other in containers of one
 * image, and judges what they say; `judged` hears of each when its own is over.
 * Leaves nothing behind once what was put off is done. All have ended before it
 * rejects: with `EngineError` where the engine is at fault, and with the signal's
 * reason.
 */
export async function prove(
  platforms: readonly string[],
  prover: Prover,
  judged: (platform: string, proof: Judgement | undefined) => void = () => {},
): Promise<Proofs> {
  const { engine, own, runId, labels, signal, later } = prover;
  const programs = new Map(
    platforms.flatMap((one) => {
      const program = programFor(one);
      return program === undefined ? [] : [[one, program] as const];
    }),
  );
  for (const one of platforms) if (!programs.has(one)) judged(one, undefined);
  const unproved = platforms.map((one) => [one, undefined] as const);
  if (programs.size === 0) return new Map(unproved);
  const image = await proofImage(own, programs, labels);
  const name = runName(runId, image.manifest);
  const containers: string[] = [];
  const clear = async () => {
    for (const container of containers) await engine.remove(container);
    await engine.removeImage(name);
  };
  try {
    signal.throwIfAborted();
    const id = await engine.load(image.archive(name), name);
    signal.throwIfAborted();
    const proving = [...programs.keys()].map(async (platform) => {
      const made = (container: string) => containers.push(container);
      const proof = await proveOne(platform, id, prover, made);
      judged(platform, proof);
      return [platform, proof] as const;
    });
    await Promise.allSettled(proving);
    return new Map([...unproved, ...(await Promise.all(proving))]);
  } finally {
    if (later === undefined) await clear();
    else later(clear);
  }
}
