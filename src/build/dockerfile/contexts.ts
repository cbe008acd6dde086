import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import {
  builtBy,
  type DockerfileImage,
  imagesAsBuilt,
  isFolder,
  type PlannedImage,
} from '../../evidence/index.js';
import type { Files } from '../../ports/index.js';
import { located } from './command.js';

/** Every folder that a build reads, and its Dockerfile where that could be taken for another one. */
function sourcesOf({ build }: DockerfileImage, root: string, lookAlike: ReadonlySet<string>) {
  const named = Object.entries(build.contexts)
    .filter(([, path]) => isFolder(path))
    .map(([name, path]) => [name, located(root, path)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const context = located(root, build.context);
  return [context, named, lookAlike.has(build.file) ? build.file : ''] as const;
}

/** A base name that other sources do not have, and that these have in every run from this checkout. */
function contextName(sources: ReturnType<typeof sourcesOf>): string {
  const hash = createHash('sha256').update(JSON.stringify(sources)).digest('hex').slice(0, 12);
  return `${basename(sources[0])}-${hash}`;
}

interface ContextSources {
  readonly images: readonly PlannedImage[];
  readonly root: string;
  readonly lookAlike: ReadonlySet<string>;
  /** Where the links are made. */
  readonly folder: string;
}

/**
 * Gives the folders that each image is built from a name of their own, as a link in
 * `folder`. BuildKit keeps what it was sent under the context's base name and compares
 * size and time only, so different folders of one name, in this run or in another one,
 * can be taken for each other (moby/buildkit#4950). Dockerfiles in `lookAlike` set
 * their images apart too. No file of the user's is touched. Answers `ID@PLATFORM` →
 * path of the link; images whose context is no folder have none.
 */
export async function linkContexts(
  { images, root, lookAlike, folder }: ContextSources,
  files: Files,
): Promise<ReadonlyMap<string, string>> {
  await files.makeDirectory(folder);
  const local = builtBy(imagesAsBuilt(images), 'dockerfile').filter(({ build }) =>
    isFolder(build.context),
  );
  const targets = new Map<string, string>();
  const paths = local.flatMap((image) => {
    const sources = sourcesOf(image, root, lookAlike);
    const path = join(folder, contextName(sources));
    targets.set(path, sources[0]);
    return image.platforms.map((platform) => [`${image.id}@${platform}`, path] as const);
  });
  await Promise.all(Array.from(targets, ([path, target]) => files.link(target, path)));
  return new Map(paths);
}
