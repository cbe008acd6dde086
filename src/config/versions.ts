import { basename, dirname, isAbsolute, join, normalize } from 'node:path';
import { child, isAddress, items, type ScalarNode, type SourceNode } from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import type { Files } from '../ports/index.js';
import { isTag } from '../reference/index.js';
import { fill, fillText, platformValues } from './placeholders.js';
import { writtenPlace } from './problems.js';
import { tagsOf } from './tags.js';

const CAPTURE = '{version}';

/** Files that a note names one by one. */
const NAMED = 3;

export interface Versioned {
  readonly raw: SourceNode;
  readonly version?: string;
}

/** What `{version}` stands for in a folder's names, at least one character. */
async function captures(files: Files, folder: string, name: string): Promise<readonly string[]> {
  const [before = '', after = ''] = name.split(CAPTURE);
  const info = await files.look(folder);
  if (info?.kind !== 'directory') return [];
  const names = await files.list(folder);
  return names
    .filter((one) => one.startsWith(before) && one.endsWith(after))
    .map((one) => one.slice(before.length, one.length - after.length))
    .filter((version) => version !== '');
}

/** The files in a folder whose names a pattern would match in other letters, upper or lower. */
async function nearlyMatching(
  files: Files,
  folder: string,
  name: string,
): Promise<readonly string[]> {
  const [before = '', after = ''] = name.split(CAPTURE);
  const [start, end] = [before.toLowerCase(), after.toLowerCase()];
  if ((await files.look(folder))?.kind !== 'directory') return [];
  const nearly = (await files.list(folder)).filter((one) => {
    const lower = one.toLowerCase();
    const isMatch = one.startsWith(before) && one.endsWith(after);
    const isLong = one.length > before.length + after.length;
    if (!isLong || isMatch || !lower.startsWith(start) || !lower.endsWith(end)) return false;
    const version = one.slice(before.length, one.length - after.length);
    return isTag(version) && !lower.endsWith('.dockerignore');
  });
  const looked = await Promise.all(
    nearly.map(async (one) => {
      const path = join(folder, one);
      return (await files.look(path))?.kind === 'file' ? [path] : [];
    }),
  );
  return looked.flat();
}

/** How many characters two texts have in common at their beginning. */
function sharedStart(one: string, other: string): number {
  const at = [...one].findIndex((char, index) => char !== other[index]);
  return at === -1 ? one.length : at;
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}

/** The file whose name has most of a pattern's, and at least half of it. */
async function nearestFile(
  { folder, name }: { readonly folder: string; readonly name: string },
  files: Files,
): Promise<string | undefined> {
  if ((await files.look(folder))?.kind !== 'directory') return undefined;
  const [before = '', after = ''] = name.split(CAPTURE);
  const rated = (await files.list(folder)).map((one) => ({
    one,
    shared:
      sharedStart(before.toLowerCase(), one.toLowerCase()) +
      sharedStart(reversed(after.toLowerCase()), reversed(one.toLowerCase())),
  }));
  const [best] = rated.sort((a, b) => b.shared - a.shared);
  return best !== undefined && best.shared * 2 >= before.length + after.length
    ? best.one
    : undefined;
}

interface Glob {
  readonly folder: string;
  readonly name: string;
}

/** A glob as each of the platforms has it, whose placeholders are not the glob's to match. */
function onPlatforms(glob: Glob, platforms: readonly string[]): readonly Glob[] {
  const values = platforms.map((platform) => platformValues(platform) ?? {});
  const searched = (values.length === 0 ? [{}] : values).map((one) => ({
    folder: fillText(glob.folder, one),
    name: fillText(glob.name, one),
  }));
  return [...new Map(searched.map((one) => [`${one.folder}\0${one.name}`, one])).values()];
}

/** The versions that there are on any of the platforms. */
async function versionsIn(globs: readonly Glob[], files: Files): Promise<readonly string[]> {
  const found = await Promise.all(globs.map(({ folder, name }) => captures(files, folder, name)));
  return [...new Set(found.flat())].sort(new Intl.Collator('en', { numeric: true }).compare);
}

/** Each version becomes a part of an id, and often a tag. */
function notVersion(version: string, name: string): string {
  const file = JSON.stringify(name.replace(CAPTURE, () => version));
  const rule =
    'a version, like a tag, has up to 128 letters, digits and "_ . -", and does not begin with "." or "-"';
  return `${file} matches "${name}", and ${JSON.stringify(version)} is not a version; rename it: ${rule}`;
}

/** Where a glob is looked for. */
interface GlobScope {
  /** The absolute one that paths of the configuration start from. */
  readonly folder: string;
  /** Where a Dockerfile's path starts. */
  readonly from: 'context' | 'folder';
  /** Those of the image, normalised. */
  readonly platforms: readonly string[];
}

/** A file of which a glob makes no image because of its letters' case. */
export interface NearlyMatching {
  /** Absolute. */
  readonly path: string;
  /** What to tell if no other entry builds it. */
  readonly note: string;
}

interface Expanded {
  readonly images: readonly Versioned[];
  readonly problems: readonly Problem[];
  /** What is wrong with a text of which there is nothing more to say. */
  readonly strays: readonly Problem[];
  /** Files that match but for upper and lower case. */
  readonly nearly?: readonly NearlyMatching[];
}

/** Where the path of a Dockerfile starts. */
function startOf({ folder, from }: GlobScope, context: string): string {
  return from === 'context' ? join(folder, context) : folder;
}

/** A file where a folder belongs. */
async function contextProblem(
  image: SourceNode,
  { folder, from }: GlobScope,
  files: Files,
): Promise<readonly Problem[]> {
  const build = child(image, 'build');
  const context = build?.kind === 'scalar' ? build : child(build, 'context');
  if (context?.kind !== 'scalar' || context.unknown) return [];
  const { text, at } = context;
  if (isAddress(text) || isAbsolute(text) || /^(?:\.\.|~)(?:\/|$)|[{}]/.test(normalize(text)))
    return [];
  if ((await files.look(join(folder, text)))?.kind !== 'file') return [];
  const path = normalize(text);
  const [parent, name] = [dirname(path), basename(path)];
  const own = [
    ...(parent === '.' ? [] : [`context: ${parent}`]),
    ...(name === 'Dockerfile' ? [] : [`dockerfile: ${name}`]),
  ];
  const ofFolder = own.length === 0 ? 'build: .' : `build: { ${own.join(', ')} }`;
  const whole =
    parent === '.' ? '' : `, or build: { dockerfile: ${path} } with this folder as the context`;
  const inInputs = `write ${parent}, and the file in the input "file"`;
  const isOfBuildpacks = child(build, 'buildpack') !== undefined;
  const inFile = isOfBuildpacks ? `write context: ${parent}` : `write ${ofFolder}${whole}`;
  const right = from === 'folder' ? inInputs : inFile;
  return [
    { ...at, message: `"${text}" is a file, and the context of a build is a folder; ${right}` },
  ];
}

/** A name with a pattern of the shell, where no file is called so. */
async function starProblem(
  dockerfile: ScalarNode,
  where: string,
  scope: GlobScope,
  files: Files,
): Promise<readonly Problem[]> {
  const { text, at } = dockerfile;
  if (!/[*?]/.test(text) || isAddress(where)) return [];
  const path = join(startOf(scope, where), text);
  if ((await files.look(path)) !== undefined) return [];
  const meant = text.replace(/\*+|\?+/, () => CAPTURE);
  const message = `there is no file "${text}", and "dockerfile" has no such patterns; for an image of each version, write "${meant}"`;
  return [{ ...at, message }];
}

/** Each tag that several versions would get, at the name of its target. */
function sameTags(
  image: SourceNode,
  versions: readonly string[],
  name: string,
): readonly Problem[] {
  if (versions.length < 2) return [];
  const targets = [
    ...(child(image, 'name') === undefined ? [] : [image]),
    ...items(image, 'targets'),
  ];
  return targets.flatMap((target): readonly Problem[] => {
    const repository = target.kind === 'scalar' ? target : child(target, 'name');
    if (repository?.kind !== 'scalar' || repository.text.includes(CAPTURE)) return [];
    if (repository.unknown) return [];
    return tagsOf(target)
      .filter((tag) => !tag.includes(CAPTURE))
      .slice(0, 1)
      .map((tag) => {
        const message = `"${name}" makes an image of each version (${versions.join(', ')}), and all of them would be "${repository.text}:${tag}"; put ${CAPTURE} into the tag, as tags: ['${tag === 'latest' ? CAPTURE : `${tag}-${CAPTURE}`}']`;
        return { ...repository.at, message };
      });
  });
}

/**
 * An image whose `build.dockerfile` holds `{version}` becomes one per file that
 * matches on one of the platforms, with the version put into every text of the image.
 */
export async function expandVersions(
  image: SourceNode,
  scope: GlobScope,
  files: Files,
): Promise<Expanded> {
  const build = child(image, 'build');
  const dockerfile = child(build, 'dockerfile');
  const noFolder = await contextProblem(image, scope, files);
  if (noFolder.length > 0) return { images: [{ raw: image }], problems: [], strays: noFolder };
  if (dockerfile?.kind !== 'scalar') return { images: [{ raw: image }], problems: [], strays: [] };
  const context = child(build, 'context');
  const where = context?.kind === 'scalar' ? context.text : '.';
  if (!dockerfile.text.includes(CAPTURE)) {
    const strays = await starProblem(dockerfile, where, scope, files);
    return { images: [{ raw: image }], problems: [], strays };
  }
  const problem = (message: string) => ({
    images: [],
    problems: [{ ...dockerfile.at, message }],
    strays: [],
  });
  const [name, ...more] = dockerfile.text.split('/').filter((part) => part.includes(CAPTURE));
  if (name === undefined || more.length > 0 || name.split(CAPTURE).length !== 2) {
    return problem(`"${dockerfile.text}" has ${CAPTURE} more than once`);
  }
  if (!dockerfile.text.endsWith(name)) {
    return problem(
      `"${dockerfile.text}": ${CAPTURE} belongs in the file's name, not in a folder's; call the files ${CAPTURE}.Dockerfile, or write an item of "images" for each folder`,
    );
  }
  if (isAddress(where)) {
    return problem(`"${dockerfile.text}": ${CAPTURE} needs a context that is a folder`);
  }
  if (dockerfile.unknown || (context?.kind === 'scalar' && context.unknown)) {
    return { images: [], problems: [], strays: [] };
  }
  const glob = { folder: join(startOf(scope, where), dirname(dockerfile.text)), name };
  const globs = onPlatforms(glob, scope.platforms);
  const found = await versionsIn(globs, files);
  if (found.length === 0) {
    const near = await nearestFile(glob, files);
    const hint = near === undefined ? '' : `; the nearest there is "${near}"`;
    return problem(`no file matches "${dockerfile.text}"${hint}`);
  }
  const [versions, others] = [found.filter(isTag), found.filter((one) => !isTag(one))];
  const images = versions.map((version) => ({
    version,
    raw: fill(image, { version }),
  }));
  const problems = others.map((one) => ({ ...dockerfile.at, message: notVersion(one, name) }));
  const alike = await Promise.all(globs.map((one) => nearlyMatching(files, one.folder, one.name)));
  const nearly = [...new Set(alike.flat())];
  const leavesOut = `${writtenPlace(dockerfile.at)}: "${dockerfile.text}" leaves out`;
  const left = nearly.length - NAMED;
  return {
    images,
    problems,
    strays: sameTags(image, versions, dockerfile.text),
    nearly: [
      ...nearly.slice(0, NAMED).map((path) => ({
        path,
        note: `${leavesOut} ${JSON.stringify(basename(path))}, whose name matches but for upper and lower case; rename the file if it is a version too.`,
      })),
      ...(left > 0
        ? [
            {
              path: '',
              note: `${leavesOut} ${left} more files, whose names match but for upper and lower case.`,
            },
          ]
        : []),
    ],
  };
}
