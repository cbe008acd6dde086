import { basename, dirname, join, relative, resolve } from 'node:path';
import type { ImageEntry } from '../config/index.js';
import type { IgnoreRules } from '../dockerfile/index.js';
import { isFolder } from '../evidence/index.js';
import { type Files, realPath } from '../ports/index.js';
import { readLayout } from '../reference/index.js';
import { isPlainDockerfile } from './build-stage.js';
import { buildpackPaths } from './checkout.js';
import type { SourceScope } from './dockerfiles.js';
import { platformBuilds } from './platform-builds.js';

/** A file or folder that a build is given, absolute, and what it leaves out of a folder. */
interface Given {
  readonly path: string;
  /** For the context of a Dockerfile. */
  readonly ignore?: IgnoreRules;
  /** It counts only where the commit has it: a job may have written it for itself. */
  readonly ifTracked?: true;
}

/** What a Dockerfile's build reads beside its contexts; the lists are never left out themselves. */
function besideContexts(context: string, dockerfile: string): readonly string[] {
  return [
    dockerfile,
    `${dockerfile}.dockerignore`,
    `${dockerfile}.rego`,
    join(context, '.dockerignore'),
  ];
}

async function givenTo(
  { build }: ImageEntry,
  { root, dockerfiles }: Pick<SourceScope, 'root' | 'dockerfiles'>,
): Promise<readonly Given[]> {
  const { value: context } = build.context;
  const whole = (paths: readonly string[]) =>
    paths.filter(isFolder).map((path) => ({ path: resolve(root, path) }));
  if (build.kind === 'buildpack') return whole([context, ...buildpackPaths(build)]);
  const named = build.contexts.map(({ value }) => {
    const layout = readLayout(value);
    return layout !== undefined && 'value' in layout ? layout.value : value;
  });
  if (!isFolder(context)) return whole(named);
  const dockerfile = build.dockerfile.value;
  const { rules } = await dockerfiles.ignoredIn({ file: dockerfile, context });
  const written = await dockerfiles.find(dockerfile);
  // Another frontend may read what the list leaves out.
  const isPlain = isPlainDockerfile(written ?? '', build.args);
  return [
    { path: resolve(root, context), ...(isPlain ? { ignore: rules } : {}) },
    ...whole([...named, ...besideContexts(context, dockerfile)]),
  ];
}

/** Whether a path is a folder, or in it. */
function isIn(path: string, folder: string): boolean {
  return folder === '/' || `${path}/`.startsWith(`${folder}/`);
}

/** Whether one of two paths is the other, or in it. */
function overlap(one: string, other: string): boolean {
  return isIn(one, other) || isIn(other, one);
}

/** Where a file of a secret stands and, where it is a link, what it leads to. */
async function secretFiles(
  paths: readonly string[],
  { root, files }: Pick<SourceScope, 'root' | 'files'>,
): Promise<readonly Given[]> {
  const found = paths.map(async (path) => {
    const written = resolve(root, path);
    const folder = await realPath(dirname(written), files);
    const file = await realPath(written, files);
    const all = [join(folder.path, basename(written)), ...file.links, file.path];
    return [...new Set(all)].map((path): Given => ({ path, ifTracked: true }));
  });
  return (await Promise.all(found)).flat();
}

async function isGiven(path: string, { path: given, ignore }: Given, files: Files) {
  if (!overlap(path, given)) return false;
  const inside = relative(given, path);
  // Of a folder, such as a submodule, a part may be left out.
  if (ignore === undefined || inside === '' || inside.startsWith('..')) return true;
  const isWhole = (await files.look(path))?.kind !== 'directory';
  return !isWhole || ignore.ignoredBy(inside) === undefined;
}

/** What is changed in a checkout, and what of that is in no commit, relative to the workspace. */
interface Changed {
  readonly dirty: readonly string[];
  readonly untracked: readonly string[];
}

/** What says what is built, and what a build is given for its time only, relative to the root. */
interface GivenFiles {
  readonly own: readonly string[];
  readonly secrets: readonly string[];
}

/**
 * The changes of a checkout that a build can see, or that say what is built: what lies outside
 * every context, or is left out by its `.dockerignore`, gets into no image. Paths are
 * compared where they really are: a context elsewhere may lead back. Where a link of the
 * checkout is on its way, all changes count.
 */
export async function seenChanges(
  { dirty, untracked }: Changed,
  images: readonly ImageEntry[],
  { own, secrets }: GivenFiles,
  scope: SourceScope,
): Promise<readonly string[]> {
  if (dirty.length === 0) return [];
  const { root, files } = scope;
  const { path: workspace } = await realPath(scope.workspace, files);
  const builds = images.flatMap(platformBuilds);
  const given = await Promise.all(builds.map((image) => givenTo(image, scope)));
  const written = [...given.flat(), ...own.map((path): Given => ({ path: resolve(root, path) }))];
  const all: Given[] = [...(await secretFiles(secrets, scope))];
  for (const one of written) {
    const { path, links } = await realPath(one.path, files);
    if (links.some((link) => isIn(link, workspace))) return dirty;
    all.push({ ...one, path });
  }
  const inNoCommit = new Set(untracked);
  const seen = dirty.map(async (change) => {
    const path = resolve(workspace, change);
    const some = inNoCommit.has(change) ? all.filter(({ ifTracked }) => ifTracked !== true) : all;
    const found = await Promise.all(some.map((one) => isGiven(path, one, files)));
    return found.some(Boolean) ? [change] : [];
  });
  return (await Promise.all(seen)).flat();
}
