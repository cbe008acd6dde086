import { dirname, join } from 'node:path';
import { child, isAddress, type SourceNode } from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import type { Files } from '../ports/index.js';
import { isTag } from '../reference/index.js';
import { fill, fillText, platformValues } from './placeholders.js';

const CAPTURE = '{version}';

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

/** The versions that there are on any of the platforms, whose placeholders are not the glob's to match. */
async function versionsIn(
  glob: { readonly folder: string; readonly name: string },
  platforms: readonly string[],
  files: Files,
): Promise<readonly string[]> {
  const values = platforms.map((platform) => platformValues(platform) ?? {});
  const searched = (values.length === 0 ? [{}] : values).map(
    (one) => [fillText(glob.folder, one), fillText(glob.name, one)] as const,
  );
  const found = await Promise.all(
    [...new Map(searched.map((one) => [one.join('\0'), one])).values()].map(([folder, name]) =>
      captures(files, folder, name),
    ),
  );
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

/**
 * An image whose `build.dockerfile` holds `{version}` becomes one per file that
 * matches on one of the platforms, with the version put into every text of the image.
 */
export async function expandVersions(
  image: SourceNode,
  { folder, from, platforms }: GlobScope,
  files: Files,
): Promise<{ readonly images: readonly Versioned[]; readonly problems: readonly Problem[] }> {
  const build = child(image, 'build');
  const dockerfile = child(build, 'dockerfile');
  if (dockerfile?.kind !== 'scalar' || !dockerfile.text.includes(CAPTURE)) {
    return { images: [{ raw: image }], problems: [] };
  }
  const context = child(build, 'context');
  const where = context?.kind === 'scalar' ? context.text : '.';
  const problem = (message: string) => ({
    images: [],
    problems: [{ ...dockerfile.at, message }],
  });
  const [name, ...more] = dockerfile.text.split('/').filter((part) => part.includes(CAPTURE));
  if (name === undefined || more.length > 0 || name.split(CAPTURE).length !== 2) {
    return problem(`"${dockerfile.text}" has ${CAPTURE} more than once`);
  }
  if (!dockerfile.text.endsWith(name)) {
    return problem(
      `"${dockerfile.text}": ${CAPTURE} belongs in the file's name, not in a folder's`,
    );
  }
  if (isAddress(where)) {
    return problem(`"${dockerfile.text}": ${CAPTURE} needs a context that is a folder`);
  }
  const found = await versionsIn(
    { folder: join(folder, from === 'context' ? where : '.', dirname(dockerfile.text)), name },
    platforms,
    files,
  );
  if (found.length === 0) return problem(`no file matches "${dockerfile.text}"`);
  const [versions, others] = [found.filter(isTag), found.filter((one) => !isTag(one))];
  const images = versions.map((version) => ({
    version,
    raw: fill(image, { version }),
  }));
  const problems = others.map((one) => ({ ...dockerfile.at, message: notVersion(one, name) }));
  return { images, problems };
}
