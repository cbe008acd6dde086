import type { Command, CommandOutput, Exec } from '../src/ports/index.js';

/** Starts programs that say nothing, and end by their command's signal alone. */
export const silentExec = {
  run: ({ signal }: Command) =>
    new Promise<CommandOutput>((resolve) => {
      signal?.addEventListener('abort', () =>
        resolve({ code: null, signal: 'SIGTERM', stdout: '', stderr: '' }),
      );
    }),
} as unknown as Exec;
