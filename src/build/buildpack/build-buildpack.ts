import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { writeProjectDescriptor } from '../../buildpacks/index.js';
import { createScanner } from '../../contents/index.js';
import { cacheLabels, cacheVolume, EngineError } from '../../engine/index.js';
import { type BuildFacts, type Finding, finding } from '../../evidence/index.js';
import { ingestServed, OciError } from '../../oci/index.js';
import { explainStartFailure, lines } from '../../ports/index.js';
import { RegistryError, reasonOf } from '../../registry/index.js';
import { defined } from '../../types/index.js';
import type { BuildResult, BuildTools, BuiltImage } from '../kind.js';
import { type BuildLimit, limitTime } from '../time-limit.js';
import { applicationFolder } from './application.js';
import { writeBindings } from './bindings.js';
import { isTrusted, located, packArguments } from './command.js';
import { pullBuilder, runCreator } from './creator.js';
import { packEnvironment } from './environment.js';
import { buildpackFailure } from './failure.js';
import { builderLauncher } from './launcher.js';
import { type BuildpackOrder, pinnedBuilder } from './order.js';
import { type OpenPlace, openPlace } from './place.js';
import { createLifecycleProgress, type LifecycleProgress } from './progress.js';
import { bringCache, hasRegistryCache, keepCache } from './registry-cache.js';
import { publishedDigest } from './report.js';

/** Bytes of report.toml that are read; it comes out of the build. */
const REPORT = 1024 * 1024;

/** How a build ended: an image, or why there is none. */
type PackOutcome =
  | { readonly image: BuiltImage; readonly launcher?: string | undefined }
  | { readonly failure: Finding };

/** The same, with what is to be said beside it. */
type BuildOutcome = PackOutcome & { readonly notes: readonly Finding[] };

async function follow(
  progress: LifecycleProgress,
  output: Readable,
  { image, platform }: BuildpackOrder,
  { listen, ports }: Pick<BuildTools, 'listen' | 'ports'>,
) {
  const of = { image: image.id, platform };
  for await (const line of lines(output)) {
    const { step, output: said } = progress.read(line, ports.clock.now().getTime());
    if (step !== undefined) listen({ kind: 'trial', ...of, phase: 'building', detail: step });
    for (const text of said) listen({ kind: 'output', ...of, source: 'build', text });
  }
}

function subjectOf({ image, platform }: BuildpackOrder): Finding['subject'] {
  return { image: image.id, platform };
}

/** What the lifecycle has published: by its report, or where no report comes out, by its tag. */
async function digestOf(order: BuildpackOrder, place: OpenPlace): Promise<string | undefined> {
  const { files, client } = order.pack;
  if (order.image.build.flow === 'creator') {
    const { repository, registry, tag } = place;
    return (await client.repository(registry.host, repository).headManifest(tag))?.digest;
  }
  const report = await files.read(join(place.report, 'report.toml'), REPORT).catch(() => undefined);
  return report === undefined ? undefined : publishedDigest(report.toString('utf8'));
}

/** Takes the image that the lifecycle has published into the layout. */
async function takeIn(
  order: BuildpackOrder,
  place: OpenPlace,
  tools: BuildTools,
): Promise<PackOutcome> {
  const subject = subjectOf(order);
  const { client } = order.pack;
  const digest = await digestOf(order, place);
  if (digest === undefined) {
    const message = 'The build ended without an error, and has published no image.';
    return { failure: finding('build-failed', subject, message) };
  }
  const repository = client.repository(place.registry.host, place.repository);
  const { signal, layout, scans } = tools;
  const served = {
    getManifest: (wanted: string) => repository.getManifest(wanted, defined({ signal })),
    readBlob: (
      { digest: blob, size }: { readonly digest: string; readonly size: number },
      keep: (piece: Buffer) => unknown,
    ) => repository.checkBlob({ digest: blob, size, keep, ...defined({ signal }) }),
  };
  try {
    return { image: await ingestServed(digest, served, { layout, scans, createScanner }) };
  } catch (error) {
    const fault = place.registry.fault();
    if (fault !== undefined) throw fault;
    // What buildpacks have left running can write a report of their own.
    if (!(error instanceof OciError || error instanceof RegistryError)) throw error;
    const message = `What the build has published cannot be read: ${reasonOf(error)}.`;
    return { failure: finding('build-failed', subject, message) };
  }
}

/** One build: what is built, for how long, where, and what it writes. */
interface BuildOf {
  readonly limit: BuildLimit;
  readonly order: BuildpackOrder;
  readonly place: OpenPlace;
  readonly progress: LifecycleProgress;
}

/** What pack is to pull for the phases that hold a login; undefined where there are none. */
async function lifecycleOf(order: BuildpackOrder): Promise<string | undefined> {
  if (isTrusted(order)) return undefined;
  const { pack, platformBuilder, platform } = order;
  const reference = await pack.lifecycle(platformBuilder.lifecycle.version, platform);
  await pack.willPull(reference);
  return reference;
}

/** Runs pack, or the lifecycle's creator; answers its exit code, or why it was not started. */
async function runBuild(
  { order, place, progress }: BuildOf,
  tools: BuildTools,
): Promise<number | Finding | undefined> {
  const read = (output: Readable) => follow(progress, output, order, tools);
  if (order.image.build.flow === 'creator') return runCreator(order, place, tools, read);
  const { exec, env } = tools.ports;
  const { root, image, pack } = order;
  const [lifecycle, bindings, application] = await Promise.all([
    lifecycleOf(order),
    writeBindings(order, join(place.home, 'bindings'), tools),
    applicationFolder(
      located(root, image.build.context),
      join(place.home, 'application'),
      pack.files,
    ),
  ]);
  await order.pack.files.write(place.descriptor, writeProjectDescriptor(order.image.build));
  const running = exec.start({
    file: order.pack.file,
    args: packArguments(order, { ...place, ...defined({ lifecycle }), bindings, application }),
    env: packEnvironment(env, place, order.pack),
    // A file of the workspace could have the name of a buildpack.
    cwd: place.home,
    ...defined({ signal: tools.signal }),
  });
  const [exit] = await Promise.all([running.exit, read(running.stdout), read(running.stderr)]);
  if (exit.notStarted === undefined) return exit.code ?? undefined;
  const message = `pack could not be started: ${explainStartFailure(exit.notStarted)}.`;
  return finding('engine-failed', subjectOf(order), message);
}

/** What the builder has of it, which another run may have removed from the engine meanwhile. */
async function readLauncher(order: BuildpackOrder, tools: BuildTools): Promise<string> {
  await pullBuilder(order, tools);
  return builderLauncher(order);
}

async function buildAt(of: BuildOf, tools: BuildTools): Promise<BuildOutcome> {
  const { order, place, progress, limit } = of;
  const signals = [limit.signal, ...(tools.signal === undefined ? [] : [tools.signal])];
  const limited = { ...tools, signal: AbortSignal.any(signals) };
  const unread = await bringCache(order, place, limited);
  const ended = await runBuild(of, limited);
  limit.end();
  if (ended === 0) {
    const [taken, launcher] = await Promise.all([
      takeIn(order, place, tools),
      order.locked ? readLauncher(order, tools) : undefined,
    ]);
    const unwritten = 'image' in taken ? await keepCache(order, place, tools) : [];
    return { ...taken, launcher, notes: [...unread, ...unwritten] };
  }
  const late = limit.failure();
  if (late !== undefined) return { failure: late, notes: unread };
  if (typeof ended === 'object') return { failure: ended, notes: unread };
  return { failure: buildpackFailure(order, progress, ended), notes: unread };
}

const NOT_YOURS =
  'Change what it names, if it is yours; else tell those who make the buildpack or the builder.';

function warningFindings(order: BuildpackOrder, progress: LifecycleProgress): readonly Finding[] {
  return progress
    .warnings()
    .map((message) => finding('build-warning', subjectOf(order), message, { remedy: NOT_YOURS }));
}

/** The images that a build started from, by what their references name. */
function basesOf({ builder, runImage }: BuildpackOrder): BuildFacts['bases'] {
  return [
    { reference: builder.reference, digest: builder.digest },
    { reference: runImage.reference, digest: runImage.indexDigest },
  ];
}

/**
 * Builds one image for one platform with buildpacks and takes it into the layout. It is
 * published to a registry of the build's own, which is read from here by its digest; to
 * whatever the image's targets are the build has no way. Rejects only where the run was
 * interrupted or this machine's files fail.
 */
export async function buildBuildpack(
  order: BuildpackOrder,
  tools: BuildTools,
): Promise<BuildResult> {
  const { clock } = tools.ports;
  const { refusal, networks } = order.pack;
  const started = clock.now().toISOString();
  const from = clock.ticks();
  const progress = createLifecycleProgress(tools.redactor);
  const limit = limitTime(order, clock, () => progress.running(clock.now().getTime()));
  const build = async (): Promise<BuildOutcome> => {
    if (refusal !== undefined) {
      return { failure: finding('engine-failed', subjectOf(order), refusal), notes: [] };
    }
    const { clearCache, network } = order.image.build;
    const withCache = hasRegistryCache(order.image.build);
    const cache = cacheVolume(order.cache);
    if (clearCache) await networks.removeVolume(cache);
    await Promise.all([
      withCache ? undefined : networks.makeVolume(cache, cacheLabels(order.cache)),
      order.pack.willPull(pinnedBuilder(order)),
    ]);
    const onHost = network === 'host';
    const place = await openPlace(order.pack, tools.layout.directory, { onHost, withCache });
    return buildAt({ order, place, progress, limit }, tools).finally(place.close);
  };
  const explain = (error: unknown): BuildOutcome => {
    tools.signal?.throwIfAborted();
    const late = limit.failure();
    if (late !== undefined) return { failure: late, notes: [] };
    if (!(error instanceof EngineError)) throw error;
    return { failure: finding('engine-failed', subjectOf(order), error.message), notes: [] };
  };
  const outcome = await build().catch(explain).finally(limit.end);
  const facts: BuildFacts = {
    started,
    duration: Math.round(clock.ticks() - from),
    steps: progress.steps(),
    warnings: progress.warnings().map((message) => ({ message })),
    bases: 'image' in outcome ? basesOf(order) : [],
  };
  const notes = [...warningFindings(order, progress), ...outcome.notes];
  if ('image' in outcome) {
    const { image, launcher } = outcome;
    return { build: facts, image, ...defined({ launcher }), findings: notes };
  }
  return { build: facts, findings: [outcome.failure, ...notes] };
}
