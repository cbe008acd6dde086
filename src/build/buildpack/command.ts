import { isAbsolute, join } from 'node:path';
import type { BuildpackPlan } from '../../evidence/index.js';
import { csvField } from '../../reference/index.js';
import { type BuildpackOrder, pinnedBuilder, pinnedRunImage } from './order.js';

/** Where one build takes place. */
export interface PackPlace {
  /** The name that the image gets, in the registry of the build. */
  readonly name: string;
  readonly network: string;
  /** Takes report.toml. */
  readonly report: string;
}

function located(root: string, path: string): string {
  return isAbsolute(path) ? path : join(root, path);
}

function many(flag: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [flag, value]);
}

function one(flag: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [flag, value];
}

/** A buildpack's id with a version, and nothing that would make it a path, a reference or an address. */
const ID_AND_VERSION = /^(?![./])[\w./-]+@\d[\w.+-]*$/;

/**
 * A buildpack that the builder lacks would be fetched from the public registry of
 * buildpacks without a word; written as a URN, it is the builder's or an error.
 */
function buildpack(written: string): string {
  return ID_AND_VERSION.test(written) ? `urn:cnb:builder:${written}` : written;
}

function buildpackArguments(plan: BuildpackPlan): readonly string[] {
  return [
    // pack reads this one as a line of CSV, and puts each of the next one before those it has.
    ...many('--buildpack', plan.buildpacks.map(buildpack).map(csvField)),
    ...many('--pre-buildpack', plan.preBuildpacks.map(buildpack).toReversed()),
    ...many('--post-buildpack', plan.postBuildpacks.map(buildpack)),
  ];
}

/**
 * A builder that is trusted runs all phases in one container, which has the login for the
 * run image's registry. Where there is no login it has none, and may be trusted as well.
 */
function trusted({ image, pack }: BuildpackOrder): readonly string[] {
  const mayBe = image.build.trustBuilder || !pack.hasLogins;
  return mayBe ? ['--trust-builder', '--trust-extra-buildpacks'] : [];
}

/** Arguments of pack 0.40 for one platform's build, published to the registry of the build. */
export function packArguments(order: BuildpackOrder, place: PackPlace): readonly string[] {
  const { build } = order.image;
  const { descriptor } = build;
  return [
    'build',
    place.name,
    ...['--path', located(order.root, build.context)],
    ...['--builder', pinnedBuilder(order)],
    ...['--platform', order.platform],
    ...['--network', place.network],
    '--publish',
    ...trusted(order),
    '--no-color',
    // The lifecycle names the buildpack that it starts at this level only.
    '--verbose',
    ...['--pull-policy', 'if-not-present'],
    ...['--run-image', pinnedRunImage(order)],
    ...['--cache', `type=build;format=volume;name=${order.cache}`],
    ...buildpackArguments(build),
    ...many(
      '--env',
      Object.entries(build.env).map(([name, value]) => `${name}=${value}`),
    ),
    ...one('--default-process', build.process),
    ...one('--descriptor', descriptor === undefined ? undefined : located(order.root, descriptor)),
    ...one('--creation-time', build.creationTime),
    ...many('--volume', build.volumes),
    ...['--report-output-dir', place.report],
  ];
}
