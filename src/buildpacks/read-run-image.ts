import { type Finding, finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import type {
  PlatformBuilder,
  ResolvedBuild,
  ResolvedBuilder,
  ResolvedRunImage,
} from './builder.js';
import type { ImageReader } from './image-reader.js';
import { type ImageReading, together } from './image-reading.js';
import { distributionOf, isBuilder } from './labels.js';
import { readBuilder } from './read-builder.js';

/** It would bring its buildpacks, its lifecycle and the tools of the build into the image. */
function builderAsRunImage(reference: string, platform: string): Finding {
  const message = `The run image ${reference} for ${platform} is a builder.`;
  const remedy =
    'Name the image that the application is to stand on, "run-image" of the build, or leave it to the builder.';
  return finding('builder-unusable', { reference, platform }, message, { remedy });
}

/** The first of the names that has an image for the platform; what is wrong with the first where none has. */
async function firstOf(
  reader: ImageReader,
  names: readonly string[],
  platform: string,
): Promise<ImageReading<ResolvedRunImage>> {
  let first: ImageReading<ResolvedRunImage> | undefined;
  for (const reference of names) {
    const read = await reader.read('The run image', reference, [platform]);
    const image = read.value?.images[0];
    if (read.value !== undefined && image !== undefined) {
      const { digest, config } = image;
      if (isBuilder(config)) return { findings: [builderAsRunImage(reference, platform)] };
      const distribution = distributionOf(config);
      const indexDigest = read.value.digest;
      return {
        value: {
          reference,
          indexDigest,
          platform,
          digest,
          diffIds: config.diffIds,
          ...defined({ distribution }),
        },
      };
    }
    first ??= { findings: read.findings ?? [] };
  }
  return first ?? { findings: [] };
}

/** A finding about a run image that the builder alone names. */
function ofBuilder(found: Finding, builder: string): Finding {
  return {
    ...found,
    message: `${found.message} It is the run image that the builder ${builder} names.`,
    remedy: `${found.remedy} "run-image" of the build names another.`,
  };
}

async function runImageOf(
  reader: ImageReader,
  builder: string,
  { platform, runImages }: PlatformBuilder,
  written: string | undefined,
): Promise<ImageReading<ResolvedRunImage>> {
  if (written !== undefined) return firstOf(reader, [written], platform);
  const read = runImages[0] && (await firstOf(reader, runImages[0], platform));
  if (read?.value !== undefined) return read;
  if (read !== undefined) return { findings: read.findings.map((one) => ofBuilder(one, builder)) };
  const message = `The builder ${builder} names no run image for ${platform}.`;
  const remedy = 'Name one: "run-image" of the build.';
  const subject = { reference: builder, platform };
  return { findings: [finding('builder-unusable', subject, message, { remedy })] };
}

/** The run images of a builder that was read: that of the plan, or else its own first, from a mirror where need be. */
async function readRunImages(
  reader: ImageReader,
  builder: ResolvedBuilder,
  written: string | undefined,
): Promise<ImageReading<readonly ResolvedRunImage[]>> {
  const { reference, platforms } = builder;
  return together(
    await Promise.all(platforms.map((one) => runImageOf(reader, reference, one, written))),
  );
}

/**
 * Reads what an image is built with on each of its platforms: the builder, and the run image
 * that the plan or the builder names. Rejects with the signal's reason only.
 */
export async function readBuild(
  reader: ImageReader,
  {
    builder: reference,
    runImage,
  }: { readonly builder: string; readonly runImage?: string | undefined },
  platforms: readonly string[],
): Promise<ImageReading<ResolvedBuild>> {
  const builder = await readBuilder(reader, reference, platforms);
  if (builder.value === undefined) return builder;
  const runImages = await readRunImages(reader, builder.value, runImage);
  if (runImages.value === undefined) return runImages;
  return { value: { builder: builder.value, runImages: runImages.value } };
}
