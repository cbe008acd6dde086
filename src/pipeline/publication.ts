import type { LimitFunction } from 'p-limit';
import {
  brokenOff,
  type Evidence,
  type Finding,
  type ImageFacts,
  indexAnnotations,
  judge,
  type Listen,
  type PlannedImage,
  type Publication,
  testedImage,
} from '../evidence/index.js';
import { type ComposedIndex, composeIndex, digestOf, type Layout } from '../oci/index.js';
import type { Ports } from '../ports/index.js';
import { publish } from '../publish/index.js';
import {
  formatReference,
  parseReference,
  type RegistryClient,
  redirectReference,
} from '../registry/index.js';
import { type PublishedImage, type Verified, verifyPublished } from './verification.js';

interface PublicationContext {
  readonly client: RegistryClient;
  readonly layout: Layout;
  readonly limit: LimitFunction;
  readonly clock: Ports['clock'];
  readonly listen: Listen;
  /** `host:port` of the embedded registry, where that stands for all others. */
  readonly embedded?: string;
  readonly signal?: AbortSignal;
}

interface PublicationOutcome {
  readonly publications: readonly Publication[];
  readonly findings: readonly Finding[];
}

interface Ready {
  readonly planned: PlannedImage;
  readonly platforms: readonly ImageFacts[];
  readonly index: ComposedIndex;
  readonly bases: ReadonlyMap<string, readonly string[]>;
}

/** Names of different registries must not meet in the one that stands for all of them. */
function embeddedLocation(repository: string, host: string): string {
  const parsed = parseReference(repository);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  const moved = formatReference(redirectReference(parsed.reference, host, { keepHost: true }));
  if (parseReference(moved).ok) return moved;
  // With a host in front of its own, a long name is none any more.
  return `${host}/${digestOf(repository).replace(':', '-')}`;
}

function targetsOf({ targets }: PlannedImage, embedded: string | undefined) {
  if (embedded === undefined) return targets;
  return targets.map((target) => ({
    ...target,
    location: embeddedLocation(target.repository, embedded),
  }));
}

/** Why an image must not be published; undefined if all its trials passed. */
function obstacle(evidence: Evidence, planned: PlannedImage): string | undefined {
  const { plan } = evidence;
  if (plan.partial) return 'only a part of its platforms was tried';
  const verdict = judge(evidence);
  const waitsFor = verdict.images.flatMap(({ id, trials }) => {
    if (id !== planned.id && plan.publish !== 'together') return [];
    const left = trials.filter(({ state }) => state !== 'passed').map(({ platform }) => platform);
    const subject = id === planned.id ? '' : `${id} on `;
    return left.length === 0 ? [] : [`${subject}${left.join(', ')}`];
  });
  return waitsFor.length === 0 ? undefined : `${waitsFor.join('; ')} did not pass`;
}

function readyOf(evidence: Evidence, planned: PlannedImage): Ready {
  const built = planned.platforms.flatMap((platform) => {
    const trial = evidence.trials.find(
      (one) => one.image === planned.id && one.platform === platform,
    );
    return trial?.built === undefined ? [] : [{ ...trial, built: trial.built }];
  });
  const platforms = built.map((trial) => trial.built);
  const bases = new Map(
    built.map(({ built: { manifest }, build, contents }) => {
      const all = [...new Set(build?.bases.map(({ reference }) => reference))];
      return [manifest.digest, contents?.base === undefined ? all : [contents.base]];
    }),
  );
  return { planned, platforms, bases, index: composeIndex(platforms, indexAnnotations(planned)) };
}

/** By reference, what was served before the build, or that it could not be read. */
function servedThen({ environment }: Evidence): ReadonlyMap<string, string | undefined> {
  const tags = environment?.tags ?? [];
  return new Map(
    tags
      .filter(({ exists }) => exists !== 'no')
      .map(({ repository, tag, digest }) => [`${repository}:${tag}`, digest]),
  );
}

/** The tags have moved by now; whatever ends the reading must not hide that. */
function unread(error: unknown, { signal }: PublicationContext): Verified {
  const findings = signal?.aborted ? [] : [brokenOff({}, 'Reading back', error)];
  return { served: new Map(), findings };
}

/**
 * An image with the tags of it that moved, also where a later one did not; none where none did.
 * A tag that stayed on the index from before one was taken over is known to be another one.
 */
function publishedImage(
  evidence: Evidence,
  planned: PlannedImage,
  publication: Publication | undefined,
  embedded: string | undefined,
): readonly PublishedImage[] {
  if (publication === undefined) return [];
  const tested = testedImage(evidence, planned, publication);
  if (tested === undefined) return [];
  const { takenOver, targets } = publication;
  const moved = targets.filter(({ digest }) => digest === tested.index.digest);
  const repositories = targetsOf(planned, embedded).flatMap((target) => {
    const moves = moved
      .filter(({ repository, tag }) => {
        return repository === target.repository && target.tags.includes(tag);
      })
      .map(({ tag, before, kept = false }) => {
        const earlier = [before?.digest ?? [], takenOver?.composed ?? []].flat();
        return { tag, kept, earlier };
      });
    if (moves.length === 0) return [];
    return [{ target: { ...target, tags: moves.map(({ tag }) => tag) }, moves }];
  });
  return repositories.length === 0 ? [] : [{ tested, repositories }];
}

/**
 * Publishes those images whose trials all passed, and reads back what moved. `evidence`
 * holds all trials; what it says is the only ground for publishing.
 */
export async function publication(
  evidence: Evidence,
  context: PublicationContext,
): Promise<PublicationOutcome> {
  const { client, layout, limit, clock, embedded } = context;
  const signal = context.signal === undefined ? {} : { signal: context.signal };
  const withTargets = evidence.plan.images.filter(({ targets }) => targets.length > 0);
  const judged = withTargets.map((planned) => ({ planned, reason: obstacle(evidence, planned) }));
  const kept = judged.flatMap(({ planned, reason }) =>
    reason === undefined
      ? []
      : [{ image: planned.id, notPublished: reason, targets: [], served: [] }],
  );
  const ready = judged
    .filter(({ reason }) => reason === undefined)
    .map(({ planned }) => readyOf(evidence, planned));
  if (ready.length === 0) return { publications: kept, findings: [] };
  context.listen({
    kind: 'stage',
    stage: 'publish',
    detail: embedded === undefined ? '' : 'embedded',
  });

  const published = await publish({
    images: ready.map(({ planned, platforms, index, bases }) => ({
      image: planned.id,
      index,
      platforms,
      bases,
      targets: targetsOf(planned, embedded),
    })),
    open: layout.read,
    client,
    clock,
    limit,
    publish: evidence.plan.publish,
    embedded: embedded !== undefined,
    severities: evidence.plan.severities,
    servedThen: servedThen(evidence),
    ...signal,
  });
  const images = ready.flatMap(({ planned }) => {
    const one = published.publications.find(({ image }) => image === planned.id);
    return publishedImage(evidence, planned, one, embedded);
  });
  const verified = await verifyPublished(images, { client, limit, ...signal }).catch(
    (error: unknown) => unread(error, context),
  );
  const publications = published.publications.map((one) => ({
    ...one,
    served: verified.served.get(one.image) ?? [],
  }));
  return {
    publications: [...publications, ...kept],
    findings: [...published.findings, ...verified.findings],
  };
}
