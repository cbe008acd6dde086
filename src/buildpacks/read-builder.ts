import { type Finding, finding } from '../evidence/index.js';
import { apiProblems } from './apis.js';
import type { PlatformBuilder, ResolvedBuilder } from './builder.js';
import type { ImageReader, PlatformImage } from './image-reader.js';
import { type ImageReading, together } from './image-reading.js';
import { builderLabels, extensionsOf } from './labels.js';

const ANOTHER = 'Choose a builder that "pack builder create" has made.';
const NO_EXTENSIONS =
  'Choose a builder without them; what they install can be in a run image: "run-image" of the build.';
const NEWER = 'Choose a newer builder, or one that was made for the tools of today.';

function unusable(reference: string, platform: string, message: string, remedy: string): Finding {
  return finding('builder-unusable', { reference, platform }, message, { remedy });
}

/** The layers of a manifest with their DiffIDs; undefined where these do not pair. */
function layersOf({ manifest, config }: PlatformImage): PlatformBuilder['layers'] | undefined {
  if (manifest.layers.length !== config.diffIds.length) return undefined;
  return manifest.layers.map(({ digest, size, mediaType }, at) => ({
    digest,
    size,
    mediaType,
    diffId: config.diffIds[at] ?? '',
  }));
}

/** A builder on one platform, or what makes it none that can be used. */
function platformBuilder(reference: string, image: PlatformImage): ImageReading<PlatformBuilder> {
  const { platform, digest, manifest, config } = image;
  const refuse = (message: string, remedy: string) =>
    unusable(reference, platform, message, remedy);
  const read = builderLabels(config);
  if ('missing' in read) {
    const names = read.missing.map((name) => `"${name}"`).join(' and ');
    const labels = read.missing.length === 1 ? 'the label' : 'the labels';
    const message = `${reference} is not a builder: its image for ${platform} lacks ${labels} ${names}.`;
    return { findings: [refuse(message, ANOTHER)] };
  }
  const layers = layersOf(image);
  const counts =
    layers === undefined
      ? [`it has ${manifest.layers.length} layers and ${config.diffIds.length} DiffIDs`]
      : [];
  const broken = [...('problems' in read ? read.problems : []), ...counts];
  if (broken.length > 0 || 'problems' in read || layers === undefined) {
    return {
      findings: broken.map((what) =>
        refuse(`The builder ${reference} for ${platform} cannot be read: ${what}.`, ANOTHER),
      ),
    };
  }
  const extensions = extensionsOf(config);
  if (extensions.length > 0) {
    const message = `The builder ${reference} for ${platform} cannot be used: it has image extensions (${extensions.join(', ')}), which change build and run image as root while the application is built.`;
    return { findings: [refuse(message, NO_EXTENSIONS)] };
  }
  const apis = apiProblems(read.value);
  if (apis.length > 0) {
    return {
      findings: apis.map((what) =>
        refuse(`The builder ${reference} for ${platform} cannot be used: ${what}.`, NEWER),
      ),
    };
  }
  return { value: { platform, digest, ...read.value, layers } };
}

/**
 * Reads what a builder's labels say on each platform, before anything of it is pulled; or
 * finds why it cannot be used. Rejects with the signal's reason only.
 */
export async function readBuilder(
  reader: ImageReader,
  reference: string,
  platforms: readonly string[],
): Promise<ImageReading<ResolvedBuilder>> {
  const read = await reader.read('The builder', reference, platforms);
  if (read.value === undefined) return read;
  const { digest, images } = read.value;
  const built = together(images.map((image) => platformBuilder(reference, image)));
  if (built.value === undefined) return built;
  return { value: { reference, digest, platforms: built.value } };
}
