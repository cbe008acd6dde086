import { buildMetadata } from '../../buildpacks/index.js';
import type { PlannedTest } from '../../evidence/index.js';
import { notExecutable } from '../causes.js';
import { insideLine, runInContainer } from '../container.js';
import { copyMounts } from '../copy.js';
import type { Ending } from '../ending.js';
import { judgeProgram } from '../judge-program.js';
import type { TestOrder, TestTools } from '../order.js';
import { reportProgram, type TestRunner } from './kind.js';

/** A process type that the image does not have is no program of it; those that it has are named. */
function withTypes({ process }: PlannedTest, ending: Ending, { image }: TestOrder): Ending {
  if (process === undefined || !/no such file/.test(ending.notStarted ?? '')) return ending;
  const { processes = [] } = buildMetadata(new Map(Object.entries(image.labels))) ?? {};
  const types = processes.map(({ type }) => type);
  if (types.includes(process)) return ending;
  const has = types.length === 0 ? 'none' : types.join(', ');
  return { ...ending, notStarted: `there is no process type "${process}"; the image has ${has}` };
}

/** Runs a test in a container that has copies of its mounts. */
export async function runInside(
  test: PlannedTest,
  order: TestOrder,
  timeout: number,
  { engine, ports, later, signal }: TestTools,
): Promise<Ending> {
  const prepare = (container: string, late: AbortSignal) =>
    copyMounts(test.mounts, order.root, container, { engine, files: ports.files, signal: late });
  const { clock } = ports;
  const limits = { timeout, prepare };
  const ending = await runInContainer(test, order, limits, { engine, clock, later, signal });
  return withTypes(test, ending, order);
}

/** The program of a test that is a text is the image's shell, which the test does not name. */
function aboutShell({ run, location }: PlannedTest, words: string): string {
  const isText = run !== undefined && 'shell' in run;
  if (!isText || !/^exec\b.*(no such file|not found)/is.test(words)) return '';
  // The action's input has no place in a file.
  const list = location === undefined ? 'list in JSON (["/greeter", "--version"])' : 'list';
  return `; a test written as text needs a shell in the image, one written as a ${list} does not`;
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
