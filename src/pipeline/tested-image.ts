import type { BuiltImage } from '../build/index.js';
import {
  type BackgroundTasks,
  createBackgroundTasks,
  EngineError,
  engineFinding,
  type LoadedImage,
  loadedFinding,
  type Reservation,
} from '../engine/index.js';
import { type Finding, INTERRUPTED, isBuiltBy, type Trial } from '../evidence/index.js';
import { runsInContainer } from '../kinds/index.js';
import { engineArchive, layoutOf } from '../oci/index.js';
import { keptNames, runTests, type TestOrder } from '../test/index.js';
import { defined } from '../types/index.js';
import { recheckEmulator } from './recheck-emulator.js';
import {
  type BuiltTrial,
  hasPassed,
  type StayingImage,
  type TrialContext,
} from './trial-context.js';

/** What is known about an image before it is tested. */
export interface InspectedImage extends Pick<TestOrder, 'emulated' | 'tarWords' | 'programOf'> {
  readonly shellFile: string | undefined;
  readonly findings: readonly Finding[];
}

type Tested = Pick<Trial, 'loaded' | 'tests' | 'notRun'> & {
  readonly findings: readonly Finding[];
  readonly staying?: StayingImage;
};

/** Bytes that an engine needs at most: the containerd store keeps layers packed and unpacked. */
function sizeOf({ facts }: BuiltImage): number {
  return facts.layers.reduce((sum, layer) => sum + layer.size + layer.uncompressedSize, 0);
}

/**
 * An engine stands still while it collects garbage after a container or an image, so these
 * are removed together when no trial needs the engine; sooner only if their disk is needed.
 */
async function removeLater(removal: () => Promise<void>, context: TrialContext): Promise<void> {
  await context.disk.untilOver(context.over);
  await removal();
}

/** The containers of a trial, and then its image, unless that waits for its names. */
async function removeUsed(
  { used, place, context }: Pick<Testing, 'used' | 'context'> & { readonly place: Reservation },
  held: LoadedImage,
  isStaying: boolean,
): Promise<void> {
  try {
    const [problem] = await used.settled();
    if (problem !== undefined) throw problem;
    await removeLater(async () => {
      // No other image waits for its disk: it would not get it.
      if (isStaying) place.release();
      else await held.release();
    }, context);
  } finally {
    place.release();
  }
  if (!isStaying) return;
  await context.named;
  await held.release();
}

/**
 * Which image the engine holds. A container that was made of the id shows it; otherwise the
 * engine is asked. Undefined if it does not answer and the tests report that already.
 */
async function loadedBy(held: LoadedImage, tests: Trial['tests']): Promise<Trial['loaded']> {
  const isShown = tests.some(
    (test) => runsInContainer(test) && ['passed', 'failed'].includes(test.outcome),
  );
  if (isShown) return held.loaded;
  const isReported = tests.some(({ outcome }) => ['errored', 'not-run'].includes(outcome));
  return held.confirm().catch((error: unknown) => {
    if (isReported && error instanceof EngineError) return undefined;
    throw error;
  });
}

/** Tests an image that the engine holds, and says whether it may stay there. */
async function testHeld(
  image: BuiltImage,
  held: LoadedImage,
  inspected: InspectedImage,
  { input, context, used }: Testing,
): Promise<Tested> {
  const { platform, root } = input;
  const { emulated, tarWords, programOf, shellFile, findings: before } = inspected;
  const subject = { image: input.image.id, platform };
  const { layout } = context.buildTools;
  const first = await runTests(
    {
      imageId: held.loaded.id,
      image: image.facts,
      ...defined({ shellFile }),
      hasLauncher: isBuiltBy(input.image, 'buildpack'),
      labels: context.labels,
      planned: input.image,
      platform,
      emulated,
      ...defined({ tarWords }),
      programOf,
      root,
      layout: () => layoutOf(image.facts.manifest, layout, context.testTools.ports.files),
    },
    { ...context.testTools, later: (removal) => used.add(removeLater(removal, context)) },
  );
  const loaded = await loadedBy(held, first.tests);
  if (loaded === undefined) return first;
  const other = loadedFinding(subject, image.facts, loaded);
  if (other !== undefined) return { loaded, tests: [], findings: [other] };
  const tested = emulated ? await recheckEmulator(first, subject, input.recheckPlatform) : first;
  if (!mayStay([...before, ...tested.findings], tested, context)) return { loaded, ...tested };
  const names = keptNames(input.image, platform, input.native);
  return { loaded, ...tested, staying: { held, names } };
}

/** Whether an image stays in the engine, as far as its own trial tells. */
function mayStay(
  findings: readonly Finding[],
  { tests }: Pick<Trial, 'tests'>,
  context: TrialContext,
): boolean {
  if (context.load === 'always') return true;
  return context.load === 'passed' && hasPassed(tests, findings, context);
}

interface Testing {
  readonly input: BuiltTrial;
  readonly context: TrialContext;
  /** This trial's containers, which are removed before its image. */
  readonly used: BackgroundTasks;
}

/**
 * Loads the built bytes, checks that the engine holds these and no others, and runs the
 * tests. Never rejects: what fails is a finding, and an interruption the reason that no
 * test was run.
 */
export async function testImage(
  image: BuiltImage,
  inspected: InspectedImage,
  input: BuiltTrial,
  context: TrialContext,
): Promise<Tested> {
  const subject = { image: input.image.id, platform: input.platform };
  const { layout } = context.buildTools;
  context.testTools.listen({ kind: 'trial', ...subject, phase: 'loading' });
  const place = await context.disk.reserve(sizeOf(image));
  try {
    const held = await context.loadedImages.take(image.facts, (name) =>
      engineArchive(layout, image.facts, name),
    );
    place.landed();
    const used = createBackgroundTasks();
    let isStaying = false;
    try {
      const tested = await testHeld(image, held, inspected, { input, context, used });
      isStaying = tested.staying !== undefined;
      return tested;
    } finally {
      context.background.add(removeUsed({ used, place, context }, held, isStaying));
    }
  } catch (error) {
    place.release();
    // A client that an interruption has ended says nothing about the engine.
    if (context.testTools.signal?.aborted) return { tests: [], findings: [], notRun: INTERRUPTED };
    return { tests: [], findings: [engineFinding(subject, error, inspected.findings)] };
  }
}
