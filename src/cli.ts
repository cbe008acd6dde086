import { commandLine } from './commands/index.js';
import { realPorts } from './ports/index.js';

/** The command line: reads its arguments, calls, and exits with what came out. */
export async function cli(): Promise<void> {
  let root: string;
  try {
    root = process.cwd();
  } catch {
    console.error('The current folder no longer exists; change to another one.');
    process.exitCode = 3;
    return;
  }
  process.exitCode = await commandLine(process.argv.slice(2), root, realPorts());
}
