import { notExecutable } from '../causes.js';
import { hostLine, runOnHost } from '../host.js';
import { judgeProgram } from '../judge-program.js';
import { reportProgram, type TestRunner } from './kind.js';

/** A program on the host, with the image in its environment. */
export const host: TestRunner = {
  line: hostLine,
  async run(test, order, timeout, { ports, signal }) {
    return runOnHost(test, order, timeout, order.root, await order.layout(), ports, signal);
  },
  judge(test, ending, limit, redactor, clock) {
    if (ending.notStarted !== undefined) return notExecutable(ending.notStarted);
    return judgeProgram(test, ending, limit, redactor, clock);
  },
  doubtsPasses: false,
  expectedExitCode: ({ exitCode }) => exitCode,
  report: reportProgram,
};
