import type { ImageEntry, Request } from '../config/index.js';
import { builtBy, elsewhere, type PlannedImage, type Problem } from '../evidence/index.js';
import { missingStages } from './build-stage.js';
import { builderProblems } from './builders.js';
import { duplicates } from './duplicates.js';
import { grantProblems } from './grants.js';
import { imageProblems } from './image.js';
import { lengthProblems, movedNameProblems } from './lengths.js';
import { missingFiles, missingSources } from './missing-files.js';
import { nativeProblems } from './native-stages.js';
import type { PlanPorts, PlanSources } from './plan-sources.js';
import { platformBuilds } from './platform-builds.js';
import { jobsSecrets, unsetSecrets, unusedSecrets } from './secrets.js';
import { replaceProblems } from './targets.js';
import { unreadableLists } from './unreadable-lists.js';

/** An image as it is written, and as it is planned. */
export interface WrittenImage {
  readonly config: ImageEntry;
  /** Its id without its version. */
  readonly family: string;
  readonly image: PlannedImage;
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

/** Everything that makes a plan impossible, `more` included, in the order of its places. */
export async function planProblems(
  { config, locks, scope, described, applications }: PlanSources,
  whole: readonly WrittenImage[],
  more: readonly Problem[],
  { request, env }: { readonly request: Request; readonly env: PlanPorts['env'] },
): Promise<readonly Problem[]> {
  const { images } = config;
  const { root, files } = scope;
  const builds = images.flatMap(platformBuilds);
  const dockerfiles = builtBy(builds, 'dockerfile');
  const buildpacks = builtBy(images, 'buildpack');
  const further = [
    ...described.problems,
    ...duplicates(images, request),
    ...(await missingFiles(dockerfiles, root, files)),
    ...(await missingStages(dockerfiles, request, scope)),
    ...(await nativeProblems(dockerfiles, request, scope)),
    ...(await unreadableLists(dockerfiles, request, scope)),
    ...((await applications?.applicationProblems(buildpacks, request, scope)) ?? []),
    ...((await applications?.missingProcesses(buildpacks, request, scope)) ?? []),
    ...builderProblems(images, request),
    ...(await missingSources(builds, root, files)),
    ...jobsSecrets(images),
    ...unsetSecrets(images, request, env),
    ...unusedSecrets(images, request),
    ...locks.problems,
    ...lengthProblems(builds, request),
    ...movedNameProblems(images, request),
    ...(await grantProblems(builds, request, scope)),
    ...whole.flatMap((one) => imageProblems(one.config, request, one.image)),
    ...replaceProblems(whole, request),
    ...more,
  ];
  return sort([...config.problems, ...elsewhere(further, config.unknown)]);
}
