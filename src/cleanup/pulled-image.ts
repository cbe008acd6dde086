import { EngineError } from '../engine/index.js';
import { defined } from '../types/index.js';
import type { RunTools } from './run-tools.js';

/** An image, and the engine that it is pulled to, unless that is the run's own. */
interface ImageToPull {
  readonly image: string;
  readonly endpoint?: string | undefined;
}

/**
 * For an image that a tool is about to pull: it is removed at the end, unless it was
 * there before, or others use it by then. `engine` is the one that it is pulled to.
 */
export async function removeIfPulled(
  { image, endpoint }: ImageToPull,
  { engine, record, undo }: Pick<RunTools, 'engine' | 'record' | 'undo'>,
): Promise<void> {
  if ((await engine.names(image)) !== undefined) return;
  await record.note({ image, ...defined({ endpoint }) });
  undo.add(async () => {
    try {
      await engine.removeImage(image);
    } catch (error) {
      if (!(error instanceof EngineError && /is being used|is using/i.test(error.said)))
        throw error;
    }
  });
}
