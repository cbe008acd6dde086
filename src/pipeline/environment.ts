import type { Request } from '../config/index.js';
import { createBackgroundTasks, dockerEngine, type Engine } from '../engine/index.js';
import { type Environment, prepare } from '../environment/index.js';
import { builtBy, type Finding, finding, type Listen, redacted } from '../evidence/index.js';
import { createLayout } from '../oci/index.js';
import { abortable, type Ports } from '../ports/index.js';
import { loopbackFindings, pushedTo, refusedCaches, registryFacts } from '../preflight/index.js';
import { createLoadedNames } from '../test/index.js';
import { defined } from '../types/index.js';
import { judgeLocks, resolveBuilders, stoppedImages } from './builders.js';
import type { Preflight, RunContext, RunOptions } from './context.js';
import { identify } from './identity.js';
import { lookForCaches } from './known-caches.js';
import { repositoryOf, takenBefore } from './loaded-names.js';
import { createLocalRegistry } from './local-registry.js';
import { mirrorHosts, preparePack } from './pack.js';
import { askInBackground, buildNeeds, heldByBuilder, lookForImages, weigh } from './preflight.js';
import { learnSecrets } from './secrets.js';
import { stoppedBuilds } from './stopped-builds.js';

type Opened = Omit<RunContext, 'preflight' | 'layout' | 'localRegistry'>;

/** What the request says about the builder and buildx. */
function builderNeeds({ builder, newBuilder, buildx, grants }: Request) {
  const entitlements = ['device', 'network.host', 'security.insecure'];
  return {
    ...defined({ name: builder, options: newBuilder, buildx }),
    entitlements: entitlements.filter((name) => grants.includes(name)),
  };
}

/** Asks for the engine's facts once, with a client that ends with the signal. */
function withCachedFacts(engine: Engine, abortableEngine: Engine): Engine {
  let facts: ReturnType<Engine['facts']> | undefined;
  return {
    ...engine,
    facts() {
      facts ??= abortableEngine.facts();
      return facts;
    },
  };
}

/** `default, driver docker, BuildKit v0.25.2; buildx 0.29.1` */
function builderText({ builder, buildx }: Environment): string {
  const { name, driver, nodes } = builder;
  const versions = [...new Set(nodes.flatMap(({ buildkit }) => buildkit ?? []))];
  const buildkit = versions.length === 0 ? '' : `, BuildKit ${versions.join(', ')}`;
  return `${name}, driver ${driver}${buildkit}; buildx ${buildx.version}`;
}

async function preflight(
  opened: Opened,
  engine: Engine,
  answered: ReturnType<typeof askInBackground>['answers'],
): Promise<Preflight> {
  const { options, identity, environment, loadedNames } = opened;
  const { request, signal } = options;
  const { plan } = options.planned;
  const { facts, sharesLoopback } = environment;
  const { mirrors } = facts;
  const places = {
    client: identity.packClient,
    mirrors: mirrorHosts(facts),
    files: opened.ports.files,
    clock: opened.ports.clock,
    root: request.root,
    signal,
    locks: options.planned.locks,
    builderLocations: options.planned.builderLocations,
  };
  const { files } = opened.ports;
  const [answers, read, images, known, loopback] = await Promise.all([
    answered,
    resolveBuilders(plan, places),
    lookForImages(options.planned, { identity, environment, engine, signal }),
    lookForCaches(options.planned, request.root, { client: identity.client, files }, signal),
    loopbackFindings(plan, buildNeeds(options.planned), sharesLoopback),
  ]);
  const builders = judgeLocks(plan, options.planned.locks, read);
  const held = await heldByBuilder(answers.refused, environment);
  const all = { ...answers, refused: [...images.refused, ...held] };
  const taken =
    request.load !== false && request.trust.untrusted
      ? await takenBefore(plan.images, facts.platform, loadedNames)
      : [];
  const weighed = weigh(plan, all, mirrors, [...loopback, ...taken]);
  return {
    environment: registryFacts(all),
    bases: images.pinned,
    caches: known.caches,
    refusedCaches: refusedCaches(all),
    builds: builders.builds,
    stopped: new Map([...stoppedBuilds(options.planned), ...stoppedImages(plan, builders)]),
    ...weighed,
    findings: [...weighed.findings, ...builders.findings, ...known.findings],
  };
}

/**
 * Prepares the environment and asks the registries what they will take and give, both at
 * once. What the context tells is redacted, with all secrets of the run. Rejects with
 * `EngineError` and with the signal's reason, after cleaning up.
 */
export async function openContext(given: RunOptions, ports: Ports): Promise<RunContext> {
  const { planned, request, folder, record, redactor, signal } = given;
  const { learn } = redactor;
  await learnSecrets(planned.plan, request, ports, learn);
  const listen: Listen = (event) => given.listen(redacted(event, redactor));
  const options = { ...given, listen };
  const platforms = [...new Set(planned.plan.images.flatMap((image) => image.platforms))];
  listen({ kind: 'stage', stage: 'environment', detail: platforms.join(', ') });
  // What is being made when an interruption comes is finished, so that it can be removed.
  const engine = withCachedFacts(dockerEngine(ports), dockerEngine(ports, signal));
  // A credential helper may wait for input.
  const abortablePorts = { ...ports, exec: abortable(ports.exec, signal) };
  const identity = await identify(planned, {
    request,
    folder,
    engine,
    ports: abortablePorts,
    learn,
    listen,
  });
  const questions = askInBackground(planned, identity, signal);
  const registries = [...new Set(buildNeeds(planned).map(({ registry }) => registry))];
  const idle = builtBy(planned.plan.images, 'dockerfile').length === 0;
  const environment = await prepare(
    {
      platforms,
      targets: [...pushedTo(planned.plan).keys()],
      installer: request.binfmtImage,
      builder: { ...builderNeeds(request), registries, idle, platforms },
    },
    { engine, ports: { ...ports, env: identity.env }, record, folder, signal },
  ).catch(questions.cancel);
  listen({ kind: 'stage', stage: 'builder', detail: builderText(environment) });
  const loadedNames = createLoadedNames(engine, repositoryOf(ports.env, planned.source));
  const opened = {
    options,
    ports,
    identity,
    environment,
    loadedNames,
    background: createBackgroundTasks(),
  };
  try {
    const [found, pack] = await Promise.all([
      preflight(opened, engine, questions.answers),
      preparePack(opened),
    ]);
    const layout = await createLayout(ports.files, `${folder}/layout`);
    const context = { ...opened, preflight: found, layout, ...defined({ pack }) };
    if (planned.plan.push) return context;
    const registry = createLocalRegistry(`${folder}/registry`, layout.directory, ports.files);
    return { ...context, localRegistry: registry };
  } catch (error) {
    await cleanUp(opened);
    throw error;
  }
}

/** Removes what the run has made. Never rejects: what could not be removed is a finding. */
export async function cleanUp({
  localRegistry,
  background,
  environment,
  pack,
}: Pick<RunContext, 'localRegistry' | 'background' | 'environment' | 'pack'>): Promise<
  readonly Finding[]
> {
  await localRegistry?.close();
  const problems = [...(await background.settled())];
  const undo = (work: Promise<void> | undefined) => work?.catch((error) => problems.push(error));
  await undo(pack?.undo.run());
  await undo(environment.undo());
  return problems.slice(0, 1).map((problem) => {
    const message = `Not everything that this run created could be removed: ${(problem as Error).message}`;
    const remedy = 'Run sea-trial clean once the engine answers and nothing uses the rest.';
    return finding('engine-failed', {}, message, { severity: 'warning', remedy });
  });
}
