import { join, normalize, resolve } from 'node:path';
import {
  isSurelyAbsent,
  neededStages,
  type StageStep,
  stagesOf,
  whyAbsent,
} from '../dockerfile/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { buildingOf, type DockerfileSources, stepText } from './dockerfile-sources.js';
import type { SourceScope } from './dockerfiles.js';

/** With these a path means what it says; others say what of it is copied. */
const PLAIN_FLAG = /^--(chown|chmod|link|checksum|keep-git-dir|unpack)(=|$)/;

/** Patterns, variables and addresses: only the build knows what they are. */
const NO_PLAIN_PATH = /[$*?[\]\\:]|^git@|^\s*$/;

interface CopiedPath {
  /** From the root of the context, at which BuildKit stops all ways up. */
  readonly path: string;
  readonly leaves: boolean;
}

/** The paths that a step takes out of the context, from its root. */
function pathsOf(step: StageStep): readonly CopiedPath[] {
  const { copiedFrom, flags, paths } = step;
  if (copiedFrom !== undefined || !flags.every((flag) => PLAIN_FLAG.test(flag))) return [];
  return (paths?.sources ?? [])
    .filter((source) => !NO_PLAIN_PATH.test(source))
    .map((source) => ({
      path: join('/', source).replace(/^\/|\/$/g, ''),
      leaves: normalize(source).startsWith('..'),
    }))
    .filter(({ path }) => path !== '');
}

const LEAVES =
  'A COPY cannot leave its context: build with a folder above as the "context", or name the other one under "additional_contexts".';

/** Files that a build copies and that its context surely does not have. */
export async function missingCopies(
  { image, text, ignore }: DockerfileSources,
  { root, files }: Pick<SourceScope, 'root' | 'files'>,
): Promise<readonly Finding[]> {
  const { id, build } = image;
  const building = buildingOf(image);
  const steps = neededStages(stagesOf(text, building), building).flatMap((stage) => stage.steps);
  const folder = resolve(root, build.context);
  const copies = steps.flatMap((step) => pathsOf(step).map((copied) => ({ step, ...copied })));
  const found = copies.map(async ({ step, path, leaves }) => {
    if (!(await isSurelyAbsent(path, folder, ignore, files))) return [];
    const message = `${stepText(step)} needs ${path}, which the build context "${build.context}" does not have.`;
    return [
      finding('source-missing', { image: id, path }, message, {
        location: { file: build.file, line: step.line },
        ...defined({ remedy: leaves ? LEAVES : await whyAbsent(path, build, root, files) }),
      }),
    ];
  });
  return (await Promise.all(found)).flat();
}
