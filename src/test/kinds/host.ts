import { notExecutable } from '../causes.js';
import { hostLine, runOnHost } from '../host.js';
import { judgeProgram } from '../judge-program.js';
import { reportProgram, type TestRunner } from './kind.js';

/** A program on the host, with the image in its environment. */
export const host: TestRunner = {
  line: hostLine,
  async run(test, order, timeout, { ports, signal }) {
    const layout = await order.layout();
    return runOnHost(test, { ...order, layout }, timeout, { ports, signal });
  },
  judge(test, ending, limit, tools) {
    if (ending.notStarted !== undefined) return notExecutable(ending.notStarted);
    return judgeProgram(test, ending, limit, tools);
  },
  doubtsPasses: false,
  expectedExitCode: ({ exitCode }) => exitCode,
  report: reportProgram,
};
