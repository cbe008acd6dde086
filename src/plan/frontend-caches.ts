import {
  builtBy,
  type DockerfilePlan,
  imagesAsBuilt,
  isBuiltBy,
  isFolder,
  type PlannedImage,
} from '../evidence/index.js';
import {
  DOCKER_HUB,
  isHubAlias,
  plannedCache,
  splitName,
  splitReference,
} from '../reference/index.js';
import type { SourceScope } from './dockerfiles.js';

/*
 * BuildKit hands the caches that a build reads to the image that reads the Dockerfile, with
 * what buildx has put into them: the job's token, the keys of S3. The author of the
 * Dockerfile names that image.
 */

/** Whether a reference names Docker's own frontend. */
function isDockersOwn(reference: string): boolean {
  const { host = DOCKER_HUB, path } = splitName(splitReference(reference).name);
  return isHubAlias(host) && /^docker\/dockerfile(-upstream)?$/.test(path);
}

/** `# syntax=` and `// syntax=`, wherever one might be taken for it. */
const SYNTAX = /^(?:#|\/\/)[\s\u0085]*syntax\s*=\s*(\S*)/gim;

/**
 * Whether a Dockerfile is surely read by BuildKit's own frontend or Docker's (BuildKit,
 * dockerfile/parser/directives.go). One in braces is JSON, which may name another; a named
 * context may stand for Docker's (frontend/gateway/gateway.go).
 */
export function isReadByDocker(
  dockerfile: string,
  { args, contexts }: Pick<DockerfilePlan, 'args' | 'contexts'>,
): boolean {
  const text = dockerfile.replace(/^\ufeff/, '');
  const named = [...text.matchAll(SYNTAX)].map(([, name = '']) => name);
  const asked = args.BUILDKIT_SYNTAX?.trim().split(/\s+/)[0];
  const isJson = /^(#![^\n]*\n)?\s*\{/.test(text);
  const isReplaced = Object.keys(contexts).some((name) => isDockersOwn(name.toLowerCase()));
  if (isJson || isReplaced) return false;
  return [...named, ...(asked ? [asked] : [])].every((name) => isDockersOwn(name));
}

function holdsCredentials(entry: string): boolean {
  return ['gha', 's3'].includes(plannedCache(entry).type);
}

/** The image without the caches whose credentials its Dockerfile's author could read. */
async function keepCredentials(
  image: PlannedImage,
  { dockerfiles }: Pick<SourceScope, 'dockerfiles'>,
): Promise<PlannedImage> {
  if (!isBuiltBy(image, 'dockerfile')) return image;
  const { build } = image;
  if (!build.cacheFrom.some(holdsCredentials)) return image;
  const isOpen = async (one: DockerfilePlan) => {
    if (!isFolder(one.context)) return true;
    return !isReadByDocker(await dockerfiles.read(one.file), one);
  };
  const builds = builtBy(imagesAsBuilt([image]), 'dockerfile');
  const open = await Promise.all(builds.map((one) => isOpen(one.build)));
  if (!open.includes(true)) return image;
  const cacheFrom = build.cacheFrom.filter((entry) => !holdsCredentials(entry));
  return { ...image, build: { ...build, cacheFrom } };
}

/** The images of a run whose Dockerfiles the author of an untrusted run may have written. */
export function keepingCredentials(
  images: readonly PlannedImage[],
  scope: Pick<SourceScope, 'dockerfiles'>,
): Promise<readonly PlannedImage[]> {
  return Promise.all(images.map((image) => keepCredentials(image, scope)));
}
