import { DAY, type RecordPorts, type RunLeftovers } from './run-record.js';

/** Whether a run is under way: its process runs, or cannot be seen from here and began less than a day ago. */
export async function isLive(
  { process, started }: Pick<RunLeftovers, 'process' | 'started'>,
  { clock, processes }: Pick<RecordPorts, 'clock' | 'processes'>,
): Promise<boolean> {
  const state = await processes.state(process);
  const young = clock.now().getTime() - Date.parse(started) < DAY;
  return state === 'running' || (state === 'elsewhere' && young);
}
