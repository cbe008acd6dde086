import type { ImageEntry } from '../config/index.js';
import {
  type Building,
  type IgnoreList,
  platformArguments,
  type StageStep,
} from '../dockerfile/index.js';
import type { Position } from '../document/index.js';
import { builtBy, type DockerfileImage, type Finding, type Location } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { byPlatform } from './by-platform.js';
import { locate } from './image.js';
import { platformBuilds } from './platform-builds.js';

/** Where the configuration writes what it gives to a build, by name and by id. */
interface WrittenPlaces {
  readonly args: ReadonlyMap<string, Position>;
  readonly secrets: ReadonlyMap<string, Position>;
}

/** What an image is built from, as far as the checkout shows it. */
export interface DockerfileSources {
  readonly image: DockerfileImage;
  readonly text: string;
  /** The Dockerfiles of all its platforms: what one of them takes is given for a reason. */
  readonly texts: readonly string[];
  readonly ignore: IgnoreList;
  /** The run's configuration, relative to the root; undefined where there is none. */
  readonly configuration: string | undefined;
  readonly places: WrittenPlaces;
}

/** A step as a sentence names it. */
export function stepText({ keyword, text }: StageStep): string {
  return `${keyword} ${text}`.replace(/\s+/g, ' ').slice(0, 60);
}

/** How the Dockerfile of an image is built; its platform is known where it is one. */
export function buildingOf({ build, platforms }: DockerfileImage): Building {
  const { args, contexts, target } = build;
  const [platform, ...more] = platforms;
  const isOne = platform !== undefined && more.length === 0;
  const automatic = isOne ? platformArguments(platform) : undefined;
  return { args, contexts: Object.keys(contexts), ...defined({ target, automatic }) };
}

/**
 * What holds of the builds of an image, which its platform may make others. What does not
 * hold of all of them is said of each of its platforms.
 */
export async function onEachPlatform(
  sources: DockerfileSources,
  judge: (sources: DockerfileSources) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const { image } = sources;
  const said: { readonly platform: string; readonly values: readonly Finding[] }[] = [];
  for (const platform of image.platforms) {
    const values = await judge({ ...sources, image: { ...image, platforms: [platform] } });
    said.push({ platform, values });
  }
  return byPlatform(said).flatMap(({ value: one, platforms }) =>
    platforms.length === image.platforms.length
      ? [one]
      : platforms.map((platform) => ({ ...one, subject: { ...one.subject, platform } })),
  );
}

/** The places of an image's arguments and secrets, on whichever platform. */
export function writtenPlaces(image: ImageEntry | undefined): WrittenPlaces {
  const builds = image === undefined ? [] : builtBy(platformBuilds(image), 'dockerfile');
  return {
    args: new Map(builds.flatMap(({ build }) => [...build.argPlaces])),
    secrets: new Map(
      builds.flatMap(({ build }) => build.secrets.map(({ id, at }) => [id, at] as const)),
    ),
  };
}

/** Where something is written; of what the action's inputs give, where the image is. */
export function placeOf(
  at: Position | undefined,
  { location }: Pick<DockerfileImage, 'location'>,
): { readonly location?: Location } {
  return at?.line === undefined ? defined({ location }) : locate(at);
}
