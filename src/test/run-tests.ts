import { EngineError } from '../engine/index.js';
import {
  appliesTo,
  type Finding,
  type PlannedTest,
  type TestProgram,
  type TestResult,
} from '../evidence/index.js';
import type { TimeLimit } from './ending.js';
import { linesGoOn, testFinding } from './findings.js';
import { kinds } from './kinds/index.js';
import type { TestOrder, TestTools } from './order.js';
import { erroredResult, interruptedResult, resultOf } from './result.js';

/** Emulated programs get this many times a test's limit. */
const EMULATED_FACTOR = 4;

/** What is not known to be native on a platform that is emulated gets as long as what is emulated. */
function limitOf({ timeout }: PlannedTest, order: TestOrder, program?: TestProgram): TimeLimit {
  const { emulated = order.emulated } = program ?? {};
  const why =
    program?.emulated === undefined ? 'on a platform that is emulated' : 'under emulation';
  return { milliseconds: timeout * (emulated ? EMULATED_FACTOR : 1), why };
}

/** What was not executed was not emulated. */
function programFacts({ cause }: Pick<TestResult, 'cause'>, program: TestProgram | undefined) {
  if (program === undefined) return {};
  const { emulated: _, ...known } = program;
  return { program: cause === 'not-executable' ? known : program };
}

async function runTest(test: PlannedTest, order: TestOrder, tools: TestTools): Promise<TestResult> {
  const { clock } = tools.ports;
  if (tools.signal?.aborted) return interruptedResult(test);
  const program = order.programOf(test);
  const limit = limitOf(test, order, program);
  const started = clock.now().toISOString();
  const from = clock.ticks();
  tools.listen({
    kind: 'trial',
    image: order.planned.id,
    platform: order.platform,
    phase: 'testing',
    detail: test.name,
  });
  try {
    const kind = kinds[test.kind];
    const ending = await kind.run(test, order, limit.milliseconds, tools);
    const duration = Math.round(clock.ticks() - from);
    if (tools.signal?.aborted) return interruptedResult(test, duration);
    const result = resultOf(test, ending, limit, { redactor: tools.redactor, clock });
    const { words } = kind.line(test, order);
    const executed = words.length === 0 ? {} : { executed: words };
    return { ...result, ...executed, ...programFacts(result, program), started, duration };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const duration = Math.round(clock.ticks() - from);
    if (tools.signal?.aborted) return interruptedResult(test, duration);
    return erroredResult(test, error.message, started, duration);
  }
}

/** What came of an image's tests. */
interface TestedPlatform {
  readonly tests: readonly TestResult[];
  readonly findings: readonly Finding[];
}

/**
 * Runs all tests that the plan has for this image on this platform, each in a
 * container of its own. Never rejects for a test: what could not be run is
 * `errored` or `not-run`, with the reason. All have ended before any other error
 * is passed on.
 */
export async function runTests(order: TestOrder, tools: TestTools): Promise<TestedPlatform> {
  const { planned, platform } = order;
  const mine = planned.tests.filter((test) => appliesTo(test, platform));
  const trying = mine.map((test) => tools.limit(() => runTest(test, order, tools)));
  await Promise.allSettled(trying);
  const tests = await Promise.all(trying);
  const findings = tests.map((result, at) => testFinding(planned.id, platform, result, mine[at]));
  const notes = mine.flatMap((test, at) => {
    const { goesOn, words } = kinds[test.kind].line(test, order);
    const wasRun = ['passed', 'failed'].includes(tests[at]?.outcome ?? '');
    return goesOn && wasRun ? [linesGoOn(planned.id, platform, test, words)] : [];
  });
  return { tests, findings: [...findings.filter((found) => found !== undefined), ...notes] };
}
