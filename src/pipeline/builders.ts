import {
  applicationPins,
  createImageReader,
  type ForeignBuildpack,
  foreignBuildpacks,
  type ImageReader,
  judgePins,
  lackingBuildpacks,
  type Offers,
  type ResolvedBuild,
  type ResolvedBuilder,
  readBuild,
  readForeignBuildpacks,
  readOffers,
  variablePins,
  withAskedBuildpacks,
  withGivenOffers,
  withProbedOffers,
} from '../buildpacks/index.js';
import {
  applySeverities,
  type BuildpackImage,
  builtBy,
  type Finding,
  isFolder,
  type Location,
  type Plan,
} from '../evidence/index.js';
import {
  type LockedImage,
  lockFindings,
  lockLocation,
  pinFacts,
  settingFindings,
} from '../parity/index.js';
import type { Clock, Files } from '../ports/index.js';
import type { RegistryClient } from '../registry/index.js';
import { defined } from '../types/index.js';

/** What images from buildpacks are built with. */
export interface Builders {
  /** By image id. */
  readonly builds: ReadonlyMap<string, ResolvedBuild>;
  /** What locked images bring to their builders, as far as it was read, by the names of the plan. */
  readonly foreign: ReadonlyMap<string, ForeignBuildpack>;
  readonly findings: readonly Finding[];
}

interface BuilderPlaces {
  readonly client: RegistryClient;
  /** Hosts that are asked for Docker Hub's images before itself. */
  readonly mirrors: readonly string[];
  readonly files: Pick<Files, 'look' | 'read'>;
  readonly clock: Pick<Clock, 'now'>;
  /** The workspace. */
  readonly root: string;
  readonly signal: AbortSignal;
  /** By image id: where its builder is named. */
  readonly builderLocations?: ReadonlyMap<string, Location> | undefined;
  /** By image id: what the parity lock has. */
  readonly locks: ReadonlyMap<string, LockedImage>;
}

/** What a build is made with, where it can be, and what is found out before it. */
interface FoundBuild {
  readonly value?: ResolvedBuild;
  readonly findings: readonly Finding[];
}

/** What a builder offers, with what its lock says of runtimes of which nothing else does. */
function withLockedOffers(offers: Offers, builder: ResolvedBuilder, lock: LockedImage | undefined) {
  if (lock === undefined || lock.derived.builder.digest !== builder.digest) return offers;
  const given = withGivenOffers(offers, builder, lock.offers, lock.id.at.file);
  return withProbedOffers(given, builder, lock.probed);
}

/** What the pin files of an image ask for that its builder does not offer. */
async function pinFindings(
  { id, build }: BuildpackImage,
  resolved: ResolvedBuilder,
  reader: ImageReader,
  { files: ports, root, clock, signal, locks }: BuilderPlaces,
): Promise<readonly Finding[]> {
  if (!isFolder(build.context)) return [];
  const files = await applicationPins(build, root, ports);
  const builder = withAskedBuildpacks(resolved, build);
  const variables = new Map(Object.entries(build.env));
  const runtimes = new Set([
    ...files.pins.map(({ runtime }) => runtime),
    ...variablePins(builder, variables).keys(),
  ]);
  const known = await readOffers(reader, builder, runtimes, signal);
  const offers = withLockedOffers(known, builder, locks.get(id));
  return judgePins({ builder, files, offers, variables, now: clock.now() });
}

function foreignTo(
  { build, platforms }: BuildpackImage,
  reader: ImageReader,
  places: BuilderPlaces,
) {
  const { files, root } = places;
  return readForeignBuildpacks(foreignBuildpacks(build), { reader, files, root, platforms });
}

async function found(
  image: BuildpackImage,
  reader: ImageReader,
  places: BuilderPlaces,
): Promise<FoundBuild> {
  const { value, findings } = await readBuild(reader, image.build, image.platforms);
  if (value === undefined) return { findings: findings ?? [] };
  const { buildpacks, preBuildpacks, postBuildpacks } = image.build;
  const asked = [...buildpacks, ...preBuildpacks, ...postBuildpacks];
  const lacking = lackingBuildpacks(value.builder, asked);
  if (lacking.length > 0) return { findings: lacking };
  return { value, findings: await pinFindings(image, value.builder, reader, places) };
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
  const foreign = new Map<string, ForeignBuildpack>();
  const read = builtBy(images, 'buildpack').map(async (image) => {
    const { id, location } = image;
    const { value, findings } = await found(image, reader, places);
    if (value !== undefined) builds.set(id, value);
    if (places.locks.has(id)) {
      for (const one of await foreignTo(image, reader, places)) foreign.set(one.planned, one);
    }
    return findings.map((one) => ({
      ...one,
      subject: { image: id, ...one.subject },
      ...defined({ location: one.location ?? places.builderLocations?.get(id) ?? location }),
    }));
  });
  return { findings: (await Promise.all(read)).flat(), builds, foreign };
}

const OF_PINS: ReadonlySet<string> = new Set(['builder-unusable', 'not-pulled']);

/** Another builder is not chosen where the lock holds the deployment's. */
const WHEN_LOCKED =
  'Pin a version that is offered; where the deployment offers it by now, run sea-trial parity update.';

const WHEN_GONE =
  'Check the credentials for its registry. If the registry no longer has what is pinned, sea-trial parity update locks what the source of the lock names now.';

/** What is wrong with a builder or run image is at the line of the lock that pins it. */
function atLock(found: Finding, locks: ReadonlyMap<string, LockedImage>): Finding {
  const lock = locks.get(found.subject.image ?? '');
  if (lock === undefined) return found;
  if (found.code === 'version-not-offered') return { ...found, remedy: WHEN_LOCKED };
  if (!OF_PINS.has(found.code)) return found;
  const fact = found.subject.reference === lock.runImage ? 'run-image' : 'builder';
  const location = lockLocation(lock, fact);
  const remedy = found.code === 'not-pulled' ? WHEN_GONE : undefined;
  return { ...found, ...defined({ location, remedy }) };
}

/** The findings about builders, and what the parity lock has of images against what they are built with. */
export function judgeLocks(
  { images }: Pick<Plan, 'images'>,
  locks: ReadonlyMap<string, LockedImage>,
  { builds, foreign, findings }: Builders,
): Builders {
  const judged = builtBy(images, 'buildpack').flatMap(({ id, build: plan }) => {
    const [lock, build] = [locks.get(id), builds.get(id)];
    if (lock === undefined) return [];
    const { env, process } = plan;
    const held = build?.builder.platforms.flatMap(({ buildpacks }) =>
      buildpacks.map(({ id: name, version }) => `${name}@${version}`),
    );
    const asked = {
      env: Object.keys(env),
      process,
      foreign: foreignBuildpacks(plan).map((planned) => foreign.get(planned) ?? { planned }),
      ...defined({ held }),
    };
    const found = build === undefined ? [] : lockFindings(lock, pinFacts(build));
    return [...found, ...settingFindings(lock, asked)];
  });
  return { builds, foreign, findings: [...findings.map((one) => atLock(one, locks)), ...judged] };
}

/** Why images are not built, by image id: each has an error among the findings, or nothing to be built with. */
export function stoppedImages(
  plan: Pick<Plan, 'images' | 'severities'>,
  { builds, findings }: Omit<Builders, 'foreign'>,
): ReadonlyMap<string, string> {
  const errors = applySeverities(plan, findings).filter(({ severity }) => severity === 'error');
  const reasonOf = (id: string) => {
    const error = errors.find(({ subject }) => subject.image === id);
    if (error?.code === 'version-not-offered') return 'its builder does not offer a pinned version';
    if (error?.code === 'pin-invalid') return 'its builder refuses a file that pins a version';
    if (error?.code === 'lock-disagrees') return 'its parity lock is not that of its builder';
    if (error?.code === 'parity-differs') return 'it would not be what its parity lock has';
    if (error === undefined && builds.has(id)) return undefined;
    // The trials of other platforms have the same reason.
    const platform = error?.subject.platform;
    return `its builder cannot be used${platform === undefined ? '' : ` for ${platform}`}`;
  };
  const ids = builtBy(plan.images, 'buildpack').map(({ id }) => id);
  return new Map(
    ids.flatMap((id) => {
      const reason = reasonOf(id);
      return reason === undefined ? [] : [[id, reason]];
    }),
  );
}
