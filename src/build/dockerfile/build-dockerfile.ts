import type { Readable } from 'node:stream';
import { createScanner } from '../../contents/index.js';
import { type BuildFacts, type Finding, finding } from '../../evidence/index.js';
import { ingest, OciError } from '../../oci/index.js';
import { explainStartFailure, lines } from '../../ports/index.js';
import { defined } from '../../types/index.js';
import type { BuildResult, BuildTools, BuiltImage } from '../kind.js';
import { limitTime } from '../time-limit.js';
import { explainAbsentSource } from './absent-source.js';
import { buildArguments, type DockerfileOrder } from './command.js';
import { buildEnvironment } from './environment.js';
import { builderFailure, buildFailure, damaged, nodeLost } from './failure.js';
import { basesIn } from './materials.js';
import { builtOn } from './node.js';
import { type BuildProgress, createProgress } from './progress.js';
import { cacheUnread, entriesUnread } from './unread-caches.js';

async function follow(
  progress: BuildProgress,
  stderr: AsyncIterable<string>,
  order: DockerfileOrder,
  { listen, ports }: Pick<BuildTools, 'listen' | 'ports'>,
) {
  const { platform } = order;
  const image = order.image.id;
  for await (const line of stderr) {
    const { step, remaining, output } = progress.read(line, ports.clock.ticks());
    if (step !== undefined)
      listen({ kind: 'trial', image, platform, phase: 'building', detail: step });
    if (remaining !== undefined) {
      const { name, age } = remaining;
      listen({ kind: 'remaining', image, platform, step: name, age });
    }
    for (const text of output) listen({ kind: 'output', image, platform, source: 'build', text });
  }
}

/** An image, or why its stream could not be taken in; a failed build ends its stream early. */
async function takeIn(stdout: Readable, tools: BuildTools): Promise<BuiltImage | OciError> {
  try {
    return await ingest(stdout, tools.layout, tools.scans, createScanner);
  } catch (error) {
    // The process must not block on a pipe that nothing reads any more.
    stdout.resume();
    if (error instanceof OciError) return error;
    throw error;
  }
}

/** Ends a build whose node is lost; `end` when it is over, `node` says which one that was. */
function watchNode({ lost }: DockerfileOrder) {
  const [over, gone] = [new AbortController(), new AbortController()];
  lost?.(over.signal).then(
    (node) => gone.abort(node),
    () => {},
  );
  return {
    signal: gone.signal,
    end: () => over.abort(),
    node: () => (gone.signal.aborted ? String(gone.signal.reason) : undefined),
  };
}

function refusedBuild(subject: Finding['subject'], code: string): Finding {
  return finding(
    'engine-failed',
    subject,
    `buildx could not be started: ${explainStartFailure(code)}.`,
  );
}

function statementsOf(image: BuiltImage) {
  return image.attestations
    .flatMap(({ statements }) => statements.map(({ json }) => json))
    .filter((json) => json !== undefined);
}

function warningFindings(image: string, platform: string, build: BuildFacts): readonly Finding[] {
  return build.warnings.map((warning) =>
    finding('build-warning', { image, platform }, warning.message, {
      ...defined({ location: warning.location, remedy: warning.url }),
    }),
  );
}

/**
 * Builds one image for one platform and takes it into the layout while it
 * comes: hashed, looked into and written in one pass. Rejects only where the
 * run was interrupted or this machine's files fail.
 */
export async function buildDockerfile(
  order: DockerfileOrder,
  tools: BuildTools,
): Promise<BuildResult> {
  const { clock, exec, env } = tools.ports;
  const { image, platform } = order;
  const { file } = image.build;
  const { buildx } = order;
  const started = clock.now().toISOString();
  const from = clock.ticks();
  const progress = createProgress(file, tools.redactor);
  const watch = watchNode(order);
  const limit = limitTime(order, clock, () => progress.running(clock.ticks()));
  const ends = [watch.signal, limit.signal, ...(tools.signal === undefined ? [] : [tools.signal])];
  const running = exec.start({
    file: buildx.file,
    args: [...buildx.prefix, ...buildArguments(order)],
    env: buildEnvironment(order, env, tools.secretEnvironment),
    cwd: order.root,
    signal: AbortSignal.any(ends),
  });
  const [taken, exit] = await Promise.all([
    takeIn(running.stdout, tools),
    running.exit,
    follow(progress, lines(running.stderr), order, tools),
  ]).finally(() => {
    watch.end();
    limit.end();
  });
  const succeeded = exit.code === 0 && !(taken instanceof OciError);
  const facts: BuildFacts = {
    started,
    duration: Math.round(clock.ticks() - from),
    steps: progress.steps(),
    warnings: progress.warnings(),
    ...(succeeded ? await builtOn(order, tools.ports.files) : {}),
    bases: succeeded ? basesIn(statementsOf(taken)) : [],
    ...(succeeded ? defined({ base: order.base }) : {}),
  };
  const warnings = warningFindings(image.id, platform, facts);
  if (succeeded) {
    const findings = [...warnings, ...entriesUnread(order, progress)];
    return { build: facts, image: taken, findings };
  }
  const subject = { image: image.id, platform };
  // A stream that ends early is the build's failure; bytes that are not what they are called are not.
  const isDamage =
    taken instanceof OciError && (exit.code === 0 || taken.code === 'digest-mismatch');
  const failed = () => {
    const lost = watch.node();
    if (lost !== undefined) return nodeLost(order, lost);
    const late = limit.failure();
    if (late !== undefined) return late;
    if (isDamage) return damaged(subject, taken);
    return builderFailure(order, progress) ?? buildFailure(order, progress);
  };
  const failure = exit.notStarted
    ? refusedBuild(subject, exit.notStarted)
    : await explainAbsentSource(failed(), order, tools.ports.files);
  const findings = [...warnings, failure, ...cacheUnread(order, progress)];
  return { build: facts, findings };
}
