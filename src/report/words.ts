import {
  catalogue,
  type Evidence,
  type Finding,
  type ImageFacts,
  isCode,
  type JudgedImage,
  type JudgedTrial,
  type State,
  type TestResult,
  type Verdict,
  visible,
} from '../evidence/index.js';
import { count, list, shellWord } from './format.js';

/* What every report says in the same words. */

/** Platforms of an image's trials in one state. */
export function platformsIn(image: JudgedImage, state: State): readonly string[] {
  return image.trials.filter((trial) => trial.state === state).map(({ platform }) => platform);
}

export function isEmbedded({ publication }: JudgedImage): boolean {
  return publication?.targets.some(({ embedded }) => embedded) ?? false;
}

/** Why a run with a part of an image's platforms moves no tag. */
export const PARTIAL = 'a part of the plan, so nothing is tagged';

function ending(image: JudgedImage, partial: boolean): string {
  const tags = image.publication?.targets.length ?? 0;
  const embedded = isEmbedded(image);
  if (image.proved) return embedded ? 'proved in the embedded registry' : 'published and proved';
  if (image.published) return `${embedded ? 'in the embedded registry' : 'published'}, not proved`;
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
    ...(failed.length > 0 ? [`failed on ${list(failed)}`] : []),
    ...(errored.length > 0 ? [`could not be tried on ${list(errored)}`] : []),
    ...(left.length > 0 ? [`not tried on ${list(left)}`] : []),
  ];
  const tried = `tried on ${count(image.trials.length, 'platform')}`;
  if (parts.length > 0) return `${parts.join(', ')}; ${ending(image, partial)}`;
  if (image.state === 'passed' && image.proved && !isEmbedded(image)) {
    return `${tried}, published and proved`;
  }
  const found =
    image.state === 'failed' && !image.contradicted ? 'passed its tests, has errors' : tried;
  return `${found}; ${ending(image, partial)}`;
}

/**
 * Why an image that passed is not published, or not proved, as a sentence without its
 * subject, the image; with the way out where it only waits for other images.
 * Undefined where the trials say it.
 */
export function unprovedWords(
  { plan }: Evidence,
  verdict: Verdict,
  { id, trials, published, publication, reason }: JudgedImage,
): string | undefined {
  if (reason === undefined || trials.some(({ state }) => state !== 'passed')) return undefined;
  if (published) return `is not proved: ${reason}.`;
  const waits =
    plan.publish === 'together' &&
    publication?.notPublished !== undefined &&
    verdict.trials.some(({ image, state }) => image !== id && state !== 'passed');
  const wayOut = waits ? ' With "publish: per-image" no image waits for others.' : '';
  return `is not published: ${reason}.${wayOut}`;
}

/** The verdict on a run as a heading. */
export function headline(evidence: Evidence, verdict: Verdict): string {
  const { images, trials } = verdict;
  const [only] = images;
  const of = (state: State) => trials.filter((trial) => trial.state === state).length;
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
    const proved = images.every((image) => image.proved);
    const how = images.some(isEmbedded)
      ? 'proved in the embedded registry'
      : 'published and proved';
    return `${what}: all passed${proved ? `, ${how}` : ''}`;
  }
  const word = verdict.verdict === 'failed' ? 'failed' : 'could not be judged';
  const named = bad.length === 0 ? 'the run' : list(bad);
  return `${what}: ${named} ${word}, ${of('passed')} of ${count(trials.length, 'trial')} passed`;
}

/** The bytes that a pull of a platform transfers: layers and configuration. */
export function pullSize({ layers, config }: ImageFacts): number {
  return layers.reduce((sum, { size }) => sum + size, config.size);
}

/** One tag of an image: where it is, or where it would be. */
interface Tag {
  /** Whole and live, with the digest; without one when it is embedded. */
  readonly reference: string;
  readonly embedded: boolean;
  /** The reference that a push would write; only of an embedded one. */
  readonly wouldBe?: string;
}

/** A repository as the embedded registry has it: `ghcr.io/acme/greeter` is `acme/greeter`. */
export function withoutHost(repository: string): string {
  const [host = '', ...rest] = repository.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(host) ? rest.join('/') : repository;
}

/** The tags of an image that this run moved, in the plan's order. */
export function tagsOf({ publication, planned }: JudgedImage): readonly Tag[] {
  return (publication?.targets ?? []).map(({ repository, tag, digest, embedded }) => {
    if (!embedded) return { reference: `${repository}:${tag}@${digest}`, embedded };
    const path = withoutHost(repository);
    const asked = planned.targets.find((target) => withoutHost(target.repository) === path);
    const wouldBe = `${asked?.repository ?? path}:${tag}`;
    return { reference: `${path}:${tag}`, embedded, wouldBe };
  });
}

/** The names under which an image stays in the engine, each with its platform. */
export function namesInEngine({
  trials,
}: JudgedImage): readonly { readonly name: string; readonly platform: string }[] {
  return trials.flatMap(({ platform, facts }) =>
    (facts?.loaded?.names ?? []).map((name) => ({ name, platform })),
  );
}

/** Where the tags of an embedded registry are when the run is over. */
export function keptWords(image: JudgedImage): string {
  return namesInEngine(image).length > 0 ? 'kept in no registry' : 'kept nowhere';
}

/** Why a run publishes nothing, whatever is asked for; undefined where it would. */
export function publishesNothing({ run }: Evidence): string | undefined {
  const { pullRequest, trust = { untrusted: pullRequest, pushes: !pullRequest } } = run;
  if (trust.pushes) return undefined;
  const what = trust.untrusted ? 'an untrusted run' : 'a merge group';
  return `${trust.untrusted && pullRequest ? 'a pull request' : what} publishes nothing`;
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

/** Milliseconds that a trial took as a part of the whole run. */
export function timeOf(trials: readonly JudgedTrial[], evidence: Evidence): number {
  if (evidence.plan.images.length === 1) return evidence.run.duration;
  return Math.max(0, ...trials.map(({ facts }) => facts?.duration ?? 0));
}

/** Whether it only starts the image's own program, for want of a test that somebody wrote. */
export function isStart({ kind }: Pick<TestResult, 'kind'>): boolean {
  return kind === 'start';
}

/** What a trial's tests came to: `4 tests`, `3 of 4 tests`; `started` where none is written. */
export function triedWords(tests: readonly TestResult[]): string {
  const passed = tests.filter(({ outcome }) => outcome === 'passed').length;
  if (tests.length > 0 && tests.every(isStart)) return passed > 0 ? 'started' : 'not started';
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

/** Tests that did not pass, of a trial that did not; in a passed one their findings were lowered, and tell. */
export function testsToShow({ state, facts }: JudgedTrial) {
  return (state === 'passed' ? [] : (facts?.tests ?? [])).filter(
    ({ outcome }) => outcome === 'failed' || outcome === 'errored',
  );
}

/** Findings of the tests that `testsToShow` shows already. */
export function isShownAsTest(image: JudgedImage, { subject }: Finding): boolean {
  return image.trials.some(
    (trial) =>
      subject.platform === trial.platform &&
      testsToShow(trial).some(({ name }) => name === subject.test),
  );
}

/** Findings that differ in nothing but their platform, as one, with the platforms' names. */
export interface Grouped {
  readonly finding: Finding;
  readonly platforms: readonly string[];
}

const ORDER = { error: 0, warning: 1, note: 2 } as const;

/** Groups equal findings of several platforms; errors first, else in their own order. */
export function grouped(findings: readonly Finding[]): readonly Grouped[] {
  const groups = new Map<string, { finding: Finding; platforms: string[] }>();
  for (const finding of findings) {
    const { code, severity, subject, message, location } = finding;
    const { image, test, tag, path } = subject;
    const key = JSON.stringify([code, severity, image, test, tag, path, message, location]);
    const group = groups.get(key) ?? { finding, platforms: [] };
    if (subject.platform !== undefined) group.platforms.push(subject.platform);
    groups.set(key, group);
  }
  return [...groups.values()].sort(
    (one, other) => ORDER[one.finding.severity] - ORDER[other.finding.severity],
  );
}

/** `Dockerfile:7`, `sea-trial.yml:9:20`. */
export function placeOf({ location }: Pick<Finding, 'location'>): string | undefined {
  if (location === undefined) return undefined;
  const { file, line, column } = location;
  return [file, line, column].filter((part) => part !== undefined).join(':');
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
  if (wrong.length > 0) return `${list(wrong)} not as expected`;
  return reason ?? (test.outcome === 'errored' ? 'could not be run' : 'failed');
}

/** What a test executed, as a line for a shell; undefined for the image's own program. */
export function executedWords({ executed }: TestResult): string | undefined {
  return executed?.map(shellWord).join(' ');
}

/** Whether a test's pattern for what it wrote did not match. */
export function isMismatched(name: 'stdout' | 'stderr', { checks }: TestResult): boolean {
  return checks.some(({ what, ok }) => what === name && !ok);
}

/** What a test wrote, as it is to be shown: as a pattern saw it that did not match. */
export function writtenTo(name: 'stdout' | 'stderr', test: TestResult): string {
  return isMismatched(name, test) ? visible(test[name].text) : test[name].text;
}

/** Whether a check has shown the whole of stdout already, which it does of one line alone. */
export function isSaid(test: TestResult): boolean {
  const all = writtenTo('stdout', test);
  return !all.includes('\n') && test.checks.some(({ found, ok }) => !ok && found === all);
}

/** Findings that are errors by themselves and that the configuration made less, as `CODE: SEVERITY`. */
export function loweredChecks({ plan }: Evidence): readonly string[] {
  return Object.entries(plan.severities).flatMap(([code, severity]) =>
    isCode(code) && catalogue[code].severity === 'error' && severity !== 'error'
      ? [`${code}: ${severity}`]
      : [],
  );
}
