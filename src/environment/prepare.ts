import { type Engine, EngineError, type EngineFacts } from '../engine/index.js';
import type { Finding, Surroundings } from '../evidence/index.js';
import type { Ports } from '../ports/index.js';
import {
  BUILDKIT_IMAGE,
  createBuilder,
  findBuilder,
  ownBuilderName,
  removeBuilder,
  requireBuildx,
} from './builder.js';
import { BINFMT_IMAGE, installHandlers, registeredHandlers, removeHandlers } from './handlers.js';
import { architectureOf, RUN_LABEL } from './image.js';
import { type Proofs, type Prover, proveAll } from './prove.js';
import { findingsOf, surroundingsOf } from './surroundings.js';
import { createUndo, type Undo } from './undo.js';

/** What a run needs of its surroundings. */
export interface Asked {
  /** The plan's platforms, normalised. */
  readonly platforms: readonly string[];
  /** Names everything that is made, so that it can be found and removed again. */
  readonly runId: string;
  /** A builder of the user's that is to be used. */
  readonly builder?: string;
}

/** Surroundings that a run can rely on, and what was done to get them. */
export interface Environment {
  readonly facts: EngineFacts;
  readonly surroundings: Surroundings;
  /** For `docker buildx build --builder NAME`. */
  readonly builder: { readonly name: string; readonly driver: string };
  /** Those of the platforms that were proved to run. */
  readonly runnable: ReadonlySet<string>;
  readonly findings: readonly Finding[];
  /** Removes what was created, and nothing else. Can be called again when it rejected. */
  undo(): Promise<void>;
}

interface Runnable {
  readonly proofs: Proofs;
  readonly installation?: string;
}

interface Work {
  readonly ports: Ports;
  readonly prover: Prover;
  readonly undo: Undo;
}

function withoutHandler(proofs: Proofs): readonly string[] {
  return [...proofs]
    .filter(([, proof]) => proof?.proved === false && proof.fault === 'no-handler')
    .map(([platform]) => platform);
}

/** Proves every platform, and installs emulators for those that nobody executes. */
async function makeRunnable(
  platforms: readonly string[],
  own: string,
  { ports, prover, undo }: Work,
): Promise<Runnable> {
  const { engine, runId, signal } = prover;
  const proofs = await proveAll(platforms, prover);
  const missing = withoutHandler(proofs);
  if (missing.length === 0) return { proofs };

  await removeLaterIfPulled(BINFMT_IMAGE, engine, undo);
  const architectures = [...new Set(missing.map(architectureOf))];
  const { added, said } = await installHandlers(architectures, own, runId, ports, signal);
  if (added.length > 0) undo.add(() => removeHandlers(added, own, runId, ports));
  signal.throwIfAborted();
  const again = added.length > 0 ? await proveAll(missing, prover) : [];
  return { proofs: new Map([...proofs, ...again]), installation: said };
}

/** An image that a tool is about to pull goes again at the end, unless others use it by then. */
async function removeLaterIfPulled(image: string, engine: Engine, undo: Undo): Promise<void> {
  if (await engine.hasImage(image)) return;
  undo.add(async () => {
    try {
      await engine.removeImage(image);
    } catch (error) {
      if (!(error instanceof EngineError && /is being used|is using/i.test(error.said)))
        throw error;
    }
  });
}

async function makeBuilder(mirrors: readonly string[], work: Work) {
  const { ports, prover, undo } = work;
  const { engine, runId, signal } = prover;
  await removeLaterIfPulled(BUILDKIT_IMAGE, engine, undo);
  undo.add(() => removeBuilder(ownBuilderName(runId), ports));
  return createBuilder(runId, mirrors, ports, signal);
}

async function removeContainers(engine: Engine, runId: string): Promise<void> {
  for (const container of await engine.containers(`${RUN_LABEL}=${runId}`)) {
    await engine.remove(container);
  }
}

/**
 * Looks at the engine, finds or makes a builder that can export an OCI layout,
 * and proves every platform of the plan by running a program of it. Emulators
 * are installed only for platforms that nobody executes. A platform that does
 * not run is a finding. Rejects with `EngineError` where the engine or the
 * builder cannot be used at all, and with the signal's reason; then everything
 * is undone already. The engine given should not be bound to the signal itself:
 * a client that is killed while it makes something leaves it to chance whether
 * that is there afterwards.
 */
export async function prepare(
  asked: Asked,
  engine: Engine,
  ports: Ports,
  signal: AbortSignal,
): Promise<Environment> {
  const undo = createUndo();
  const prover = { engine, clock: ports.clock, runId: asked.runId, signal };
  try {
    return await lookAndSetUp(asked, { ports, prover, undo });
  } catch (error) {
    undo.add(() => removeContainers(engine, asked.runId));
    // What cannot be undone is told by its label; what went wrong first is the news.
    await undo.run().catch(() => {});
    signal.throwIfAborted();
    throw error;
  }
}

async function lookAndSetUp(asked: Asked, work: Work): Promise<Environment> {
  const { ports, prover, undo } = work;
  const { engine, signal } = prover;
  const facts = await engine.facts();
  const buildx = requireBuildx(facts.buildx);
  const [existing, { proofs, installation }, handlers] = await together(
    findBuilder(asked.builder, facts.store, ports, signal),
    makeRunnable([...new Set(asked.platforms)], facts.platform, work),
    registeredHandlers(ports.files),
  );
  // After the emulators: BuildKit looks for them when it starts.
  const builder = existing ?? (await makeBuilder(facts.mirrors, work));
  const tried = installation === undefined ? {} : { installation };
  const found = { facts, buildx, builder, proofs, handlers, ...tried };
  return {
    facts,
    surroundings: surroundingsOf(found),
    builder: { name: builder.name, driver: builder.driver },
    runnable: new Set([...proofs].filter(([, proof]) => proof?.proved).map(([one]) => one)),
    findings: findingsOf(found),
    undo: undo.run,
  };
}

/** Waits for all three before the first error is passed on, so that nothing is still under way. */
async function together<A, B, C>(a: Promise<A>, b: Promise<B>, c: Promise<C>) {
  await Promise.allSettled([a, b, c]);
  return Promise.all([a, b, c]);
}
