import { dirname } from 'node:path';
import type { DockerfileImageEntry, Request } from '../config/index.js';
import { isFolder, type Problem } from '../evidence/index.js';
import { isPlainDockerfile } from './build-stage.js';
import { mayRead } from './descriptor-path.js';
import type { SourceScope } from './dockerfiles.js';

/** Lines of lists of what is ignored that the builder cannot read, so that each build would fail. */
export async function unreadableLists(
  images: readonly DockerfileImageEntry[],
  request: Pick<Request, 'grants' | 'trust'>,
  scope: SourceScope,
): Promise<readonly Problem[]> {
  const problems = images.map(async (image): Promise<readonly Problem[]> => {
    const { args, context, dockerfile } = image.build;
    const { dockerfiles } = scope;
    const text = isFolder(context.value) ? await dockerfiles.find(dockerfile.value) : undefined;
    if (text === undefined || !isPlainDockerfile(text, args)) return [];
    const list = await dockerfiles.ignoredIn({ file: dockerfile.value, context: context.value });
    const { faulty: found } = list.rules;
    if (found === undefined) return [];
    if (!(await mayRead(dirname(list.file), image, request, scope))) return [];
    const message = `the builder cannot read the pattern "${found.text}", and the build would fail; look at its "[", "]", "-", "\\" and "!", and write "\\" before a character that means itself`;
    return [{ file: list.file, line: found.line, message }];
  });
  return (await Promise.all(problems)).flat();
}
