import { commandLine } from './commands/index.js';
import { realPorts } from './ports/index.js';

/** The command line: reads its arguments, calls, and exits with what came out. */
export async function cli(): Promise<void> {
  process.exitCode = await commandLine(process.argv.slice(2), process.cwd(), realPorts());
}
