import { join } from 'node:path';
import { linkContexts, type PinnedBase } from '../build/index.js';
import type { Request } from '../config/index.js';
import type { Environment } from '../environment/index.js';
import { isFolder } from '../evidence/index.js';
import type { Planned } from '../plan/index.js';
import type { Ports } from '../ports/index.js';
import type { RunContext, RunOptions } from './context.js';
import type { TrialInput } from './trial.js';

/**
 * Secrets that were given by value go to builds in environment variables of their
 * own: secret id → variable, and variable → value.
 */
export function secretsOf({
  secretValues,
  secretSources,
  trust,
}: Pick<Request, 'secretValues' | 'secretSources' | 'trust'>) {
  const isGiven = (id: string) => secretSources.some((source) => source.id === id);
  // The others are the job's token, by an id that a configuration may say as well.
  const values = [...secretValues].filter(([id]) => !trust.untrusted || isGiven(id));
  const named = values.map(([id, value], i) => [id, `SEA_TRIAL_SECRET_${i}`, value] as const);
  return {
    variables: new Map(named.map(([id, variable]) => [id, variable])),
    environment: Object.fromEntries(named.map(([, variable, value]) => [variable, value])),
  };
}

/** Dockerfiles that are files of ours, by image. */
async function dockerfiles({ planned, request }: RunOptions, { files }: Ports) {
  const local = planned.plan.images.filter(({ build }) => isFolder(build.context));
  const read = local.map(async ({ id, build }) => {
    const text = await files.read(join(request.root, build.file));
    return [id, text.toString('utf8')] as const;
  });
  return new Map(await Promise.all(read));
}

/** Where a platform is built; which of several machines it was, only buildx can say afterwards. */
function placeOf(
  { builder, buildx }: Environment,
  platform: string,
  folder: string,
  image: string,
) {
  const nodes = builder.nodes.map((node) => ({ ...node, native: node.native.has(platform) }));
  const metadataFile = join(folder, `build-${encodeURIComponent(`${image}@${platform}`)}.json`);
  const { name, driver, lost } = builder;
  return {
    builder: name,
    driver,
    buildx,
    nodes,
    ...(nodes.length > 1 ? { metadataFile } : {}),
    ...(lost === undefined ? {} : { lost }),
  };
}

/** The trials of a run, each with what the machine and the registries add to its plan. */
export async function trialInputs(context: RunContext): Promise<readonly TrialInput[]> {
  const { options, ports, environment, bases, obstacle } = context;
  const { planned, request, folder } = options;
  const lookAlike = new Set(planned.lookAlikes.flatMap(({ files }) => files));
  const [links, texts] = await Promise.all([
    linkContexts(planned.plan.images, request.root, lookAlike, `${folder}/contexts`, ports.files),
    dockerfiles(options, ports),
  ]);
  const { variables: secretVariables } = secretsOf(request);
  return planned.plan.images.flatMap((image) => {
    const link = links.get(image.id);
    const dockerfile = texts.get(image.id);
    return image.platforms.map((platform) => {
      return {
        image,
        platform,
        root: request.root,
        ...placeOf(environment, platform, folder, image.id),
        ...(link === undefined ? {} : { contextLink: link }),
        ...(dockerfile === undefined ? {} : { dockerfile }),
        bases: pinnedBases(image.id, planned, bases),
        secretVariables,
        native: platform === environment.facts.platform,
        enginePlatform: environment.facts.platform,
        standing: () => environment.status(platform),
        again: () => environment.reprobe(platform),
        ...(obstacle === undefined ? {} : { notRun: obstacle }),
      };
    });
  });
}

function pinnedBases(image: string, planned: Planned, pinned: ReadonlyMap<string, PinnedBase>) {
  const wanted = new Set(planned.bases.get(image)?.map(({ reference }) => reference));
  return [...wanted].map((reference) => pinned.get(reference)).filter((base) => base !== undefined);
}
