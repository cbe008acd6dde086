import {
  applicationPins,
  type Offers,
  type ProbedOffer,
  probeAnswer,
  probesOf,
  type Runtime,
  readOffers,
  withAskedBuildpacks,
} from '../buildpacks/index.js';
import { builtBy, type Finding, finding, joinWords } from '../evidence/index.js';
import { type LockedImage, withProbes } from '../parity/index.js';
import type { Ports } from '../ports/index.js';
import type { Console } from './command.js';
import { comparePins, outcomeOf } from './parity-pins.js';
import type { ParityReaders } from './parity-readers.js';
import type { ParityOutcome, ParityReport, ParityRequest } from './parity-request.js';
import type { ParityWork } from './parity-targets.js';
import { lockText } from './parity-write.js';
import { planRequest } from './plan-request.js';
import { type PlannedProbe, type ProbeRun, runProbeBuilds } from './probe-builds.js';

/** What is known of an image before its probes. */
interface Looked {
  readonly outcome: ParityOutcome;
  readonly findings: readonly Finding[];
  readonly probes: readonly PlannedProbe[];
  /** The lock, and what is known of offers without a probe. */
  readonly known?: { readonly lock: LockedImage; readonly offers: Offers };
}

/** The same question to the same buildpack is asked once for all platforms that have it. */
function together(all: readonly PlannedProbe[]): readonly PlannedProbe[] {
  const groups = Map.groupBy(all, ({ probe: { id, version }, question: { end } }) =>
    [id, version, end].join(' '),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const platforms = group.flatMap((one) => one.platforms);
    return first === undefined ? [] : [{ ...first, platforms }];
  });
}

function silence(image: string, lock: LockedImage, names: readonly string[]): readonly Finding[] {
  const [first, ...more] = names;
  if (first === undefined) return [];
  const says =
    more.length === 0 ? 'names no version when it refuses' : 'name no version when they refuse';
  const message = `${joinWords(names)} ${says} a pin: what is offered stays unknown before the build.`;
  return [finding('version-unknown', { image, reference: lock.builder }, message)];
}

/** Which buildpacks of a locked builder can be asked for what the application's files pin. */
async function look(
  id: string,
  lock: LockedImage,
  { planned, request }: Pick<ProbeRun, 'planned' | 'request'>,
  readers: ParityReaders,
): Promise<Looked> {
  const image = builtBy(planned.plan.images, 'buildpack').find((one) => one.id === id);
  const ended = { probes: [] as const };
  if (image === undefined)
    return { ...ended, outcome: outcomeOf(id, 'failed', lock), findings: [] };
  const { read, ...compared } = await comparePins(lock, image.platforms, readers);
  if (read === undefined || compared.outcome.state !== 'same') return { ...ended, ...compared };
  const { reader, files, signal } = readers;
  const { pins } = await applicationPins(image.build, request.root, files);
  const runtimes: ReadonlySet<Runtime> = new Set(pins.map(({ runtime }) => runtime));
  const builder = withAskedBuildpacks(read.build.builder, image.build);
  const offers = await readOffers(reader, builder, runtimes, signal);
  const found = builder.platforms.map((on) => ({ on, ...probesOf(on, offers, runtimes) }));
  const probes = found.flatMap(({ on, probes: all }) =>
    all.flatMap((probe) =>
      probe.questions.map((question) => ({ image, probe, question, platforms: [on.platform] })),
    ),
  );
  const silent = found.flatMap((one) =>
    one.silent.map(({ id: name, version }) => `${name} ${version}`),
  );
  const nothing =
    pins.length === 0
      ? 'no file of the application pins a version'
      : 'what the builder offers of it is known without a probe';
  const isDone = probes.length === 0 && silent.length === 0;
  return {
    outcome: isDone ? outcomeOf(id, 'known', lock, [nothing]) : outcomeOf(id, 'probed', lock),
    findings: silence(id, lock, [...new Set(silent)]),
    probes: together(probes),
    known: { lock, offers },
  };
}

/** An answer of one buildpack on one platform. */
interface ProbeAnswer {
  readonly planned: PlannedProbe;
  readonly platform: string;
  readonly version: string;
}

/** What answers say together: those that are the same on several platforms once. */
function offersFrom(answers: readonly ProbeAnswer[]): readonly ProbedOffer[] {
  const byBuildpack = Map.groupBy(answers, ({ planned: { probe }, platform }) =>
    [probe.id, probe.version, platform].join(' '),
  );
  const single = [...byBuildpack.values()].flatMap((group): readonly ProbedOffer[] => {
    const of = (end: 'newest' | 'oldest') =>
      group.find(({ planned: { question } }) => question.end === end)?.version;
    const [first, newest, oldest] = [group[0], of('newest'), of('oldest')];
    if (first === undefined || newest === undefined) return [];
    const { runtime, id, version } = first.planned.probe;
    const ends = oldest === undefined ? { newest } : { newest, oldest };
    return [{ runtime, buildpack: `${id}@${version}`, platforms: [first.platform], ...ends }];
  });
  const equal = Map.groupBy(single, ({ platforms: _, ...one }) => JSON.stringify(one));
  return [...equal.values()].flatMap((group) => {
    const platforms = group.flatMap((one) => one.platforms).sort();
    return group.slice(0, 1).map((one) => ({ ...one, platforms }));
  });
}

/** Why a build that was to name a version has not. */
function noAnswer(
  { image, probe, question }: PlannedProbe,
  platform: string,
  own: readonly Finding[],
): readonly Finding[] {
  const subject = { image: image.id, platform, reference: image.build.builder };
  const environment = own.filter(({ code }) => code !== 'build-failed');
  if (environment.length > 0) return environment.map((one) => ({ ...one, subject }));
  const [failed] = own;
  const how = failed === undefined ? 'was not refused or did not run' : `failed: ${failed.message}`;
  const message = `${probe.id} ${probe.version} did not name its ${question.end} version; the build of the probe ${how}.`;
  const detail = failed?.detail;
  return [finding('probe-unanswered', subject, message, detail === undefined ? {} : { detail })];
}

function rangeOf({ runtime, buildpack, platforms, newest, oldest }: ProbedOffer): string {
  const range = oldest === undefined ? `up to ${newest}` : `${oldest} to ${newest}`;
  return `${runtime} ${range} (${buildpack}, ${platforms.join(', ')})`;
}

/** What the builds of an image's probes have come to. */
function settled(
  { outcome, findings, probes, known }: Looked,
  buildsOf: (probe: PlannedProbe) => Awaited<ReturnType<typeof runProbeBuilds>>['builds'][number],
): {
  readonly outcome: ParityOutcome;
  readonly findings: readonly Finding[];
  readonly lock?: LockedImage;
} {
  if (known === undefined || probes.length === 0) return { outcome, findings };
  const asked = probes.flatMap((planned) =>
    buildsOf(planned).map((build) => ({
      planned,
      build,
      version: probeAnswer(planned.question, build.lines),
    })),
  );
  const answers = asked.flatMap(({ planned, build: { platform }, version }) =>
    version === undefined ? [] : [{ planned, platform, version }],
  );
  const missing = asked.flatMap(({ planned, build, version }) =>
    version === undefined ? noAnswer(planned, build.platform, build.findings) : [],
  );
  const probed = offersFrom(answers);
  const all = new Set(probes.map(({ probe }) => `${probe.id}@${probe.version}`));
  return {
    outcome: { ...outcome, changes: probed.map(rangeOf) },
    findings: [...findings, ...missing],
    lock: withProbes(known.lock, { asked: all, probed }, known.offers),
  };
}

/**
 * `parity probe`: asks buildpacks that list no versions by a build each, and writes what they
 * name into the lock. Rejects with `EngineError` and with the signal's reason.
 */
export async function probeParity(
  { asked }: ParityRequest,
  work: ParityWork,
  readers: ParityReaders,
  { ports, console }: { readonly ports: Ports; readonly console: Console },
): Promise<ParityReport> {
  const { signal } = readers;
  const { request, planned } = await planRequest(asked, ports);
  const nothing = { outcomes: [], findings: [], problems: [], outages: [] };
  if ('problems' in planned) return { ...nothing, problems: planned.problems };
  const run: ProbeRun = { planned, request, ports, console, signal };
  const looked = await Promise.all(
    work.targets.map(async ({ id }): Promise<Looked> => {
      const lock = work.before?.lock.images.get(id);
      if (lock !== undefined) return look(id, lock, run, readers);
      return { outcome: outcomeOf(id, 'unlocked'), findings: [], probes: [] };
    }),
  );
  const all = looked.flatMap(({ probes }) => probes);
  const { builds, findings } =
    all.length === 0 ? { builds: [], findings: [] } : await runProbeBuilds(all, run);
  const ended = looked.map((one) => settled(one, (probe) => builds[all.indexOf(probe)] ?? []));
  const locks = new Map(
    ended.flatMap(({ outcome, lock }) => (lock === undefined ? [] : [[outcome.image, lock]])),
  );
  const report = {
    ...nothing,
    outcomes: ended.map(({ outcome }) => outcome),
    findings: [...findings, ...ended.flatMap((one) => one.findings)],
  };
  return locks.size === 0 ? report : { ...report, ...lockText(locks, work) };
}
