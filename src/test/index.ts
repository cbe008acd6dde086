import type { LimitFunction } from 'p-limit';
import type { Engine } from '../engine/index.js';
import { EngineError } from '../engine/index.js';
import type { Finding, Listen, PlannedImage, PlannedTest, TestResult } from '../evidence/index.js';
import type { Captured, Ports } from '../ports/index.js';
import type { Aside } from './aside.js';
import { type Berth, runInContainer } from './container.js';
import { copyMounts } from './copy.js';
import { testFinding } from './findings.js';
import { runOnHost } from './host.js';
import { type Ending, judgeTest } from './judge.js';

export { type Aside, createAside } from './aside.js';
export { createHold, engineFinding, type Held, type Hold, loadedFinding } from './hold.js';
export { keptNames } from './kept.js';

/** One image on one platform, loaded and ready to be tried. */
export interface TestOrder extends Berth {
  readonly planned: PlannedImage;
  readonly emulated: boolean;
  /** The workspace; sources of mounts and the folder of host tests start there. */
  readonly root: string;
  /** The folder of the OCI layout that holds the image's bytes. */
  readonly layout: string;
}

/** What tests need of the run around them. */
export interface TestTools {
  readonly engine: Engine;
  readonly ports: Pick<Ports, 'exec' | 'clock' | 'env' | 'files' | 'processes'>;
  /** Bounds how many tests run at once, over all trials. */
  readonly limit: LimitFunction;
  /** Takes what is cleared away while other tests go on. */
  readonly aside: Aside;
  readonly listen: Listen;
  readonly signal?: AbortSignal;
}

/** Emulated programs get this many times a test's limit. */
export const EMULATED_FACTOR = 4;

/** Bytes of each output that the evidence keeps, from its end. */
const KEPT = 64 * 1024;

function kept(output: Captured): TestResult['stdout'] {
  const text = output.text.slice(-KEPT);
  return {
    text,
    bytes: output.bytes,
    truncated: output.truncated || text.length < output.text.length,
  };
}

type Removed = (removal: Promise<void>) => void;

function run(
  test: PlannedTest,
  order: TestOrder,
  timeout: number,
  tools: TestTools,
  removed: Removed,
) {
  const { engine, ports, signal } = tools;
  if (test.kind === 'host') {
    return runOnHost(test, order, timeout, order.root, order.layout, ports, signal);
  }
  const prepare = (container: string) =>
    copyMounts(test.mounts, order.root, container, engine, ports.files);
  return runInContainer(test, order, timeout, prepare, removed, engine, ports.clock, signal);
}

const INTERRUPTED = 'the run was interrupted';

const NO_OUTPUT: TestResult['stdout'] = { text: '', bytes: 0, truncated: false };

function skeleton(test: PlannedTest) {
  return {
    name: test.name,
    kind: test.kind,
    ...(test.location === undefined ? {} : { location: test.location }),
    duration: 0,
    checks: [],
    stdout: NO_OUTPUT,
    stderr: NO_OUTPUT,
  };
}

function resultOf(
  test: PlannedTest,
  ending: Ending,
  timeout: number,
): Omit<TestResult, 'duration'> {
  return {
    ...skeleton(test),
    ...judgeTest(test, ending, timeout),
    ...(ending.exitCode === undefined ? {} : { exitCode: ending.exitCode }),
    ...(test.kind === 'start' ? {} : { expectedExitCode: test.exitCode }),
    stdout: kept(ending.stdout),
    stderr: kept(ending.stderr),
  };
}

async function tryOne(
  test: PlannedTest,
  order: TestOrder,
  tools: TestTools,
  removed: Removed,
): Promise<TestResult> {
  const { clock } = tools.ports;
  if (tools.signal?.aborted) {
    return { ...skeleton(test), outcome: 'not-run', reason: INTERRUPTED };
  }
  const timeout = test.timeout * (order.emulated ? EMULATED_FACTOR : 1);
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
    const ending = await run(test, order, timeout, tools, removed);
    const duration = Math.round(clock.ticks() - from);
    if (tools.signal?.aborted) {
      return { ...skeleton(test), outcome: 'not-run', reason: INTERRUPTED, duration };
    }
    return { ...resultOf(test, ending, timeout), started, duration };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const duration = Math.round(clock.ticks() - from);
    if (tools.signal?.aborted) {
      return { ...skeleton(test), outcome: 'not-run', reason: INTERRUPTED, duration };
    }
    const reason = error.message;
    return {
      ...skeleton(test),
      outcome: 'errored',
      cause: 'surroundings',
      reason,
      started,
      duration,
    };
  }
}

/** What came of an image's tests. */
export interface Tested {
  readonly tests: readonly TestResult[];
  readonly findings: readonly Finding[];
  /** When no container of these tests is there any more. */
  readonly cleared: Promise<void>;
}

function applies(test: PlannedTest, platform: string): boolean {
  return test.platforms === undefined || test.platforms.includes(platform);
}

/**
 * Runs all tests that the plan has for this image on this platform, each in a
 * container of its own. Never rejects for a test: what could not be run is
 * `errored` or `not-run`, with the reason.
 */
export async function tryImage(order: TestOrder, tools: TestTools): Promise<Tested> {
  const removals: Promise<void>[] = [];
  const removed: Removed = (removal) => {
    removals.push(removal);
    tools.aside.add(removal);
  };
  const tests = await Promise.all(
    order.planned.tests
      .filter((test) => applies(test, order.platform))
      .map((test) => tools.limit(() => tryOne(test, order, tools, removed))),
  );
  const findings = tests.map((result) => testFinding(order.planned.id, order.platform, result));
  return {
    tests,
    findings: findings.filter((found) => found !== undefined),
    cleared: Promise.allSettled(removals).then(() => {}),
  };
}
