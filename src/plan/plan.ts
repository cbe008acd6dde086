import { join } from 'node:path';
import type { BuildpackImageEntry, Config, ImageEntry, Request } from '../config/index.js';
import { readIgnore } from '../dockerfile/index.js';
import {
  builtBy,
  elsewhere,
  type Finding,
  finding,
  imagesAsBuilt,
  isFolder,
  type Location,
  type Plan,
  type PlannedImage,
  type Problem,
} from '../evidence/index.js';
import { platformOfNode } from '../platform/index.js';
import type { PathScope, Ports } from '../ports/index.js';
import { wholeName } from '../reference/index.js';
import { defined } from '../types/index.js';
import { type Base, bases, frontend } from './bases.js';
import { missingStages } from './build-stage.js';
import { adviceOnDockerfile } from './dockerfile-advice.js';
import { duplicates } from './duplicates.js';
import { keepingCredentials } from './frontend-caches.js';
import { grantProblems } from './grants.js';
import { imageProblems, planImage } from './image.js';
import { lengthProblems, movedNameProblems } from './lengths.js';
import type { Locks } from './locks.js';
import { type LookAlike, lookAlikeFindings, lookAlikes } from './look-alike-files.js';
import { missingFiles, missingSources } from './missing-files.js';
import { nativeProblems } from './native-stages.js';
import { pinned } from './pinned.js';
import { platformBuilds } from './platform-builds.js';
import { jobsSecrets, unsetSecrets, unusedSecrets } from './secrets.js';
import { seenChanges } from './seen-changes.js';
import { select } from './select.js';
import { readSource, type Source } from './source.js';
import { replaceProblems } from './targets.js';

/** What a run is to do, and what was learned of the sources on the way to it. */
export interface Planned {
  readonly plan: Plan;
  /** Variables that the environment gave. */
  readonly fromEnvironment: Config['fromEnvironment'];
  readonly publicArgs: Config['publicArgs'];
  readonly source: Source['facts'];
  /** Of all images of the configuration, whichever are selected. */
  readonly imageIds: readonly string[];
  /** Seconds since 1970 of SOURCE_DATE_EPOCH or the commit, where there is one. */
  readonly epoch?: number;
  /** Different files that a builder may take for one another. */
  readonly lookAlikes: readonly LookAlike[];
  readonly findings: readonly Finding[];
  /** By image id: what its Dockerfile, or that of each platform, starts from and copies from. */
  readonly bases: ReadonlyMap<string, readonly Base[]>;
  /** By image id: the images that its Dockerfiles are read by, where they name one. */
  readonly frontends: ReadonlyMap<string, readonly Base[]>;
  /** By image id: where the configuration names its builder. */
  readonly builderLocations?: ReadonlyMap<string, Location>;
  /** By image id: what the parity lock says of it, where it is locked. */
  readonly locks: Locks['locks'];
  /** Sentences about what is otherwise than asked. */
  readonly notes: readonly string[];
}

/** A plan, or why there is none: what the configuration or the sources have wrong. */
export type Planning = Planned | { readonly problems: readonly Problem[] };

type PlanPorts = Pick<Ports, 'files' | 'exec' | 'env' | 'machine'>;

const LISTED = 10;

function pushProblems(
  request: Request,
  source: Source,
  push: boolean,
  partial: boolean,
): readonly Problem[] {
  const problems: Problem[] = [];
  if (push && partial) {
    const message =
      "a part of an image's platforms is never tagged; leave out --push, or leave out --only and --platform";
    problems.push({ message });
  }
  const { dirty, revision } = source.facts;
  if (push && dirty.length > 0 && !request.allowDirty) {
    const more = dirty.length > LISTED ? ` and ${dirty.length - LISTED} more` : '';
    const list = dirty.slice(0, LISTED).join(', ') + more;
    const what =
      revision === undefined
        ? 'what is pushed would have no revision'
        : 'what is pushed would have the revision of the last commit, which does not hold them';
    const message = `the checkout has changes, and ${what}: ${list}. Commit them, name what no image needs in .dockerignore, or allow it with --allow-dirty (allow-dirty: true)`;
    problems.push({ message });
  }
  return problems;
}

/** A checkout whose changes are those that say what is built; all of them where that is not known. */
async function withSeenChanges(
  source: Source,
  config: Config,
  { file: lock }: Locks,
  scope: PathScope,
): Promise<Source> {
  const { facts } = source;
  if (config.problems.length > 0) return source;
  const own = [config.file, lock].filter((path) => path !== undefined);
  const dirty = await seenChanges(facts.dirty, config.images, own, scope);
  return { ...source, facts: { ...facts, dirty } };
}

/** A builder of buildx, where nothing is built with one. */
function builderProblems(images: readonly ImageEntry[], request: Request): readonly Problem[] {
  const { builder, newBuilder, from } = request;
  const isAsked = builder !== undefined || newBuilder !== undefined;
  if (!isAsked || images.length === 0 || builtBy(images, 'dockerfile').length > 0) return [];
  const what =
    builder === undefined ? 'a builder is described' : `the builder "${builder}" is named`;
  const instead = from === 'inputs' ? 'the input builder-image' : '"builder" under "buildpack"';
  const message = `${what}, which is buildx's, and no image is built from a Dockerfile; a builder of buildpacks is named by ${instead}`;
  return [{ ...(from === 'inputs' ? { file: 'input "builder"' } : {}), message }];
}

/** What the inputs' image is called where they give it no tag. */
function unnamedFindings(
  { isUnnamed }: Config,
  images: readonly PlannedImage[],
): readonly Finding[] {
  if (!isUnnamed) return [];
  return images.map(({ id, targets }) => {
    const message = `The input "tags" is empty; the image is called ${targets[0]?.repository}, after the repository.`;
    return finding('named-after-repository', { image: id }, message);
  });
}

function builderLocations(
  applications: readonly BuildpackImageEntry[],
): ReadonlyMap<string, Location> {
  return new Map(
    applications.flatMap(({ id, build }) => {
      const { file, line, column } = build.builder.at;
      return line === undefined ? [] : [[id.value, { file, line, ...defined({ column }) }]];
    }),
  );
}

const OFFICIAL = 'docker.io/library/';

/** Names that mean Docker Hub's own images, where only Docker can push. */
function officialNames(images: readonly PlannedImage[]): readonly string[] {
  const names = images.flatMap(({ targets }) => targets.map(({ repository }) => repository));
  return [...new Set(names)].flatMap((name) => {
    const whole = wholeName(name);
    if (!whole.startsWith(OFFICIAL)) return [];
    const own = whole.slice(OFFICIAL.length);
    return [
      `"${name}" is ${whole}, one of Docker's own images, which only Docker pushes; write its registry, as in ghcr.io/OWNER/${own}, or docker.io/OWNER/${own} for Docker Hub.`,
    ];
  });
}

function notesOf(
  request: Request,
  source: Source,
  config: Config,
  images: readonly PlannedImage[],
): readonly string[] {
  const notes = [...source.notes, ...config.notes];
  const { untrusted, pushes } = request.trust;
  if (request.push && !pushes) {
    notes.push('Images go to the embedded registry; nothing is pushed.');
  }
  if (request.push && pushes) notes.push(...officialNames(images));
  if (untrusted && request.logins !== undefined) {
    notes.push(
      'This run is untrusted: the logins of the inputs are not used. To let a build pull private images, use docker login in an earlier step.',
    );
  }
  for (const { id, build } of images) {
    const written = config.images.find((image) => image.id.value === id);
    const left = (written?.build.cacheTo.length ?? 0) - build.cacheTo.length;
    if (left > 0)
      notes.push(
        `This run is untrusted: of the caches of ${id}, ${left} ${left === 1 ? 'is' : 'are'} not written.`,
      );
    const unread = (written?.build.cacheFrom.length ?? 0) - build.cacheFrom.length;
    if (unread > 0)
      notes.push(
        `This run is untrusted: of the caches of ${id}, ${unread} ${unread === 1 ? 'is' : 'are'} not read, because BuildKit passes their credentials to the image that reads the Dockerfile. They are read with docker/dockerfile (# syntax=docker/dockerfile:1) and a context in this checkout.`,
      );
  }
  return notes;
}

async function readDockerfiles(
  { images, configuration }: Pick<Plan, 'images' | 'configuration'>,
  root: string,
  files: Ports['files'],
): Promise<Pick<Planned, 'bases' | 'frontends'> & { readonly advice: readonly Finding[] }> {
  const found = new Map<string, readonly Base[]>();
  const frontends = new Map<string, readonly Base[]>();
  const advice: Finding[] = [];
  for (const image of images) {
    for (const one of builtBy(imagesAsBuilt([image]), 'dockerfile')) {
      const { id, build, platforms } = one;
      if (!isFolder(build.context)) continue;
      const text = (await files.read(join(root, build.file))).toString('utf8');
      const named = bases(text, build.args, Object.keys(build.contexts), build.target);
      const reader = frontend(text, build.args);
      // Where all platforms are built alike, all need them.
      const only = image.perPlatform === undefined ? {} : { file: build.file, platforms };
      const add = (all: Map<string, readonly Base[]>, more: readonly Base[]) =>
        all.set(id, [...(all.get(id) ?? []), ...more.map((base) => ({ ...base, ...only }))]);
      add(found, named);
      if (reader !== undefined) add(frontends, [reader]);
      const ignore = await readIgnore(build, root, files);
      advice.push(...adviceOnDockerfile({ image: one, text, ignore, configuration }));
    }
  }
  // Of builds that differ per platform most of it is the same.
  const once = new Map(advice.map((one) => [JSON.stringify(one), one]));
  return { bases: found, frontends, advice: [...once.values()] };
}

function familyOf({ id, version }: ImageEntry): string {
  return version === undefined ? id.value : id.value.replace(`:${version}`, '');
}

/** By file, line and column, what has no place last; each once. */
function sort(problems: readonly Problem[]): readonly Problem[] {
  const once = new Map(problems.map((one) => [JSON.stringify(one), one]));
  return [...once.values()].sort(
    (a, b) =>
      (a.file ?? '\uffff').localeCompare(b.file ?? '\uffff') ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}

/**
 * Turns a configuration and a request into the trials of a run; nothing is
 * started. Problems hold those of the configuration too, sorted by place: with
 * any, there is no plan.
 */
export async function makePlan(
  loading: Promise<Config>,
  request: Request,
  ports: PlanPorts,
): Promise<Planning> {
  const { root } = request;
  const ours = ['.sea-trial', ...(request.evidence === undefined ? [] : [request.evidence])];
  // The configuration is read while git is at work.
  const [checkout, written] = await Promise.all([readSource(request, ports, ours), loading]);
  const surroundings = { root, workspace: checkout.workspace, files: ports.files };
  const hasApplications = builtBy(written.images, 'buildpack').length > 0;
  const reading = hasApplications ? await import('./applications.js') : undefined;
  const described = (await reading?.withDescriptors(written.images, request, surroundings)) ?? {
    images: written.images,
    problems: [],
    notes: [],
  };
  const config = { ...written, images: described.images };
  const place = {
    platform: platformOfNode(ports.machine.architecture),
    event: ports.env.GITHUB_EVENT_NAME,
  };
  const locks: Locks = (await reading?.readLocks(config, request, ports.files)) ?? {
    locks: new Map(),
    problems: [],
    findings: [],
  };
  const source = await withSeenChanges(checkout, config, locks, surroundings);
  const whole = config.images.map((image) => ({
    config: image,
    family: familyOf(image),
    image: pinned(planImage(image, request, source, place), locks),
  }));
  const selected =
    config.problems.length > 0
      ? { images: [], partial: false, problems: [] }
      : select(whole, request);
  const push = request.push && request.trust.pushes;
  const builds = config.images.flatMap(platformBuilds);
  const dockerfiles = builtBy(builds, 'dockerfile');
  const applications = builtBy(config.images, 'buildpack');
  const further = [
    ...described.problems,
    ...duplicates(config.images, request),
    ...(await missingFiles(dockerfiles, root, ports.files)),
    ...(await missingStages(dockerfiles, root, ports.files)),
    ...(await nativeProblems(dockerfiles, root, ports.files)),
    ...((await reading?.applicationProblems(applications, request, surroundings)) ?? []),
    ...((await reading?.missingProcesses(applications, request, surroundings)) ?? []),
    ...builderProblems(config.images, request),
    ...(await missingSources(builds, root, ports.files)),
    ...jobsSecrets(config.images),
    ...unsetSecrets(config.images, request, ports.env),
    ...unusedSecrets(config.images, request),
    ...locks.problems,
    ...lengthProblems(builds, request),
    ...movedNameProblems(config.images, request),
    ...(await grantProblems(builds, request, surroundings)),
    ...whole.flatMap((one) => imageProblems(one.config, request, one.image)),
    ...replaceProblems(whole, request),
    ...selected.problems,
    ...pushProblems(request, source, push, selected.partial),
  ];
  const problems = [...config.problems, ...elsewhere(further, config.unknown)];
  if (problems.length > 0) return { problems: sort(problems) };
  const plan: Plan = {
    ...defined({ configuration: config.file }),
    publish: config.publish,
    push,
    partial: selected.partial,
    grants: request.grants,
    severities: config.severities,
    images: request.trust.untrusted
      ? await keepingCredentials(selected.images, root, ports.files)
      : selected.images,
  };
  const alike = await lookAlikes(plan, root, ports.files);
  const { advice, ...read } = await readDockerfiles(plan, root, ports.files);
  return {
    plan,
    fromEnvironment: config.fromEnvironment,
    publicArgs: config.publicArgs,
    source: source.facts,
    imageIds: config.images.map(({ id }) => id.value),
    ...defined({ epoch: source.epoch }),
    locks: locks.locks,
    ...(applications.length === 0 ? {} : { builderLocations: builderLocations(applications) }),
    lookAlikes: alike.pairs,
    findings: [
      ...unnamedFindings(config, plan.images),
      ...advice,
      ...lookAlikeFindings(alike),
      ...locks.findings.filter(({ subject }) => plan.images.some(({ id }) => id === subject.image)),
    ],
    ...read,
    notes: [...notesOf(request, source, config, plan.images), ...described.notes],
  };
}
