import type { Ports } from '../ports/index.js';
import { readEvent, type WorkflowEvent } from './event.js';
import { runCommand } from './run-command.js';
import { createRunner, type Runner } from './runner.js';
import { runnerToolCache } from './tool-cache.js';

/** What the action has of GitHub's runner. */
export interface GitHub {
  readonly runner: Runner;
  readonly event: WorkflowEvent;
  /** Runs a short command for the log of the action itself. */
  readonly runCommand: typeof runCommand;
  /** The ports of this process, with the runner's tool cache and the event's payload. */
  readonly ports: Ports;
}

/** Connects to the runner that has started this process. */
export async function connect(ports: Ports): Promise<GitHub> {
  const { RUNNER_TOOL_CACHE, RUNNER_TEMP, TMPDIR } = ports.env;
  const event = await readEvent(ports);
  const tools = RUNNER_TOOL_CACHE
    ? runnerToolCache(RUNNER_TOOL_CACHE, RUNNER_TEMP || TMPDIR || '/tmp')
    : ports.tools;
  return {
    runner: createRunner(ports),
    event,
    runCommand,
    ports: { ...ports, tools, payload: async () => event.payload },
  };
}
