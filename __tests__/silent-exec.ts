import type { Command, Exec, Output } from '../src/ports/index.js';

/** Starts programs that say nothing, and end by their command's signal alone. */
export const silentExec = {
  run: ({ signal }: Command) =>
    new Promise<Output>((resolve) => {
      signal?.addEventListener('abort', () =>
        resolve({ code: null, signal: 'SIGTERM', stdout: '', stderr: '' }),
      );
    }),
} as unknown as Exec;
