import type { Config, Request } from '../config/index.js';
import { builtBy } from '../evidence/index.js';
import type { Ports } from '../ports/index.js';
import { readDockerfiles, type SourceScope } from './dockerfiles.js';
import type { Locks } from './locks.js';
import { withSeenChanges } from './pushed-changes.js';
import { readSource, type Source } from './source.js';

export type PlanPorts = Pick<Ports, 'files' | 'exec' | 'env' | 'machine'>;

type Applications = typeof import('./applications.js');

/** What project descriptors add to the images of a configuration. */
type DescribedImages = Awaited<ReturnType<Applications['withDescriptors']>>;

/** Everything that a plan is made from. */
export interface PlanSources {
  /** With what project descriptors say of images from buildpacks. */
  readonly config: Config;
  readonly source: Source;
  readonly locks: Locks;
  readonly scope: SourceScope;
  readonly described: Pick<DescribedImages, 'problems' | 'notes'>;
  /** What reads applications, where there are any. */
  readonly applications?: Applications;
}

const NO_LOCKS: Locks = { locks: new Map(), problems: [], findings: [] };

/** Reads the checkout, and what stands beside the configuration. */
export async function readPlanSources(
  loading: Promise<Config>,
  request: Request,
  ports: PlanPorts,
): Promise<PlanSources> {
  const { root } = request;
  const ours = ['.sea-trial', ...(request.evidence === undefined ? [] : [request.evidence])];
  // The configuration is read while git is at work.
  const [checkout, written] = await Promise.all([readSource(request, ports, ours), loading]);
  const { files } = ports;
  const dockerfiles = readDockerfiles(root, files);
  const scope = { root, workspace: checkout.workspace, files, dockerfiles };
  const hasApplications = builtBy(written.images, 'buildpack').length > 0;
  const applications = hasApplications ? await import('./applications.js') : undefined;
  const described: DescribedImages = (await applications?.withDescriptors(
    written.images,
    request,
    scope,
  )) ?? { images: written.images, problems: [], notes: [] };
  const config = { ...written, images: described.images };
  const locks = (await applications?.readLocks(config, request, files)) ?? NO_LOCKS;
  const { secretSources } = request;
  const source = await withSeenChanges(checkout, { ...config, secretSources }, locks, scope);
  return { config, source, locks, scope, described, ...(applications && { applications }) };
}
