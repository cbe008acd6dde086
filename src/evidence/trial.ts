import type { Evidence, Finding, PlannedTest, Trial } from './model.js';
import { aboutOf, applySeverities, isOfProof, severityOf } from './severity.js';

/** How a trial ended, with the first reason in words; a passed one has none. */
export interface TrialVerdict {
  readonly state: 'passed' | 'failed' | 'errored' | 'not-run';
  readonly reason?: string;
}

/*
 * What is found while publishing or reading back says nothing about the trial,
 * which was over by then; it is held against the image.
 */
const OF_PUBLICATION: ReadonlySet<string> = new Set([
  'served-other',
  'served-platforms',
  'tag-moved',
]);

function isOfPublication({ code, subject }: Finding, { built }: Trial): boolean {
  if (subject.tag !== undefined || OF_PUBLICATION.has(code)) return true;
  // Bytes may be wrong in the build, too; what was read back says from where.
  if (subject.reference !== undefined && isOfProof(code)) return true;
  // Before there is an image, a registry only gives bases and caches.
  return code === 'registry-failed' && built !== undefined;
}

function findingsOf(evidence: Evidence, trial: Trial): readonly Finding[] {
  return evidence.findings.filter(
    (finding) =>
      finding.subject.image === trial.image &&
      finding.subject.platform === trial.platform &&
      !isOfPublication(finding, trial),
  );
}

/** Whether a test is for a platform; one that names none is for all. */
export function appliesTo(
  { platforms }: Pick<PlannedTest, 'platforms'>,
  platform: string,
): boolean {
  return platforms?.includes(platform) ?? true;
}

/** The tests of a plan that are for one trial's platform. */
function testsFor(evidence: Evidence, trial: Trial): readonly PlannedTest[] {
  const image = evidence.plan.images.find(({ id }) => id === trial.image);
  return (image?.tests ?? []).filter((test) => appliesTo(test, trial.platform));
}

/** A failed test is an error unless every finding about it was lowered. */
function weighs(plan: Evidence['plan'], said: readonly Finding[]): boolean {
  if (said.length === 0) return severityOf(plan, 'test-failed', 'error') === 'error';
  return applySeverities(plan, said).some(({ severity }) => severity === 'error');
}

function* failures(
  plan: Evidence['plan'],
  trial: Trial,
  found: readonly Finding[],
  errors: readonly Finding[],
) {
  const byTest = Map.groupBy(found, ({ subject }) => subject.test);
  for (const test of trial.tests) {
    if (test.outcome === 'failed' && weighs(plan, byTest.get(test.name) ?? [])) {
      yield `test "${test.name}" failed${test.reason === undefined ? '' : `: ${test.reason}`}`;
    }
  }
  for (const finding of errors) if (aboutOf(finding.code) === 'image') yield finding.message;
  const { built, loaded } = trial;
  if (built === undefined || loaded === undefined) return;
  const expected = loaded.digestOf === 'manifest' ? built.manifest.digest : built.config.digest;
  if (loaded.id !== expected) {
    yield `the engine ran ${loaded.id}; the built image has the ${loaded.digestOf} ${expected}`;
  }
}

function* faults(trial: Trial, errors: readonly Finding[]) {
  for (const test of trial.tests) {
    if (test.outcome === 'errored') {
      yield `test "${test.name}" could not be run${test.reason === undefined ? '' : `: ${test.reason}`}`;
    }
  }
  for (const finding of errors) if (aboutOf(finding.code) === 'environment') yield finding.message;
}

/** Why there is no image, by the step that failed; a finding that says more may be lowered. */
export function notBuilt({ build }: Pick<Trial, 'build'>): string {
  const failed = build?.steps.find(({ error }) => error !== undefined);
  return `no image was built${failed === undefined ? '' : `: step ${failed.name} failed`}`;
}

const NOT_LOADED = 'the image was not loaded into the engine';

/** What a passed trial must have and this one has not. */
function* gaps(evidence: Evidence, trial: Trial) {
  const isUnloaded = trial.built !== undefined && trial.loaded === undefined;
  if (trial.built === undefined) yield notBuilt(trial);
  // Where tests tell why they were not run, that is the reason to show.
  if (isUnloaded && trial.tests.length === 0) yield NOT_LOADED;
  const planned = testsFor(evidence, trial);
  // A plan has one for every platform; results that it does not ask for prove nothing.
  if (planned.length === 0) yield 'no test was planned';
  for (const { name } of planned) {
    const result = trial.tests.find((test) => test.name === name);
    if (result === undefined || result.outcome === 'not-run') {
      yield `test "${name}" was not run${result?.reason === undefined ? '' : `: ${result.reason}`}`;
    }
  }
  if (isUnloaded) yield NOT_LOADED;
}

const first = (reasons: Iterable<string>): string | undefined => [...reasons][0];

/**
 * How one trial ended, from facts and findings alone. A failure of the image
 * outweighs a fault of the environment, since a rerun would not fix it; what
 * lacks a fact that a passed trial must have was not run.
 */
export function judgeTrial(evidence: Evidence, trial: Trial): TrialVerdict {
  const { plan } = evidence;
  const found = findingsOf(evidence, trial);
  const errors = applySeverities(plan, found).filter(({ severity }) => severity === 'error');
  const failed = first(failures(plan, trial, found, errors));
  if (failed !== undefined) return { state: 'failed', reason: failed };
  const fault = first(faults(trial, errors));
  if (fault !== undefined) return { state: 'errored', reason: fault };
  const missing = trial.notRun ?? first(gaps(evidence, trial));
  return missing === undefined ? { state: 'passed' } : { state: 'not-run', reason: missing };
}
