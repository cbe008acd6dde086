import { procfileTypes } from '../buildpacks/index.js';
import type { BuildpackImageEntry, Request } from '../config/index.js';
import { isFolder, joinWords, type Problem } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import type { PathScope } from '../ports/index.js';
import { mayRead } from './descriptor-path.js';

/** A Procfile is written by hand; a larger file is something else. */
const LARGEST = 1024 * 1024;

/** Buildpacks of languages add this one themselves, whatever a Procfile has. */
const COMMON = 'web';

async function processProblem(
  { build }: BuildpackImageEntry,
  { root, files }: PathScope,
): Promise<readonly Problem[]> {
  const { context, process: asked } = build;
  if (asked === undefined || asked.value === COMMON) return [];
  const path = `${root}/${context.value}/Procfile`;
  // A link is one in the build too: what it leads to there is not known here.
  if ((await files.look(path))?.kind !== 'file') return [];
  const content = await files.read(path, LARGEST).catch(() => undefined);
  const types = procfileTypes(content?.toString('utf8') ?? '').map(({ type }) => type);
  if (types.length === 0 || types.includes(asked.value)) return [];
  const near = nearest(asked.value, types);
  const hint =
    near === undefined
      ? `it has ${joinWords([...new Set(types)])}; add "${asked.value}: COMMAND" to it, or leave "process" out`
      : `did you mean "${near}"?`;
  return [{ ...asked.at, message: `the Procfile has no process "${asked.value}"; ${hint}` }];
}

/** Process types that are asked for, and that the application's Procfile does not have. */
export async function missingProcesses(
  images: readonly BuildpackImageEntry[],
  request: Pick<Request, 'grants' | 'trust'>,
  scope: PathScope,
): Promise<readonly Problem[]> {
  const problems = images.map(async (image) => {
    const { value } = image.build.context;
    const isRead = isFolder(value) && (await mayRead(value, image, request, scope));
    return isRead ? processProblem(image, scope) : [];
  });
  return (await Promise.all(problems)).flat();
}
