import { trialOptions } from '../config/index.js';
import { EVIDENCE_SCHEMA, type Evidence, redacted } from '../evidence/index.js';
import { interruptedBy, type Ports } from '../ports/index.js';
import type { RunContext, RunOptions } from './context.js';
import { cleanUp, openContext } from './environment.js';
import { publishImages } from './publication.js';
import { runTrials } from './trials.js';
import { verifyImages } from './verification.js';

/** Adds to the evidence what it has learned; reads only the evidence and what the run holds. */
type RunStage = (evidence: Evidence, context: RunContext) => Promise<Evidence>;

/**
 * What happens between the environment and the report, in this order. Trials build,
 * inspect and test. After an interruption no further stage begins; trials that had not begun
 * say so in the evidence.
 */
const STAGES: readonly RunStage[] = [runTrials, publishImages, verifyImages];

/** The evidence of a run of which only the plan is known. */
function plannedEvidence({ planned, request, tool, run }: RunOptions, started: Date): Evidence {
  return {
    schema: EVIDENCE_SCHEMA,
    tool,
    run: {
      ...run,
      started: started.toISOString(),
      duration: 0,
      pullRequest: request.pullRequest,
      trust: request.trust,
      options: trialOptions(request, planned),
      source: planned.source,
    },
    plan: planned.plan,
    trials: [],
    publications: [],
    findings: planned.findings,
  };
}

async function runStages(options: RunOptions, ports: Ports): Promise<Evidence> {
  const { signal } = options;
  const from = ports.clock.ticks();
  let evidence = plannedEvidence(options, ports.clock.now());
  const context = await openContext(options, ports);
  try {
    for (const stage of STAGES) {
      evidence = await stage(evidence, context);
      if (signal.aborted) break;
    }
  } catch (error) {
    await cleanUp(context);
    throw error;
  }
  const findings = [...evidence.findings, ...(await cleanUp(context))];
  const duration = Math.round(ports.clock.ticks() - from);
  const interrupted = interruptedBy(signal);
  const ended = interrupted === undefined ? { duration } : { duration, interrupted };
  return { ...evidence, findings, run: { ...evidence.run, ...ended } };
}

/**
 * Runs a plan: prepares the environment, goes through the stages, cleans up. Returns the
 * evidence of all of it, redacted; after an interruption, of all that came before it.
 * Rejects with `EngineError` if the engine cannot be used, after cleaning up.
 */
export async function runPipeline(options: RunOptions, ports: Ports): Promise<Evidence> {
  const { redactor, listen, signal } = options;
  const announce = () =>
    listen({ kind: 'stage', stage: 'stopping', detail: 'removing what the run created' });
  signal.addEventListener('abort', announce);
  try {
    return redacted(await runStages(options, ports), redactor);
  } finally {
    signal.removeEventListener('abort', announce);
  }
}
