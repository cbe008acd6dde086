import { EngineError } from '../engine/index.js';
import { defined } from '../types/index.js';
import { isLive } from './live.js';
import {
  engineVariables,
  type MadeImage,
  type RecordPorts,
  type RunLeftovers,
} from './run-record.js';
import type { RunTools } from './run-tools.js';

/*
 * Runs beside each other share what one of them has pulled. A run that needs such an image
 * notes it as its own; one that needs it no longer notes that first, and then checks which
 * others do. So one of two that end together always removes it.
 */

/** Whether a run has noted an image and still needs it. */
function needs({ made }: RunLeftovers, { image, endpoint }: MadeImage): boolean {
  const last = made.findLast(
    (one) =>
      ('image' in one && one.image === image && one.endpoint === endpoint) ||
      ('unneeded' in one && one.unneeded === image && one.endpoint === endpoint),
  );
  return last !== undefined && 'image' in last;
}

/** The other runs on the same engine that have pulled an image, or share such a one. */
function othersOf(
  { run, engine }: Pick<RunLeftovers, 'run' | 'engine'>,
  pulled: MadeImage,
  all: readonly RunLeftovers[],
): readonly RunLeftovers[] {
  const here = JSON.stringify(engine);
  const isOther = (one: RunLeftovers) => one.run !== run && JSON.stringify(one.engine) === here;
  return all.filter((one) => isOther(one) && needs(one, pulled));
}

/** Whether one of all runs that is under way, other than the one that pulled an image, needs it. */
export async function isNeededByOthers(
  by: Pick<RunLeftovers, 'run' | 'engine'>,
  pulled: MadeImage,
  all: readonly RunLeftovers[],
  ports: Pick<RecordPorts, 'clock' | 'processes'>,
): Promise<boolean> {
  for (const other of othersOf(by, pulled, all)) {
    if (await isLive(other, ports)) return true;
  }
  return false;
}

/** Which image, and on which engine, unless that is the run's own. */
interface ImageToPull {
  readonly image: string;
  readonly endpoint?: string | undefined;
}

/**
 * For an image that a tool is about to pull: it is removed at the end, unless it was
 * there before for another reason than a run's, or others use it by then. `engine` is the
 * one that it is pulled to.
 */
export async function removeIfPulled(
  { image, endpoint }: ImageToPull,
  { engine, ports, record, undo }: Pick<RunTools, 'engine' | 'ports' | 'record' | 'undo'>,
): Promise<void> {
  const pulled: MadeImage = { image, ...defined({ endpoint }) };
  const by = { run: record.run, engine: engineVariables(ports.env) };
  const isThere = (await engine.names(image)) !== undefined;
  if (isThere && othersOf(by, pulled, await record.all()).length === 0) return;
  await record.note(pulled);
  undo.add(async () => {
    await record.note({ unneeded: image, ...defined({ endpoint }) });
    if (await isNeededByOthers(by, pulled, await record.all(), ports)) return;
    try {
      await engine.removeImage(image);
    } catch (error) {
      if (!(error instanceof EngineError && /is being used|is using/i.test(error.said)))
        throw error;
    }
  });
}
