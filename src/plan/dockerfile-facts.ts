import type { ImageEntry } from '../config/index.js';
import { builtBy, type Finding, imagesAsBuilt, isFolder, type Plan } from '../evidence/index.js';
import { type Base, basesOf, frontend } from './bases.js';
import { adviceOnDockerfile } from './dockerfile-advice.js';
import { buildingOf, writtenPlaces } from './dockerfile-sources.js';
import type { SourceScope } from './dockerfiles.js';
import type { Planned } from './planned.js';

/** What the Dockerfiles of a plan name, and what is worth knowing of them before a build. */
export async function dockerfileFacts(
  { images, configuration }: Pick<Plan, 'images' | 'configuration'>,
  written: readonly ImageEntry[],
  scope: SourceScope,
): Promise<Pick<Planned, 'bases' | 'frontends'> & { readonly advice: readonly Finding[] }> {
  const found = new Map<string, readonly Base[]>();
  const frontends = new Map<string, readonly Base[]>();
  const advice: Finding[] = [];
  const { dockerfiles } = scope;
  for (const image of images) {
    const places = writtenPlaces(written.find(({ id }) => id.value === image.id));
    const builds = builtBy(imagesAsBuilt([image]), 'dockerfile').filter(({ build }) =>
      isFolder(build.context),
    );
    const texts = await Promise.all(builds.map(({ build }) => dockerfiles.read(build.file)));
    for (const [at, one] of builds.entries()) {
      const { id, build, platforms } = one;
      const text = texts[at] ?? '';
      const building = { ...buildingOf(one), file: build.file };
      const named = basesOf(text, building, platforms);
      const reader = frontend(text, build.args);
      // Where all platforms are built alike, all need them.
      const only = image.perPlatform === undefined ? {} : { file: build.file, platforms };
      const add = (all: Map<string, readonly Base[]>, more: readonly Base[]) =>
        all.set(id, [...(all.get(id) ?? []), ...more.map((base) => ({ ...base, ...only }))]);
      add(found, named);
      if (reader !== undefined) add(frontends, [reader]);
      const ignore = await dockerfiles.ignoredIn(build);
      const sources = { image: one, text, texts, ignore, configuration, places };
      advice.push(...(await adviceOnDockerfile(sources, scope)));
    }
  }
  // Of builds that differ per platform most of it is the same.
  const once = new Map(advice.map((one) => [JSON.stringify(one), one]));
  return { bases: found, frontends, advice: [...once.values()] };
}
