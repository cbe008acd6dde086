import { join } from 'node:path';
import {
  createImageReader,
  type ImageReading,
  lackingBuildpacks,
  type ResolvedBuild,
  readBuild,
} from '../buildpacks/index.js';
import {
  applySeverities,
  type BuildpackImage,
  builtBy,
  type Finding,
  type Plan,
} from '../evidence/index.js';
import type { Files } from '../ports/index.js';
import type { RegistryClient } from '../registry/index.js';
import { defined } from '../types/index.js';

/** What images from buildpacks are built with. */
export interface Builders {
  /** By image id. */
  readonly builds: ReadonlyMap<string, ResolvedBuild>;
  readonly findings: readonly Finding[];
}

interface BuilderPlaces {
  readonly client: RegistryClient;
  /** Hosts that are asked for Docker Hub's images before itself. */
  readonly mirrors: readonly string[];
  readonly files: Pick<Files, 'look'>;
  /** The workspace. */
  readonly root: string;
  readonly signal: AbortSignal;
}

/** Those of the buildpacks asked for that are files or folders of the workspace. */
async function filesAmong(locators: readonly string[], { files, root }: BuilderPlaces) {
  const looked = locators.map(async (locator) => {
    const facts = await files.look(join(root, locator));
    return facts === undefined ? [] : [locator];
  });
  return new Set((await Promise.all(looked)).flat());
}

async function judged(
  { build }: BuildpackImage,
  read: ImageReading<ResolvedBuild>,
  places: BuilderPlaces,
): Promise<ImageReading<ResolvedBuild>> {
  if (read.value === undefined) return read;
  const locators = [...build.buildpacks, ...build.preBuildpacks, ...build.postBuildpacks];
  const local = await filesAmong(locators, places);
  const findings = lackingBuildpacks(read.value.builder, locators, (one) => local.has(one));
  return findings.length > 0 ? { findings } : read;
}

/**
 * Reads once what each image from buildpacks is built with, before anything of it is pulled;
 * the findings say of which image they are. Rejects with the signal's reason only.
 */
export async function resolveBuilders(
  { images }: Pick<Plan, 'images'>,
  places: BuilderPlaces,
): Promise<Builders> {
  const reader = createImageReader(places);
  const builds = new Map<string, ResolvedBuild>();
  const read = builtBy(images, 'buildpack').map(async (image) => {
    const { id, build, platforms, location } = image;
    const found = await judged(image, await readBuild(reader, build, platforms), places);
    if (found.value !== undefined) builds.set(id, found.value);
    return (found.findings ?? []).map((one) => ({
      ...one,
      subject: { image: id, ...one.subject },
      ...defined({ location: one.location ?? location }),
    }));
  });
  return { findings: (await Promise.all(read)).flat(), builds };
}

/** Why images are not built, by image id: each has an error among the findings, or nothing to be built with. */
export function stoppedImages(
  plan: Pick<Plan, 'images' | 'severities'>,
  { builds, findings }: Builders,
): ReadonlyMap<string, string> {
  const errors = applySeverities(plan, findings).filter(({ severity }) => severity === 'error');
  const reasonOf = (id: string) => {
    const error = errors.find(({ subject }) => subject.image === id);
    if (error?.code === 'version-not-offered')
      return 'a pinned version is not offered by the builder';
    return error === undefined && builds.has(id) ? undefined : 'its builder cannot be used';
  };
  const ids = builtBy(plan.images, 'buildpack').map(({ id }) => id);
  return new Map(
    ids.flatMap((id) => {
      const reason = reasonOf(id);
      return reason === undefined ? [] : [[id, reason]];
    }),
  );
}
