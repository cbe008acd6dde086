import pLimit from 'p-limit';
import { movedBases } from '../build/index.js';
import { CHECKS, check } from '../checks/index.js';
import { type Request, trialOptions } from '../config/index.js';
import {
  type BackgroundTasks,
  createBackgroundTasks,
  createDiskBudget,
  createLoadedImages,
  dockerEngine,
  type Engine,
} from '../engine/index.js';
import { type Environment, prepare } from '../environment/index.js';
import {
  applySeverities,
  brokenOff,
  EVIDENCE_SCHEMA,
  type Evidence,
  type Finding,
  finding,
  redacted,
} from '../evidence/index.js';
import { compare } from '../inspect/index.js';
import { createLayout } from '../oci/index.js';
import type { Planned } from '../plan/index.js';
import { abortable, interruptedBy, type Ports } from '../ports/index.js';
import { loopbackFindings, registryFacts } from '../preflight/index.js';
import { startEmbeddedRegistry } from '../registry/index.js';
import { createLoadedNames } from '../test/index.js';
import type { RunContext, RunOptions } from './context.js';
import { repositoryOf, takenBefore } from './loaded-names.js';
import { publication } from './publication.js';
import {
  ask,
  buildNeeds,
  heldByBuilder,
  type Identity,
  identify,
  lookForImages,
  weigh,
} from './registries.js';
import { learnSecrets } from './secrets.js';
import { type TrialContext, type TrialOutcome, trial } from './trial.js';
import { secretsOf, trialInputs } from './trial-inputs.js';

/** Uploads and read-backs under way at once. */
const TRANSFERS = 6;

function trialContext(context: RunContext, over: Promise<void>): TrialContext {
  const { options, ports, identity, environment, layout, background, labels, loadedNames } =
    context;
  const { request, redactor, listen, signal } = options;
  const engine = dockerEngine(ports, signal);
  const { processors } = ports.machine;
  const { root } = environment.facts;
  return {
    buildTools: {
      ports: { ...ports, env: { ...identity.env, ...environment.builder.env } },
      layout,
      scans: new Map(),
      secretEnvironment: secretsOf(request).environment,
      redactor,
      listen,
      signal,
    },
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
    disk: createDiskBudget(async () => (root === undefined ? undefined : ports.files.free(root))),
    loadedImages: createLoadedImages(engine, environment.facts.store, options.run.id),
    plan: options.planned.plan,
    load: request.load,
    loadedNames,
    untrusted: request.trust.untrusted,
    // Native builds wait for the network as much as for a processor, emulated ones need one each.
    builds: pLimit(request.parallel ?? Math.max(4, processors)),
    emulatedBuilds: pLimit(request.parallel ?? Math.max(2, processors)),
    labels,
  };
}

/** The embedded registry stands for all others unless something is to be pushed. */
async function startEmbedded({ options, ports, layout }: RunContext) {
  if (options.planned.plan.push) return undefined;
  const directory = `${options.folder}/registry`;
  await ports.files.makeDirectory(directory);
  return startEmbeddedRegistry({ files: ports.files, directory, layout: layout.directory });
}

function interruptionFacts({ signal }: RunOptions): Pick<Evidence['run'], 'interrupted'> {
  const interrupted = interruptedBy(signal);
  return interrupted === undefined ? {} : { interrupted };
}

/** The evidence of a run of which nothing but the plan is known yet. */
function firstEvidence(options: RunOptions, ports: Pick<Ports, 'clock'>): Evidence {
  const { planned, request, tool, run } = options;
  return {
    schema: EVIDENCE_SCHEMA,
    tool,
    run: {
      ...run,
      started: ports.clock.now().toISOString(),
      duration: 0,
      pullRequest: request.pullRequest,
      trust: request.trust,
      options: trialOptions(request, planned.fromEnvironment),
      source: planned.source,
    },
    plan: planned.plan,
    trials: [],
    publications: [],
    findings: planned.findings,
  };
}

/** What the platforms of each image show beside each other; a trial that seemed to pass may fail by it. */
function comparePlatforms(
  { planned: { plan }, listen }: RunOptions,
  outcomes: readonly TrialOutcome[],
): readonly Finding[] {
  const findings = plan.images.flatMap((image) => {
    const own = outcomes.filter(({ trial }) => trial.image === image.id);
    return compare(
      image,
      own.flatMap(({ built }) => built ?? []),
    );
  });
  for (const { severity, subject, message } of applySeverities(plan, findings)) {
    const { image, platform } = subject;
    if (severity !== 'error' || image === undefined || platform === undefined) continue;
    listen({ kind: 'trial', image, platform, phase: 'done', ok: false, detail: message });
  }
  return findings;
}

/** All trials, and what was found. What the layers hold is let go of here. */
async function runTrials(context: RunContext): Promise<Pick<Evidence, 'trials' | 'findings'>> {
  const over = Promise.withResolvers<void>();
  const shared = trialContext(context, over.promise);
  const all = await trialInputs(context);
  // All of them to their ends: nothing may go on while its surroundings are undoAll.
  const settled = await Promise.allSettled(all.map((input) => trial(input, shared)));
  over.resolve();
  const outcomes = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  return {
    trials: outcomes.map(({ trial: facts }) => facts),
    findings: [
      ...outcomes.flatMap(({ findings }) => findings),
      ...comparePlatforms(context.options, outcomes),
    ],
  };
}

async function publishImages(evidence: Evidence, context: RunContext) {
  const { options, ports, identity, layout } = context;
  const embedded = await startEmbedded(context);
  try {
    const published = await publication(evidence, {
      client: identity.client,
      layout,
      limit: pLimit(TRANSFERS),
      clock: ports.clock,
      ...(embedded === undefined ? {} : { embedded: embedded.host }),
      listen: options.listen,
      signal: options.signal,
    });
    // What a registry of our own has met is a fault of this machine, not of a network.
    const fault = embedded?.fault();
    if (fault !== undefined) throw fault;
    return published;
  } finally {
    await embedded?.close();
  }
}

async function runStages(context: RunContext, before: Evidence): Promise<Evidence> {
  const { options, environment, preflight } = context;
  const { signal } = options;
  const { trials, findings: found } = await runTrials(context);
  // An interruption ends the proofs too; what the trials have learned is kept all the same.
  const known = await environment.known.catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return undefined;
  });
  const tried: Evidence = {
    ...before,
    ...(known === undefined
      ? {}
      : { environment: { ...known.surroundings, ...preflight.environment } }),
    trials,
    findings: [
      ...before.findings,
      ...(known?.findings ?? []),
      ...preflight.findings,
      ...found,
      ...movedBases(trials),
    ],
  };
  if (signal.aborted) return tried;
  const looked = { ...tried, findings: [...tried.findings, ...check(CHECKS.run, tried)] };
  const { publications, findings } = await publishImages(looked, context).catch(
    (error: unknown) => ({
      publications: [],
      findings: signal.aborted ? [] : [brokenOff({}, 'Publishing', error)],
    }),
  );
  return { ...looked, publications, findings: [...looked.findings, ...findings] };
}

/** What the request says of the builder and of buildx. */
function builderNeeds({ builder, newBuilder, buildx, grants }: Request) {
  const entitlements = ['device', 'network.host', 'security.insecure'];
  return {
    ...(builder === undefined ? {} : { name: builder }),
    ...(newBuilder === undefined ? {} : { options: newBuilder }),
    ...(buildx === undefined ? {} : { buildx }),
    entitlements: entitlements.filter((name) => grants.includes(name)),
  };
}

/** `default, driver docker, BuildKit v0.25.2; buildx 0.29.1` */
function builderWords({ builder, buildx }: Environment): string {
  const { name, driver, nodes } = builder;
  const versions = [...new Set(nodes.flatMap(({ buildkit }) => buildkit ?? []))];
  const buildkit = versions.length === 0 ? '' : `, BuildKit ${versions.join(', ')}`;
  return `${name}, driver ${driver}${buildkit}; buildx ${buildx.version}`;
}

/** What a run has learned is not lost because something of it could not be removed. */
async function undoAll(
  environment: Environment,
  background: BackgroundTasks,
): Promise<readonly Finding[]> {
  const left = await background.settled();
  const problems = await environment.undo().then(
    () => left,
    (problem: unknown) => [...left, problem],
  );
  return problems.slice(0, 1).map((problem) => {
    const message = `Not everything that this run made could be removed: ${(problem as Error).message}`;
    const remedy = 'Run sea-trial clean when the engine answers and nothing uses what is left.';
    return finding('engine-failed', {}, message, { severity: 'warning', remedy });
  });
}

/** The registries are asked while the machine is looked at; who gives up waits for no answer. */
function askInBackground(planned: Planned, identity: Identity, signal: AbortSignal) {
  const stop = new AbortController();
  const answers = ask(planned, identity, AbortSignal.any([signal, stop.signal]));
  // Whether it is waited for, the environment decides.
  answers.catch(() => {});
  return {
    answers,
    giveUp(error: unknown): never {
      stop.abort();
      throw error;
    },
  };
}

/** Nothing of a run is told or written down with its secrets in it. */
function withRedactedEvents(options: RunOptions): RunOptions {
  const { listen, redactor } = options;
  return { ...options, listen: (event) => listen(redacted(event, redactor)) };
}

/** Who asks again what an engine is gets the first answer, for which nobody waits after the signal. */
function withCachedFacts(engine: Engine, asking: Engine): Engine {
  let facts: ReturnType<Engine['facts']> | undefined;
  return {
    ...engine,
    facts() {
      facts ??= asking.facts();
      return facts;
    },
  };
}

/**
 * The way through the program: environment, then build, inspect and test of every
 * trial, then publish and verify. Answers the evidence of all of it. Rejects with
 * `EngineError` where the engine cannot be used at all.
 */
export async function runPipeline(asked: RunOptions, ports: Ports): Promise<Evidence> {
  const { redactor, request, planned, listen, signal } = asked;
  await learnSecrets(planned.plan, request, ports, redactor.learn);
  const stopping = () =>
    listen({ kind: 'stage', stage: 'stopping', detail: 'clearing up what was made' });
  signal.addEventListener('abort', stopping, { once: true });
  try {
    return redacted(await runInEnvironment(withRedactedEvents(asked), ports), redactor);
  } finally {
    signal.removeEventListener('abort', stopping);
  }
}

async function runInEnvironment(options: RunOptions, ports: Ports): Promise<Evidence> {
  const { planned, request, folder, record, listen, signal } = options;
  const from = ports.clock.ticks();
  const before = firstEvidence(options, ports);
  const platforms = [...new Set(planned.plan.images.flatMap((image) => image.platforms))];
  listen({ kind: 'stage', stage: 'environment', detail: platforms.join(', ') });
  // What is being made when an interruption comes is finished, so that it can be taken away again.
  const engine = withCachedFacts(dockerEngine(ports), dockerEngine(ports, signal));
  const { learn } = options.redactor;
  // A credential helper may wait for somebody.
  const abortablePorts = { ...ports, exec: abortable(ports.exec, signal) };
  const listeners = { learn, listen };
  const identity = await identify(planned, request, folder, engine, abortablePorts, listeners);
  const questions = askInBackground(planned, identity, signal);
  const needs = buildNeeds(planned);
  const registries = [...new Set(needs.map(({ registry }) => registry))];
  const environment = await prepare(
    {
      platforms,
      installer: request.binfmtImage,
      builder: { ...builderNeeds(request), registries, platforms },
    },
    { engine, ports: { ...ports, env: identity.env }, record, folder, signal },
  ).catch(questions.giveUp);
  listen({ kind: 'stage', stage: 'builder', detail: builderWords(environment) });
  const background = createBackgroundTasks();
  try {
    const [answers, images] = await Promise.all([
      questions.answers,
      lookForImages(planned, identity, environment, engine, signal),
    ]);
    const held = await heldByBuilder(answers.refused, environment);
    const said = { ...answers, refused: [...images.refused, ...held] };
    const { facts, sharesLoopback } = environment;
    const apart = await loopbackFindings(planned.plan, needs, sharesLoopback);
    const loadedNames = createLoadedNames(engine, repositoryOf(ports.env, planned.source));
    const isCareful = request.load && request.trust.untrusted;
    const taken = isCareful
      ? await takenBefore(planned.plan.images, facts.platform, loadedNames)
      : [];
    const more = [...apart, ...taken];
    const { findings: refusals, ...weighed } = weigh(planned.plan, said, facts.mirrors, more);
    const context: RunContext = {
      options,
      ports,
      environment,
      preflight: { environment: registryFacts(said), findings: refusals },
      layout: await createLayout(ports.files, `${folder}/layout`),
      background,
      identity,
      bases: images.pinned,
      ...weighed,
      loadedNames,
      labels: record.labels,
    };
    const evidence = await runStages(context, before);
    const findings = [...evidence.findings, ...(await undoAll(environment, background))];
    const duration = Math.round(ports.clock.ticks() - from);
    return {
      ...evidence,
      findings,
      run: { ...evidence.run, duration, ...interruptionFacts(options) },
    };
  } catch (error) {
    await undoAll(environment, background);
    throw error;
  }
}
