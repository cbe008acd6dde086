import type { DockerfileImageEntry } from '../config/index.js';
import { faultyLine } from '../dockerfile/index.js';
import { isFolder, type Problem } from '../evidence/index.js';
import { isPlainDockerfile } from './build-stage.js';
import type { SourceScope } from './dockerfiles.js';

/** Lines of lists of what is ignored that the builder cannot read, so that each build would fail. */
export async function unreadableLists(
  images: readonly DockerfileImageEntry[],
  { dockerfiles }: Pick<SourceScope, 'dockerfiles'>,
): Promise<readonly Problem[]> {
  const problems = images.map(async ({ build }): Promise<readonly Problem[]> => {
    const { args, context, dockerfile } = build;
    const text = isFolder(context.value) ? await dockerfiles.find(dockerfile.value) : undefined;
    if (text === undefined || !isPlainDockerfile(text, args)) return [];
    const list = await dockerfiles.ignoredIn({ file: dockerfile.value, context: context.value });
    const found = faultyLine(list.text);
    if (found === undefined) return [];
    const message = `the builder cannot read the pattern "${found.text}", and the build would fail; look at its "[", "]", "-", "\\" and "!", and write "\\" before a character that means itself`;
    return [{ file: list.file, line: found.line, message }];
  });
  return (await Promise.all(problems)).flat();
}
