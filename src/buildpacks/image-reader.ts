import { type Finding, finding } from '../evidence/index.js';
import {
  DOCUMENT_LIMIT,
  DOCUMENT_LIMIT_TEXT,
  type ImageConfig,
  type Index,
  isAttestation,
  type Manifest,
  type OciDescriptor,
  OciError,
  parseImageConfig,
  parseManifest,
  writtenPlatform,
} from '../oci/index.js';
import { normalisePlatform, samePlatform } from '../platform/index.js';
import { DOCKER_HUB, parseReference } from '../reference/index.js';
import {
  explainWithRemedy,
  type RegistryClient,
  RegistryError,
  type Repository,
} from '../registry/index.js';
import { defined } from '../types/index.js';
import { type ImageReading, together } from './image-reading.js';

/** One platform's image, its documents hashed. */
export interface PlatformImage {
  /** Normalised. */
  readonly platform: string;
  readonly digest: string;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
}

/** What a reference names, and what it has for the platforms that were asked for. */
interface ImageOnPlatforms {
  readonly digest: string;
  readonly images: readonly PlatformImage[];
}

/** Reads images of several platforms; what a reference names is looked up once. */
export interface ImageReader {
  /** `what` begins the sentences: `The builder`. Rejects with the signal's reason only. */
  read(
    what: string,
    reference: string,
    platforms: readonly string[],
  ): Promise<ImageReading<ImageOnPlatforms>>;
  /** Where an image that was read has its layers. */
  repository(reference: string): Promise<Repository>;
}

interface ReaderSetup {
  readonly client: RegistryClient;
  /** Hosts that are asked for Docker Hub's images before itself. */
  readonly mirrors: readonly string[];
  readonly signal?: AbortSignal;
}

interface OpenedImage {
  readonly repository: Repository;
  readonly digest: string;
  readonly document: Manifest | Index;
}

const CHECK_NAME = 'Correct the name, or choose an image that is whole.';

function unusable(reference: string, message: string, remedy: string): Finding {
  return finding('builder-unusable', { reference }, message, { remedy });
}

/** What a registry's error, or a document that is none, is to the run. Throws every other error. */
function findingOf(what: string, reference: string, error: unknown): Finding {
  if (error instanceof OciError) {
    const message = `${what} ${reference} cannot be read: ${error.message}.`;
    return unusable(reference, message, CHECK_NAME);
  }
  if (!(error instanceof RegistryError)) throw error;
  const { message, ...remedy } = explainWithRemedy(error);
  return finding('not-pulled', { reference }, `${reference} cannot be pulled: ${message}`, remedy);
}

function documentOf(bytes: Buffer, digest: string): Manifest | Index {
  const { value, problems } = parseManifest(bytes, digest);
  if (value === undefined || problems.length > 0) {
    throw new OciError('malformed', problems.join('; '));
  }
  return value;
}

async function openImage(text: string, { client, mirrors, signal }: ReaderSetup) {
  const parsed = parseReference(text);
  if (!parsed.ok) throw new OciError('malformed', parsed.problem.message);
  const { registry, repository: path, tag = 'latest', digest } = parsed.reference;
  const hosts = [...(registry === DOCKER_HUB ? mirrors : []), registry];
  let last: unknown;
  for (const host of hosts) {
    const repository = client.repository(host, path);
    try {
      const served = await repository.getManifest(digest ?? tag, defined({ signal }));
      const document = documentOf(served.bytes, served.digest);
      return { repository, digest: served.digest, document };
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      last = error;
    }
  }
  throw last;
}

async function configOf(
  repository: Repository,
  { digest, size }: OciDescriptor,
  signal: AbortSignal | undefined,
): Promise<ImageConfig> {
  if (size > DOCUMENT_LIMIT) {
    const message = `the configuration ${digest} has ${size} bytes; at most ${DOCUMENT_LIMIT_TEXT} are read`;
    throw new OciError('too-large', message);
  }
  const chunks: Buffer[] = [];
  const keep = (chunk: Buffer) => void chunks.push(chunk);
  await repository.checkBlob({ digest, size, keep, ...defined({ signal }) });
  const { value, problems } = parseImageConfig(Buffer.concat(chunks), digest);
  if (problems.length > 0) throw new OciError('malformed', problems.join('; '));
  return value;
}

/** The platforms of an index's images, as it writes them. */
function listed({ manifests }: Index): readonly (readonly [string, OciDescriptor])[] {
  return manifests.flatMap((one) =>
    one.platform === undefined || isAttestation(one) ? [] : [[writtenPlatform(one.platform), one]],
  );
}

/** The manifest for a platform; undefined where an index lists none. */
async function manifestFor(
  { repository, digest, document }: OpenedImage,
  platform: string,
  signal: AbortSignal | undefined,
) {
  if (document.kind === 'manifest') return { digest, manifest: document };
  const found = listed(document).find(([written]) => samePlatform(written, platform))?.[1];
  if (found === undefined) return undefined;
  const served = await repository.getManifest(found.digest, defined({ signal }));
  const manifest = documentOf(served.bytes, served.digest);
  if (manifest.kind === 'index') {
    throw new OciError('malformed', `${digest} lists an index, ${served.digest}, for ${platform}`);
  }
  return { digest: served.digest, manifest };
}

function lacking(what: string, reference: string, platform: string, has: readonly string[]) {
  const there = [...new Set(has.map((one) => normalisePlatform(one) ?? one))];
  const found = there.length === 0 ? 'it names no platform' : `it has ${there.join(', ')}`;
  const message = `${what} ${reference} has no image for ${platform}; ${found}.`;
  const remedy =
    there.length === 0
      ? CHECK_NAME
      : `Build for ${there.join(', ')} alone ("platforms"), or choose another that has ${platform}.`;
  return { ...unusable(reference, message, remedy), subject: { reference, platform } };
}

/** Reads images for their platforms, bounded and with every digest checked. */
export function createImageReader(setup: ReaderSetup): ImageReader {
  const { signal } = setup;
  const opened = new Map<string, Promise<OpenedImage>>();
  const open = (reference: string) => {
    const known = opened.get(reference) ?? openImage(reference, setup);
    opened.set(reference, known);
    return known;
  };
  const readOn = async (
    what: string,
    reference: string,
    image: OpenedImage,
    platform: string,
  ): Promise<ImageReading<PlatformImage>> => {
    const found = await manifestFor(image, platform, signal);
    if (found === undefined) {
      const has = image.document.kind === 'index' ? listed(image.document) : [];
      return {
        findings: [
          lacking(
            what,
            reference,
            platform,
            has.map(([written]) => written),
          ),
        ],
      };
    }
    const { digest, manifest } = found;
    const config = await configOf(image.repository, manifest.config, signal);
    const written = writtenPlatform(config);
    if (!samePlatform(written, platform)) {
      return { findings: [lacking(what, reference, platform, [written])] };
    }
    return { value: { platform, digest, manifest, config } };
  };
  return {
    repository: async (reference) => (await open(reference)).repository,
    async read(what, reference, platforms) {
      try {
        const image = await open(reference);
        const read = await Promise.all(
          platforms.map((platform) => readOn(what, reference, image, platform)),
        );
        const { value: images, findings } = together(read);
        return images === undefined ? { findings } : { value: { digest: image.digest, images } };
      } catch (error) {
        return { findings: [findingOf(what, reference, error)] };
      }
    },
  };
}
