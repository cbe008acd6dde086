import { join } from 'node:path';
import type { Probe, ProbeQuestion } from '../buildpacks/index.js';
import type { Request } from '../config/index.js';
import type { BuildpackImage } from '../evidence/index.js';
import { type ProbeBuild, runProbes } from '../pipeline/index.js';
import type { Planned } from '../plan/index.js';
import type { Ports } from '../ports/index.js';
import { writeBuildpack } from '../reference/index.js';
import type { Console } from './command.js';
import { consoleProgress } from './console-progress.js';
import { runIdentity } from './run-identity.js';
import { tool } from './tool.js';
import { succeeds, withRecord } from './with-record.js';

/** A buildpack that is asked something, on some platforms. */
export interface PlannedProbe {
  /** The image whose builder it is. */
  readonly image: BuildpackImage;
  readonly probe: Probe;
  readonly question: ProbeQuestion;
  readonly platforms: readonly string[];
}

/** What probes run with. */
export interface ProbeRun {
  readonly planned: Planned;
  readonly request: Request;
  readonly ports: Ports;
  readonly console: Console;
  readonly signal: AbortSignal;
}

const idOf = (at: number) => `probe-${at + 1}`;

/** The image with an application of the probe's in the place of its own, for one buildpack of its builder. */
function probeImage({ image, probe, platforms }: PlannedProbe, id: string, context: string) {
  const { id: name, version } = probe;
  const { process: _process, include: _include, exclude: _exclude, ...build } = image.build;
  return {
    ...image,
    id,
    targets: [],
    platforms,
    tests: [],
    build: {
      ...build,
      context,
      buildpacks: [writeBuildpack({ from: 'builder', id: name, version })],
      preBuildpacks: [],
      postBuildpacks: [],
      env: {},
      clearCache: true,
      volumes: [],
      bindings: [],
      secrets: [],
      cacheFrom: [],
      cacheTo: [],
    },
  };
}

/**
 * Asks each by a build, as the image itself is built: by pack or by the lifecycle's creator.
 * Answers the builds of each, in their order. Rejects with `EngineError` and with the
 * signal's reason.
 */
export async function runProbeBuilds(
  probes: readonly PlannedProbe[],
  { planned, request, ports, console, signal }: ProbeRun,
): Promise<{
  readonly builds: readonly (readonly ProbeBuild[])[];
  readonly findings: Awaited<ReturnType<typeof runProbes>>['findings'];
}> {
  const { screen, redactor, begins } = console;
  const run = runIdentity(ports.env);
  await begins?.(run.id);
  const { listen, stop } = consoleProgress(console, ports.clock);
  const done = await withRecord({ run: run.id, ports, screen, signal }, async (record, own) => {
    const folder = await record.makeFolder();
    const images = probes.map(async (one, at) => {
      const context = join(folder, idOf(at));
      await own.files.makeDirectory(context);
      for (const [name, text] of Object.entries(one.question.files)) {
        await own.files.write(join(context, name), text, 0o644);
      }
      return probeImage(one, idOf(at), context);
    });
    const plan = { ...planned.plan, push: false, images: await Promise.all(images) };
    const none = { lookAlikes: [], bases: new Map(), frontends: new Map(), locks: new Map() };
    const value = await runProbes(
      {
        planned: { ...planned, ...none, plan },
        request: { ...request, push: false },
        tool,
        run,
        folder,
        record,
        listen,
        redactor,
        signal,
      },
      own,
    );
    const removed = await succeeds(own.files.remove(folder));
    const failed = value.findings.some(({ code }) => code === 'engine-failed');
    return { value, tidy: removed && !failed };
  }).finally(stop);
  return {
    builds: probes.map((_, at) => done.builds.filter(({ image }) => image === idOf(at))),
    findings: done.findings,
  };
}
