import { afterAction } from './commands/index.js';
import { realPorts } from './ports/index.js';

/** What the runner calls when the job is over, however `main` ended. */
export async function post(): Promise<void> {
  const { connect } = await import('./github/index.js');
  process.exitCode = await afterAction(await connect(realPorts()));
}
