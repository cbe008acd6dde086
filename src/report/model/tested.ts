import {
  type JudgedImage,
  type JudgedTrial,
  joinWords,
  type TestResult,
  type TrialState,
  type Verdict,
} from '../../evidence/index.js';
import { isStart } from '../../kinds/index.js';
import { count } from '../format.js';
import { shown } from '../untrusted.js';

/*
 * What was done with the programs of an image. A trial passes also where its program was
 * only started, and where `checks` lets tests fail: no report calls these tested.
 */

type Trials = readonly Pick<JudgedTrial, 'platform' | 'state' | 'facts'>[];

/** Names of failed tests in a heading. */
const NAMES = 3;

/** Whether the image's own program was started, and nothing else was done with it. */
export function isOnlyStart(tests: readonly TestResult[]): boolean {
  return tests.length > 0 && tests.every(isStart);
}

function isStarted({ facts }: Trials[number]): boolean {
  return isOnlyStart(facts?.tests ?? []);
}

function resultsOf(trials: Trials) {
  return trials.flatMap(({ platform, facts }) =>
    (facts?.tests ?? []).map((test) => ({ platform, test })),
  );
}

/** Tests that failed although their trials passed: `checks` makes no error of that. */
function allowedIn(trials: Trials) {
  return resultsOf(trials.filter(({ state }) => state === 'passed')).filter(
    ({ test }) => test.outcome === 'failed',
  );
}

/** What stands in front of a verdict in every report. */
export type Mark = '✔' | '✘' | '⚠';

/** Passed is only what has no failed tests, whether they count as errors or not. */
export function markOf(state: TrialState | Verdict['verdict'], trials: Trials): Mark {
  if (state === 'failed') return '✘';
  return state === 'passed' && allowedIn(trials).length === 0 ? '✔' : '⚠';
}

/** `"a", "b" on linux/s390x`: a test that failed on all platforms needs none. */
function failedNames(failed: ReturnType<typeof allowedIn>, trials: Trials): string {
  const byName = [...Map.groupBy(failed, ({ test }) => test.name)];
  const names = byName.slice(0, NAMES).map(([name, group]) => {
    const where = joinWords(group.map(({ platform }) => platform));
    return `"${shown(name, 60)}"${group.length === trials.length ? '' : ` on ${where}`}`;
  });
  const left = byName.length - names.length;
  return [...names, ...(left > 0 ? [`${left} more`] : [])].join(', ');
}

/** What came of an image's tests, of which all trials passed: `tested on 3 platforms`. */
export function testedWords({ trials }: Pick<JudgedImage, 'trials'>): string {
  const allowed = allowedIn(trials);
  const written = trials.filter((trial) => !isStarted(trial));
  const isDown = ({ platform }: Trials[number]) =>
    allowed.some((one) => one.platform === platform && isStart(one.test));
  const started = trials.filter(isStarted);
  const down = started.filter(isDown).map(({ platform }) => platform);
  const up = started.filter((trial) => !isDown(trial)).map(({ platform }) => platform);
  const failed = allowed.filter(({ test }) => !isStart(test));
  const all = resultsOf(written).length;
  const tests =
    failed.length === 0 ? 'tested' : `${all - failed.length} of ${count(all, 'test')} passed`;
  const parts = [
    ...(written.length > 0 ? [`${tests} on ${count(written.length, 'platform')}`] : []),
    ...(up.length === trials.length ? [`started on ${count(up.length, 'platform')}`] : []),
    ...(up.length > 0 && up.length < trials.length ? [`only started on ${joinWords(up)}`] : []),
    ...(down.length > 0 ? [`not started on ${joinWords(down)}`] : []),
  ];
  const names = failed.length === 0 ? '' : ` (failed: ${failedNames(failed, written)})`;
  return `${parts.join(', ')}${allowed.length === 0 ? '' : ', which "checks" allows'}${names}`;
}

/** What all trials of a run that passed came to: `passed`, or `started` where nothing more was done. */
export function allWords(trials: Trials): string {
  const starts = trials.filter((trial) => isStarted(trial) && allowedIn([trial]).length === 0);
  if (starts.length === 0) return 'passed';
  return starts.length === trials.length ? 'started' : 'passed or started';
}

/** What holds of all that is published, in `What was tested is what the registry serves`. */
export function provedWords({ trials }: Pick<JudgedImage, 'trials'>): string {
  const starts = trials.filter(isStarted).length;
  const failed = resultsOf(trials).filter(({ test }) => test.outcome === 'failed').length;
  if (starts === trials.length) return failed === 0 ? 'started' : 'built';
  const done = starts === 0 ? 'tested' : 'tested or started';
  return failed === 0 ? done : `${done}, and failed ${count(failed, 'test')},`;
}
