import {
  CACHE_VOLUMES,
  dockerHousekeeping,
  type EngineError,
  isCacheVolume,
  PACK_IMAGES,
  PACK_VOLUMES,
} from '../engine/index.js';
import type { Cleaned, CleanupPorts } from './clean-run.js';

const counted = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;

/**
 * Removes the volumes in which builds with buildpacks keep their caches from run to run, of
 * every repository. One that a build is using stays, and is a problem. Never rejects.
 */
export async function removeBuildCaches(ports: CleanupPorts): Promise<Cleaned> {
  const engine = dockerHousekeeping(ports);
  const problems: string[] = [];
  let removed = 0;
  try {
    const found = (await engine.volumes(CACHE_VOLUMES)).filter(isCacheVolume);
    for (const volume of found) {
      await engine.removeVolumes([volume]).then(
        () => {
          removed += 1;
        },
        ({ message }: EngineError) => problems.push(`the cache ${volume} remains: ${message}`),
      );
    }
  } catch (error) {
    problems.push(`caches of builds may be left: ${(error as Error).message}`);
  }
  const done =
    removed === 0 ? [] : [`${counted(removed, 'cache')} of builds with buildpacks removed`];
  return { removed: done, problems };
}

/**
 * What pack has made in the engine and nothing tells whose it is: it has neither labels nor a
 * container on a network of a run, so that it is left where it is. Answers a sentence, or
 * none. Never rejects.
 */
export async function unknownOfPack(ports: CleanupPorts): Promise<string | undefined> {
  const engine = dockerHousekeeping(ports);
  const [volumes, images] = await Promise.all([
    engine.volumes(PACK_VOLUMES).catch(() => []),
    engine.images(PACK_IMAGES).catch(() => []),
  ]);
  const all = [
    ...(volumes.length === 0 ? [] : [counted(volumes.length, 'volume')]),
    ...(images.length === 0 ? [] : [counted(images.length, 'image')]),
  ];
  const [first, ...more] = [...volumes, ...images];
  if (first === undefined) return undefined;
  const named = more.length === 0 ? first : `${first}, …`;
  return `Left in place, because nothing tells which build made it: ${all.join(' and ')} of pack (${named}). If no pack is running, docker volume rm and docker image rm remove that.`;
}
