import type { Readable } from 'node:stream';
import { type Finding, finding, type ImageFacts, type Trial } from '../evidence/index.js';
import type { Engine } from './engine.js';
import { EngineError, engineError } from './errors.js';
import { layersRefused } from './layers.js';
import { isRunName, runName } from './run-name.js';

type Loaded = NonNullable<Trial['loaded']>;

/** An image in the engine for as long as a trial needs it. */
export interface LoadedImage {
  /** The id by which containers are made of it. An engine that has other bytes has no such image. */
  readonly loaded: Loaded;
  /** Asks the engine for the image's id, where no container of it has shown that. */
  confirm(): Promise<Loaded>;
  /** Leaves it in the engine, under these names. */
  keep(names: readonly string[]): Promise<void>;
  release(): Promise<void>;
}

/** Images that a run has in the engine: each loaded once, and given up by its last user. */
export interface LoadedImages {
  /** `archive` makes the tar in which the image has that name. */
  take(image: ImageFacts, archive: (name: string) => Readable): Promise<LoadedImage>;
}

interface Place {
  readonly loaded: Promise<{
    readonly id: string;
    /** The run's own name for it; undefined where it is somebody else's. */
    readonly name?: string;
  }>;
  users: number;
}

/** A user's own: one with no name would go with ours, and one with a name needs none of ours. */
function isUsers(names: readonly string[]): boolean {
  return names.length === 0 || !names.every(isRunName);
}

/** An image that the engine held before stays as it is, unless only other runs hold it, too. */
export function createLoadedImages(
  engine: Engine,
  store: 'containerd' | 'classic',
  run: string,
): LoadedImages {
  const places = new Map<string, Place>();
  /** Removals under way: who takes such an image again must not find what is about to go. */
  const leaving = new Map<string, Promise<void>>();
  const digestOf = store === 'containerd' ? 'manifest' : 'config';

  async function bring(expected: string, archive: (name: string) => Readable) {
    await leaving.get(expected);
    const names = await engine.names(expected);
    if (names !== undefined && isUsers(names)) return { id: expected };
    const name = runName(run, expected);
    try {
      await engine.load(archive(name));
      return { id: expected, name };
    } catch (error) {
      // The client may have been ended after the engine had everything it needed.
      await engine.removeImage(name).catch(() => {});
      throw error;
    }
  }

  function settle(expected: string, archive: (name: string) => Readable): Place {
    const place = { loaded: bring(expected, archive), users: 0 };
    places.set(expected, place);
    // Who comes after a load that failed tries again.
    place.loaded.catch(() => places.delete(expected));
    return place;
  }

  function dismiss(expected: string, name: string): Promise<void> {
    const removing = engine.removeImage(name);
    const settled = removing.catch(() => {}).finally(() => leaving.delete(expected));
    leaving.set(expected, settled);
    return removing;
  }

  return {
    async take(image, archive) {
      const expected = image[digestOf].digest;
      const place = places.get(expected) ?? settle(expected, archive);
      place.users += 1;
      const { id, name } = await place.loaded;
      return {
        loaded: { id, digestOf },
        async confirm() {
          const found = name === undefined ? id : await engine.imageId(name);
          if (found === undefined) throw engineError('find the image that it loaded', name ?? id);
          return { id: found, digestOf };
        },
        async keep(names) {
          for (const one of names) await engine.name(id, one);
        },
        async release() {
          place.users -= 1;
          if (place.users > 0) return;
          places.delete(expected);
          if (name !== undefined) await dismiss(expected, name);
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
  const expected = built[loaded.digestOf].digest;
  if (loaded.id === expected) return undefined;
  return finding('tested-other-bytes', subject, 'The engine loaded another image than was built.', {
    found: { value: loaded.id, from: "the engine's id of the loaded image" },
    expected: { value: expected, from: `digest of the built ${loaded.digestOf}` },
  });
}

/**
 * The finding for an engine that failed in the middle of a trial. Layers that it
 * does not take are the image's fault; so is a load that fails where they were
 * found unreadable before.
 */
export function engineFinding(
  subject: { readonly image: string; readonly platform: string },
  error: unknown,
  before: readonly Finding[] = [],
): Finding {
  if (!(error instanceof EngineError)) throw error;
  const detail = error.said === '' ? [] : error.said.split('\n');
  const isUnread = error.code === 'failed' && before.some(({ code }) => code === 'layer-unread');
  const refused = layersRefused(error.said) ?? (isUnread ? error.said : undefined);
  return refused === undefined
    ? finding('engine-failed', subject, error.message, { detail })
    : finding('layers-refused', subject, `The engine does not take the image: ${refused}.`, {
        detail,
      });
}
