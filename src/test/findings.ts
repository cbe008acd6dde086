import { type Finding, finding, type PlannedTest, type TestResult } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { kinds } from './kinds/index.js';
import { type ReportedResult, testMessage } from './kinds/kind.js';
import { startRemedy } from './start-remedies.js';

/** Lines of a failed test's output that a finding shows. */
const SHOWN_LINES = 20;

function lastLines(result: TestResult): readonly string[] {
  const text = result.stderr.text.trim() === '' ? result.stdout.text : result.stderr.text;
  return text.trim() === '' ? [] : text.trimEnd().split('\n').slice(-SHOWN_LINES);
}

/** The note about a test of which lines are executed behind one that fails. */
export function linesGoOn(
  image: string,
  platform: string,
  { name, location }: PlannedTest,
  [shell = '']: readonly string[],
): Finding {
  const message = `test "${name}" has several lines, and ${shell} may go on after one that fails, so the later ones may have been executed too.`;
  const subject = { image, platform, test: name };
  return finding('lines-go-on', subject, message, defined({ location }));
}

/** What an errored test says is the same for every kind. */
function reportOf(result: TestResult): ReportedResult | undefined {
  if (result.outcome !== 'errored') return kinds[result.kind].report(result);
  return { code: 'test-errored', message: testMessage(result) };
}

/** The finding that a test's result is, if it is one; `test` is what was planned. */
export function testFinding(
  image: string,
  platform: string,
  result: TestResult,
  test?: Pick<PlannedTest, 'user'>,
): Finding | undefined {
  const reported = reportOf(result);
  if (reported === undefined) return undefined;
  const { code, message } = reported;
  const again =
    code === 'test-failed'
      ? `Run it again on this platform alone with --only ${image}@${platform}.`
      : undefined;
  const start = result.cause === 'not-executable' ? startRemedy(result, test) : undefined;
  const failed = result.checks.find((check) => !check.ok);
  return finding(code, { image, platform, test: result.name }, message, {
    ...defined({ remedy: again ?? start }),
    ...(code === 'started-only' && !result.exitCode ? {} : { detail: lastLines(result) }),
    ...(failed === undefined
      ? {}
      : {
          found: { value: failed.found, from: failed.what },
          expected: { value: failed.expected, from: failed.what },
        }),
    ...defined({ location: result.location }),
  });
}
