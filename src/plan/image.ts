import type {
  BuildpackImageEntry,
  DockerfileImageEntry,
  ImageEntry,
  Request,
} from '../config/index.js';
import type { Located, Position } from '../document/index.js';
import {
  ANNOTATION_LEVELS,
  addressAnnotation,
  appliesTo,
  type BuildPlan,
  type BuildpackPlan,
  type DockerfilePlan,
  isBuiltBy,
  isFolder,
  type Location,
  type PlannedImage,
  type PlannedTest,
  type Problem,
} from '../evidence/index.js';
import { startTest, type TestEntry } from '../kinds/index.js';
import { normalisePlatform } from '../platform/index.js';
import { writeCache, writeSsh } from '../reference/index.js';
import { defined } from '../types/index.js';
import { describe } from './labels.js';
import { platformBuilds } from './platform-builds.js';
import { valuelessSecrets } from './secrets.js';
import type { Source } from './source.js';
import { planTargets } from './targets.js';

/** A place in a file; the action's inputs have none. */
export function locate({ file, line, column }: Position): { readonly location?: Location } {
  if (line === undefined) return {};
  return { location: { file, line, ...defined({ column }) } };
}

function planTest({ at, plan, platforms }: TestEntry): PlannedTest {
  const only = platforms.map(({ value }) => normalisePlatform(value) ?? value);
  return { ...plan, ...(only.length === 0 ? {} : { platforms: only }), ...locate(at) };
}

/** The tests of an image; on a platform that none of them covers, the image is started. */
function planTests(image: ImageEntry, platforms: readonly string[]): readonly PlannedTest[] {
  const tests = image.tests.map(planTest);
  if (tests.length === 0) return [startTest()];
  const bare = platforms.filter((platform) => !tests.some((test) => appliesTo(test, platform)));
  return bare.length === 0 ? tests : [...tests, startTest(bare)];
}

/** Where a run takes runner. */
export interface RunnerFacts {
  /** The machine's own platform. */
  readonly platform: string;
  /** GitHub's event; undefined elsewhere. */
  readonly event?: string | undefined;
}

/**
 * In an untrusted run a cache may be written only where it cannot outlive or leave the run's
 * own. GitHub keeps a pull request's apart, and those of every other event with its branch's.
 * Those of the inputs are written all the same, but for what buildpacks leave: a trusted build
 * would execute it.
 */
function writableCaches(image: ImageEntry, untrusted: boolean, { event }: RunnerFacts) {
  if (!untrusted || (image.fromInputs && isBuiltBy(image, 'dockerfile'))) {
    return image.build.cacheTo;
  }
  const types = !event || event === 'pull_request' ? ['gha', 'inline'] : ['inline'];
  return image.build.cacheTo.filter(({ type }) => types.includes(type));
}

/** The workflow's token for a private Git context; an untrusted configuration chooses no place for it. */
function gitSecrets({ build }: ImageEntry, { trust, secretValues }: Request) {
  if (trust.untrusted || isFolder(build.context.value)) return [];
  const ids = [...secretValues.keys()].filter((id) => id.startsWith('GIT_AUTH_TOKEN.'));
  return ids.map((id) => ({ id }));
}

function planSecrets(image: ImageEntry, request: Request): BuildPlan['secrets'] {
  return [...ownSecrets(image, request), ...gitSecrets(image, request)];
}

/** One that the inputs give without a value, as a fork's are, is none of a Dockerfile's build. */
function ownSecrets(image: ImageEntry, request: Request): BuildPlan['secrets'] {
  const { secretSources, secretValues } = request;
  const isEmpty = ({ id, env, file }: BuildPlan['secrets'][number]) =>
    env === undefined && file === undefined && secretValues.get(id) === '';
  const isDockerfile = image.build.kind === 'dockerfile';
  // The inputs describe no bindings, in which alone buildpacks get secrets.
  if (image.fromInputs) return isDockerfile ? secretSources.filter((one) => !isEmpty(one)) : [];
  const secrets = image.build.secrets.map(({ id, env, file }) => {
    const given = secretSources.find((one) => one.id === id);
    if (env === undefined && file === undefined && given !== undefined) return given;
    return { id, ...defined({ env, file }) };
  });
  return isDockerfile ? secrets.filter((one) => !isEmpty(one)) : secrets;
}

function planDockerfile(
  image: DockerfileImageEntry,
  request: Request,
  runner: RunnerFacts,
  labels: DockerfilePlan['labels'],
): DockerfilePlan {
  const {
    dockerfile,
    targetAt: _,
    argPlaces: __,
    network,
    cgroupParent,
    native,
    ...build
  } = image.build;
  const host = network?.value === 'host' ? ['network.host'] : [];
  return {
    ...build,
    context: build.context.value,
    file: dockerfile.value,
    contexts: Object.fromEntries(build.contexts.map(({ name, value }) => [name, value])),
    secrets: planSecrets(image, request),
    ssh: build.ssh.map(writeSsh),
    labels,
    cacheFrom: build.cacheFrom.map(writeCache),
    cacheTo: writableCaches(image, request.trust.untrusted, runner).map(writeCache),
    ...(native.length === 0 ? {} : { native: native.map(({ value }) => value) }),
    ...defined({ network: network?.value, cgroupParent: cgroupParent?.value }),
    allow: [...new Set([...build.allow.map(({ value }) => value), ...host])],
  };
}

function planBuildpack(
  image: BuildpackImageEntry,
  request: Request,
  runner: RunnerFacts,
): BuildpackPlan {
  const { runImage, process, descriptor, network, ...build } = image.build;
  const textsOf = (list: readonly Located<string>[]) => list.map(({ value }) => value);
  return {
    ...build,
    context: build.context.value,
    builder: build.builder.value,
    flow: build.flow.value,
    buildpacks: textsOf(build.buildpacks),
    preBuildpacks: textsOf(build.preBuildpacks),
    postBuildpacks: textsOf(build.postBuildpacks),
    trustBuilder: build.trustBuilder.value,
    volumes: textsOf(build.volumes),
    bindings: build.bindings.map(({ name, type, entries }) => ({
      name,
      type,
      entries: entries.map(({ key, secret }) => ({ key, secret })),
    })),
    secrets: ownSecrets(image, request),
    cacheFrom: build.cacheFrom.map(writeCache),
    cacheTo: writableCaches(image, request.trust.untrusted, runner).map(writeCache),
    ...defined({
      runImage: runImage?.value,
      process: process?.value,
      descriptor: descriptor?.value,
      network: network?.value,
    }),
  };
}

function planForeign({ foreign }: ImageEntry): Pick<PlannedImage, 'foreign'> {
  if (foreign.length === 0) return {};
  return { foreign: foreign.map(({ at, path, reason }) => ({ path, reason, ...locate(at) })) };
}

type PlatformBuild = NonNullable<PlannedImage['perPlatform']>[string];

/** The keys of a build that are other than those of the image. */
function differenceFrom(build: BuildPlan, other: BuildPlan): PlatformBuild {
  const standing = new Map<string, unknown>(Object.entries(build));
  return Object.fromEntries(
    Object.entries(other).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(standing.get(key)),
    ),
  );
}

function planPlatforms(
  image: ImageEntry,
  difference: (image: ImageEntry) => PlatformBuild,
): Pick<PlannedImage, 'perPlatform'> {
  if (image.perPlatform === undefined) return {};
  const builds = platformBuilds(image).map(
    (one) => [one.platforms[0]?.value ?? '', difference(one)] as const,
  );
  return { perPlatform: Object.fromEntries(builds) };
}

/** The normalised image of the plan, for the machine's own platform where none is written. */
export function planImage(
  image: ImageEntry,
  request: Request,
  source: Source,
  runner: RunnerFacts,
): PlannedImage {
  const named = image.platforms.map(({ value }) => normalisePlatform(value) ?? value);
  const platforms = named.length === 0 ? [runner.platform] : [...new Set(named)];
  const version = image.version ?? image.targets[0]?.tags[0];
  const labelled = (one: ImageEntry) => {
    const written = one.build.kind === 'dockerfile' ? one.build.labels : {};
    return describe(source, version, written, image.annotations);
  };
  const planBuild = (one: ImageEntry): BuildPlan =>
    isBuiltBy(one, 'dockerfile')
      ? planDockerfile(one, request, runner, labelled(one).labels)
      : planBuildpack(one, request, runner);
  const build = planBuild(image);
  return {
    id: image.id.value,
    targets: planTargets(image, request),
    platforms,
    build,
    ...planPlatforms(image, (one) => differenceFrom(build, planBuild(one))),
    annotations: labelled(image).annotations,
    tests: planTests(image, platforms),
    expect: defined({ goMain: image.goMain }),
    ...planForeign(image),
    ...locate(image.at),
  };
}

/** Annotations of descriptors would need an index that buildx writes; ours is composed from the tested manifests. */
function levelProblems({ at, annotations, fromInputs }: ImageEntry): readonly Problem[] {
  return Object.keys(annotations).flatMap((written) =>
    addressAnnotation(written)
      .levels.filter(({ kind }) => !ANNOTATION_LEVELS.includes(kind))
      .map(({ kind }) => ({
        ...(fromInputs ? { file: 'input "annotations"' } : at),
        message: `annotation "${written}": the level ${kind} is not supported; use ${ANNOTATION_LEVELS.join(' or ')}`,
      })),
  );
}

/** Only images from buildpacks have process types. */
function processProblems({ build, tests }: ImageEntry): readonly Problem[] {
  if (build.kind === 'buildpack') return [];
  return tests.flatMap(({ plan: { name }, processes }) =>
    processes.map(({ value, at }) => ({
      ...at,
      message: `test "${name}": "process: ${value}" is for images from buildpacks; this one is built from a Dockerfile: write "run"`,
    })),
  );
}

/** Secrets that nothing gives, and tests for platforms that the image does not have. */
export function imageProblems(
  image: ImageEntry,
  request: Request,
  planned: PlannedImage,
): readonly Problem[] {
  const foreign = image.tests.flatMap(({ plan: { name }, platforms }) =>
    platforms
      .filter(({ value }) => {
        const platform = normalisePlatform(value);
        return platform !== undefined && !planned.platforms.includes(platform);
      })
      .map(({ value, at }) => ({
        ...at,
        message: `test "${name}" is for ${value}, which is not a platform of the image; it has ${planned.platforms.join(', ')}`,
      })),
  );
  return [
    ...valuelessSecrets(image, request),
    ...foreign,
    ...processProblems(image),
    ...levelProblems(image),
  ];
}
