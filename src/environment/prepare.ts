import { join } from 'node:path';
import {
  type BuilderInUse,
  type BuilderOptions,
  type Buildx,
  type BuildxOptions,
  byItself,
  DEFAULT_BUILDER,
  findBuilder,
  makeBuilder,
  placed,
  provideBuildx,
  type UsedBuilder,
  usedBuilder,
} from '../builder/index.js';
import { createUndo, type RunRecord, type Undo } from '../cleanup/index.js';
import {
  BINFMT_IMAGE,
  beginProofs,
  createReprobe,
  findingsOf,
  type HandlerListener,
  handlersFor,
  leaseHandlers,
  type PlatformStatus,
  type Prover,
  type Reprobe,
  registeredHandlers,
  releaseHandlers,
} from '../emulation/index.js';
import {
  createMarker,
  type Engine,
  type EngineFacts,
  loopbackShared,
  type Marker,
  type Shared,
} from '../engine/index.js';
import type { Finding, Surroundings } from '../evidence/index.js';
import type { Ports } from '../ports/index.js';
import { surroundingsOf } from './surroundings.js';

/** What a run needs of its surroundings. */
export interface Asked {
  /** The plan's platforms, normalised. */
  readonly platforms: readonly string[];
  /** Hears of everything before it is made. */
  readonly record: RunRecord;
  /** A private folder of the run's own. */
  readonly folder?: string;
  /** A builder of the user's that is to be used, or the name of the one that is made. */
  readonly builder?: string;
  /** How a builder is made. */
  readonly wish?: BuilderOptions;
  /** What the builder may be asked to allow, as `network.host`. */
  readonly entitlements?: readonly string[];
  readonly buildx?: BuildxOptions;
  /** Hosts of the registries that builds pull from, and keep their caches in. */
  readonly registries?: readonly string[];
  /** The image that installs emulators (default: binfmt's, pinned). */
  readonly installer?: string;
}

/** What is known of the surroundings when every platform was looked at. */
export interface Known {
  readonly surroundings: Surroundings;
  /** Those of the platforms that were proved to run. */
  readonly runnable: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** Surroundings in which builds can begin, while their platforms are still being proved. */
export interface Environment {
  readonly facts: EngineFacts;
  /** For `build --builder NAME`. */
  readonly builder: UsedBuilder;
  /** How buildx is started: a program, and what stands before its arguments. */
  readonly buildx: Pick<Buildx, 'file' | 'prefix'>;
  /** Whether references to the loopback mean this machine to the engine, too. Never rejects. */
  readonly sharesLoopback: Promise<Shared>;
  /** Answers as soon as that platform's own proof is over. Rejects as `known` does. */
  standing(platform: string): Promise<PlatformStatus>;
  /** Proves a platform once more, because something speaks against it. Rejects as `known` does. */
  again(platform: string): Promise<Reprobe>;
  /** Rejects with `EngineError`, and with the signal's reason. */
  readonly known: Promise<Known>;
  /** Removes what was created, and nothing else. Can be called again when it rejected. */
  undo(): Promise<void>;
}

interface Work {
  readonly ports: Ports;
  readonly prover: Omit<Prover, 'own'>;
  readonly record: RunRecord;
  readonly undo: Undo;
  /** When no proof is being cleared away. */
  cleared(): Promise<unknown>;
}

async function removeContainers(engine: Engine, runId: string): Promise<void> {
  for (const container of await engine.containers(runId)) {
    await engine.remove(container);
  }
}

/**
 * Looks at the engine, finds or makes a builder that can export an OCI layout,
 * and begins to prove every platform of the plan by running a program of it.
 * Emulators are installed only for platforms that nobody executes. A platform that
 * does not run is a finding. Rejects with `EngineError` where the engine or the
 * builder cannot be used at all, and with the signal's reason; then everything
 * is undone already.
 */
export async function prepare(
  asked: Asked,
  engine: Engine,
  ports: Ports,
  signal: AbortSignal,
): Promise<Environment> {
  const { record } = asked;
  // Nothing is made before it answers: there is nothing to undo, and nobody to ask for it.
  const facts = await engine.facts().catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  const undo = createUndo();
  const clearing: Promise<unknown>[] = [];
  const later = (step: () => Promise<void>) => {
    const under = step();
    // Tried once more where it failed.
    const cleared = under.catch(() => step);
    clearing.push(cleared);
    undo.add(async () => (await cleared)?.());
  };
  const proving = {
    engine,
    clock: ports.clock,
    runId: record.run,
    labels: record.labels,
    signal,
    later,
  };
  try {
    const marker = asked.folder === undefined ? undefined : await markIn(asked.folder, ports);
    const prover = marker === undefined ? proving : { ...proving, marker };
    const cleared = () => Promise.all(clearing);
    return await lookAndSetUp(asked, facts, { ports, prover, record, undo, cleared });
  } catch (error) {
    undo.add(() => removeContainers(engine, record.run));
    // What cannot be undone is told by its label; what went wrong first is the news.
    await undo.run().catch(() => {});
    signal.throwIfAborted();
    throw error;
  }
}

async function markIn(folder: string, { files }: Ports): Promise<Marker> {
  const path = join(folder, 'marker');
  await files.write(path, '');
  return createMarker(path);
}

async function lookAndSetUp(asked: Asked, facts: EngineFacts, work: Work): Promise<Environment> {
  const { ports, record, undo, cleared } = work;
  const { engine, clock, runId, labels, signal } = work.prover;
  const prover = { ...work.prover, own: facts.platform };
  const tools = { ports, engine, signal, record, undo };
  await record.note({ answered: facts.version });
  const provided = await provideBuildx(asked.buildx ?? {}, facts.buildx, ports, signal);
  const buildx = await byItself(provided, facts.buildxFile, ports.files);
  const builderAsked = {
    ...(asked.builder === undefined ? {} : { name: asked.builder }),
    wish: asked.wish ?? DEFAULT_BUILDER,
  };
  const { platform } = facts;
  const installer = { installer: asked.installer ?? BINFMT_IMAGE, platform, labels: record.labels };
  const release = () => releaseHandlers(record, ports);
  const registering: HandlerListener = {
    before: (names) => record.note({ handlers: names, installer: installer.installer, platform }),
    // Before the installer's image goes, which it takes.
    after: async () => undo.add(release),
  };
  const platforms = [...new Set(asked.platforms)];
  const emulated = handlersFor(platforms, platform);
  if (emulated.length > 0) {
    undo.add(release);
    await leaseHandlers(emulated, record, ports, signal);
  }
  const failed = new AbortController();
  const sharesLoopback = loopbackShared(ports, AbortSignal.any([signal, failed.signal]));
  const { folder } = asked;
  const proving = beginProofs(platforms, {
    facts,
    installer,
    registering,
    work: { ports, prover, record, undo },
    ...(folder === undefined ? {} : { folder }),
  });
  try {
    const existing = await findBuilder(builderAsked, facts.store, { ...ports, buildx }, signal);
    // A new one waits for the emulators: BuildKit looks for them when it starts.
    if (existing === undefined) await proving.all;
    const place: BuilderInUse =
      existing === undefined
        ? {
            builder: await makeBuilder(asked, buildx, facts, sharesLoopback, tools),
            env: {},
            findings: [],
          }
        : await placed(existing, asked.platforms, buildx, tools);
    const { builder } = place;
    const known = proving.all.then(async ({ proofs, installation }): Promise<Known> => {
      const handlers = await registeredHandlers(ports.files);
      const tried = installation === undefined ? {} : { installation };
      const { installer: image } = installer;
      const shared = {
        sharesLoopback: await sharesLoopback,
        sharesFiles: prover.marker?.shared() ?? ('unknown' as const),
      };
      const found = {
        facts,
        buildx: buildx.version,
        builder,
        own: facts.platform,
        proofs,
        handlers,
        installer: image,
        ...shared,
        ...tried,
      };
      return {
        surroundings: surroundingsOf(found),
        runnable: new Set([...proofs].filter(([, proof]) => proof?.proved).map(([one]) => one)),
        findings: [...place.findings, ...findingsOf(found)],
      };
    });
    known.catch(() => {});
    return {
      facts,
      builder: usedBuilder(place, asked.platforms, facts, ports, buildx),
      buildx: { file: buildx.file, prefix: buildx.prefix },
      sharesLoopback,
      standing: proving.standing,
      again: createReprobe(
        { engine, own: facts.platform, clock, runId, labels, signal },
        installer.installer,
        ports,
        cleared,
      ),
      known,
      async undo() {
        await proving.ended;
        await sharesLoopback;
        await undo.run();
      },
    };
  } catch (error) {
    // Nothing may be under way any more when it is undone.
    failed.abort();
    await Promise.all([proving.ended, sharesLoopback]);
    throw error;
  }
}
