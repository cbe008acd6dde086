import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  builtBy,
  type Finding,
  finding,
  imagesAsBuilt,
  isFolder,
  type Plan,
} from '../evidence/index.js';
import type { FileFacts, Files } from '../ports/index.js';

/** Two different files that a builder which compares size and time takes for one. */
export interface LookAlike {
  /** Ids of the images whose builds read them. */
  readonly images: readonly [string, string];
  /** Relative to the root. */
  readonly files: readonly [string, string];
}

interface LookAlikes {
  /** Of the contexts' files. */
  readonly pairs: readonly LookAlike[];
  /** Of Dockerfiles, which images that one text makes in several versions often have. */
  readonly dockerfiles: readonly LookAlike[];
  /** How many files were looked at; undefined `capped` means all there are. */
  readonly looked: number;
  readonly capped?: true;
}

/** Files that are looked at in all contexts together. */
const MOST_FILES = 200_000;

interface Candidate {
  readonly image: string;
  /** Relative to the root. */
  readonly path: string;
}

interface ContextScan {
  readonly files: Files;
  readonly root: string;
  /** By relative path in the context, size and time. */
  readonly groups: Map<string, Candidate[]>;
  looked: number;
}

function keyOf(relative: string, { size, modified }: FileFacts): string {
  return `${size} ${modified} ${relative}`;
}

function note(groups: ContextScan['groups'], key: string, candidate: Candidate): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [candidate]);
  else group.push(candidate);
}

/** Goes through a context; symbolic links are not followed, `.git` is left out. */
async function visit(walk: ContextScan, image: string, context: string): Promise<void> {
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const names = await readable(walk.files.list(join(walk.root, context, folder)), []);
    const paths = names.filter((name) => name !== '.git').map((name) => join(folder, name));
    const facts = await Promise.all(
      paths.map((path) => readable(walk.files.look(join(walk.root, context, path)), undefined)),
    );
    for (const [index, relative] of paths.entries()) {
      const found = facts[index];
      if (found?.kind === 'directory') folders.push(relative);
      if (found?.kind !== 'file' || found.size === 0) continue;
      if (walk.looked >= MOST_FILES) return;
      walk.looked += 1;
      note(walk.groups, keyOf(relative, found), { image, path: join(context, relative) });
    }
  }
}

/** What may not be read, or is gone by now, is left to the build to complain about. */
async function readable<T>(reading: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR'].includes(code)) return otherwise;
    throw error;
  }
}

async function hash(files: Files, path: string): Promise<string> {
  const sum = createHash('sha256');
  await pipeline(files.reader(path), sum);
  return sum.digest('hex');
}

/** The first file of a group with each other one whose content differs from it. */
async function differing(
  { files, root }: ContextScan,
  group: readonly Candidate[],
): Promise<readonly LookAlike[]> {
  const [first, ...others] = group;
  if (first === undefined || others.length === 0) return [];
  const sum = ({ path }: Candidate) =>
    readable<string | undefined>(hash(files, join(root, path)), undefined);
  const content = await sum(first);
  const pairs: LookAlike[] = [];
  for (const other of others) {
    const another = await sum(other);
    if (content === undefined || another === undefined || another === content) continue;
    pairs.push({ images: [first.image, other.image], files: [first.path, other.path] });
  }
  return pairs;
}

async function differingIn(walk: ContextScan, groups: ContextScan['groups']) {
  const found = new Map<string, LookAlike>();
  for (const group of groups.values()) {
    for (const pair of await differing(walk, group)) found.set(pair.files.join('\0'), pair);
  }
  return [...found.values()];
}

/**
 * Finds files of the plan's contexts that stand at one relative path, and
 * Dockerfiles, that are equal in size and modification time (nanoseconds) but
 * not in content: BuildKit's local source compares only those
 * (moby/buildkit#4950, #1368). Contents are read for such candidates alone.
 */
export async function lookAlikes(
  plan: Pick<Plan, 'images'>,
  root: string,
  files: Files,
): Promise<LookAlikes> {
  const walk: ContextScan = { files, root, groups: new Map(), looked: 0 };
  const contexts = new Map<string, string>();
  const dockerfiles = new Map<string, string>();
  for (const { id, build } of builtBy(imagesAsBuilt(plan.images), 'dockerfile')) {
    for (const context of [build.context, ...Object.values(build.contexts)].filter(isFolder)) {
      if (!contexts.has(context)) contexts.set(context, id);
    }
    if (isFolder(build.context) && !dockerfiles.has(build.file)) dockerfiles.set(build.file, id);
  }
  // One context alone cannot be taken for another.
  if (contexts.size > 1) for (const [context, id] of contexts) await visit(walk, id, context);
  const texts: ContextScan['groups'] = new Map();
  for (const [path, image] of dockerfiles) {
    const facts = await files.look(join(root, path));
    if (facts?.kind === 'file') note(texts, keyOf('', facts), { image, path });
  }
  return {
    pairs: await differingIn(walk, walk.groups),
    dockerfiles: await differingIn(walk, texts),
    looked: walk.looked,
    ...(walk.looked >= MOST_FILES ? { capped: true } : {}),
  };
}

const SHOWN = 5;

/** A note for each of the first pairs of contexts, and one that counts the rest. */
export function lookAlikeFindings({
  pairs,
  capped,
}: Pick<LookAlikes, 'pairs' | 'capped'>): readonly Finding[] {
  const shown = pairs
    .slice(0, SHOWN)
    .map(({ images, files }) =>
      finding(
        'look-alike-files',
        { image: images[0], path: files[0] },
        `${files[0]} (${images[0]}) and ${files[1]} (${images[1]}) are equal in size and time but not in content.`,
        { location: { file: files[0] } },
      ),
    );
  const rest = pairs.length - shown.length;
  const more = rest > 0 ? [`${rest} more pairs of files are equal in size and time.`] : [];
  const cap = capped ? [`Only the first ${MOST_FILES} files of the contexts were compared.`] : [];
  return [...shown, ...[...more, ...cap].map((text) => finding('look-alike-files', {}, text))];
}
