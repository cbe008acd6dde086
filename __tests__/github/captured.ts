import { createRunner, type Runner } from '../../src/github/runner.js';
import { realPorts } from '../../src/ports/index.js';

/** The runner of no workflow: it names no files. */
export const noRunner = createRunner({ ...realPorts(), env: {} });

/** What is written to stdout meanwhile, as @actions/core writes it. */
export async function captured(work: (runner: Runner) => unknown): Promise<string> {
  const { write } = process.stdout;
  const texts: string[] = [];
  process.stdout.write = (text: string | Uint8Array) => texts.push(String(text)) > 0;
  try {
    await work(noRunner);
  } finally {
    process.stdout.write = write;
  }
  return texts.join('');
}
