import type { Made, RunRecord } from '../../src/environment/record.js';

/** A record that keeps in memory what it hears. */
export function recordInMemory(run: string, noted: Made[] = []): RunRecord {
  return {
    run,
    makeFolder: async () => '/tmp/folder',
    note: async (made) => {
      noted.push(made);
    },
    close: async () => {},
  };
}
