import { type ParsedRequest, requestFromArguments } from '../config/index.js';
import type { CliCommand } from './command.js';
import { interruptible } from './interruptible.js';
import { PLAN_OPTIONS } from './plan-request.js';

/** `sea-trial run`: from the configuration to the report. */
export const run: CliCommand<ParsedRequest> = {
  name: 'run',
  summary: 'Builds, inspects, tests, publishes and verifies the images.',
  options: [...PLAN_OPTIONS, 'parallel', 'builder', 'binfmt-image', 'load', 'evidence'],
  read: (given, start) => requestFromArguments('run', given, start),
  run: (asked, ports, console) =>
    interruptible(ports, async (own, signal) => {
      const { planAndRun } = await import('./with-engine.js');
      return planAndRun(asked, own, console, signal);
    }),
};
