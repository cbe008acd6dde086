import pLimit from 'p-limit';
import { movedBases } from './build/index.js';
import { foreignUnused } from './checks/index.js';
import { type Request, trialOptions } from './config/index.js';
import { dockerEngine, type Engine } from './engine/index.js';
import { type Environment, loopbackFindings, prepare, registryFacts } from './environment/index.js';
import {
  applySeverities,
  brokenOff,
  EVIDENCE_SCHEMA,
  type Evidence,
  type Finding,
  finding,
  redacted,
} from './evidence/index.js';
import { compare } from './inspect/index.js';
import { createLayout } from './oci/index.js';
import { repositoryOf, takenBefore } from './pipeline/loaded.js';
import { ordersOf, secretsOf } from './pipeline/orders.js';
import { publication } from './pipeline/publication.js';
import {
  ask,
  buildNeeds,
  heldByBuilder,
  type Identity,
  identify,
  lookForImages,
  weigh,
} from './pipeline/registries.js';
import { learnSecrets } from './pipeline/secrets.js';
import type { Ship, Voyage } from './pipeline/ship.js';
import { type TrialOutcome, type TrialRoom, trial } from './pipeline/trial.js';
import type { Planned } from './plan/index.js';
import { heeding, interruptedBy, type Ports } from './ports/index.js';
import { startEmbeddedRegistry } from './registry/index.js';
import {
  type Aside,
  createAside,
  createHold,
  createLoadedNames,
  createSpace,
} from './test/index.js';

export type { Voyage } from './pipeline/ship.js';

/** Uploads and read-backs under way at once. */
const TRANSFERS = 6;

/** Containers and images that an engine removes at once. */
const REMOVALS = 8;

function trialRoom(ship: Ship, over: Promise<void>): TrialRoom {
  const { voyage, ports, identity, environment, layout, aside, labels, loadedNames } = ship;
  const { request, redactor, listen, signal } = voyage;
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
    aside,
    over,
    removals: pLimit(REMOVALS),
    space: createSpace(async () => (root === undefined ? undefined : ports.files.free(root))),
    hold: createHold(engine, environment.facts.store, voyage.run.id),
    plan: voyage.planned.plan,
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
async function startEmbedded({ voyage, ports, layout }: Ship) {
  if (voyage.planned.plan.push) return undefined;
  const directory = `${voyage.folder}/registry`;
  await ports.files.makeDirectory(directory);
  return startEmbeddedRegistry({ files: ports.files, directory, layout: layout.directory });
}

function interruptionOf({ signal }: Voyage): Pick<Evidence['run'], 'interrupted'> {
  const interrupted = interruptedBy(signal);
  return interrupted === undefined ? {} : { interrupted };
}

/** The evidence of a run of which nothing but the plan is known yet. */
function firstEvidence(voyage: Voyage, ports: Pick<Ports, 'clock'>): Evidence {
  const { planned, request, tool, run } = voyage;
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
function besideEachOther(
  { planned: { plan }, listen }: Voyage,
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
async function tryAll(ship: Ship): Promise<Pick<Evidence, 'trials' | 'findings'>> {
  const over = Promise.withResolvers<void>();
  const room = trialRoom(ship, over.promise);
  const all = await ordersOf(ship);
  // All of them to their ends: nothing may go on while its surroundings are undone.
  const settled = await Promise.allSettled(all.map((order) => trial(order, room)));
  over.resolve();
  const outcomes = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  return {
    trials: outcomes.map(({ trial: facts }) => facts),
    findings: [
      ...outcomes.flatMap(({ findings }) => findings),
      ...besideEachOther(ship.voyage, outcomes),
    ],
  };
}

async function publishAll(evidence: Evidence, ship: Ship) {
  const { voyage, ports, identity, layout } = ship;
  const embedded = await startEmbedded(ship);
  try {
    const published = await publication(evidence, {
      client: identity.client,
      layout,
      limit: pLimit(TRANSFERS),
      clock: ports.clock,
      ...(embedded === undefined ? {} : { embedded: embedded.host }),
      listen: voyage.listen,
      signal: voyage.signal,
    });
    // What a registry of our own has met is a fault of this machine, not of a network.
    const fault = embedded?.fault();
    if (fault !== undefined) throw fault;
    return published;
  } finally {
    await embedded?.close();
  }
}

async function goThrough(ship: Ship, before: Evidence): Promise<Evidence> {
  const { voyage, environment, told } = ship;
  const { signal } = voyage;
  const { trials, findings: found } = await tryAll(ship);
  // An interruption ends the proofs too; what the trials have learned is kept all the same.
  const known = await environment.known.catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return undefined;
  });
  const tried: Evidence = {
    ...before,
    ...(known === undefined
      ? {}
      : { surroundings: { ...known.surroundings, ...told.surroundings } }),
    trials,
    findings: [
      ...before.findings,
      ...(known?.findings ?? []),
      ...told.findings,
      ...found,
      ...movedBases(trials),
    ],
  };
  if (signal.aborted) return tried;
  const looked = { ...tried, findings: [...tried.findings, ...foreignUnused(tried)] };
  const { publications, findings } = await publishAll(looked, ship).catch((error: unknown) => ({
    publications: [],
    findings: signal.aborted ? [] : [brokenOff({}, 'Publishing', error)],
  }));
  return { ...looked, publications, findings: [...looked.findings, ...findings] };
}

/** What the request says of the builder, of buildx and of emulators. */
function builderAsked({ builder, newBuilder, buildx, binfmtImage, grants }: Request) {
  const entitlements = ['device', 'network.host', 'security.insecure'];
  return {
    ...(builder === undefined ? {} : { builder }),
    ...(newBuilder === undefined ? {} : { wish: newBuilder }),
    ...(buildx === undefined ? {} : { buildx }),
    ...(binfmtImage === undefined ? {} : { installer: binfmtImage }),
    entitlements: entitlements.filter((name) => grants.includes(name)),
  };
}

/** What a run has learned is not lost because something of it could not be removed. */
async function undone(environment: Environment, aside: Aside): Promise<readonly Finding[]> {
  const left = await aside.settled();
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
function asking(planned: Planned, identity: Identity, signal: AbortSignal) {
  const stop = new AbortController();
  const come = ask(planned, identity, AbortSignal.any([signal, stop.signal]));
  // Whether it is waited for, the environment decides.
  come.catch(() => {});
  return {
    come,
    giveUp(error: unknown): never {
      stop.abort();
      throw error;
    },
  };
}

/** Nothing of a run is told or written down with its secrets in it. */
function discreet(voyage: Voyage): Voyage {
  const { listen, redactor } = voyage;
  return { ...voyage, listen: (event) => listen(redacted(event, redactor)) };
}

/** Who asks again what an engine is gets the first answer, for which nobody waits after the signal. */
function lookedAtOnce(engine: Engine, asking: Engine): Engine {
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
export async function sail(asked: Voyage, ports: Ports): Promise<Evidence> {
  const { redactor, request, planned, listen, signal } = asked;
  await learnSecrets(planned.plan, request, ports, redactor.learn);
  const stopping = () =>
    listen({ kind: 'stage', stage: 'stopping', detail: 'clearing up what was made' });
  signal.addEventListener('abort', stopping, { once: true });
  try {
    return redacted(await goAll(discreet(asked), ports), redactor);
  } finally {
    signal.removeEventListener('abort', stopping);
  }
}

async function goAll(voyage: Voyage, ports: Ports): Promise<Evidence> {
  const { planned, request, folder, record, listen, signal } = voyage;
  const from = ports.clock.ticks();
  const before = firstEvidence(voyage, ports);
  const platforms = [...new Set(planned.plan.images.flatMap((image) => image.platforms))];
  listen({ kind: 'stage', stage: 'environment', detail: platforms.join(', ') });
  // What is being made when an interruption comes is finished, so that it can be taken away again.
  const engine = lookedAtOnce(dockerEngine(ports), dockerEngine(ports, signal));
  const { learn } = voyage.redactor;
  // A credential helper may wait for somebody.
  const heeded = { ...ports, exec: heeding(ports.exec, signal) };
  const told = { learn, listen };
  const identity = await identify(planned, request, folder, engine, heeded, told);
  const answers = asking(planned, identity, signal);
  const needs = buildNeeds(planned);
  const registries = [...new Set(needs.map(({ registry }) => registry))];
  const environment = await prepare(
    { platforms, record, folder, registries, ...builderAsked(request) },
    engine,
    { ...ports, env: identity.env },
    signal,
  ).catch(answers.giveUp);
  const aside = createAside();
  try {
    const [come, images] = await Promise.all([
      answers.come,
      lookForImages(planned, identity, environment, engine, signal),
    ]);
    const held = await heldByBuilder(come.refused, environment);
    const said = { ...come, refused: [...images.refused, ...held] };
    const { facts, sharesLoopback } = environment;
    const apart = await loopbackFindings(planned.plan, needs, sharesLoopback);
    const loadedNames = createLoadedNames(engine, repositoryOf(ports.env, planned.source));
    const isCareful = request.load && request.trust.untrusted;
    const taken = isCareful
      ? await takenBefore(planned.plan.images, facts.platform, loadedNames)
      : [];
    const more = [...apart, ...taken];
    const { findings: refusals, ...weighed } = weigh(planned.plan, said, facts.mirrors, more);
    const ship: Ship = {
      voyage,
      ports,
      environment,
      told: { surroundings: registryFacts(said), findings: refusals },
      layout: await createLayout(ports.files, `${folder}/layout`),
      aside,
      identity,
      bases: images.pinned,
      ...weighed,
      loadedNames,
      labels: record.labels,
    };
    const evidence = await goThrough(ship, before);
    const findings = [...evidence.findings, ...(await undone(environment, aside))];
    const duration = Math.round(ports.clock.ticks() - from);
    return { ...evidence, findings, run: { ...evidence.run, duration, ...interruptionOf(voyage) } };
  } catch (error) {
    await undone(environment, aside);
    throw error;
  }
}
