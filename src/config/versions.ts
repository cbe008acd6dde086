import { dirname, join } from 'node:path';
import { child, isAddress, mapScalars, type SourceNode } from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import type { Files } from '../ports/index.js';
import { isTag } from '../reference/index.js';

const CAPTURE = '{version}';

export interface Versioned {
  readonly raw: SourceNode;
  readonly version?: string;
}

/** What `{version}` stands for in a folder's names, at least one character, in the order of versions. */
async function captures(files: Files, folder: string, name: string): Promise<readonly string[]> {
  const [before = '', after = ''] = name.split(CAPTURE);
  const info = await files.look(folder);
  if (info?.kind !== 'directory') return [];
  const names = await files.list(folder);
  return names
    .filter((one) => one.startsWith(before) && one.endsWith(after))
    .map((one) => one.slice(before.length, one.length - after.length))
    .filter((version) => version !== '')
    .sort(new Intl.Collator('en', { numeric: true }).compare);
}

/** Each version becomes a part of an id, and often a tag. */
function notVersion(version: string, name: string): string {
  const file = JSON.stringify(name.replace(CAPTURE, () => version));
  const rule =
    'a version, like a tag, has up to 128 letters, digits and "_ . -", and does not begin with "." or "-"';
  return `${file} matches "${name}", and ${JSON.stringify(version)} is not a version; rename it: ${rule}`;
}

/**
 * An image whose `build.dockerfile` holds `{version}` becomes one per file that
 * matches, with the version put into every text of the image. `folder` is the
 * absolute one that paths of the configuration start from, `from` where a
 * Dockerfile's path does.
 */
export async function expandVersions(
  image: SourceNode,
  folder: string,
  from: 'context' | 'folder',
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
  const searched = join(folder, from === 'context' ? where : '.', dirname(dockerfile.text));
  const found = await captures(files, searched, name);
  if (found.length === 0) return problem(`no file matches "${dockerfile.text}"`);
  const [versions, others] = [found.filter(isTag), found.filter((one) => !isTag(one))];
  const images = versions.map((version) => ({
    version,
    raw: mapScalars(image, (one) => ({ ...one, text: one.text.replaceAll(CAPTURE, version) })),
  }));
  const problems = others.map((one) => ({ ...dockerfile.at, message: notVersion(one, name) }));
  return { images, problems };
}
