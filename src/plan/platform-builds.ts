import type { ImageEntry } from '../config/index.js';
import type { BuildEntry } from '../kinds/index.js';

function platformBuild(image: BuildEntry, platform: BuildEntry): BuildEntry {
  if (image.kind !== 'buildpack' || platform.kind !== 'buildpack') return platform;
  // A project descriptor may have added to the image's.
  return { ...image, env: { ...image.env, ...platform.env } };
}

/**
 * An image as it is built: once for each platform where placeholders make the builds
 * differ, else the image itself. What is judged of a build is judged of these.
 */
export function platformBuilds(image: ImageEntry): readonly ImageEntry[] {
  const { perPlatform, ...whole } = image;
  if (perPlatform === undefined) return [image];
  return [...perPlatform].map(([platform, build]) => {
    const platforms = [{ value: platform, at: image.at }];
    return { ...whole, platforms, build: platformBuild(image.build, build) } as ImageEntry;
  });
}
