import { dirname } from 'node:path';
import type { DockerfileImageEntry, Request } from '../config/index.js';
import { builtChain, parseDockerfile, stagesOf } from '../dockerfile/index.js';
import { isFolder, type Problem } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { pathEscape } from '../ports/index.js';
import { frontend } from './bases.js';
import { mayRead } from './descriptor-path.js';
import type { SourceScope } from './dockerfiles.js';

/** The image that reads Dockerfiles as BuildKit itself does; another may read another language. */
const DOCKERFILE_FRONTEND = /^(docker\.io\/)?docker\/dockerfile(-upstream)?([:@]|$)/;

/** Whether a file is read by BuildKit's own rules, and not by those of another image. */
export function isPlainDockerfile(text: string, args: Readonly<Record<string, string>>): boolean {
  return DOCKERFILE_FRONTEND.test(frontend(text, args)?.reference ?? 'docker/dockerfile');
}

/** Why there is nothing to build in a file without stages. */
function emptiness(text: string): string {
  if (text.trim() === '') return 'is empty';
  const { instructions } = parseDockerfile(text);
  return instructions.length === 0 ? 'holds comments alone' : 'has no FROM';
}

async function stageProblems(
  text: string,
  { build }: DockerfileImageEntry,
  scope: SourceScope,
): Promise<readonly Problem[]> {
  const { target, args, contexts, dockerfile, targetAt = dockerfile.at } = build;
  if (!isPlainDockerfile(text, args)) return [];
  const building = {
    args,
    contexts: contexts.map(({ name }) => name),
    ...(target ? { target } : {}),
  };
  const stages = stagesOf(text, building);
  if (stages.length === 0) {
    // Of a file that is not in the checkout it is not said, whatever is granted.
    if ((await pathEscape(dirname(dockerfile.value), scope)) !== undefined) return [];
    const message = `"${dockerfile.value}" ${emptiness(text)}; every stage begins with FROM, as in "FROM alpine:3"`;
    return [{ ...dockerfile.at, message }];
  }
  if (builtChain(stages, building).length > 0) return [];
  const near = nearest(
    target ?? '',
    stages.flatMap(({ name }) => name ?? []),
  );
  const isNumber = /^\d+$/.test(target ?? '');
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  const why = isNumber ? '; a target is the name of a stage, not its number' : hint;
  return [{ ...targetAt, message: `"${dockerfile.value}" has no stage "${target}"${why}` }];
}

/** Dockerfiles without a stage, and stages that are to be built (`target`) and that their Dockerfiles do not have. */
export async function missingStages(
  images: readonly DockerfileImageEntry[],
  request: Pick<Request, 'grants' | 'trust'>,
  scope: SourceScope,
): Promise<readonly Problem[]> {
  const problems = images.map(async (image): Promise<readonly Problem[]> => {
    const { context, dockerfile } = image.build;
    if (!isFolder(context.value)) return [];
    if (!(await mayRead(dirname(dockerfile.value), image, request, scope))) return [];
    const text = await scope.dockerfiles.find(dockerfile.value);
    return text === undefined ? [] : stageProblems(text, image, scope);
  });
  return (await Promise.all(problems)).flat();
}
