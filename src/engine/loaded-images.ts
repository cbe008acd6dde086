import type { Readable } from 'node:stream';
import { type Finding, finding, type ImageFacts, type Trial } from '../evidence/index.js';
import type { Engine } from './engine.js';
import { EngineError, engineError } from './errors.js';
import { layersRefused } from './layers.js';
import { isRunName, runName } from './run-name.js';

type Loaded = NonNullable<Trial['loaded']>;

/** An image that the engine holds for as long as a trial needs it. */
export interface LoadedImage {
  /** The id by which containers are made of it. An engine that has other bytes has no such image. */
  readonly loaded: Loaded;
  /** Asks the engine for the id of what was loaded; needed where no container was made of it. */
  confirm(): Promise<Loaded>;
  /** Keeps it in the engine under these names. */
  keep(names: readonly string[]): Promise<void>;
  release(): Promise<void>;
}

/** The images that a run has in the engine: each is loaded once and removed by its last user. */
export interface LoadedImages {
  /** Loads the image unless it is there. `archive` makes the tar in which it has the name. */
  take(image: ImageFacts, archive: (name: string) => Readable): Promise<LoadedImage>;
}

interface Entry {
  readonly loaded: Promise<{
    readonly id: string;
    /** The run's own name for it; undefined for an image of the user's. */
    readonly name?: string;
  }>;
  users: number;
}

/** An image of the user's: a dangling one would be removed with our name, a named one needs none of ours. */
function isUsers(names: readonly string[]): boolean {
  return names.length === 0 || !names.every(isRunName);
}

/** An image that the engine held before stays as it is, unless only other runs hold it. */
export function createLoadedImages(
  engine: Engine,
  store: 'containerd' | 'classic',
  run: string,
): LoadedImages {
  const entries = new Map<string, Entry>();
  /** Removals under way: an image that is taken again is loaded after its removal. */
  const leaving = new Map<string, Promise<void>>();
  const digestOf = store === 'containerd' ? 'manifest' : 'config';

  async function load(expected: string, archive: (name: string) => Readable) {
    await leaving.get(expected);
    const names = await engine.names(expected);
    if (names !== undefined && isUsers(names)) return { id: expected };
    const name = runName(run, expected);
    try {
      await engine.load(archive(name));
      return { id: expected, name };
    } catch (error) {
      // The engine may have had the whole image when its client was ended.
      await engine.removeImage(name).catch(() => {});
      throw error;
    }
  }

  function add(expected: string, archive: (name: string) => Readable): Entry {
    const entry = { loaded: load(expected, archive), users: 0 };
    entries.set(expected, entry);
    // After a load that failed, the next user loads again.
    entry.loaded.catch(() => entries.delete(expected));
    return entry;
  }

  function remove(expected: string, name: string): Promise<void> {
    const removing = engine.removeImage(name);
    const settled = removing.catch(() => {}).finally(() => leaving.delete(expected));
    leaving.set(expected, settled);
    return removing;
  }

  return {
    async take(image, archive) {
      const expected = image[digestOf].digest;
      const entry = entries.get(expected) ?? add(expected, archive);
      entry.users += 1;
      const { id, name } = await entry.loaded;
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
          entry.users -= 1;
          if (entry.users > 0) return;
          entries.delete(expected);
          if (name !== undefined) await remove(expected, name);
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
  return finding(
    'tested-other-bytes',
    subject,
    'The engine loaded an image other than the one that was built.',
    {
      found: { value: loaded.id, from: "the engine's id of the loaded image" },
      expected: { value: expected, from: `digest of the built ${loaded.digestOf}` },
    },
  );
}

/**
 * The finding for an engine that failed during a trial. Layers that it refuses are
 * the image's fault; so is a load that fails after inspection found layers unreadable.
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
    : finding('layers-refused', subject, `The engine rejects the image: ${refused}.`, {
        detail,
      });
}
