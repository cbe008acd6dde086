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
import {
  type LockedImage,
  lockFindings,
  lockLocation,
  pinFacts,
  settingFindings,
} from '../parity/index.js';
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

/** What is wrong with a builder or run image is at the line of the lock that pins it. */
function atLock(found: Finding, locks: ReadonlyMap<string, LockedImage>): Finding {
  const lock = locks.get(found.subject.image ?? '');
  if (lock === undefined) return found;
  const fact = found.subject.reference === lock.runImage ? 'run-image' : 'builder';
  return { ...found, ...defined({ location: lockLocation(lock, fact) }) };
}

/** The findings about builders, and what the parity lock has of images against what they are built with. */
export function judgeLocks(
  { images }: Pick<Plan, 'images'>,
  locks: ReadonlyMap<string, LockedImage>,
  { builds, findings }: Builders,
): Builders {
  const judged = builtBy(images, 'buildpack').flatMap(({ id, build: { env, process } }) => {
    const [lock, build] = [locks.get(id), builds.get(id)];
    if (lock === undefined) return [];
    const asked = { env: Object.keys(env), process };
    const found = build === undefined ? [] : lockFindings(lock, pinFacts(build));
    return [...found, ...settingFindings(lock, asked)];
  });
  return { builds, findings: [...findings.map((one) => atLock(one, locks)), ...judged] };
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
    if (error?.code === 'lock-disagrees') return 'its parity lock is not that of its builder';
    if (error?.code === 'parity-differs') return 'it would not be what its parity lock has';
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
