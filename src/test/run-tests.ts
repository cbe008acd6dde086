import type { LimitFunction } from 'p-limit';
import { type Engine, EngineError } from '../engine/index.js';
import {
  appliesTo,
  type Finding,
  type Listen,
  type PlannedImage,
  type PlannedTest,
  type Redactor,
  type TestProgram,
  type TestResult,
} from '../evidence/index.js';
import type { Ports } from '../ports/index.js';
import { type Berth, insideLine, runInContainer } from './container.js';
import { copyMounts } from './copy.js';
import { linesGoOn, testFinding } from './findings.js';
import { hostLine, runOnHost } from './host.js';
import type { TimeLimit } from './judge.js';
import { erroredResult, interruptedResult, resultOf } from './result.js';

/** One image on one platform, loaded and ready to be tried. */
export interface TestOrder extends Berth {
  readonly planned: PlannedImage;
  /** Whether programs of the platform are, on the engine's machine. */
  readonly emulated: boolean;
  /** What a test runs, as far as that is known. */
  readonly programOf: (test: PlannedTest) => TestProgram | undefined;
  /** The workspace; sources of mounts and the folder of host tests start there. */
  readonly root: string;
  /** Makes the folder of an OCI layout that holds the image and nothing else. */
  readonly layout: () => Promise<string>;
}

/** What tests need of the run around them. */
export interface TestTools {
  readonly engine: Engine;
  readonly ports: Pick<Ports, 'exec' | 'clock' | 'env' | 'files' | 'processes'>;
  /** Bounds how many tests run at once, over all trials. */
  readonly limit: LimitFunction;
  /** Takes the removal of each container whose test is over. */
  later(removal: () => Promise<void>): void;
  /** Patterns see what a program has written; nobody else does before this. */
  readonly redactor: Pick<Redactor, 'text'>;
  readonly listen: Listen;
  readonly signal?: AbortSignal;
}

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

function lineOf(test: PlannedTest, order: TestOrder) {
  return test.kind === 'host' ? hostLine(test) : insideLine(test, order);
}

async function run(test: PlannedTest, order: TestOrder, timeout: number, tools: TestTools) {
  const { engine, ports, later, signal } = tools;
  if (test.kind === 'host') {
    return runOnHost(test, order, timeout, order.root, await order.layout(), ports, signal);
  }
  const prepare = (container: string) =>
    copyMounts(test.mounts, order.root, container, engine, ports.files);
  return runInContainer(test, order, timeout, prepare, later, engine, ports.clock, signal);
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
    const ending = await run(test, order, limit.milliseconds, tools);
    const duration = Math.round(clock.ticks() - from);
    if (tools.signal?.aborted) return interruptedResult(test, duration);
    const result = resultOf(test, ending, limit, tools.redactor, clock);
    const { words } = lineOf(test, order);
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
interface TestedImage {
  readonly tests: readonly TestResult[];
  readonly findings: readonly Finding[];
}

/**
 * Runs all tests that the plan has for this image on this platform, each in a
 * container of its own. Never rejects for a test: what could not be run is
 * `errored` or `not-run`, with the reason. All have ended before any other error
 * is passed on.
 */
export async function runTests(order: TestOrder, tools: TestTools): Promise<TestedImage> {
  const { planned, platform } = order;
  const mine = planned.tests.filter((test) => appliesTo(test, platform));
  const trying = mine.map((test) => tools.limit(() => runTest(test, order, tools)));
  await Promise.allSettled(trying);
  const tests = await Promise.all(trying);
  const findings = tests.map((result) => testFinding(planned.id, platform, result));
  const notes = mine.flatMap((test, at) => {
    const { goesOn, words } = lineOf(test, order);
    const wasRun = ['passed', 'failed'].includes(tests[at]?.outcome ?? '');
    return goesOn && wasRun ? [linesGoOn(planned.id, platform, test, words)] : [];
  });
  return { tests, findings: [...findings.filter((found) => found !== undefined), ...notes] };
}
