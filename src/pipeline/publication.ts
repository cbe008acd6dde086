import pLimit from 'p-limit';
import {
  brokenOff,
  type Evidence,
  type Finding,
  judge,
  type PlannedImage,
} from '../evidence/index.js';
import { publish } from '../publish/index.js';
import { builtIndex, targetsOf } from './built-images.js';
import type { RunContext, RunOptions } from './context.js';

/** Uploads and read-backs under way at once. */
export const TRANSFERS = 6;

/** What publishing and reading back need of a run. */
export interface RegistryContext extends Pick<RunContext, 'localRegistry'> {
  readonly options: Pick<RunOptions, 'listen' | 'signal'>;
  readonly identity: Pick<RunContext['identity'], 'client'>;
  readonly layout: Pick<RunContext['layout'], 'read'>;
  readonly ports: Pick<RunContext['ports'], 'clock'>;
}

/** Whether a finding is an error of an image, and of none of its platforms. */
function isOfWhole({ severity, subject }: Finding, image: string): boolean {
  const { platform, reference } = subject;
  const isElsewhere = platform !== undefined || reference !== undefined;
  return severity === 'error' && subject.image === image && !isElsewhere;
}

/** Why an image must not be published; undefined if all the images that it waits for passed. */
function obstacle(evidence: Evidence, planned: PlannedImage): string | undefined {
  const { plan } = evidence;
  if (plan.partial) return 'only some of its platforms were tested';
  const { images, findings } = judge(evidence);
  const waitsFor = images.flatMap(({ id, trials }) => {
    if (id !== planned.id && plan.publish !== 'together') return [];
    const left = trials.filter(({ state }) => state !== 'passed').map(({ platform }) => platform);
    const isOwn = id === planned.id;
    if (left.length > 0) return [`${isOwn ? '' : `${id} on `}${left.join(', ')}`];
    const isWrong = findings.some((one) => isOfWhole(one, id));
    return isWrong ? [`${isOwn ? 'the image' : id} as a whole`] : [];
  });
  return waitsFor.length === 0 ? undefined : `${waitsFor.join('; ')} did not pass`;
}

/** By reference, what was served before the build, or that it could not be read. */
function servedBefore({ environment }: Evidence): ReadonlyMap<string, string | undefined> {
  const tags = environment?.tags ?? [];
  return new Map(
    tags
      .filter(({ exists }) => exists !== 'no')
      .map(({ repository, tag, digest }) => [`${repository}:${tag}`, digest]),
  );
}

async function publishBuilt(
  evidence: Evidence,
  images: readonly PlannedImage[],
  context: RegistryContext,
) {
  const { options, identity, layout, ports, localRegistry } = context;
  const { listen, signal } = options;
  const local = await localRegistry?.host();
  listen({ kind: 'stage', stage: 'publish', detail: local === undefined ? '' : 'embedded' });
  const published = await publish({
    images: images.map((planned) => {
      const { platforms, index, bases } = builtIndex(evidence, planned);
      return { image: planned.id, index, platforms, bases, targets: targetsOf(planned, local) };
    }),
    open: layout.read,
    client: identity.client,
    clock: ports.clock,
    limit: pLimit(TRANSFERS),
    publish: evidence.plan.publish,
    embedded: local !== undefined,
    severities: evidence.plan.severities,
    servedThen: servedBefore(evidence),
    signal,
  });
  localRegistry?.throwDiskError();
  return published;
}

/** Publishes those images that passed, by the evidence alone. */
export async function publishImages(
  evidence: Evidence,
  context: RegistryContext,
): Promise<Evidence> {
  const withTargets = evidence.plan.images.filter(({ targets }) => targets.length > 0);
  const judged = withTargets.map((planned) => ({ planned, reason: obstacle(evidence, planned) }));
  const withheld = judged.flatMap(({ planned, reason }) =>
    reason === undefined
      ? []
      : [{ image: planned.id, notPublished: reason, targets: [], served: [] }],
  );
  const ready = judged.flatMap(({ planned, reason }) => (reason === undefined ? [planned] : []));
  if (ready.length === 0) return { ...evidence, publications: withheld };
  try {
    const { publications, findings } = await publishBuilt(evidence, ready, context);
    return {
      ...evidence,
      publications: [...publications.map((one) => ({ ...one, served: [] })), ...withheld],
      findings: [...evidence.findings, ...findings],
    };
  } catch (error) {
    if (context.options.signal.aborted) return evidence;
    return { ...evidence, findings: [...evidence.findings, brokenOff({}, 'Publishing', error)] };
  }
}
