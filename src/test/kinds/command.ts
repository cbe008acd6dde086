import type { PlannedTest } from '../../evidence/index.js';
import { notExecutable } from '../causes.js';
import { insideLine, runInContainer } from '../container.js';
import { copyMounts } from '../copy.js';
import type { Ending } from '../ending.js';
import { judgeProgram } from '../judge-program.js';
import type { TestOrder, TestTools } from '../order.js';
import { reportProgram, type TestRunner } from './kind.js';

/** Runs a test in a container that has copies of its mounts. */
export function runInside(
  test: PlannedTest,
  order: TestOrder,
  timeout: number,
  { engine, ports, later, signal }: TestTools,
): Promise<Ending> {
  const prepare = (container: string) =>
    copyMounts(test.mounts, order.root, container, { engine, files: ports.files });
  const { clock } = ports;
  return runInContainer(test, order, { timeout, prepare }, { engine, clock, later, signal });
}

/** The program of a test that is a text is the image's shell, which the test does not name. */
function aboutShell({ run }: PlannedTest, words: string): string {
  const isText = run !== undefined && 'shell' in run;
  if (!isText || !/^exec\b.*(no such file|not found)/is.test(words)) return '';
  return '; a test written as text needs a shell in the image, one written as a list does not';
}

/** A command in a container of the image. */
export const command: TestRunner = {
  line: insideLine,
  run: runInside,
  judge(test, ending, limit, tools) {
    const { notStarted } = ending;
    if (notStarted !== undefined) return notExecutable(notStarted, aboutShell(test, notStarted));
    return judgeProgram(test, ending, limit, tools);
  },
  doubtsPasses: false,
  expectedExitCode: ({ exitCode }) => exitCode,
  report: reportProgram,
};
