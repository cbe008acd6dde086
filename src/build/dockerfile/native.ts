import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { withNativeStages } from '../../dockerfile/index.js';
import { builtBy, imagesAsBuilt, isFolder, type PlannedImage } from '../../evidence/index.js';
import { type Files, linksStayInside } from '../../ports/index.js';

/** A Dockerfile that takes the place of one of the checkout. */
export interface NativeDockerfile {
  readonly path: string;
  readonly text: string;
}

interface NativeSources {
  readonly images: readonly PlannedImage[];
  readonly root: string;
  /** The Dockerfiles of the checkout, by their paths. */
  readonly contents: ReadonlyMap<string, Buffer>;
  /** Where copies are made. */
  readonly folder: string;
}

/** What the builder looks for beside a Dockerfile: what is ignored, and buildx's policy. */
const BESIDE = ['.dockerignore', '.rego'];

async function copyBeside(from: string, to: string, files: Files): Promise<void> {
  for (const end of BESIDE) {
    const [folder, name] = [dirname(from), `${basename(from)}${end}`];
    if ((await files.look(join(folder, name))) === undefined) continue;
    // The builder follows no link that leads out of the folder.
    if (!(await linksStayInside(folder, name, files))) continue;
    await files.write(`${to}${end}`, await files.read(join(folder, name)));
  }
}

/**
 * Writes a copy of each Dockerfile some of whose stages are to be of the build machine's
 * platform, in which their FROM says so. BuildKit runs what is in a stage as programs of the
 * stage's platform: by its own emulator, where its machine has none; so an image of another
 * platform under the same FROM would not do. No file of the user's is touched. Answers
 * `ID@PLATFORM` → the copy.
 */
export async function writeNativeDockerfiles(
  { images, root, contents, folder }: NativeSources,
  files: Files,
): Promise<ReadonlyMap<string, NativeDockerfile>> {
  const found = new Map<string, NativeDockerfile>();
  for (const { id, build, platforms } of builtBy(imagesAsBuilt(images), 'dockerfile')) {
    const own = isFolder(build.context) ? contents.get(build.file) : undefined;
    if (own === undefined || build.native === undefined) continue;
    const { args, native, contexts } = build;
    const content = withNativeStages(own, { args, contexts: Object.keys(contexts) }, native);
    const hash = createHash('sha256')
      .update(JSON.stringify([build.file, content.toString('base64')]))
      .digest('hex');
    const path = join(folder, hash.slice(0, 12), basename(build.file));
    await files.makeDirectory(dirname(path));
    await files.write(path, content);
    await copyBeside(join(root, build.file), path, files);
    const text = content.toString('utf8');
    for (const platform of platforms) found.set(`${id}@${platform}`, { path, text });
  }
  return found;
}
