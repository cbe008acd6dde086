import { dirname, isAbsolute } from 'node:path';
import type { DockerfileImageEntry, ImageEntry, Request } from '../config/index.js';
import type { Position } from '../document/index.js';
import { isBuiltBy, isFolder, type Problem } from '../evidence/index.js';
import type { GrantRequest } from '../kinds/index.js';
import { containsSymlink, type PathScope } from '../ports/index.js';
import { readLayout } from '../reference/index.js';
import { buildpackRequests, descriptorRequests } from './buildpack-grants.js';
import {
  contextRequests,
  pathRequest,
  type SourceRequest,
  secretRequests,
} from './source-requests.js';

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

/**
 * The client sends a frontend whatever it asks for of the folder that has the
 * Dockerfile. With an address as context that is a folder of this machine only
 * where the path is absolute.
 */
async function dockerfileRequests(
  { context, dockerfile }: DockerfileImageEntry['build'],
  surroundings: PathScope,
): Promise<readonly SourceRequest[]> {
  const { value, at } = dockerfile;
  if (!isFolder(context.value) && !isAbsolute(value)) return [];
  const inFolder = { grant: 'contexts', at };
  const folder = await pathRequest(
    { ...inFolder, what: "the Dockerfile's folder", path: dirname(value) },
    surroundings,
  );
  // buildx (0.31) itself reads a policy beside it, and shows the lines that it does not understand.
  const policy = `${value}.rego`;
  return folder.length > 0
    ? folder
    : pathRequest({ ...inFolder, what: "the Dockerfile's policy", path: policy }, surroundings);
}

/** What buildx itself reads and writes in a folder: it follows links, and shows what it cannot read. */
async function storeRequest(
  what: string,
  path: string,
  written: { readonly at: Position; readonly written?: string },
  surroundings: PathScope,
): Promise<readonly SourceRequest[]> {
  const found = await pathRequest({ grant: 'contexts', what, path, ...written }, surroundings);
  if (found.length > 0 || !(await containsSymlink(path, surroundings))) return found;
  const words = `${what} "${path}" holds a symbolic link; it`;
  return [{ grant: 'contexts', at: written.at, what: words, byLink: true }];
}

async function cacheRequests(
  { cacheFrom, cacheTo }: ImageEntry['build'],
  surroundings: PathScope,
): Promise<readonly SourceRequest[]> {
  const local = [...cacheFrom, ...cacheTo].filter(({ type }) => type === 'local');
  const paths = local.flatMap(({ attributes, at }) =>
    ['src', 'dest'].flatMap((name) => {
      const path = attributes.get(name);
      return path === undefined ? [] : [{ path, at }];
    }),
  );
  const requests = paths.map(({ path, at }) => storeRequest('cache', path, { at }, surroundings));
  return (await Promise.all(requests)).flat();
}

function buildRequests(image: ImageEntry, surroundings: PathScope) {
  return isBuiltBy(image, 'dockerfile')
    ? dockerfileBuildRequests(image, surroundings)
    : buildpackRequests(image, surroundings);
}

async function dockerfileBuildRequests(
  { build }: DockerfileImageEntry,
  surroundings: PathScope,
): Promise<readonly SourceRequest[]> {
  const requestOf = async (context: (typeof build)['context']) => {
    const layout = layoutOf(context.value);
    if (layout !== undefined) return storeRequest('context', layout, context, surroundings);
    return isFolder(context.value) ? contextRequests(context, surroundings) : [];
  };
  const [own, ...others] = await Promise.all([build.context, ...build.contexts].map(requestOf));
  // A context that was asked for has its Dockerfile with it.
  const main = own?.length ? own : await dockerfileRequests(build, surroundings);
  const host = build.network?.value === 'host' ? [build.network] : [];
  return [
    ...host.map(({ at }) => ({ grant: 'network.host', what: 'the host network in a build', at })),
    ...build.allow
      .filter(({ value }) => ENTITLEMENT.test(value))
      .map(({ value, at }) => ({ grant: grantOf(value), what: `the entitlement "${value}"`, at })),
    ...secretRequests(build),
    ...build.ssh.map(({ id, at }) => ({ grant: 'ssh', what: `SSH "${id}"`, at })),
    ...(build.cgroupParent === undefined
      ? []
      : [{ grant: 'cgroup-parent', what: 'a parent cgroup', at: build.cgroupParent.at }]),
    ...(await cacheRequests(build, surroundings)),
    ...main,
    ...others.flat(),
  ];
}

async function testRequests(
  { tests }: ImageEntry,
  untrusted: boolean,
  surroundings: PathScope,
): Promise<readonly SourceRequest[]> {
  const requests = tests.map(async ({ grants, mounts }) => [
    ...grants.filter((request) => untrusted || request.untrusted !== true),
    ...(
      await Promise.all(
        mounts.map((mount) =>
          pathRequest(
            { ...mount, grant: 'mounts', what: 'mount', path: mount.source },
            surroundings,
          ),
        ),
      )
    ).flat(),
  ]);
  return (await Promise.all(requests)).flat();
}

function entitlementProblems({ allow }: DockerfileImageEntry['build']): readonly Problem[] {
  return allow
    .filter(({ value }) => !ENTITLEMENT.test(value))
    .map(({ value, at }) => ({
      ...at,
      message: `"${value}" is not an entitlement; there are: ${ENTITLEMENTS.join(', ')}`,
    }));
}

/** A parent that leads up leaves the hierarchy that the engine has for its containers. */
function cgroupProblems({ cgroupParent }: DockerfileImageEntry['build']): readonly Problem[] {
  if (!cgroupParent?.value.split(/[/:]/).includes('..')) return [];
  const message = `the parent cgroup "${cgroupParent.value}" leads out of the engine's own cgroup; name it without ".."`;
  return [{ ...cgroupParent.at, message }];
}

/**
 * A file may not hold credentials, so these caches are reached with those that buildx and
 * BuildKit find around them.
 */
function ambientProblems({ cacheFrom, cacheTo }: ImageEntry['build']): readonly Problem[] {
  return [...cacheFrom, ...cacheTo]
    .filter(({ type }) => type === 's3' || type === 'azblob')
    .map(({ type, at }) => ({
      ...at,
      message: `a cache of type ${type} in a file uses the credentials of this machine and of the builder, which an untrusted run may not; use gha, or set it in the workflow's inputs cache-from and cache-to`,
    }));
}

/** Files of secrets that the inputs name, which the author of an untrusted run may have made links. */
async function secretFileRequests(
  { secretSources }: Pick<Request, 'secretSources'>,
  surroundings: PathScope,
): Promise<readonly SourceRequest[]> {
  const at = { file: 'input "secret-files"' };
  const requests = secretSources.map(async ({ file }) =>
    file === undefined
      ? []
      : pathRequest({ grant: 'secrets', what: 'secret file', path: file, at }, surroundings),
  );
  return (await Promise.all(requests)).flat();
}

/**
 * What the workflow's own inputs name is granted; in an untrusted run not what a link
 * makes of it, for the inputs did not write that.
 */
async function inputRequests(
  images: readonly ImageEntry[],
  request: Pick<Request, 'trust' | 'secretSources'>,
  { root, files }: PathScope,
): Promise<readonly SourceRequest[]> {
  if (!request.trust.untrusted) return [];
  // Their paths start at the root, wherever the configuration stands.
  const surroundings = { root, workspace: root, files };
  const described = images.filter(({ fromInputs }) => fromInputs);
  const requests = await Promise.all([
    secretFileRequests(request, surroundings),
    ...described.map((image) => buildRequests(image, surroundings)),
  ]);
  return requests.flat().filter(({ byLink }) => byLink);
}

/**
 * What the configuration asks for without having been granted it. An image that
 * the workflow's own inputs describe has what they ask for.
 */
export async function grantProblems(
  images: readonly ImageEntry[],
  request: Pick<Request, 'grants' | 'trust' | 'secretSources'>,
  surroundings: PathScope,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const refuse = (requests: readonly GrantRequest[]) => {
    for (const { grant, what, at } of requests) {
      if (request.grants.includes(grant)) continue;
      const how = `--grant ${grant}, or the action's input "grants"`;
      problems.push({ ...at, message: `${what} needs the grant "${grant}": ${how}` });
    }
  };
  refuse(await inputRequests(images, request, surroundings));
  for (const image of images) {
    if (image.build.kind === 'dockerfile') {
      problems.push(...entitlementProblems(image.build), ...cgroupProblems(image.build));
    }
    if (image.fromInputs) {
      if (isBuiltBy(image, 'buildpack')) refuse(await descriptorRequests(image, surroundings));
      continue;
    }
    if (request.trust.untrusted) problems.push(...ambientProblems(image.build));
    refuse(await buildRequests(image, surroundings));
    refuse(await testRequests(image, request.trust.untrusted, surroundings));
  }
  return problems;
}
