import { dirname, isAbsolute } from 'node:path';
import type { ImageConfig, Request } from '../config/index.js';
import { isFolder, type Problem } from '../evidence/index.js';
import { holdsLink, leaves, type Surroundings } from '../ports/index.js';
import { readLayout } from '../reference/index.js';

type At = ImageConfig['at'];

/** Something that a configuration asks for and only a grant gives. */
interface Wish {
  readonly grant: string;
  readonly what: string;
  readonly at: At;
  /** It is due to a symbolic link, which the sources hold. */
  readonly byLink?: true;
}

const ENTITLEMENTS = ['network.host', 'security.insecure', 'device'];

/** Older releases of buildx divide them at commas: one would ask for another that was not granted. */
const ENTITLEMENT = /^(network\.host|security\.insecure|device(=[^\s",]+)?)$/;

/** `device=NAME` asks for one device; the grant is for the kind. */
function grantOf(entitlement: string): string {
  return entitlement.split('=')[0] ?? entitlement;
}

/** The folder of a context that is an OCI layout. */
function layoutOf(context: string): string | undefined {
  const layout = readLayout(context);
  return layout !== undefined && 'value' in layout ? layout.value : undefined;
}

async function pathWish(
  grant: string,
  what: string,
  path: string,
  { at, written = path }: { readonly at: At; readonly written?: string },
  surroundings: Surroundings,
): Promise<readonly Wish[]> {
  const how = await leaves(path, surroundings);
  if (how === undefined) return [];
  if (how === 'outside') {
    return [{ grant, at, what: `${what} "${written}" is outside the workspace; it` }];
  }
  const words = `${what} "${written}" goes through a symbolic link; it`;
  return [{ grant, at, what: words, byLink: true }];
}

/**
 * The client sends a frontend whatever it asks for of the folder that has the
 * Dockerfile. With an address as context that is a folder of this machine only
 * where the path is absolute.
 */
async function dockerfileWishes(
  { context, dockerfile }: ImageConfig['build'],
  surroundings: Surroundings,
): Promise<readonly Wish[]> {
  const { value, at } = dockerfile;
  if (!isFolder(context.value) && !isAbsolute(value)) return [];
  const folder = await pathWish(
    'contexts',
    "the Dockerfile's folder",
    dirname(value),
    { at },
    surroundings,
  );
  // buildx (0.31) itself reads a policy beside it, and shows the lines that it does not understand.
  const policy = `${value}.rego`;
  return folder.length > 0
    ? folder
    : pathWish('contexts', "the Dockerfile's policy", policy, { at }, surroundings);
}

/** What buildx itself reads and writes in a folder: it follows links, and shows what it cannot read. */
async function storeWish(
  what: string,
  path: string,
  written: { readonly at: At; readonly written?: string },
  surroundings: Surroundings,
): Promise<readonly Wish[]> {
  const found = await pathWish('contexts', what, path, written, surroundings);
  if (found.length > 0 || !(await holdsLink(path, surroundings))) return found;
  const words = `${what} "${path}" holds a symbolic link; it`;
  return [{ grant: 'contexts', at: written.at, what: words, byLink: true }];
}

async function cacheWishes(
  { cacheFrom, cacheTo }: ImageConfig['build'],
  surroundings: Surroundings,
): Promise<readonly Wish[]> {
  const local = [...cacheFrom, ...cacheTo].filter(({ type }) => type === 'local');
  const paths = local.flatMap(({ attributes, at }) =>
    ['src', 'dest'].flatMap((name) => {
      const path = attributes.get(name);
      return path === undefined ? [] : [{ path, at }];
    }),
  );
  const wishes = paths.map(({ path, at }) => storeWish('cache', path, { at }, surroundings));
  return (await Promise.all(wishes)).flat();
}

async function buildWishes(
  { build }: ImageConfig,
  surroundings: Surroundings,
): Promise<readonly Wish[]> {
  const wishOf = async (context: (typeof build)['context']) => {
    const layout = layoutOf(context.value);
    if (layout !== undefined) return storeWish('context', layout, context, surroundings);
    if (!isFolder(context.value)) return [];
    return pathWish('contexts', 'context', context.value, context, surroundings);
  };
  const [own, ...others] = await Promise.all([build.context, ...build.contexts].map(wishOf));
  // A context that was asked for has its Dockerfile with it.
  const main = own?.length ? own : await dockerfileWishes(build, surroundings);
  const host = build.network?.value === 'host' ? [build.network] : [];
  return [
    ...host.map(({ at }) => ({ grant: 'network.host', what: 'the host network in a build', at })),
    ...build.allow
      .filter(({ value }) => ENTITLEMENT.test(value))
      .map(({ value, at }) => ({ grant: grantOf(value), what: `the entitlement "${value}"`, at })),
    ...build.secrets
      .filter(({ env, file }) => env !== undefined || file !== undefined)
      .map(({ id, env, at }) => ({
        grant: 'secrets',
        what: `secret "${id}" from ${env === undefined ? 'a file' : `the environment's "${env}"`}`,
        at,
      })),
    ...build.ssh.map(({ id, at }) => ({ grant: 'ssh', what: `SSH "${id}"`, at })),
    ...(build.cgroupParent === undefined
      ? []
      : [{ grant: 'cgroup-parent', what: 'a parent cgroup', at: build.cgroupParent.at }]),
    ...(await cacheWishes(build, surroundings)),
    ...main,
    ...others.flat(),
  ];
}

async function testWishes(
  { tests }: ImageConfig,
  untrusted: boolean,
  surroundings: Surroundings,
): Promise<readonly Wish[]> {
  const wishes = tests.map(async (test) => [
    ...(test.network?.value === 'host'
      ? [{ grant: 'network.host', what: 'the host network in a test', at: test.network.at }]
      : []),
    ...(test.onHost && untrusted
      ? [{ grant: 'host-tests', what: 'a test on the host, in an untrusted run,', at: test.at }]
      : []),
    ...(
      await Promise.all(
        test.mounts.map((mount) => pathWish('mounts', 'mount', mount.source, mount, surroundings)),
      )
    ).flat(),
  ]);
  return (await Promise.all(wishes)).flat();
}

/** A parent that leads up leaves the hierarchy that the engine has for its containers. */
function cgroupProblems({ cgroupParent }: ImageConfig['build']): readonly Problem[] {
  if (!cgroupParent?.value.split(/[/:]/).includes('..')) return [];
  const message = `the parent cgroup "${cgroupParent.value}" leads up, out of the engine's own; name it without ".."`;
  return [{ ...cgroupParent.at, message }];
}

/**
 * A file may not hold credentials, so these caches are reached with those that buildx and
 * BuildKit find around them.
 */
function ambientProblems({ cacheFrom, cacheTo }: ImageConfig['build']): readonly Problem[] {
  return [...cacheFrom, ...cacheTo]
    .filter(({ type }) => type === 's3' || type === 'azblob')
    .map(({ type, at }) => ({
      ...at,
      message: `a cache of type ${type} in a file takes the credentials of this machine and of the builder, which an untrusted run may not; take gha, or let the workflow's inputs cache-from and cache-to say it`,
    }));
}

/** Files of secrets that the inputs name, which the author of an untrusted run may have made links. */
async function secretFileWishes(
  { secretSources }: Pick<Request, 'secretSources'>,
  surroundings: Surroundings,
): Promise<readonly Wish[]> {
  const at = { file: 'input "secret-files"' };
  const wishes = secretSources.map(async ({ file }) =>
    file === undefined ? [] : pathWish('secrets', 'secret file', file, { at }, surroundings),
  );
  return (await Promise.all(wishes)).flat();
}

/**
 * What the workflow's own inputs name is granted; in an untrusted run not what a link
 * makes of it, for the inputs did not write that.
 */
async function inputWishes(
  images: readonly ImageConfig[],
  request: Pick<Request, 'trust' | 'secretSources'>,
  { root, files }: Surroundings,
): Promise<readonly Wish[]> {
  if (!request.trust.untrusted) return [];
  // Their paths start at the root, wherever the configuration stands.
  const surroundings = { root, workspace: root, files };
  const described = images.filter(({ fromInputs }) => fromInputs);
  const wishes = await Promise.all([
    secretFileWishes(request, surroundings),
    ...described.map((image) => buildWishes(image, surroundings)),
  ]);
  return wishes.flat().filter(({ byLink }) => byLink);
}

/**
 * What the configuration asks for without having been granted it. An image that
 * the workflow's own inputs describe has what it asks for.
 */
export async function powerProblems(
  images: readonly ImageConfig[],
  request: Pick<Request, 'grants' | 'trust' | 'secretSources'>,
  surroundings: Surroundings,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const refuse = (wishes: readonly Wish[]) => {
    for (const { grant, what, at } of wishes) {
      if (request.grants.includes(grant)) continue;
      const how = `--grant ${grant}, or the action's input "grants"`;
      problems.push({ ...at, message: `${what} needs the grant "${grant}": ${how}` });
    }
  };
  refuse(await inputWishes(images, request, surroundings));
  for (const image of images) {
    for (const { value, at } of image.build.allow) {
      if (ENTITLEMENT.test(value)) continue;
      const message = `"${value}" is not an entitlement; there are: ${ENTITLEMENTS.join(', ')}`;
      problems.push({ ...at, message });
    }
    problems.push(...cgroupProblems(image.build));
    if (image.fromInputs) continue;
    if (request.trust.untrusted) problems.push(...ambientProblems(image.build));
    refuse(await buildWishes(image, surroundings));
    refuse(await testWishes(image, request.trust.untrusted, surroundings));
  }
  return problems;
}
