import { type EarlyList, findBuildx, listEarly, obtainBuilder } from '../builder/index.js';
import { createUndo, type RunTools } from '../cleanup/index.js';
import { beginProofs, findingsOf } from '../emulation/index.js';
import { type Engine, type EngineFacts, loopbackShared, type Shared } from '../engine/index.js';
import type { Ports } from '../ports/index.js';
import { onLoopback } from '../reference/index.js';
import type { EnvironmentNeeds, Prepared } from './needs.js';
import { surroundingsOf } from './surroundings.js';

/** What a run makes things with; `folder` is a private one of its own, where it has one. */
type PrepareTools = Omit<RunTools, 'undo'> & { readonly folder?: string };

/**
 * Looks at the engine and sets up what is needed, and no more: a builder that can
 * export an OCI layout, and proofs that programs of platforms run. The proofs are
 * under way when this resolves. Emulators are installed only for platforms that
 * nothing executes; a platform that does not run is a finding. Rejects with
 * `EngineError` where the engine or the builder cannot be used at all, and with the
 * signal's reason; then everything is undone already.
 */
export async function prepare<N extends EnvironmentNeeds>(
  needs: N,
  tools: PrepareTools,
): Promise<Prepared<N>> {
  const { engine, ports, record, signal } = tools;
  // Another buildx than the docker client's may have to be downloaded first.
  const isPlugin = needs.builder !== undefined && needs.builder.buildx === undefined;
  const early = isPlugin ? await listEarly(ports, signal) : undefined;
  // Nothing is made before the engine answers, so there is nothing to undo yet.
  const facts = await engine.facts().catch(async (error: unknown) => {
    await early?.end();
    signal.throwIfAborted();
    throw error;
  });
  const undo = createUndo();
  try {
    await record.note({ answered: facts.version });
    // TypeScript cannot follow which parts `needs` asks for.
    return (await setUp(needs, facts, { ...tools, undo, early })) as unknown as Prepared<N>;
  } catch (error) {
    await early?.end();
    undo.add(() => removeContainers(engine, record.run));
    // A cleaning finds what could not be removed by its name; the first error is the one to report.
    await undo.run().catch(() => {});
    signal.throwIfAborted();
    throw error;
  }
}

async function removeContainers(engine: Engine, runId: string): Promise<void> {
  for (const container of await engine.containers(runId)) await engine.remove(container);
}

/** Whether the engine's loopback is this machine's; tested once, when it is first asked for. */
function loopbackTest(ports: Ports, signal: AbortSignal) {
  let tested: Promise<Shared> | undefined;
  return {
    shared() {
      tested ??= loopbackShared(ports, signal);
      return tested;
    },
    /** The answer of a test that has begun. */
    begun: () => tested,
  };
}

/** Whether a registry, or a mirror of the engine's, is on a loopback. */
function isOnLoopback(registries: readonly string[], { mirrors }: EngineFacts): boolean {
  const hosts = mirrors.flatMap((mirror) => (URL.canParse(mirror) ? new URL(mirror).host : []));
  return [...registries, ...hosts].some(onLoopback);
}

interface SetUpTools extends PrepareTools, RunTools {
  readonly early: EarlyList | undefined;
}

async function setUp(needs: EnvironmentNeeds, facts: EngineFacts, tools: SetUpTools) {
  const { ports, undo, early, signal } = tools;
  const { platforms, installer, targets = [] } = needs;
  const buildx = needs.builder && (await findBuildx(needs.builder.buildx, facts, ports, signal));
  const proofs = platforms && (await beginProofs({ platforms, facts, installer }, tools));
  const failed = new AbortController();
  const loopback = loopbackTest(ports, AbortSignal.any([signal, failed.signal]));
  const sharesLoopback = loopback.shared;
  const ended = () => Promise.all([proofs?.ended, loopback.begun()]);
  const ready = {
    facts,
    async undo() {
      await ended();
      await undo.run();
    },
    ...(proofs && { status: proofs.status, reprobe: proofs.reprobe }),
  };
  const proved = proofs?.all.then((all) => ({
    ...all,
    runnable: new Set([...all.proofs].flatMap(([one, proof]) => (proof?.proved ? [one] : []))),
    findings: findingsOf(all),
  }));
  proved?.catch(() => {});
  if (needs.builder === undefined || buildx === undefined) {
    return { ...ready, ...(proved && { known: proved }) };
  }
  // Beside the builder; what needs the answer waits for it.
  const { registries = [] } = needs.builder;
  if (isOnLoopback([...registries, ...targets], facts)) void sharesLoopback();
  try {
    const listed = early?.of(buildx);
    const around = { facts, buildx, sharesLoopback, listed, emulators: proofs?.all };
    const { used, builder, findings } = await obtainBuilder(needs.builder, around, tools);
    const known = proved?.then(async (all) => ({
      runnable: all.runnable,
      findings: [...findings, ...all.findings],
      surroundings: surroundingsOf({
        ...all,
        facts,
        builder,
        buildx: buildx.version,
        sharesLoopback: await loopback.begun(),
      }),
    }));
    known?.catch(() => {});
    return { ...ready, builder: used, buildx, sharesLoopback, ...(known && { known }) };
  } catch (error) {
    // Nothing may be under way any more when it is undone.
    failed.abort();
    await ended();
    throw error;
  }
}
