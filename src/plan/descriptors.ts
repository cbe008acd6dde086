import { basename, dirname, join } from 'node:path';
import {
  type DescriptorFault,
  type ProjectBuildpack,
  type ProjectDescriptor,
  readProjectDescriptor,
} from '../buildpacks/index.js';
import type { ImageEntry, Request } from '../config/index.js';
import { fromRoot, type LocatedPath } from '../document/index.js';
import { isBuiltBy, isFolder, type Problem } from '../evidence/index.js';
import { isBuildVariable } from '../kinds/index.js';
import { nearest } from '../platform/index.js';
import { NOT_A_FILE, type PathScope } from '../ports/index.js';
import { type BuildpackSource, writeBuildpack } from '../reference/index.js';
import { defined } from '../types/index.js';
import { type BuildpackParts, descriptorPath, mayRead } from './descriptor-path.js';

/** A descriptor is written by hand; a larger file is something else. */
const LARGEST = 1024 * 1024;

/** The text of a descriptor, what is wrong instead, or nothing where none needs to be. */
async function readText(
  build: BuildpackParts,
  { root, files }: PathScope,
): Promise<string | { readonly fault: string } | undefined> {
  const { value, written = value } = descriptorPath(build);
  const path = join(root, value);
  // `/.` follows a link.
  const isThere = (await files.look(path)) !== undefined;
  if (!isThere) {
    if (build.descriptor === undefined) return undefined;
    const names = await files.list(dirname(path)).catch(() => []);
    const near = nearest(basename(path), names);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    return { fault: `there is no file "${written}"${hint}` };
  }
  try {
    return (await files.read(path, LARGEST)).toString('utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === 'EFBIG') return { fault: `"${written}" is larger than ${LARGEST} bytes` };
    if (code === 'EISDIR') return { fault: `"${written}" is a folder; name the file in it` };
    if (code === 'EFTYPE') return { fault: `"${written}" ${NOT_A_FILE}` };
    return { fault: `"${written}" cannot be read: ${code}` };
  }
}

/** A problem of the descriptor itself, at its line. */
function inFile(file: string, { message, line, column }: DescriptorFault): Problem {
  return { file, ...defined({ line, column }), message };
}

function pathFrom(root: string, folder: string, source: BuildpackSource): BuildpackSource {
  return source.from === 'path' ? { ...source, path: fromRoot(root, folder, source.path) } : source;
}

/** The build with what its descriptor says; what the configuration says comes first, as with pack. */
function merge(
  build: BuildpackParts,
  { include, exclude, group, pre, post, env }: ProjectDescriptor,
  root: string,
): BuildpackParts {
  const file = descriptorPath(build).value;
  const listed = (own: readonly LocatedPath[], said: readonly ProjectBuildpack[]) =>
    own.length > 0
      ? own
      : said.map(({ source, line }) => ({
          value: writeBuildpack(pathFrom(root, dirname(file), source)),
          at: { file, ...defined({ line }) },
        }));
  const buildpacks = listed(build.buildpacks, group);
  // pack adds to the builder's order alone.
  const added = buildpacks.length > 0 ? [] : [pre, post];
  return {
    ...build,
    descriptor: descriptorPath(build),
    buildpacks,
    preBuildpacks: listed(build.preBuildpacks, added[0] ?? []),
    postBuildpacks: listed(build.postBuildpacks, added[1] ?? []),
    env: { ...Object.fromEntries(env.map(({ name, value }) => [name, value])), ...build.env },
    ...defined({ include, exclude }),
  };
}

function faultsOf(build: BuildpackParts, { group, env }: ProjectDescriptor): readonly Problem[] {
  const file = descriptorPath(build).value;
  const added = [...build.preBuildpacks, ...build.postBuildpacks];
  const isReplaced = group.length > 0 && build.buildpacks.length === 0;
  return [
    ...env
      .filter(({ name }) => !isBuildVariable(name))
      .map(({ name, line }) =>
        inFile(file, {
          ...defined({ line }),
          message: `"${name}" is not the name of a variable of a build`,
        }),
      ),
    ...(isReplaced ? added : []).map(({ value, at }) => ({
      ...at,
      message: `the buildpack "${value}" is added to the builder's order, which the group in ${file} replaces; name all of them under "buildpacks"`,
    })),
  ];
}

interface Described {
  readonly image: ImageEntry;
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

async function describeOne(
  image: ImageEntry,
  request: Pick<Request, 'grants' | 'trust'>,
  scope: PathScope,
): Promise<Described> {
  const untouched = { image, problems: [], notes: [] };
  if (!isBuiltBy(image, 'buildpack') || !isFolder(image.build.context.value)) return untouched;
  const { build } = image;
  const { value: file, at } = descriptorPath(build);
  if (!(await mayRead(file, image, request, scope))) return untouched;
  const text = await readText(build, scope);
  if (text === undefined) return untouched;
  if (typeof text !== 'string') return { ...untouched, problems: [{ ...at, message: text.fault }] };
  const read = readProjectDescriptor(text);
  if ('faults' in read) {
    return { ...untouched, problems: read.faults.map((fault) => inFile(file, fault)) };
  }
  const { builder } = read.value;
  const other =
    builder === undefined || builder === build.builder.value
      ? []
      : [
          `${file} names the builder ${builder}; ${image.id.value} is built with ${build.builder.value}.`,
        ];
  return {
    image: { ...image, build: merge(build, read.value, scope.root) },
    problems: faultsOf(build, read.value),
    notes: other,
  };
}

/**
 * The images, those of buildpacks with what their project descriptors say, so that it is
 * judged as what a configuration says. pack is not given the files themselves.
 */
export async function withDescriptors(
  images: readonly ImageEntry[],
  request: Pick<Request, 'grants' | 'trust'>,
  scope: PathScope,
): Promise<{
  readonly images: readonly ImageEntry[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}> {
  const all = await Promise.all(images.map((image) => describeOne(image, request, scope)));
  return {
    images: all.map(({ image }) => image),
    problems: all.flatMap(({ problems }) => problems),
    notes: all.flatMap(({ notes }) => notes),
  };
}
