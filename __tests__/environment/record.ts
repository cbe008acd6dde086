import type { Made, Remains, RunRecord } from '../../src/environment/record.js';

/** A record that keeps in memory what it hears. */
export function recordInMemory(run: string, noted: Made[] = []): RunRecord {
  return {
    run,
    makeFolder: async () => '/tmp/folder',
    note: async (made) => {
      noted.push(made);
    },
    all: async (): Promise<readonly Remains[]> => [
      {
        ...{ run, path: '', started: '', temporary: '', engine: {}, made: noted },
        process: { host: '', boot: '', space: '', pid: 0, started: '' },
      },
    ],
    close: async () => {},
  };
}
