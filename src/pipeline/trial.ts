import { type BuildResult, type BuiltImage, build, isDockerfileOrder } from '../build/index.js';
import type { PlatformStatus } from '../emulation/index.js';
import { INTERRUPTED, notBuilt, type PlannedTest, type Trial } from '../evidence/index.js';
import { inspect } from '../inspect/index.js';
import { defined } from '../types/index.js';
import { withEmulation } from './program-emulation.js';
import { testImage } from './tested-image.js';
import {
  type BuiltTrial,
  hasNoErrors,
  hasPassed,
  type TrialContext,
  type TrialInput,
  type TrialOutcome,
} from './trial-context.js';

/** Why a trial is incomplete; errors that it has found by then outweigh that. */
function incompleteReason(
  { trial, findings }: TrialOutcome,
  context: TrialContext,
): string | undefined {
  if (trial.notRun !== undefined) return trial.notRun;
  if (!hasNoErrors(findings, context)) return undefined;
  if (trial.built === undefined) return notBuilt(trial);
  const left = trial.tests.find(({ outcome }) => outcome === 'not-run');
  return left === undefined ? undefined : (left.reason ?? '');
}

/** What is said at the end of a trial that passes with tests that failed. */
function allowedWords({ tests }: Trial): string | undefined {
  const failed = tests.filter(({ outcome }) => outcome === 'failed').length;
  const all = `${tests.length} ${tests.length === 1 ? 'test' : 'tests'}`;
  return failed === 0 ? undefined : `${failed} of ${all} failed, which "checks" allows`;
}

/** A trial without tests, and the reason. */
function notRun(
  { image, platform }: TrialInput,
  reason: string,
  facts: Pick<Trial, 'emulated' | 'build'>,
): TrialOutcome {
  return {
    trial: { image: image.id, platform, notRun: reason, tests: [], duration: 0, ...facts },
    findings: [],
  };
}

function cannotRun({ platform }: TrialInput): string {
  return `this machine cannot run ${platform}`;
}

function buildsNatively(input: BuiltTrial): boolean {
  const nodes = isDockerfileOrder(input) ? (input.nodes ?? []) : [];
  return nodes.length === 0 ? input.native : nodes.some((node) => node.native);
}

/** Whether the emulators of the engine, which were looked at, are those of the build. */
function buildsOnEngine(input: BuiltTrial): boolean {
  if (!isDockerfileOrder(input) || input.driver === 'docker') return true;
  const isHere = ({ endpoint = '' }: { readonly endpoint?: string }) =>
    /^(default$|unix:)/.test(endpoint);
  return input.driver === 'docker-container' && (input.nodes ?? []).every(isHere);
}

/** Builds in turn; undefined if an interruption came first. */
function buildInTurn(
  input: BuiltTrial,
  status: Pick<PlatformStatus, 'tarWords'>,
  context: TrialContext,
) {
  const { listen, signal } = context.testTools;
  const { image, platform } = input;
  const emulated = !buildsNatively(input);
  const engineWords = buildsOnEngine(input) ? defined({ tarWords: status.tarWords }) : {};
  const inTurn = () =>
    context.builds(() => {
      if (signal?.aborted) return undefined;
      listen({ kind: 'trial', image: image.id, platform, phase: 'building' });
      return build({ ...input, emulated, ...engineWords }, context.buildTools);
    });
  return emulated ? context.emulatedBuilds(inTurn) : inTurn();
}

/** A step that the base asked for: its layer comes after the base, without a line in the Dockerfile. */
const TRIGGER = /^\[[^\]]*\] ONBUILD /;

/** Inspects and tests what was built. */
async function inspectAndTest(
  {
    image,
    launcher,
    findings: before,
  }: Pick<BuildResult, 'launcher' | 'findings'> & { readonly image: BuiltImage },
  { emulated, tarWords }: PlatformStatus,
  input: BuiltTrial,
  context: TrialContext,
) {
  const { platform, dockerfile, enginePlatform } = input;
  const expected = input.expected && { ...input.expected, ...defined({ launcher }) };
  const { listen, ports } = context.testTools;
  listen({ kind: 'trial', image: input.image.id, platform, phase: 'inspecting' });
  const asked = {
    image: input.image,
    platform,
    ...defined({ dockerfile, expected }),
  };
  const inspected = inspect(asked, image, ports.clock);
  const machine = { platform, emulated, enginePlatform };
  const programOf = (test: PlannedTest) => withEmulation(inspected.programOf(test), machine);
  const { shellFile } = inspected;
  const findings = [...before, ...inspected.findings];
  const known = { emulated, programOf, shellFile, findings, ...defined({ tarWords }) };
  const tested = await testImage(image, known, input, context);
  return { inspected, tested: { ...tested, findings: [...findings, ...tested.findings] } };
}

async function buildInspectTest(input: BuiltTrial, context: TrialContext): Promise<TrialOutcome> {
  const { signal, ports } = context.testTools;
  const { platform, native } = input;
  // A broken emulator would leave wrong layers in the builder's cache.
  const before = native ? undefined : await input.platformStatus();
  if (before?.runs === false) {
    return notRun(input, cannotRun(input), { emulated: before.emulated });
  }
  const from = ports.clock.ticks();
  const built = await buildInTurn(input, before ?? {}, context);
  const status = await input.platformStatus();
  const { runs, emulated } = status;
  if (built === undefined || (signal?.aborted && built.image === undefined)) {
    return notRun(input, INTERRUPTED, { emulated });
  }
  const trial = { image: input.image.id, platform, emulated, build: built.build };
  const duration = () => Math.round(ports.clock.ticks() - from);
  if (built.image === undefined) {
    return { trial: { ...trial, tests: [], duration: duration() }, findings: built.findings };
  }
  if (!runs) return notRun(input, cannotRun(input), trial);
  const { image } = built;
  const done = await inspectAndTest({ ...built, image }, status, input, context);
  const { inspected, tested } = done;
  const { findings, staying, ...tests } = tested;
  const { config, layers } = image;
  const hasTriggers = built.build.steps.some(({ name }) => TRIGGER.test(name));
  return {
    trial: {
      ...trial,
      built: image.facts,
      contents: inspected.contents,
      ...tests,
      duration: duration(),
    },
    findings,
    built: { platform, config, layers, baseLayers: hasTriggers ? 0 : (inspected.baseLayers ?? 0) },
    ...defined({ staying }),
  };
}

/**
 * One trial: build, inspect, load, test, as soon as its own build is done. A failure is
 * facts and findings, never a rejection; neither is an interruption.
 */
export async function runTrial(input: TrialInput, context: TrialContext): Promise<TrialOutcome> {
  const emulated = !input.native;
  const outcome =
    input.notRun === undefined
      ? await buildInspectTest(input, context).catch((error: unknown) => {
          if (!context.testTools.signal?.aborted) throw error;
          return notRun(input, INTERRUPTED, { emulated });
        })
      : notRun(input, input.notRun, { emulated });
  const reason = incompleteReason(outcome, context);
  const ok = reason === undefined && hasPassed(outcome.trial.tests, outcome.findings, context);
  context.testTools.listen({
    kind: 'trial',
    image: input.image.id,
    platform: input.platform,
    phase: 'done',
    ok,
    ...(reason === undefined ? {} : { tried: false, detail: reason }),
    ...(ok ? defined({ detail: allowedWords(outcome.trial) }) : {}),
  });
  return outcome;
}
