import {
  type Code,
  type Finding,
  finding,
  type PlannedTest,
  type TestResult,
} from '../evidence/index.js';

/** Lines of a failed test's output that a finding shows. */
const SHOWN_LINES = 20;

function codeOf(result: TestResult): Code | undefined {
  if (result.outcome === 'errored') return 'test-errored';
  if (result.outcome === 'failed') {
    if (result.cause === 'not-executable') return 'cannot-execute';
    return result.kind === 'start' ? 'program-killed' : 'test-failed';
  }
  return result.kind === 'start' && result.outcome === 'passed' ? 'started-only' : undefined;
}

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
  const message = `test "${name}" has several lines, and ${shell} is not known to end at one that fails: those behind it were executed all the same.`;
  const subject = { image, platform, test: name };
  return finding('lines-go-on', subject, message, location === undefined ? {} : { location });
}

function ending({ exitCode }: TestResult): string {
  if (exitCode === undefined) return 'it was still running';
  return `it ended ${exitCode === 0 ? '' : 'at once '}with exit ${exitCode}`;
}

function messageOf(code: Code, result: TestResult): string {
  const { name, reason = 'failed' } = result;
  if (code === 'started-only') {
    return `No test is written for this platform; its program was started and nothing more: ${ending(result)}.`;
  }
  if (code === 'program-killed')
    return `The image's own program, started without a test: ${reason}`;
  return `test "${name}": ${reason}`;
}

/** The finding that a test's result is, if it is one. */
export function testFinding(
  image: string,
  platform: string,
  result: TestResult,
): Finding | undefined {
  const code = codeOf(result);
  if (code === undefined) return undefined;
  const remedy =
    code === 'test-failed'
      ? { remedy: `Repeat it on this platform alone with --only ${image}@${platform}.` }
      : {};
  const failed = result.checks.find((check) => !check.ok);
  return finding(code, { image, platform, test: result.name }, messageOf(code, result), {
    ...remedy,
    ...(code === 'started-only' && !result.exitCode ? {} : { detail: lastLines(result) }),
    ...(failed === undefined
      ? {}
      : {
          found: { value: failed.found, from: failed.what },
          expected: { value: failed.expected, from: failed.what },
        }),
    ...(result.location === undefined ? {} : { location: result.location }),
  });
}
