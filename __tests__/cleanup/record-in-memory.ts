import type { Made, RunLeftovers, RunRecord } from '../../src/cleanup/run-record.js';

/** A record that keeps in memory what it hears. */
export function recordInMemory(run: string, noted: Made[] = []): RunRecord {
  const process = { host: '', boot: '', space: '', pid: 0, started: '' };
  return {
    run,
    origin: { run, started: '', process },
    labels: { 'sea-trial.run': run },
    makeFolder: async () => '/tmp/folder',
    note: async (made) => {
      noted.push(made);
    },
    all: async (): Promise<readonly RunLeftovers[]> => [
      {
        ...{ run, path: '', started: '', temporary: '', engine: {}, made: noted },
        process,
      },
    ],
    close: async () => {},
  };
}
