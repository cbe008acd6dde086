import type { Engine } from '../engine/index.js';
import { formatReference, parseReference } from '../reference/index.js';

/** A name that the engine holds, and the id of its image. */
export interface TakenName {
  readonly name: string;
  readonly image: string;
}

/** The names in the engine that `load` gives, and whose they are. */
export interface LoadedNames {
  /** Those of the names that the engine holds and that no run of this repository has given. */
  taken(names: readonly string[]): Promise<readonly TakenName[]>;
  /** Remembers that this run gave the image these names, and forgets what holds no more. */
  record(names: readonly string[], image: string): Promise<void>;
}

/** One name has several spellings. */
function fullName(name: string): string {
  const parsed = parseReference(name);
  return parsed.ok ? formatReference(parsed.reference) : name;
}

type LoadRecording = Pick<Engine, 'imageId' | 'loadRecords' | 'recordLoad' | 'forgetLoad'>;

/** What was recorded counts for as long as the name means that very image. */
export function createLoadedNames(
  engine: LoadRecording,
  repository: string | undefined,
): LoadedNames {
  let swept: Promise<void> | undefined;

  async function sweep(): Promise<void> {
    for (const record of await engine.loadRecords()) {
      if ((await engine.imageId(record.name)) !== record.image) await engine.forgetLoad(record);
    }
  }

  return {
    async taken(names) {
      const found: TakenName[] = [];
      for (const name of names) {
        const image = await engine.imageId(name);
        if (image !== undefined) found.push({ name, image });
      }
      const records = found.length === 0 ? [] : await engine.loadRecords();
      const isOurs = ({ name, image }: TakenName) =>
        records.some(
          (one) =>
            one.repository === repository && one.name === fullName(name) && one.image === image,
        );
      return found.filter((one) => !isOurs(one));
    },
    async record(names, image) {
      if (repository === undefined) return;
      for (const name of names) {
        await engine.recordLoad({ repository, name: fullName(name), image });
      }
      swept ??= sweep();
      await swept;
    },
  };
}
