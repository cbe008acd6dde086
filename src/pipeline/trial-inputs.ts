import { join } from 'node:path';
import { linkContexts, type PinnedBase, writeNativeDockerfiles } from '../build/index.js';
import { expectedBuild } from '../buildpacks/index.js';
import type { Request } from '../config/index.js';
import { builtFrom, platformArguments } from '../dockerfile/index.js';
import type { PlatformStatus } from '../emulation/index.js';
import type { Environment } from '../environment/index.js';
import {
  appliesTo,
  builtBy,
  type DockerfileImage,
  type ImageBase,
  imageOn,
  imagesAsBuilt,
  isFolder,
} from '../evidence/index.js';
import { lockLocation } from '../parity/index.js';
import { isPlainDockerfile, type Planned } from '../plan/index.js';
import type { Ports } from '../ports/index.js';
import { formatReference, parseReference } from '../reference/index.js';
import { defined } from '../types/index.js';
import type { RunContext, RunOptions } from './context.js';
import type { TrialInput } from './trial-context.js';

/**
 * Secrets given by value reach the builds in environment variables: secret id → variable,
 * and variable → value.
 */
export function secretsOf({
  secretValues,
  secretSources,
  trust,
}: Pick<Request, 'secretValues' | 'secretSources' | 'trust'>) {
  const isGiven = (id: string) => secretSources.some((source) => source.id === id);
  // The others are the job's token, whose id a configuration may also name.
  const values = [...secretValues].filter(([id]) => !trust.untrusted || isGiven(id));
  const named = values.map(([id, value], i) => [id, `SEA_TRIAL_SECRET_${i}`, value] as const);
  return {
    variables: new Map(named.map(([id, variable]) => [id, variable])),
    environment: Object.fromEntries(named.map(([, variable, value]) => [variable, value])),
  };
}

/** The Dockerfiles of the checkout, by their paths. */
async function dockerfiles({ planned, request }: RunOptions, { files }: Ports) {
  const images = builtBy(imagesAsBuilt(planned.plan.images), 'dockerfile');
  const local = images.filter(({ build }) => isFolder(build.context));
  const read = [...new Set(local.map(({ build }) => build.file))].map(async (file) => {
    return [file, await files.read(join(request.root, file))] as const;
  });
  return new Map(await Promise.all(read));
}

/** Where a platform is built; with several nodes, buildx writes which one it was. */
function builderOf(
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
    ...defined({ lost }),
  };
}

/** Asks whether platforms run, and tells once of each what its emulator lacks. */
function warned({ options, environment }: RunContext) {
  const told = new Set<string>();
  return async (platform: string): Promise<PlatformStatus> => {
    const status = await environment.status(platform);
    if (status.warning === undefined || told.has(platform)) return status;
    told.add(platform);
    // Its code is about the environment, so that no plan turns it off.
    const { code, message, remedy } = status.warning;
    const words = [message, remedy ?? []].flat().join(' ');
    options.listen({ kind: 'warning', code, message: words });
    return status;
  };
}

/** The trials of a run, each with what the environment and the registries add to its plan. */
export async function trialInputs(context: RunContext): Promise<readonly TrialInput[]> {
  const { options, ports, environment, preflight } = context;
  const { planned, request, folder } = options;
  const lookAlike = new Set(planned.lookAlikes.flatMap(({ files }) => files));
  const sources = { images: planned.plan.images, root: request.root };
  const [links, contents] = await Promise.all([
    linkContexts({ ...sources, lookAlike, folder: `${folder}/contexts` }, ports.files),
    dockerfiles(options, ports),
  ]);
  const natives = await writeNativeDockerfiles(
    { ...sources, contents, folder: `${folder}/dockerfiles` },
    ports.files,
  );
  const texts = new Map([...contents].map(([file, bytes]) => [file, bytes.toString('utf8')]));
  const { variables: secretVariables } = secretsOf(request);
  const statusOf = warned(context);
  return planned.plan.images.flatMap((whole) =>
    whole.platforms.map((platform): TrialInput => {
      const image = imageOn(whole, platform);
      const native = platform === environment.facts.platform;
      const notRun = preflight.obstacle ?? preflight.stopped.get(image.id);
      if (notRun !== undefined) return { image, platform, native, notRun };
      const facts = {
        platform,
        root: request.root,
        secretVariables,
        refusedCaches: preflight.refusedCaches,
        native,
        enginePlatform: environment.facts.platform,
        platformStatus: () => statusOf(platform),
        recheckPlatform: () => environment.reprobe(platform),
      };
      const { build } = image;
      if (build.kind === 'buildpack') {
        return {
          ...facts,
          ...buildWith(image.id, platform, context),
          image: { ...image, build },
        };
      }
      return {
        ...facts,
        image: { ...image, build },
        ...builderOf(environment, platform, folder, image.id),
        ...defined({
          nativeDockerfile: natives.get(`${image.id}@${platform}`)?.path,
          contextLink: links.get(`${image.id}@${platform}`),
          dockerfile:
            natives.get(`${image.id}@${platform}`)?.text ??
            (isFolder(build.context) ? texts.get(build.file) : undefined),
        }),
        knownCaches: preflight.caches,
        bases: pinnedBases({ image: image.id, platform }, planned, preflight.bases),
        ...defined({ base: baseOf({ ...image, build }, platform, texts, preflight.bases) }),
      };
    }),
  );
}

/** What a platform of an image from buildpacks is built with. */
function buildWith(
  image: string,
  platform: string,
  { options, preflight, pack }: Pick<RunContext, 'options' | 'preflight' | 'pack'>,
) {
  const { builder, runImages = [] } = preflight.builds.get(image) ?? {};
  const platformBuilder = builder?.platforms.find((one) => one.platform === platform);
  const runImage = runImages.find((one) => one.platform === platform);
  if (builder === undefined || platformBuilder === undefined || runImage === undefined) {
    throw new Error(`${image} has no builder for ${platform}, and is not stopped`);
  }
  if (pack === undefined) throw new Error(`there is no pack for ${image}`);
  const { tools, cacheOf } = pack;
  const cache = cacheOf(image, platform);
  const parts = { builder, platformBuilder, runImage, pack: tools, cache };
  const lock = options.planned.locks.get(image);
  if (lock === undefined) return parts;
  const location = lockLocation(lock, 'builder');
  return {
    ...parts,
    locked: true,
    expected: expectedBuild(platformBuilder, runImage, { ...lock, location }),
  };
}

/** The image that a platform is built on, where its digest is known before the build. */
function baseOf(
  { build }: DockerfileImage,
  platform: string,
  texts: ReadonlyMap<string, string>,
  pinned: ReadonlyMap<string, PinnedBase>,
): ImageBase | undefined {
  const text = isFolder(build.context) ? texts.get(build.file) : undefined;
  const { args, contexts, target } = build;
  const building = { args, contexts: Object.keys(contexts), ...defined({ target }) };
  const automatic = platformArguments(platform);
  if (text === undefined || !isPlainDockerfile(text, args)) return undefined;
  const from = builtFrom(text, { ...building, automatic });
  const parsed = from === undefined ? undefined : parseReference(from);
  if (from === undefined || !parsed?.ok) return undefined;
  const { digest = pinned.get(from)?.digest, ...rest } = parsed.reference;
  if (digest === undefined) return undefined;
  const isTagged = parsed.reference.digest !== undefined || rest.tag !== undefined;
  return { name: formatReference(isTagged ? rest : { ...rest, tag: 'latest' }), digest };
}

function pinnedBases(
  { image, platform }: { readonly image: string; readonly platform: string },
  planned: Planned,
  pinned: ReadonlyMap<string, PinnedBase>,
) {
  const own = (planned.bases.get(image) ?? []).filter((base) => appliesTo(base, platform));
  const wanted = new Set(own.map(({ reference }) => reference));
  return [...wanted].map((reference) => pinned.get(reference)).filter((base) => base !== undefined);
}
