import type { DockerfileImageEntry } from '../config/index.js';
import { builtChain, stagesOf } from '../dockerfile/index.js';
import { isFolder, type Problem } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { frontend } from './bases.js';
import type { SourceScope } from './dockerfiles.js';

/** The image that reads Dockerfiles as BuildKit itself does; another may read another language. */
const DOCKERFILE_FRONTEND = /^(docker\.io\/)?docker\/dockerfile(-upstream)?([:@]|$)/;

/**
 * Whether a line names the stage. What the parser takes for the text of a here-document
 * (after `RUN echo "see <<EOF here"`) or for a continued line can be a stage to BuildKit.
 */
function isNamed(target: string, text: string): boolean {
  const names = [...text.matchAll(/^[ \t]*FROM[ \t].*[ \t]AS[ \t]+(\S+)[ \t\r]*$/gim)];
  return names.some(([, name]) => name?.toLowerCase() === target.toLowerCase());
}

/** Whether a file is read by BuildKit's own rules, and not by those of another image. */
export function isPlainDockerfile(text: string, args: Readonly<Record<string, string>>): boolean {
  return DOCKERFILE_FRONTEND.test(frontend(text, args)?.reference ?? 'docker/dockerfile');
}

function stageProblem(text: string, { build }: DockerfileImageEntry): string | undefined {
  const { target, args, contexts, dockerfile } = build;
  if (target === undefined || target === '' || !isPlainDockerfile(text, args)) return undefined;
  const building = { args, contexts: contexts.map(({ name }) => name), target };
  const stages = stagesOf(text, building);
  if (stages.length === 0 || builtChain(stages, building).length > 0) return undefined;
  if (isNamed(target, text)) return undefined;
  const near = nearest(
    target,
    stages.flatMap(({ name }) => name ?? []),
  );
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  return `"${dockerfile.value}" has no stage "${target}"${hint}`;
}

/** Stages that are to be built (`target`) and that their Dockerfiles do not have. */
export async function missingStages(
  images: readonly DockerfileImageEntry[],
  { dockerfiles }: Pick<SourceScope, 'dockerfiles'>,
): Promise<readonly Problem[]> {
  const problems = images.map(async (image): Promise<readonly Problem[]> => {
    const { context, dockerfile, target, targetAt = dockerfile.at } = image.build;
    if (target === undefined || !isFolder(context.value)) return [];
    const text = await dockerfiles.find(dockerfile.value);
    const message = text && stageProblem(text, image);
    if (!message) return [];
    return [{ ...targetAt, message }];
  });
  return (await Promise.all(problems)).flat();
}
