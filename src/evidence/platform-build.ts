import type { PlannedImage } from './model.js';

type WithBuilds = Pick<PlannedImage, 'build' | 'platforms' | 'perPlatform'>;

/** An image with the build of one of its platforms: that of the image, and what differs from it there. */
export function imageOn<I extends WithBuilds>(image: I, platform: string): I {
  const other = image.perPlatform?.[platform];
  return other === undefined ? image : { ...image, build: { ...image.build, ...other } };
}

/** The images as they are built: one whose builds differ once for each of its platforms. */
export function imagesAsBuilt<I extends WithBuilds>(images: readonly I[]): readonly I[] {
  return images.flatMap((image) =>
    image.perPlatform === undefined
      ? [image]
      : image.platforms.map((platform) => ({ ...imageOn(image, platform), platforms: [platform] })),
  );
}
