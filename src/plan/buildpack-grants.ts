import type { BuildpackImageEntry } from '../config/index.js';
import type { Position } from '../document/index.js';
import type { PathScope } from '../ports/index.js';
import { plannedBuildpack } from '../reference/index.js';
import { descriptorPath, isInContext } from './descriptor-path.js';
import {
  contextRequests,
  pathRequest,
  type SourceRequest,
  secretRequests,
} from './source-requests.js';

/** Folders and archives that the lists of buildpacks name. */
async function buildpackPaths(
  { buildpacks, preBuildpacks, postBuildpacks }: BuildpackImageEntry['build'],
  surroundings: PathScope,
  counts: (at: Position) => boolean = () => true,
): Promise<readonly SourceRequest[]> {
  const named = [...buildpacks, ...preBuildpacks, ...postBuildpacks].flatMap(
    ({ value, ...place }) => {
      const source = plannedBuildpack(value);
      return source.from === 'path' && counts(place.at) ? [{ ...place, path: source.path }] : [];
    },
  );
  const wanted = named.map((one) => ({ ...one, grant: 'contexts', what: 'the buildpack' }));
  return (await Promise.all(wanted.map((one) => pathRequest(one, surroundings)))).flat();
}

/**
 * What the project descriptor asks for, where the inputs describe the image: they have what
 * they name themselves, and the descriptor is of the sources.
 */
export function descriptorRequests(
  { build }: BuildpackImageEntry,
  surroundings: PathScope,
): Promise<readonly SourceRequest[]> {
  const { value } = descriptorPath(build);
  return buildpackPaths(build, surroundings, ({ file }) => file === value);
}

/** The file is read for what it says of the build. */
async function descriptorRequest(
  build: BuildpackImageEntry['build'],
  surroundings: PathScope,
): Promise<readonly SourceRequest[]> {
  const { value: path, ...written } = descriptorPath(build);
  const wanted = { ...written, grant: 'contexts', what: 'the project descriptor', path };
  return pathRequest(wanted, surroundings);
}

/** What a build with buildpacks asks for. */
export async function buildpackRequests(
  { build }: BuildpackImageEntry,
  surroundings: PathScope,
): Promise<readonly SourceRequest[]> {
  const { flow, trustBuilder, network, volumes, bindings } = build;
  const context = await contextRequests(build.context, surroundings);
  const grant = 'trust-builder';
  return [
    ...(trustBuilder.value ? [{ grant, what: 'a trusted builder', at: trustBuilder.at }] : []),
    ...(flow.value === 'creator'
      ? [{ grant, what: '"flow: creator", which trusts the builder,', at: flow.at }]
      : []),
    ...(network?.value === 'host'
      ? [{ grant: 'network.host', what: 'the host network in a build', at: network.at }]
      : []),
    ...volumes.map(({ value, at }) => ({ grant: 'volumes', what: `the volume "${value}"`, at })),
    ...bindings.map(({ name, at }) => ({ grant: 'bindings', what: `the binding "${name}"`, at })),
    ...secretRequests(build),
    ...context,
    // A context that was asked for has its descriptor with it.
    ...(context.length > 0 && isInContext(build)
      ? []
      : await descriptorRequest(build, surroundings)),
    ...(await buildpackPaths(build, surroundings)),
  ];
}
