import { applicationFilter } from '../buildpacks/index.js';
import type { BuildpackImageEntry, Request } from '../config/index.js';
import { isFolder, joinWords, type Problem } from '../evidence/index.js';
import { linksStayInside, type PathScope } from '../ports/index.js';
import { mayRead } from './descriptor-path.js';

/** Bytes of an application, and the number of its files and folders: what is more is no source code. */
const LARGEST = 1024 ** 3;
const MOST = 200_000;

/** Paths that a problem names. */
const SHOWN = 5;

/** What was seen of a folder; it is not looked through further than to the first limit. */
interface SeenFolder {
  readonly bytes: number;
  readonly entries: number;
  /** Links that lead out of it, by their paths in it. */
  readonly links: readonly string[];
  /** Files that are listed and not there by that name: it is none that is UTF-8. */
  readonly nameless: readonly string[];
  /** A folder in it that cannot be listed. */
  readonly unread?: string;
}

/** Looks through what a build gets of a folder, one folder after the other, without following links. */
async function lookThrough(
  folder: string,
  isBuilt: (path: string) => boolean,
  files: PathScope['files'],
): Promise<SeenFolder> {
  const left = [''];
  const links: string[] = [];
  const nameless: string[] = [];
  let [bytes, entries] = [0, 0];
  for (let within = left.pop(); within !== undefined; within = left.pop()) {
    const here = within === '' ? folder : `${folder}/${within}`;
    const names = await files.list(here).catch(() => undefined);
    if (names === undefined) return { bytes, entries, links, nameless, unread: within };
    entries += names.length;
    if (entries > MOST) break;
    const paths = names.map((name) => (within === '' ? name : `${within}/${name}`));
    const facts = await Promise.all(paths.map((path) => files.look(`${folder}/${path}`)));
    for (const [index, path] of paths.entries()) {
      const found = facts[index];
      // What is left out may hold what is not: each file is judged by itself.
      if (found?.kind === 'directory') left.push(path);
      if (!isBuilt(path)) continue;
      if (found?.kind === 'file') bytes += found.size;
      if (found === undefined && path.includes('\ufffd')) nameless.push(path);
      if (found?.kind !== 'symlink') continue;
      if (!(await linksStayInside(folder, path, files))) links.push(path);
    }
    if (bytes > LARGEST) break;
  }
  return { bytes, entries, links, nameless };
}

const LESS = 'name a smaller "context", or leave files out with "exclude" in project.toml';

function some(paths: readonly string[]): string {
  const more = paths.length > SHOWN ? [`${paths.length - SHOWN} more`] : [];
  return joinWords([...paths.slice(0, SHOWN).map((path) => `"${path}"`), ...more]);
}

function messagesOf(
  shown: string,
  { bytes, entries, links, nameless, unread }: SeenFolder,
): readonly string[] {
  return [
    ...(unread === undefined ? [] : [`"${shown}" has a folder that cannot be listed: "${unread}"`]),
    ...(bytes > LARGEST
      ? [`the application in "${shown}" has more than ${LARGEST} bytes (1 GiB); ${LESS}`]
      : []),
    ...(entries > MOST
      ? [`the application in "${shown}" has more than ${MOST} files and folders; ${LESS}`]
      : []),
    ...(nameless.length === 0
      ? []
      : [
          `"${shown}" has files whose names are not UTF-8, and which would be missing in the build: ${some(nameless)}; rename them, or leave them out with "exclude" in project.toml`,
        ]),
    ...(links.length === 0
      ? []
      : [
          `links lead out of "${shown}", and what they lead to is not in the build: ${some(links)}; replace them by files, or leave them out with "exclude" in project.toml`,
        ]),
  ];
}

/** The folders of applications: not there, too large, or with links to what is outside. */
export async function applicationProblems(
  images: readonly BuildpackImageEntry[],
  request: Pick<Request, 'grants' | 'trust'>,
  scope: PathScope,
): Promise<readonly Problem[]> {
  const problems = images.map(async (image): Promise<readonly Problem[]> => {
    const { value, written = value, at } = image.build.context;
    if (!isFolder(value)) return [];
    const folder = `${scope.root}/${value}`;
    // The trailing `/.` follows a symbolic link to a folder.
    const facts = await scope.files.look(`${folder}/.`);
    if (facts === undefined) return [{ ...at, message: `there is no folder "${written}"` }];
    if (!(await mayRead(value, image, request, scope))) return [];
    const seen = await lookThrough(folder, applicationFilter(image.build), scope.files);
    return messagesOf(written, seen).map((message) => ({ ...at, message }));
  });
  return (await Promise.all(problems)).flat();
}
