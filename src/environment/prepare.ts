import { findBuildx, obtainBuilder } from '../builder/index.js';
import { createUndo, type RunTools } from '../cleanup/index.js';
import { beginProofs, findingsOf } from '../emulation/index.js';
import { type Engine, type EngineFacts, loopbackShared } from '../engine/index.js';
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
  const { engine, record, signal } = tools;
  // Nothing is made before the engine answers, so there is nothing to undo yet.
  const facts = await engine.facts().catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  const undo = createUndo();
  try {
    await record.note({ answered: facts.version });
    // TypeScript cannot follow which parts `needs` asks for.
    return (await setUp(needs, facts, { ...tools, undo })) as unknown as Prepared<N>;
  } catch (error) {
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

async function setUp(needs: EnvironmentNeeds, facts: EngineFacts, tools: PrepareTools & RunTools) {
  const { ports, undo, signal } = tools;
  const { platforms, installer } = needs;
  const buildx = needs.builder && (await findBuildx(needs.builder.buildx, facts, ports, signal));
  const proofs = platforms && (await beginProofs({ platforms, facts, installer }, tools));
  const failed = new AbortController();
  const sharesLoopback =
    needs.builder && loopbackShared(ports, AbortSignal.any([signal, failed.signal]));
  const ended = () => Promise.all([proofs?.ended, sharesLoopback]);
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
  if (needs.builder === undefined || buildx === undefined || sharesLoopback === undefined) {
    return { ...ready, ...(proved && { known: proved }) };
  }
  try {
    const around = { facts, buildx, sharesLoopback, emulators: proofs?.all };
    const { used, builder, findings } = await obtainBuilder(needs.builder, around, tools);
    const known = proved?.then(async (all) => ({
      runnable: all.runnable,
      findings: [...findings, ...all.findings],
      surroundings: surroundingsOf({
        ...all,
        facts,
        builder,
        buildx: buildx.version,
        sharesLoopback: await sharesLoopback,
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
