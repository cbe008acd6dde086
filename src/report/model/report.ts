import {
  byStage,
  catalogue,
  type Evidence,
  type Finding,
  isCode,
  type JudgedImage,
  type JudgedTrial,
  judge,
  type Verdict,
} from '../../evidence/index.js';
import { defined } from '../../types/index.js';
import {
  executedBy,
  type FailedTest,
  type FailedTests,
  failedTestsOf,
  reportedTests,
} from './failed-tests.js';
import { groupFindings, type ReportedFinding } from './findings.js';
import { type ReportedPublication, reportedPublication } from './published.js';
import { type FileFirst, fileFirst, isRepeated, rerunAll, rerunsIn, rerunTrials } from './rerun.js';
import { type Mark, markOf } from './tested.js';
import { type Told, tellOnce, testKey } from './told-once.js';
import {
  headlineOf,
  lockedBuild,
  mainPackages,
  notVerifiedWords,
  outcomeOf,
  platformsIn,
  timeOf,
} from './wording.js';

/** Platforms that did not pass and of which no test and no error speaks. */
export interface Unexplained {
  readonly platforms: readonly string[];
  /** `not tested: no builder builds for it`. */
  readonly words: string;
}

/** One thing that is wrong with an image. */
export type ReportedProblem =
  | { readonly test: FailedTest }
  | { readonly unexplained: Unexplained }
  | { readonly error: ReportedFinding };

/** One image of a run as reports show it. */
export interface ReportedImage {
  readonly id: string;
  readonly state: JudgedImage['state'];
  /** What stands in front of the outcome. */
  readonly mark: Mark;
  readonly outcome: string;
  readonly duration: number;
  readonly trials: readonly JudgedTrial[];
  readonly passedOn: readonly string[];
  /** All that is wrong, causes above what comes of them. */
  readonly problems: readonly ReportedProblem[];
  readonly failedTests: readonly FailedTest[];
  /** Errors that no failed test shows. */
  readonly errors: readonly ReportedFinding[];
  readonly advice: readonly ReportedFinding[];
  /** Why it passed and is not published or not verified, where no error says it: `is not published: …`. */
  readonly notVerified?: string;
  readonly mainPackages: ReturnType<typeof mainPackages>;
  readonly locked?: ReturnType<typeof lockedBuild>;
  readonly publication: ReportedPublication;
  /** The digest and the sizes that a tag served before. */
  readonly before?: {
    readonly tag: string;
    readonly digest: string;
    readonly same: boolean;
    readonly sizes: ReadonlyMap<string, number>;
  };
}

/** What reports show of a run: chosen once, from its evidence alone. Renderers only lay it out. */
export interface Report {
  readonly evidence: Evidence;
  readonly verdict: Verdict['verdict'];
  /** What stands in front of the headline. */
  readonly mark: Mark;
  readonly headline: string;
  readonly images: readonly ReportedImage[];
  readonly trials: readonly JudgedTrial[];
  /** Findings about no image: errors of the environment, and advice. */
  readonly errors: readonly ReportedFinding[];
  readonly advice: readonly ReportedFinding[];
  /** All findings, also those that a failed test shows. */
  readonly findings: readonly ReportedFinding[];
  /** Findings that are errors by themselves and that the configuration lowered, as `CODE: SEVERITY`. */
  readonly lowered: readonly string[];
  /** Commands that repeat trials that did not pass, and the one that repeats the run. */
  readonly reruns: readonly string[];
  /** The file that they need. */
  readonly fileFirst?: FileFirst;
}

const RERUNS = 5;

/** Each reason once, with its platforms. */
function unexplainedIn(
  { id, trials }: JudgedImage,
  { findings }: Verdict,
  failed: FailedTests,
): readonly Unexplained[] {
  const words = { passed: '', failed: 'failed', errored: 'errored', 'not-run': 'not tested' };
  const silent = trials.filter(
    (trial) =>
      trial.state !== 'passed' &&
      !failed.get(trial)?.length &&
      !findings.some(
        ({ severity, subject }) =>
          severity === 'error' && subject.image === id && subject.platform === trial.platform,
      ),
  );
  const groups = Map.groupBy(silent, ({ state, reason = '' }) => `${words[state]}: ${reason}`);
  return [...groups].map(([why, group]) => ({
    words: why,
    platforms: group.map(({ platform }) => platform),
  }));
}

function beforeOf({ publication }: JudgedImage): ReportedImage['before'] {
  const target = publication?.targets.find(({ before }) => before !== undefined);
  if (target?.before === undefined) return undefined;
  const { digest, platforms } = target.before;
  const sizes = new Map(platforms.map(({ platform, size }) => [platform, size]));
  return { tag: target.tag, digest, same: digest === target.digest, sizes };
}

/** Tests stand below what the stages before and around them have found. */
function inOrder(
  tests: readonly FailedTest[],
  unexplained: readonly Unexplained[],
  errors: readonly ReportedFinding[],
): readonly ReportedProblem[] {
  const isLater = ({ finding }: ReportedFinding) => byStage(finding.code, 'test-failed') > 0;
  return [
    ...errors.filter((one) => !isLater(one)).map((error) => ({ error })),
    ...tests.map((test) => ({ test })),
    ...unexplained.map((one) => ({ unexplained: one })),
    ...errors.filter(isLater).map((error) => ({ error })),
  ];
}

function reportedImage(
  evidence: Evidence,
  verdict: Verdict,
  image: JudgedImage,
  told: Told,
): ReportedImage {
  const { id, state, trials } = image;
  const failed = failedTestsOf(evidence, trials);
  const shown = new Set(
    trials.flatMap((trial) =>
      (failed.get(trial) ?? []).map(({ name }) => testKey(id, trial.platform, name)),
    ),
  );
  const isShownAsTest = ({ platform, test }: Finding['subject']) =>
    test !== undefined && shown.has(testKey(id, platform, test));
  const own = told.findings.filter(({ subject }) => subject.image === id);
  const findings = groupFindings(
    own.filter(({ subject }) => !isShownAsTest(subject)),
    rerunsIn(evidence),
  );
  const errors = findings.filter(({ finding }) => finding.severity === 'error');
  const failedTests = reportedTests(evidence, image, failed, told);
  const notVerified = notVerifiedWords(evidence, verdict, image);
  const before = beforeOf(image);
  return {
    ...{ id, state, trials },
    mark: markOf(state, trials),
    outcome: outcomeOf(image, evidence.plan.partial),
    duration: timeOf(trials, evidence),
    passedOn: platformsIn(image, 'passed'),
    problems: inOrder(failedTests, unexplainedIn(image, verdict, failed), errors),
    failedTests,
    errors,
    advice: findings
      .filter(({ finding }) => finding.severity !== 'error')
      .map((one) => ({ ...one, ...defined({ executed: executedBy(image, one.finding) }) })),
    ...(notVerified === undefined || (errors.length > 0 && !image.published)
      ? {}
      : { notVerified }),
    mainPackages: mainPackages(image),
    ...defined({ locked: lockedBuild(evidence, image) }),
    publication: reportedPublication(evidence, image),
    ...defined({ before }),
  };
}

function loweredChecks({ plan }: Evidence): readonly string[] {
  return Object.entries(plan.severities).flatMap(([code, severity]) =>
    isCode(code) && catalogue[code].severity === 'error' && severity !== 'error'
      ? [`${code}: ${severity}`]
      : [],
  );
}

/** Chooses what reports show of a run. */
export function reportOf(evidence: Evidence): Report {
  const verdict = judge(evidence);
  const told = tellOnce(verdict);
  const findings = groupFindings(told.findings, rerunsIn(evidence));
  const known = new Set(verdict.images.map(({ id }) => id));
  const general = findings.filter(({ finding }) => !known.has(finding.subject.image ?? ''));
  const bad = verdict.trials.filter(
    (one) => one.state !== 'passed' && isRepeated(evidence, verdict.findings, one),
  );
  const first = fileFirst(evidence);
  return {
    evidence,
    verdict: verdict.verdict,
    mark: markOf(verdict.verdict, verdict.trials),
    headline: headlineOf(evidence, verdict),
    images: verdict.images.map((image) => reportedImage(evidence, verdict, image, told)),
    trials: verdict.trials,
    errors: general.filter(({ finding }) => finding.severity === 'error'),
    advice: general.filter(({ finding }) => finding.severity !== 'error'),
    findings,
    lowered: loweredChecks(evidence),
    reruns: [
      ...bad
        .slice(0, RERUNS)
        .map(({ image, platform }) => rerunTrials(evidence, image, [platform])),
      rerunAll(evidence),
    ],
    ...defined({ fileFirst: first }),
  };
}
