import { type Engine, EngineError } from '../engine/index.js';
import type { RunRecord } from './run-record.js';
import type { Undo } from './undo.js';

/**
 * An image that a tool is about to pull goes again at the end, unless others use
 * it by then. `endpoint` says where the engine is, unless it is the one in use.
 */
export async function removeIfPulled(
  image: string,
  engine: Engine,
  record: RunRecord,
  undo: Undo,
  endpoint?: string,
): Promise<void> {
  if ((await engine.names(image)) !== undefined) return;
  await record.note({ image, ...(endpoint === undefined ? {} : { endpoint }) });
  undo.add(async () => {
    try {
      await engine.removeImage(image);
    } catch (error) {
      if (!(error instanceof EngineError && /is being used|is using/i.test(error.said)))
        throw error;
    }
  });
}
