import type { Config, ImageEntry, Request } from '../config/index.js';
import { builtBy, type Finding, finding, type Plan, type PlannedImage } from '../evidence/index.js';
import { platformOfNode } from '../platform/index.js';
import { defined } from '../types/index.js';
import { builderLocations } from './builders.js';
import { dockerfileFacts } from './dockerfile-facts.js';
import { keepingCredentials } from './frontend-caches.js';
import { planImage } from './image.js';
import { lookAlikeFindings, lookAlikes } from './look-alike-files.js';
import { notesOf } from './notes.js';
import { pinned } from './pinned.js';
import { planProblems, type WrittenImage } from './plan-problems.js';
import { type PlanPorts, type PlanSources, readPlanSources } from './plan-sources.js';
import type { Planned, Planning } from './planned.js';
import { pushProblems } from './pushed-changes.js';
import { select } from './select.js';

function familyOf({ id, version }: ImageEntry): string {
  return version === undefined ? id.value : id.value.replace(`:${version}`, '');
}

/** Each image of the configuration, as a run of all of them would have it. */
function planImages(
  { config, source, locks }: PlanSources,
  request: Request,
  { machine, env }: PlanPorts,
): readonly WrittenImage[] {
  const runner = { platform: platformOfNode(machine.architecture), event: env.GITHUB_EVENT_NAME };
  return config.images.map((image) => ({
    config: image,
    family: familyOf(image),
    image: pinned(planImage(image, request, source, runner), locks),
  }));
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

async function planOf(
  { config, scope }: PlanSources,
  { images, partial }: Pick<ReturnType<typeof select>, 'images' | 'partial'>,
  request: Request,
  push: boolean,
): Promise<Plan> {
  return {
    ...defined({ configuration: config.file }),
    publish: config.publish,
    push,
    partial,
    grants: request.grants,
    severities: config.severities,
    images: request.trust.untrusted ? await keepingCredentials(images, scope) : images,
  };
}

/** A plan with what its sources tell of it before anything is started. */
async function describe(plan: Plan, sources: PlanSources, request: Request): Promise<Planned> {
  const { config, source, locks, scope, described } = sources;
  const alike = await lookAlikes(plan, scope.root, scope.files);
  const { advice, ...named } = await dockerfileFacts(plan, config.images, scope);
  const applications = builtBy(config.images, 'buildpack');
  return {
    plan,
    fromEnvironment: config.fromEnvironment,
    publicArgs: config.publicArgs,
    source: source.facts,
    imageIds: config.images.map(({ id }) => id.value),
    ...defined({ epoch: source.epoch }),
    locks: locks.locks,
    ...(applications.length === 0 ? {} : { builderLocations: builderLocations(applications) }),
    lookAlikes: [...alike.pairs, ...alike.dockerfiles],
    findings: [
      ...unnamedFindings(config, plan.images),
      ...advice,
      ...lookAlikeFindings(alike),
      ...locks.findings.filter(({ subject }) => plan.images.some(({ id }) => id === subject.image)),
    ],
    ...named,
    notes: [...notesOf(request, source, config, plan.images), ...described.notes],
  };
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
  const sources = await readPlanSources(loading, request, ports);
  const { config, source } = sources;
  const whole = planImages(sources, request, ports);
  const nothing = { images: [], partial: false, problems: [] };
  const selected = config.problems.length > 0 ? nothing : select(whole, request);
  const push = request.push && request.trust.pushes;
  const more = [...selected.problems, ...pushProblems(request, source, push, selected.partial)];
  const problems = await planProblems(sources, whole, more, { request, env: ports.env });
  if (problems.length > 0) return { problems };
  return describe(await planOf(sources, selected, request, push), sources, request);
}
