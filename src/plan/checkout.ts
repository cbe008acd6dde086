import { dirname, resolve } from 'node:path';
import type { BuildpackImageEntry, CheckoutFacts, Config, Request } from '../config/index.js';
import { isFolder } from '../evidence/index.js';
import { type Ports, pathEscape } from '../ports/index.js';
import { plannedBuildpack, plannedVolume } from '../reference/index.js';
import { defined } from '../types/index.js';
import { isReplaced, parseStatus } from './changes.js';
import { descriptorPath } from './descriptor-path.js';
import { gitIn, repositoryAbove } from './git.js';
import { isUndecodable } from './hidden-changes.js';
import { platformBuilds } from './platform-builds.js';

type ConfigurationLocation = Pick<Request, 'root' | 'configuration'>;

/** A checkout before the configuration in it is read: nothing is known to be outside. */
export interface Checkout {
  readonly facts: CheckoutFacts;
  /** Its absolute folder. */
  readonly folder: string;
}

/** What is ignored counts as well: a step before this may have put a pull request's files there. */
const STATUS = [
  ...['--porcelain=v2', '--branch', '--no-ahead-behind', '-z'],
  ...['--untracked-files=normal', '--ignored=traditional', '--ignore-submodules=none'],
];

/**
 * Files that git was told to ignore changes of, and that exist: by `assume-unchanged` (small
 * letters) or `skip-worktree` (S), as `git ls-files -v` shows them.
 */
async function unwatched(
  listed: string,
  folder: string,
  { files }: Pick<Ports, 'files'>,
): Promise<readonly string[]> {
  const marked = listed.split('\0').filter((entry) => /^[a-zS] /.test(entry));
  const found = marked.map(async (entry) => {
    const path = entry.slice(2);
    const isThere = isUndecodable(path) || (await files.look(`${folder}/${path}`)) !== undefined;
    return isThere ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

/** What git says of the checkout in which the configuration stands; undefined where there is none. */
export async function checkoutOf(
  { root, configuration }: ConfigurationLocation,
  ports: Pick<Ports, 'exec' | 'env' | 'files'>,
): Promise<Checkout | undefined> {
  const start = configuration === undefined ? root : dirname(resolve(root, configuration));
  const above = await repositoryAbove(start, ports);
  if (above === undefined) return undefined;
  const git = gitIn(above, ports);
  const [up, status, submodules, listed, replaced] = await Promise.all([
    git('rev-parse', '--show-cdup'),
    git('status', ...STATUS),
    git('submodule', 'status', '--cached'),
    git('ls-files', '-v', '-z', '--full-name', '--', ':/'),
    isReplaced(git),
  ]);
  if (up === undefined) return undefined;
  const folder = resolve(above, up.trimEnd());
  const { revision, paths } = parseStatus(status ?? '');
  // Of files where a submodule would be git says nothing.
  const more = [
    ...(submodules === '' ? [] : ['submodules']),
    ...(replaced === false ? [] : ['content that git replaces']),
  ];
  const head = defined({ head: revision });
  const unseen =
    listed === undefined
      ? ['files that git could not list']
      : await unwatched(listed, folder, ports);
  const changes = [...paths, ...more, ...unseen];
  return { folder, facts: { ...head, changes, outside: [] } };
}

/** What a build with buildpacks is made of, beside its context: folders, files and addresses. */
export function buildpackPaths(build: BuildpackImageEntry['build']): readonly string[] {
  const named = [...build.buildpacks, ...build.preBuildpacks, ...build.postBuildpacks];
  return [
    descriptorPath(build).value,
    ...named.flatMap(({ value }) => {
      const source = plannedBuildpack(value);
      if (source.from === 'path') return [source.path];
      return source.from === 'address' ? [source.address] : [];
    }),
    ...build.volumes
      .map(({ value }) => plannedVolume(value).source)
      .filter((one) => /^[./]/.test(one)),
  ];
}

/** The folders and files of a configuration that are not in the checkout, addresses among them. */
export async function outsideOf(
  checkout: Checkout,
  { file, images }: Pick<Config, 'file' | 'images'>,
  { root }: ConfigurationLocation,
  { files }: Pick<Ports, 'files'>,
): Promise<readonly string[]> {
  const paths = images
    .flatMap(platformBuilds)
    .flatMap(({ build }) => [
      build.context.value,
      ...(build.kind === 'dockerfile'
        ? [
            ...build.contexts.map(({ value }) => value),
            dirname(build.dockerfile.value),
            build.dockerfile.value,
          ]
        : buildpackPaths(build)),
    ]);
  const all = [...new Set([...(file === undefined ? [] : [file]), ...paths])];
  const found = all.map(async (path) => {
    if (!isFolder(path)) return [path];
    const how = await pathEscape(path, { root, workspace: checkout.folder, files });
    return how === undefined ? [] : [path];
  });
  return (await Promise.all(found)).flat();
}
