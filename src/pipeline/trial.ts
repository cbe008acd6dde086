import type { LimitFunction } from 'p-limit';
import { type BuildOrder, type BuildTools, type BuiltImage, build } from '../build/index.js';
import type { BuiltPlatform } from '../checks/index.js';
import type { PlatformStatus, Reprobe } from '../emulation/index.js';
import {
  type BackgroundTasks,
  createBackgroundTasks,
  type DiskBudget,
  EngineError,
  engineFinding,
  type LoadedImage,
  type LoadedImages,
  loadedFinding,
} from '../engine/index.js';
import {
  applySeverities,
  type Finding,
  INTERRUPTED,
  type Plan,
  type PlannedTest,
  type Trial,
} from '../evidence/index.js';
import { inspect } from '../inspect/index.js';
import { engineArchive, layoutOf } from '../oci/index.js';
import {
  keptNames,
  type LoadedNames,
  type TestOrder,
  type TestTools,
  tryImage,
} from '../test/index.js';
import { keepNames } from './loaded-names.js';
import { withEmulation } from './program-emulation.js';
import { recheckEmulator } from './recheck-emulator.js';

/** What every trial of a run shares. */
export interface TrialContext {
  readonly buildTools: BuildTools;
  readonly testTools: Omit<TestTools, 'later'>;
  /** Takes what is cleared away while other trials go on. */
  readonly background: BackgroundTasks;
  readonly loadedImages: LoadedImages;
  /** The engine's disk. */
  readonly disk: DiskBudget;
  /** When no trial needs the engine any more. Never rejects. */
  readonly over: Promise<void>;
  /** Its severities say which findings are errors. */
  readonly plan: Plan;
  /** Images that passed stay in the engine, for later steps. */
  readonly load: boolean;
  readonly loadedNames: LoadedNames;
  /** Names of others are not taken from them. */
  readonly untrusted: boolean;
  /** Bounds how many builds run at once. */
  readonly builds: LimitFunction;
  /** Bounds how many of them are emulated. */
  readonly emulatedBuilds: LimitFunction;
  readonly labels: Readonly<Record<string, string>>;
}

/** One image on one platform, with what the machine says of it. */
export interface TrialInput extends BuildOrder {
  /** The engine's own platform: a build for it needs no emulator, whatever the proof will say. */
  readonly native: boolean;
  readonly enginePlatform: string;
  standing(): Promise<PlatformStatus>;
  /** Proves the platform once more. */
  again(): Promise<Reprobe>;
  /** The Dockerfile's text, where it is a file of ours. */
  readonly dockerfile?: string;
  /** Why it cannot be tried here at all. */
  readonly notRun?: string;
}

export interface TrialOutcome {
  readonly trial: Trial;
  readonly findings: readonly Finding[];
  /** What is compared with the image's other platforms; undefined where nothing was built. */
  readonly built?: BuiltPlatform;
}

type Tried = Pick<Trial, 'loaded' | 'tests' | 'notRun'> & { readonly findings: readonly Finding[] };

/** Nothing is wrong, as far as it was tried. */
function hasNoErrors(findings: readonly Finding[], { plan }: TrialContext) {
  return !applySeverities(plan, findings).some(({ severity }) => severity === 'error');
}

/** Nothing is wrong so far, and nothing was left out. */
function hasPassed(tests: Trial['tests'], findings: readonly Finding[], context: TrialContext) {
  return tests.every(({ outcome }) => outcome !== 'not-run') && hasNoErrors(findings, context);
}

/** Why a trial did not come to its end; what it had found wrong by then outweighs that. */
function incompleteReason(
  { trial: { notRun, tests }, findings }: TrialOutcome,
  context: TrialContext,
) {
  if (notRun !== undefined) return notRun;
  const left = tests.find(({ outcome }) => outcome === 'not-run');
  return left !== undefined && hasNoErrors(findings, context) ? (left.reason ?? '') : undefined;
}

/** Bytes that an engine needs at most: the containerd store keeps layers packed and unpacked. */
function sizeOf({ facts }: BuiltImage): number {
  return facts.layers.reduce((sum, layer) => sum + layer.size + layer.uncompressedSize, 0);
}

/**
 * An engine stands still while it sweeps up after a container or an image, so they go
 * when that holds up no trial, together; sooner only where their room is needed.
 */
async function removeLater(removal: () => Promise<void>, context: TrialContext): Promise<void> {
  await context.disk.untilOver(context.over);
  await removal();
}

async function removeUsed(
  used: BackgroundTasks,
  held: LoadedImage,
  context: TrialContext,
): Promise<void> {
  const [problem] = await used.settled();
  if (problem !== undefined) throw problem;
  await removeLater(() => held.release(), context);
}

/** What is known of an image before it is tested. */
interface Known extends Pick<TestOrder, 'emulated' | 'programOf'> {
  readonly shellFile: string | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Which image the engine holds. A container that was made of the id shows it; else the
 * engine is asked. Undefined where it does not answer and the tests tell that already.
 */
async function loadedBy(held: LoadedImage, tests: Trial['tests']): Promise<Trial['loaded']> {
  const isShown = tests.some(
    ({ kind, outcome }) => kind !== 'host' && ['passed', 'failed'].includes(outcome),
  );
  if (isShown) return held.loaded;
  const isTold = tests.some(({ outcome }) => ['errored', 'not-run'].includes(outcome));
  return held.confirm().catch((error: unknown) => {
    if (isTold && error instanceof EngineError) return undefined;
    throw error;
  });
}

/** Loads the built bytes, proves that the engine holds these and no others, and runs the tests. */
async function testBuilt(
  image: BuiltImage,
  { emulated, programOf, shellFile, findings: before }: Known,
  input: TrialInput,
  context: TrialContext,
): Promise<Tried> {
  const { platform } = input;
  const subject = { image: input.image.id, platform };
  const { layout } = context.buildTools;
  context.testTools.listen({ kind: 'trial', ...subject, phase: 'loading' });
  const place = await context.disk.reserve(sizeOf(image));
  try {
    const held = await context.loadedImages.take(image.facts, (name) =>
      engineArchive(layout, image.facts, name),
    );
    place.landed();
    // This trial's containers, which go before its image.
    const used = createBackgroundTasks();
    try {
      const berth = {
        imageId: held.loaded.id,
        image: image.facts,
        ...(shellFile === undefined ? {} : { shellFile }),
        labels: context.labels,
      };
      const { root } = input;
      const own = () => layoutOf(image.facts.manifest, layout, context.testTools.ports.files);
      const first = await tryImage(
        { ...berth, planned: input.image, platform, emulated, programOf, root, layout: own },
        { ...context.testTools, later: (removal) => used.add(removeLater(removal, context)) },
      );
      const loaded = await loadedBy(held, first.tests);
      if (loaded === undefined) return first;
      const other = loadedFinding(subject, image.facts, loaded);
      if (other !== undefined) return { loaded, tests: [], findings: [other] };
      const tried = emulated ? await recheckEmulator(first, subject, input.again) : first;
      if (context.load && hasPassed(tried.tests, [...before, ...tried.findings], context)) {
        const names = keptNames(input.image, platform, input.native);
        const kept = await keepNames(held, subject, names, context);
        return { ...tried, ...kept, findings: [...tried.findings, ...kept.findings] };
      }
      return { loaded, ...tried };
    } finally {
      context.background.add(removeUsed(used, held, context).finally(place.release));
    }
  } catch (error) {
    place.release();
    // A client that was ended by us says nothing about the engine.
    if (context.testTools.signal?.aborted) return { tests: [], findings: [], notRun: INTERRUPTED };
    return { tests: [], findings: [engineFinding(subject, error, before)] };
  }
}

type Notable = Pick<Trial, 'emulated'> & { readonly build?: Trial['build'] };

/** A trial that came to no test, and why. */
function notRun(input: TrialInput, reason: string, more: Notable): TrialOutcome {
  const { image, platform } = input;
  return {
    trial: { image: image.id, platform, notRun: reason, tests: [], duration: 0, ...more },
    findings: [],
  };
}

function cannotRun({ platform }: TrialInput): string {
  return `this machine cannot run ${platform}`;
}

function buildsNatively({ native, nodes = [] }: TrialInput): boolean {
  return nodes.length === 0 ? native : nodes.some((node) => node.native);
}

/** A step that the base asked for: what it made comes after the base, though no line of the Dockerfile says so. */
const TRIGGER = /^\[[^\]]*\] ONBUILD /;

async function runTrial(input: TrialInput, context: TrialContext): Promise<TrialOutcome> {
  const { clock } = context.testTools.ports;
  const { listen, signal } = context.testTools;
  const { platform, native } = input;
  const subject = { image: input.image.id, platform };
  if (!native) {
    // A broken emulator would leave wrong layers in the builder's cache.
    const { runs, emulated } = await input.standing();
    if (!runs) return notRun(input, cannotRun(input), { emulated });
  }
  const from = clock.ticks();
  const inTurn = () =>
    context.builds(() => {
      if (signal?.aborted) return undefined;
      listen({ kind: 'trial', ...subject, phase: 'building' });
      return build({ ...input, emulated: !buildsNatively(input) }, context.buildTools);
    });
  const built = await (buildsNatively(input) ? inTurn() : context.emulatedBuilds(inTurn));
  const { runs, emulated } = await input.standing();
  if (built === undefined || (signal?.aborted && built.image === undefined)) {
    return notRun(input, INTERRUPTED, { emulated });
  }
  const trial = { ...subject, emulated, build: built.build };
  if (built.image === undefined) {
    const duration = Math.round(clock.ticks() - from);
    return { trial: { ...trial, tests: [], duration }, findings: built.findings };
  }
  if (!runs) return notRun(input, cannotRun(input), trial);
  listen({ kind: 'trial', ...subject, phase: 'inspecting' });
  const { image, dockerfile } = input;
  const asked = { image, platform, ...(dockerfile === undefined ? {} : { dockerfile }) };
  const inspected = inspect(asked, built.image, clock);
  const before = [...built.findings, ...inspected.findings];
  const { config, layers } = built.image;
  const hasTriggers = built.build.steps.some(({ name }) => TRIGGER.test(name));
  const machine = { platform, emulated, enginePlatform: input.enginePlatform };
  const programOf = (test: PlannedTest) => withEmulation(inspected.programOf(test), machine);
  const { shellFile } = inspected;
  const known = { emulated, programOf, shellFile, findings: before };
  const { findings, ...tried } = await testBuilt(built.image, known, input, context);
  return {
    trial: {
      ...trial,
      built: built.image.facts,
      contents: inspected.contents,
      ...tried,
      duration: Math.round(clock.ticks() - from),
    },
    findings: [...before, ...findings],
    built: { platform, config, layers, baseLayers: hasTriggers ? 0 : (inspected.baseLayers ?? 0) },
  };
}

/**
 * One trial: build, inspect, load, test. A failure is facts and findings, never
 * a rejection; the trial goes on as soon as its own build is done.
 */
export async function trial(input: TrialInput, context: TrialContext): Promise<TrialOutcome> {
  const emulated = !input.native;
  const outcome =
    input.notRun === undefined
      ? await runTrial(input, context).catch((error: unknown) => {
          if (!context.testTools.signal?.aborted) throw error;
          return notRun(input, INTERRUPTED, { emulated });
        })
      : notRun(input, input.notRun, { emulated });
  const reason = incompleteReason(outcome, context);
  context.testTools.listen({
    kind: 'trial',
    image: input.image.id,
    platform: input.platform,
    phase: 'done',
    ok: reason === undefined && hasPassed(outcome.trial.tests, outcome.findings, context),
    ...(reason === undefined ? {} : { tried: false, detail: reason }),
  });
  return outcome;
}
