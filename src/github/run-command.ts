import { getExecOutput } from '@actions/exec';
import type { Command, CommandOutput } from '../ports/index.js';

/**
 * Runs a short command through @actions/exec, silently; answers its whole output, whatever
 * its exit code. It cannot be ended, and its input stays empty.
 */
export async function runCommand({ file, args, env }: Command): Promise<CommandOutput> {
  try {
    // A file's name is split at spaces unless it is quoted.
    const { exitCode, stdout, stderr } = await getExecOutput(`"${file}"`, [...args], {
      env: { ...env },
      silent: true,
      ignoreReturnCode: true,
      input: Buffer.alloc(0),
    });
    return { code: exitCode, signal: null, stdout, stderr };
  } catch (error) {
    const { message } = error as Error;
    return { code: null, signal: null, notStarted: message, stdout: '', stderr: '' };
  }
}
