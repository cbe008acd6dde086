import { afterAction } from './commands/index.js';
import { realPorts } from './ports/index.js';

/** What the runner calls when the job is over, whatever became of `main`. */
export async function post(): Promise<void> {
  process.exitCode = await afterAction(realPorts());
}
