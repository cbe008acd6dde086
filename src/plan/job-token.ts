import { join } from 'node:path';
import { isFolder, type PlannedImage } from '../evidence/index.js';
import type { Files } from '../ports/index.js';
import { writtenCache } from '../reference/index.js';

/*
 * BuildKit hands the caches that a build reads, with the job's token in those of type gha,
 * to the image that reads the Dockerfile. Whoever writes the Dockerfile names that image.
 */

const DOCKERS_OWN = /^((index\.)?docker\.io\/)?docker\/dockerfile(-upstream)?([:@]|$)/;

/** `# syntax=` and `// syntax=`, wherever one might be taken for it. */
const SYNTAX = /^(?:#|\/\/)[\s\u0085]*syntax\s*=\s*(\S*)/gim;

/**
 * Whether a Dockerfile is surely read by BuildKit's own frontend or Docker's (BuildKit,
 * dockerfile/parser/directives.go). One in braces is JSON, which may name another.
 */
export function isReadByDocker(
  dockerfile: string,
  args: Readonly<Record<string, string>>,
): boolean {
  const named = [...dockerfile.matchAll(SYNTAX)].map(([, name = '']) => name);
  const asked = args.BUILDKIT_SYNTAX?.trim().split(/\s+/)[0];
  const isJson = /^\ufeff?(#!.*\n)?\s*\{/.test(dockerfile);
  return !isJson && [...named, ...(asked ? [asked] : [])].every((name) => DOCKERS_OWN.test(name));
}

function isOfTheJob(entry: string): boolean {
  return writtenCache(entry).type === 'gha';
}

/** The image without the caches whose token its Dockerfile's author could read. */
async function keepToken(image: PlannedImage, root: string, files: Files): Promise<PlannedImage> {
  const { build } = image;
  if (!build.cacheFrom.some(isOfTheJob)) return image;
  if (isFolder(build.context)) {
    const text = (await files.read(join(root, build.file))).toString('utf8');
    if (isReadByDocker(text, build.args)) return image;
  }
  const cacheFrom = build.cacheFrom.filter((entry) => !isOfTheJob(entry));
  return { ...image, build: { ...build, cacheFrom } };
}

/** The images of a run whose Dockerfiles may be anybody's. */
export function keepingToken(
  images: readonly PlannedImage[],
  root: string,
  files: Files,
): Promise<readonly PlannedImage[]> {
  return Promise.all(images.map((image) => keepToken(image, root, files)));
}
