import { basename, dirname, join, resolve } from 'node:path';
import type { DockerfileImageEntry, ImageEntry } from '../config/index.js';
import {
  isEmptyCheckout,
  isFolder,
  isUsersRepository,
  NOT_CHECKED_OUT,
  type Problem,
} from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { type Files, linksStayInside, NOT_A_FILE } from '../ports/index.js';
import { plannedBuildpack, plannedVolume } from '../reference/index.js';
import { LARGEST_DOCKERFILE } from './dockerfiles.js';

/** What a path leads to; the trailing `/.` follows a symbolic link to a folder. */
async function isDirectory(files: Files, path: string): Promise<boolean> {
  return (await files.look(`${path}/.`)) !== undefined;
}

async function followed(files: Files, link: string, path: string): Promise<string | undefined> {
  if (!(await linksStayInside(dirname(link), basename(link), files))) {
    return `"${path}" is a link that leads out of its folder, where the builder does not follow it; name the file itself`;
  }
  try {
    await files.read(link, LARGEST_DOCKERFILE);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EFBIG') return tooLarge(path);
    return `"${path}" is a link to nothing that can be read`;
  }
}

function tooLarge(path: string): string {
  return `"${path}" is larger than ${LARGEST_DOCKERFILE} bytes`;
}

async function missingFile(files: Files, root: string, path: string): Promise<string | undefined> {
  const facts = await files.look(join(root, path));
  if (facts?.kind === 'file') {
    return facts.size > LARGEST_DOCKERFILE ? tooLarge(path) : undefined;
  }
  if (facts?.kind === 'symlink') return followed(files, join(root, path), path);
  if (facts?.kind === 'other') return `"${path}" ${NOT_A_FILE}`;
  if (facts !== undefined) return `"${path}" is not a file`;
  const folder = join(root, dirname(path));
  const names = (await isDirectory(files, folder)) ? await files.list(folder) : [];
  if (isEmptyCheckout(await files.list(root)))
    return `${nothingAt(path)}; the folder ${NOT_CHECKED_OUT}`;
  const name = basename(path);
  // buildx takes "dockerfile" for "Dockerfile"; a report would have the name that is not there.
  const same = names.find((one) => one.toLowerCase() === name.toLowerCase());
  if (same !== undefined) {
    const there = join(dirname(path), same);
    return `${nothingAt(path)}, but there is "${there}"; write its name in "dockerfile" (the input file)`;
  }
  const near = nearest(name, names);
  return near === undefined ? nothingAt(path) : `${nothingAt(path)}; did you mean "${near}"?`;
}

function nothingAt(path: string): string {
  return `there is no file "${path}"`;
}

const BOTH_WAYS =
  '; write a Dockerfile, or build with buildpacks: name a builder in "buildpack" (the input builder-image)';

/** Whether no Dockerfile is named: it is where the context is written then. */
function isImplied({ context, dockerfile }: DockerfileImageEntry['build']): boolean {
  const { file, line, column } = dockerfile.at;
  const { at } = context;
  return file === at.file && line === at.line && column === at.column;
}

/** Folders of volumes and buildpacks. */
function buildpackSources({ build }: ImageEntry) {
  if (build.kind !== 'buildpack') return [];
  const volumes = build.volumes.flatMap(({ value, at }) => {
    const { source } = plannedVolume(value);
    return /^[./]/.test(source) ? [{ path: source, written: source, at, isVolume: true }] : [];
  });
  const named = [...build.buildpacks, ...build.preBuildpacks, ...build.postBuildpacks];
  const paths = named.flatMap((one) => {
    const source = plannedBuildpack(one.value);
    const { written = source.from === 'path' ? source.path : '', at } = one;
    return source.from === 'path' ? [{ path: source.path, written, at }] : [];
  });
  return [...volumes, ...paths];
}

/** Sources of mounts and volumes, files of secrets and folders of buildpacks that are not there or no files. */
export async function missingSources(
  images: readonly ImageEntry[],
  root: string,
  files: Files,
): Promise<readonly Problem[]> {
  const sources = images.flatMap((image) => [
    ...buildpackSources(image),
    ...image.tests.flatMap(({ mounts }) =>
      mounts.map(({ source, written = source, at }) => ({ path: source, written, at })),
    ),
    ...image.build.secrets.flatMap(({ file, at }) =>
      file === undefined ? [] : [{ path: file, written: file, at }],
    ),
  ]);
  const problems = sources.map(async ({ path, written, at, ...source }) => {
    const there = await files.look(resolve(root, path));
    if (there === undefined) return [{ ...at, message: `there is nothing at "${written}"` }];
    // A socket of a program may be a volume.
    if ('isVolume' in source) return [];
    return there.kind === 'other' ? [{ ...at, message: `"${written}" ${NOT_A_FILE}` }] : [];
  });
  return (await Promise.all(problems)).flat();
}

/** What the builder fetches a context from. */
const REMOTE = /^(?:(?:https?|git|ssh):\/\/[^/]|github\.com\/.)/;

function isRemote(address: string): boolean {
  return REMOTE.test(address) || (isUsersRepository(address) && !address.endsWith(':'));
}

/** What a named context can be beside that. */
const NAMED = /^(?:docker-image:\/\/.|oci-layout:\/\/)/;

/** An address that the builder takes for no context, or for a folder that it does not have. */
function notFetched(
  { value, at }: ImageEntry['build']['context'],
  isNamed: boolean,
): readonly Problem[] {
  if (isFolder(value) || isRemote(value) || (isNamed && NAMED.test(value))) return [];
  const more = isNamed ? ', docker-image:// or oci-layout://' : '';
  const message = `"${value}" is no context that the builder can take; expected a folder, or an address that begins with https://, http://, git://, ssh://, user@host: or github.com/${more}`;
  return [{ ...at, message }];
}

/** Where a folder has an address as its name, buildx uses the folder, which has not been checked. */
async function asFolder(
  { value, at }: ImageEntry['build']['context'],
  root: string,
  files: Files,
): Promise<readonly Problem[]> {
  // Not joined: the links on the way lead elsewhere than the text says.
  if (isFolder(value) || !(await isDirectory(files, `${root}/${value}`))) return [];
  const message = `"${value}" is an address, and there is a folder of that name; write "./${value}" for the folder`;
  return [{ ...at, message }];
}

/** A list of what is ignored, or a policy, that is no file: the builder would wait for it. */
async function noList(
  path: string,
  { at }: ImageEntry['build']['context'],
  root: string,
  files: Files,
): Promise<readonly Problem[]> {
  const facts = await files.look(join(root, path));
  return facts?.kind === 'other' ? [{ ...at, message: `"${path}" ${NOT_A_FILE}` }] : [];
}

/** Contexts and Dockerfiles that are not there, or not what they seem. */
export async function missingFiles(
  images: readonly DockerfileImageEntry[],
  root: string,
  files: Files,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const { build } of images) {
    const contexts = [build.context, ...build.contexts];
    for (const one of contexts) {
      const { value, written = value, at } = one;
      const folders = await asFolder(one, root, files);
      problems.push(
        ...folders,
        ...(folders.length > 0 ? [] : notFetched(one, one !== build.context)),
      );
      if (!isFolder(value)) continue;
      problems.push(...(await noList(join(value, '.dockerignore'), one, root, files)));
      if (await isDirectory(files, join(root, value))) continue;
      problems.push({ ...at, message: `there is no folder "${written}"` });
    }
    const isHere = isFolder(build.context.value);
    if (!isHere || !(await isDirectory(files, join(root, build.context.value)))) continue;
    const message = await missingFile(files, root, build.dockerfile.value);
    if (message !== undefined) {
      const both = isImplied(build) && message === nothingAt(build.dockerfile.value);
      problems.push({ ...build.dockerfile.at, message: both ? message + BOTH_WAYS : message });
    }
    const list = `${build.dockerfile.value}.dockerignore`;
    problems.push(...(await noList(list, build.context, root, files)));
    // buildx (0.31) reads a policy beside it.
    const policy = `${build.dockerfile.value}.rego`;
    problems.push(...(await noList(policy, build.context, root, files)));
  }
  return problems;
}
