import { isAbsolute, join } from 'node:path';
import { cacheVolume } from '../../engine/index.js';
import type { BuildpackPlan } from '../../evidence/index.js';
import {
  csvField,
  packBuildpack,
  plannedBuildpack,
  plannedVolume,
  type Volume,
  writeVolume,
} from '../../reference/index.js';
import { type BuildpackOrder, pinnedBuilder, pinnedRunImage, runImageLogin } from './order.js';

/** Where one build takes place. */
export interface PackPlace {
  /** The name that the image gets, in the registry of the build. */
  readonly name: string;
  readonly network: string;
  /** The name of the cache there; without one, it is in a volume of the engine. */
  readonly cacheImage?: string;
  /** The folder of the application. */
  readonly application: string;
  /** Takes report.toml. */
  readonly report: string;
  /** The project descriptor of the build: what a file of that kind says is in the plan. */
  readonly descriptor: string;
  /** The image of the lifecycle whose phases hold the login, where the builder is not trusted with it. */
  readonly lifecycle?: string;
  /** Volumes that bring service bindings, as pack reads them. */
  readonly bindings: readonly string[];
}

/** Where a path of the plan is. */
export function located(root: string, path: string): string {
  return isAbsolute(path) ? path : join(root, path);
}

function many(flag: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [flag, value]);
}

function one(flag: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [flag, value];
}

/** The same buildpack; pack starts relative paths at its own folder. */
function buildpack(planned: string, root: string): string {
  const source = plannedBuildpack(planned);
  return packBuildpack(
    source.from === 'path' ? { ...source, path: located(root, source.path) } : source,
  );
}

/** A volume of the plan; pack and the engine take no relative path. */
export function volumeOf(planned: string, root: string): Volume {
  const { source, ...mount } = plannedVolume(planned);
  const isPath = /^[./]/.test(source);
  return { ...mount, source: isPath ? located(root, source) : source };
}

function buildpackArguments(plan: BuildpackPlan, root: string): readonly string[] {
  const of = (planned: readonly string[]) => planned.map((one) => buildpack(one, root));
  return [
    // pack reads this one as a line of CSV, and puts each of the next one before those it has.
    ...many('--buildpack', of(plan.buildpacks).map(csvField)),
    ...many('--pre-buildpack', of(plan.preBuildpacks).toReversed()),
    ...many('--post-buildpack', of(plan.postBuildpacks)),
  ];
}

/**
 * A builder that is trusted runs all phases in one container, which has the login for the
 * run image's registry. Where there is no login it has none, and may be trusted as well.
 */
export function isTrusted(order: BuildpackOrder): boolean {
  return order.image.build.trustBuilder || runImageLogin(order) === undefined;
}

function cacheOf({ cache }: BuildpackOrder, { cacheImage }: PackPlace): string {
  return cacheImage === undefined
    ? `format=volume;name=${cacheVolume(cache)}`
    : `format=image;name=${cacheImage}`;
}

/** Arguments of pack 0.40 for one platform's build, published to the registry of the build. */
export function packArguments(order: BuildpackOrder, place: PackPlace): readonly string[] {
  const { build } = order.image;
  return [
    'build',
    place.name,
    ...['--path', place.application],
    ...['--builder', pinnedBuilder(order)],
    ...['--platform', order.platform],
    ...['--network', place.network],
    '--publish',
    ...(isTrusted(order) ? ['--trust-builder', '--trust-extra-buildpacks'] : []),
    ...one('--lifecycle-image', place.lifecycle),
    '--no-color',
    // The lifecycle names the buildpack that it starts at this level only.
    '--verbose',
    ...['--pull-policy', 'if-not-present'],
    ...['--run-image', pinnedRunImage(order)],
    ...['--cache', `type=build;${cacheOf(order, place)}`],
    ...buildpackArguments(build, order.root),
    ...many(
      '--env',
      Object.entries(build.env).map(([name, value]) => `${name}=${value}`),
    ),
    ...one('--default-process', build.process),
    // Without one, pack would read the project.toml of the application.
    ...['--descriptor', place.descriptor],
    ...one('--creation-time', build.creationTime),
    ...many('--volume', [
      ...build.volumes.map((one) => writeVolume(volumeOf(one, order.root))),
      ...place.bindings,
    ]),
    ...['--report-output-dir', place.report],
  ];
}
