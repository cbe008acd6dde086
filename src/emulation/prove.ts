import type { RunTools } from '../cleanup/index.js';
import {
  type ContainerSpec,
  type Engine,
  EngineError,
  type Marker,
  runName,
  watchContainer,
} from '../engine/index.js';
import { isNative } from '../platform/index.js';
import type { Clock } from '../ports/index.js';
import { defined } from '../types/index.js';
import { judge, type PlatformProof, type ProofOutput } from './judge-proof.js';
import { programFor, programPath, proofImage } from './proof-image.js';

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
export type Proofs = ReadonlyMap<string, PlatformProof | undefined>;

/** Hears of each platform as soon as nothing can change its proof any more. */
export type ProofListener = (platform: string, proof: PlatformProof | undefined) => void;

/** A prover with a run's tools, on an engine with a platform of its own. */
export function createProver(
  own: string,
  { engine, ports, record, signal }: Pick<RunTools, 'engine' | 'ports' | 'record' | 'signal'>,
): Prover {
  const { clock } = ports;
  return { engine, own, clock, runId: record.run, labels: record.labels, signal };
}

async function watch(prover: Prover, container: string): Promise<ProofOutput> {
  const { engine, clock, signal } = prover;
  signal.throwIfAborted();
  const watched = await watchContainer(container, LIMITS, { engine, clock, signal });
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

/** The container of a platform's program. */
function containerFor(platform: string, image: string, { own, labels }: Prover): ContainerSpec {
  const entrypoint = programPath(platform);
  return { image, platform: own, entrypoint, arguments: [], env: {}, network: 'none', labels };
}

/** An image of programs in the engine, for as long as containers of it run. */
interface LoadedPrograms {
  /** The run's name for it. */
  readonly image: string;
  /** Hears of each container that was made. */
  made(container: string): void;
}

/** Loads programs for some work, and leaves nothing behind once what was put off is done. */
async function withPrograms<T>(
  programs: ReadonlyMap<string, Buffer>,
  prover: Prover,
  work: (loaded: LoadedPrograms) => Promise<T>,
): Promise<T> {
  const { engine, own, runId, labels, signal, later } = prover;
  const image = await proofImage(own, programs, labels);
  const name = runName(runId, image.manifest);
  const containers: string[] = [];
  const clear = async () => {
    for (const container of containers) await engine.remove(container);
    await engine.removeImage(name);
  };
  try {
    signal.throwIfAborted();
    await engine.load(image.archive(name));
    signal.throwIfAborted();
    return await work({ image: name, made: (container) => containers.push(container) });
  } finally {
    if (later === undefined) await clear();
    else later(clear);
  }
}

/**
 * Asks an emulator what it is. QEMU does as if started with an option for each such
 * variable of the program that it is to run, so that it is asked in the very place
 * where it runs others.
 */
async function askVersion(
  platform: string,
  { image, made }: LoadedPrograms,
  prover: Prover,
): Promise<string | undefined> {
  const spec = containerFor(platform, image, prover);
  const container = await prover.engine.create({ ...spec, env: { QEMU_VERSION: '1' } });
  made(container);
  const { stdout } = await watch(prover, container);
  const [, name, version] = /^(qemu-[\w-]+) version (\d[\w.+~-]*)/.exec(stdout) ?? [];
  return name === undefined ? undefined : `${name} ${version}`;
}

/** What emulates a platform, as `qemu-aarch64 10.2.3`; undefined where it does not tell. */
export async function emulatorOf(platform: string, prover: Prover): Promise<string | undefined> {
  const program = programFor(platform);
  if (program === undefined) return undefined;
  return withPrograms(new Map([[platform, program]]), prover, (loaded) =>
    askVersion(platform, loaded, prover),
  );
}

/** Runs one platform's program, if there is one, and judges what it says. */
type ProofOf = (platform: string) => Promise<PlatformProof | undefined>;

/** Each program is run once, however often its proof is asked for. */
function proofsIn(
  programs: ReadonlyMap<string, Buffer>,
  { image, made }: LoadedPrograms,
  prover: Prover,
): ProofOf {
  const proofs = new Map<string, Promise<PlatformProof>>();
  const run = async (platform: string) =>
    judge(platform, await runMarked(containerFor(platform, image, prover), prover, made));
  return async (platform) => {
    if (!programs.has(platform)) return undefined;
    const proof = proofs.get(platform) ?? run(platform);
    proofs.set(platform, proof);
    return proof;
  };
}

/**
 * A proof in which a call fails only where the emulator is to blame, which it names then:
 * a call that fails natively, too, is refused by the kernel or the engine's seccomp profile.
 */
async function compared(
  platform: string,
  proofOf: ProofOf,
  loaded: LoadedPrograms,
  prover: Prover,
): Promise<PlatformProof | undefined> {
  const proof = await proofOf(platform);
  if (proof?.proved !== true || proof.openat2 === undefined) return proof;
  const { openat2, ...rest } = proof;
  const { own } = prover;
  const isItself = isNative(platform, own) || proof.executed === programPath(platform);
  const native = isItself ? proof : await proofOf(own);
  if (native?.proved !== true || native.openat2 !== undefined) return rest;
  // Only messages depend on it.
  const emulator = await askVersion(platform, loaded, prover).catch(() => undefined);
  return { ...rest, openat2, ...defined({ emulator }) };
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
  judged: ProofListener = () => {},
): Promise<Proofs> {
  const programs = new Map(
    platforms.flatMap((one) => {
      const program = programFor(one);
      return program === undefined ? [] : [[one, program] as const];
    }),
  );
  for (const one of platforms) if (!programs.has(one)) judged(one, undefined);
  const unproved = platforms.map((one) => [one, undefined] as const);
  if (programs.size === 0) return new Map(unproved);
  const native = programFor(prover.own);
  const files = native === undefined ? programs : new Map([...programs, [prover.own, native]]);
  return withPrograms(files, prover, async (loaded) => {
    const proofOf = proofsIn(files, loaded, prover);
    const proving = [...programs.keys()].map(async (platform) => {
      const proof = await compared(platform, proofOf, loaded, prover);
      judged(platform, proof);
      return [platform, proof] as const;
    });
    await Promise.allSettled(proving);
    return new Map([...unproved, ...(await Promise.all(proving))]);
  });
}
