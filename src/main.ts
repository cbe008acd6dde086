import { action } from './commands/index.js';
import { realPorts } from './ports/index.js';

/** The action's step: reads what the runner gives, calls, and exits with what came out. */
export async function main(): Promise<void> {
  process.exitCode = await action(process.cwd(), realPorts());
}
