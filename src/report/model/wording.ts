import {
  builtBy,
  type Evidence,
  type ImageFacts,
  type JudgedImage,
  type JudgedTrial,
  joinWords,
  placeText,
  type TestResult,
  type TrialState,
  type Verdict,
} from '../../evidence/index.js';
import { count } from '../format.js';
import { allWords, isOnlyStart, markOf, testedWords } from './tested.js';

/* What every report says in the same words. */

/** Platforms of an image's trials in one state. */
export function platformsIn(image: JudgedImage, state: TrialState): readonly string[] {
  return image.trials.filter((trial) => trial.state === state).map(({ platform }) => platform);
}

function isEmbedded({ publication }: JudgedImage): boolean {
  return publication?.targets.some(({ embedded }) => embedded) ?? false;
}

/** Why a run with a part of an image's platforms moves no tag. */
export const PARTIAL = 'a part of the plan, so nothing is tagged';

const verifiedWords = (embedded: boolean) =>
  embedded ? 'verified in the embedded registry' : 'published and verified';

function ending(image: JudgedImage, partial: boolean): string {
  const tags = image.publication?.targets.length ?? 0;
  const embedded = isEmbedded(image);
  if (image.verified) return verifiedWords(embedded);
  if (image.published) {
    return `${embedded ? 'in the embedded registry' : 'published'}, not verified`;
  }
  if (tags > 0) return `${count(tags, 'tag')} moved before it stopped`;
  // It came to the tags, and the answer to one may be lost.
  if (image.publication?.index !== undefined) return 'no tag is known to have moved';
  return partial ? PARTIAL : 'nothing was published';
}

/** What became of an image, in words: `failed on linux/s390x; nothing was published`. */
export function outcomeOf(image: JudgedImage, partial: boolean): string {
  const failed = platformsIn(image, 'failed');
  const errored = platformsIn(image, 'errored');
  const left = platformsIn(image, 'not-run');
  const parts = [
    ...(failed.length > 0 ? [`failed on ${joinWords(failed)}`] : []),
    ...(errored.length > 0 ? [`could not be tested on ${joinWords(errored)}`] : []),
    ...(left.length > 0 ? [`not tested on ${joinWords(left)}`] : []),
  ];
  if (parts.length > 0) return `${parts.join(', ')}; ${ending(image, partial)}`;
  const tested = testedWords(image);
  const isGood = markOf('passed', image.trials) === '✔';
  if (isGood && image.state === 'passed' && image.verified && !isEmbedded(image)) {
    return `${tested}, published and verified`;
  }
  if (image.state !== 'failed' || image.contradicted) return `${tested}; ${ending(image, partial)}`;
  const found = isGood && tested.startsWith('tested') ? 'passed its tests' : tested;
  return `${found}, has errors; ${ending(image, partial)}`;
}

/**
 * Why an image that passed is not published, or not verified, as a sentence without its
 * subject, the image; with the way out where it only waits for other images.
 * Undefined where the trials say it.
 */
export function notVerifiedWords(
  { plan }: Evidence,
  verdict: Verdict,
  { id, trials, published, publication, reason }: JudgedImage,
): string | undefined {
  if (reason === undefined || trials.some(({ state }) => state !== 'passed')) return undefined;
  if (published) return `is not verified: ${reason}.`;
  const waits =
    plan.publish === 'together' &&
    publication?.notPublished !== undefined &&
    verdict.trials.some(({ image, state }) => image !== id && state !== 'passed');
  const wayOut = waits ? ' With "publish: per-image" no image waits for others.' : '';
  return `is not published: ${reason}.${wayOut}`;
}

/** The verdict on a run as a heading. */
export function headlineOf(evidence: Evidence, verdict: Verdict): string {
  const { images, trials } = verdict;
  const [only] = images;
  const of = (state: TrialState) => trials.filter((trial) => trial.state === state).length;
  if (verdict.verdict === 'interrupted') {
    return `interrupted; ${of('passed')} of ${count(trials.length, 'trial')} had passed`;
  }
  if (only !== undefined && images.length === 1) {
    return `${only.id} ${outcomeOf(only, evidence.plan.partial)}`;
  }
  // With "together" an image that passed waits for the others; that is no fault of its own.
  const worst = verdict.verdict === 'failed' ? 'failed' : 'errored';
  const bad = images.filter(({ state }) => state === worst).map(({ id }) => id);
  const what = `${count(images.length, 'image')}, ${count(trials.length, 'trial')}`;
  if (verdict.verdict === 'passed') {
    const verified = images.every((image) => image.verified);
    const how = verifiedWords(images.some(isEmbedded));
    const allowed = images.filter((image) => markOf(image.state, image.trials) === '⚠');
    const but =
      allowed.length === 0
        ? ''
        : ` with failed tests of ${joinWords(allowed.map(({ id }) => id))}, which "checks" allows`;
    return `${what}: all ${allWords(trials)}${but}${verified ? `, ${how}` : ''}`;
  }
  const word = verdict.verdict === 'failed' ? 'failed' : 'could not be tested';
  const named = bad.length === 0 ? 'the run' : joinWords(bad);
  return `${what}: ${named} ${word}, ${of('passed')} of ${count(trials.length, 'trial')} passed`;
}

/** The bytes that a pull of a platform transfers: layers and configuration. */
export function pullSize({ layers, config }: ImageFacts): number {
  return layers.reduce((sum, { size }) => sum + size, config.size);
}

/** A repository as the embedded registry has it: `ghcr.io/acme/greeter` is `acme/greeter`. */
export function withoutHost(repository: string): string {
  const [host = '', ...rest] = repository.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(host) ? rest.join('/') : repository;
}

/** The main packages of the Go programs that an image starts: one for all platforms, or each with its own. */
export function mainPackages({
  trials,
}: JudgedImage): readonly { readonly platform?: string; readonly path: string }[] {
  const mains = trials.flatMap(({ platform, facts }) => {
    // Where an init program comes first, it is the one behind it.
    const started = facts?.contents?.programs.find(
      ({ role, go }) => (role === 'entrypoint' || role === 'command') && go?.path !== undefined,
    );
    return started?.go?.path === undefined ? [] : [{ platform, path: started.go.path }];
  });
  const [first] = mains;
  const same = mains.length === trials.length && mains.every(({ path }) => path === first?.path);
  return first !== undefined && same ? [{ path: first.path }] : mains;
}

/** What holds an image from buildpacks to its deployment: the line of the lock, and the builder that it was built with. */
export function lockedBuild(
  { plan }: Evidence,
  { id, trials }: Pick<JudgedImage, 'id' | 'trials'>,
): { readonly lock: string; readonly builder: string } | undefined {
  const image = builtBy(plan.images, 'buildpack').find((one) => one.id === id);
  const lock = image?.build.lock;
  const [builder] =
    trials.find(({ facts }) => facts?.build?.bases.length)?.facts?.build?.bases ?? [];
  if (lock === undefined || builder === undefined) return undefined;
  const { reference, digest } = builder;
  return {
    lock: placeText(lock),
    builder: reference.includes('@') ? reference : `${reference}@${digest}`,
  };
}

/** Milliseconds that trials took as a part of the whole run. */
export function timeOf(trials: readonly JudgedTrial[], evidence: Evidence): number {
  if (evidence.plan.images.length === 1) return evidence.run.duration;
  return Math.max(0, ...trials.map(({ facts }) => facts?.duration ?? 0));
}

/** What a trial's tests came to: `4 tests`, `3 of 4 tests`; `started` where none is defined. */
export function testWords(tests: readonly TestResult[]): string {
  const passed = tests.filter(({ outcome }) => outcome === 'passed').length;
  if (isOnlyStart(tests)) return passed > 0 ? 'started' : 'not started';
  const all = count(tests.length, 'test');
  return passed === tests.length ? all : `${passed} of ${all}`;
}

/** How many of a trial's tests ran emulated programs: `emulated`, `1 of 3 tests emulated`; empty where none did. */
export function emulatedWords(tests: readonly TestResult[]): string {
  const emulated = tests.filter(({ program }) => program?.emulated === true).length;
  if (emulated === 0) return '';
  return emulated === tests.length
    ? 'emulated'
    : `${emulated} of ${count(tests.length, 'test')} emulated`;
}

/** Why a test did not pass, in a few words: `exit 1, expected 0`; the checks say the rest. */
export function failureWords(test: TestResult): string {
  const { cause, exitCode, expectedExitCode, reason, checks } = test;
  const byProgram = cause === undefined || cause === 'exit-code' || cause === 'output';
  if (!byProgram && reason !== undefined) return reason;
  if (exitCode !== undefined && expectedExitCode !== undefined && exitCode !== expectedExitCode) {
    return (
      /^exit \d+[^;]*/.exec(reason ?? '')?.[0] ?? `exit ${exitCode}, expected ${expectedExitCode}`
    );
  }
  const wrong = checks.filter(({ ok }) => !ok).map(({ what }) => what);
  if (wrong.length > 0) return `${joinWords(wrong)} not as expected`;
  return reason ?? (test.outcome === 'errored' ? 'could not be run' : 'failed');
}
