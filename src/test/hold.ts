import type { Readable } from 'node:stream';
import { type Engine, EngineError } from '../engine/index.js';
import { type Finding, finding, type ImageFacts, type Trial } from '../evidence/index.js';

type Loaded = NonNullable<Trial['loaded']>;

/** An image in the engine for as long as a trial needs it. */
export interface Held {
  readonly loaded: Loaded;
  release(): Promise<void>;
}

/** Images that a run has in the engine: each loaded once, and gone when its last user is. */
export interface Hold {
  take(image: ImageFacts, archive: () => Readable): Promise<Held>;
}

interface Place {
  readonly loaded: Promise<{ readonly id: string; readonly foreign: boolean }>;
  users: number;
}

/**
 * An image that the engine held before the run is somebody else's and stays; `keep`
 * leaves the loaded ones too. `note` hears of each image before it is loaded.
 */
export function createHold(
  engine: Engine,
  store: 'containerd' | 'classic',
  keep: boolean,
  note: (id: string) => Promise<void>,
): Hold {
  const places = new Map<string, Place>();
  /** Removals under way: who takes such an image again must not find what is about to go. */
  const leaving = new Map<string, Promise<void>>();
  const proves = store === 'containerd' ? 'manifest' : 'config';

  async function bring(expected: string, archive: () => Readable) {
    await leaving.get(expected);
    if (await engine.hasImage(expected)) return { id: expected, foreign: true };
    await note(expected);
    try {
      return { id: await engine.load(archive()), foreign: false };
    } catch (error) {
      // The client may have been ended after the engine had everything it needed.
      await engine.removeImage(expected).catch(() => {});
      throw error;
    }
  }

  function dismiss(expected: string, id: string): Promise<void> {
    places.delete(expected);
    const removing = engine.removeImage(id);
    const settled = removing.catch(() => {}).finally(() => leaving.delete(expected));
    leaving.set(expected, settled);
    return removing;
  }

  return {
    async take(image, archive) {
      const expected = image[proves].digest;
      const place = places.get(expected) ?? { loaded: bring(expected, archive), users: 0 };
      places.set(expected, place);
      place.users += 1;
      const { id, foreign } = await place.loaded;
      return {
        loaded: { id, proves },
        async release() {
          place.users -= 1;
          if (place.users === 0 && !foreign && !keep) await dismiss(expected, id);
        },
      };
    },
  };
}

/** Built = loaded: the engine's id is the digest of the built manifest or config. */
export function loadedFinding(
  subject: { readonly image: string; readonly platform: string },
  built: ImageFacts,
  loaded: Loaded,
): Finding | undefined {
  const expected = built[loaded.proves].digest;
  if (loaded.id === expected) return undefined;
  return finding('tested-other-bytes', subject, 'The engine loaded another image than was built.', {
    found: { value: loaded.id, from: "the engine's id of the loaded image" },
    expected: { value: expected, from: `digest of the built ${loaded.proves}` },
  });
}

/** The finding for an engine that failed in the middle of a trial. */
export function engineFinding(
  subject: { readonly image: string; readonly platform: string },
  error: unknown,
): Finding {
  if (!(error instanceof EngineError)) throw error;
  return finding('engine-failed', subject, error.message, {
    detail: error.said === '' ? [] : error.said.split('\n'),
  });
}
