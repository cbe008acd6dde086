import { action } from './commands/index.js';
import { realPorts } from './ports/index.js';

/** The action's step: reads what the runner gives, runs, and exits with the result's code. */
export async function main(): Promise<void> {
  const { connect } = await import('./github/index.js');
  process.exitCode = await action(process.cwd(), await connect(realPorts()));
}
