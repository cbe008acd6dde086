import pLimit from 'p-limit';
import { movedBases } from '../build/index.js';
import { CHECKS, check } from '../checks/index.js';
import { createDiskBudget, createLoadedImages, dockerEngine } from '../engine/index.js';
import { applySeverities, type Evidence, type Finding } from '../evidence/index.js';
import { compare } from '../inspect/index.js';
import type { RunContext, RunOptions } from './context.js';
import { keepImages } from './loaded-names.js';
import { withStagesMeant } from './stages-meant.js';
import { runTrial } from './trial.js';
import type { TrialContext, TrialOutcome } from './trial-context.js';
import { secretsOf, trialInputs } from './trial-inputs.js';

/** What the builds of a run need of it. */
export function buildTools({
  options,
  ports,
  identity,
  environment,
  layout,
}: RunContext): TrialContext['buildTools'] {
  const { request, redactor, listen, signal } = options;
  return {
    ports: { ...ports, env: { ...identity.env, ...environment.builder.env } },
    layout,
    scans: new Map(),
    secretEnvironment: secretsOf(request).environment,
    redactor,
    listen,
    signal,
  };
}

function trialContext(
  context: RunContext,
  { over, named }: Pick<TrialContext, 'over' | 'named'>,
): TrialContext {
  const { options, ports, environment, background, loadedNames } = context;
  const { request, redactor, listen, signal } = options;
  const engine = dockerEngine(ports, signal);
  const { processors } = ports.machine;
  const { root } = environment.facts;
  return {
    buildTools: buildTools(context),
    testTools: {
      engine,
      ports,
      limit: pLimit(request.parallel ?? Math.max(4, processors)),
      redactor,
      listen,
      signal,
    },
    background,
    over,
    named,
    disk: createDiskBudget(async () => (root === undefined ? undefined : ports.files.free(root))),
    loadedImages: createLoadedImages(engine, environment.facts.store, options.run.id),
    plan: options.planned.plan,
    load: request.load,
    loadedNames,
    untrusted: request.trust.untrusted,
    // Native builds wait for the network as much as for a processor, emulated ones need one each.
    builds: pLimit(request.parallel ?? Math.max(4, processors)),
    emulatedBuilds: pLimit(request.parallel ?? Math.max(2, processors)),
    labels: options.record.labels,
  };
}

/** Tells of trials that what was found after their ends has failed. */
function tellFailed({ planned: { plan }, listen }: RunOptions, findings: readonly Finding[]): void {
  for (const { severity, subject, message } of applySeverities(plan, findings)) {
    const { image, platform } = subject;
    if (severity !== 'error' || image === undefined || platform === undefined) continue;
    listen({ kind: 'trial', image, platform, phase: 'done', ok: false, detail: message });
  }
}

/** Compares the platforms of each image; a trial that has passed may fail by it. */
function comparePlatforms(
  { plan }: RunOptions['planned'],
  outcomes: readonly TrialOutcome[],
): readonly Finding[] {
  return plan.images.flatMap((image) => {
    const own = outcomes.filter(({ trial }) => trial.image === image.id);
    return compare(
      image,
      own.flatMap(({ built }) => built ?? []),
    );
  });
}

/** All trials to their ends. */
async function trialOutcomes(
  context: RunContext,
  shared: TrialContext,
): Promise<readonly TrialOutcome[]> {
  const inputs = await trialInputs(context);
  // All of them, also if one rejects: the environment may be removed only after the last.
  const settled = await Promise.allSettled(inputs.map((input) => runTrial(input, shared)));
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

/** What is known of the trials when they have ended, the comparison of platforms included. */
async function trialEvidence(
  evidence: Evidence,
  outcomes: readonly TrialOutcome[],
  { options, environment, preflight }: RunContext,
): Promise<Evidence> {
  const { signal, planned } = options;
  const trials = outcomes.map(({ trial }) => trial);
  const compared = comparePlatforms(planned, outcomes);
  tellFailed(options, compared);
  // An interruption ends the proofs of platforms too; what the trials have learned is kept.
  const known = await environment.known.catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return undefined;
  });
  const found = withStagesMeant([
    ...evidence.findings,
    ...(known?.findings ?? []),
    ...preflight.findings,
    ...outcomes.flatMap(({ findings }) => findings),
    ...compared,
  ]);
  const tested: Evidence = {
    ...evidence,
    ...(known && { environment: { ...known.surroundings, ...preflight.environment } }),
    trials,
    findings: [...found, ...movedBases(trials)],
  };
  if (signal.aborted) return tested;
  return { ...tested, findings: [...tested.findings, ...check(CHECKS.run, tested)] };
}

/**
 * Builds, inspects and tests every image of the plan on each of its platforms. The contents
 * of the layers are released when this returns.
 */
export async function runTrials(evidence: Evidence, context: RunContext): Promise<Evidence> {
  const { options } = context;
  const { signal } = options;
  const over = Promise.withResolvers<void>();
  const named = Promise.withResolvers<void>();
  const shared = trialContext(context, { over: over.promise, named: named.promise });
  try {
    const outcomes = await trialOutcomes(context, shared).finally(over.resolve);
    const tested = await trialEvidence(evidence, outcomes, context);
    // After an interruption nothing is made any more.
    if (signal.aborted) return tested;
    const { trials, findings } = await keepImages(tested, outcomes, { ...shared, signal });
    tellFailed(options, findings);
    return { ...tested, trials, findings: [...tested.findings, ...findings] };
  } finally {
    named.resolve();
  }
}
