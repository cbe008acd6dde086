import { join, resolve } from 'node:path';
import pLimit from 'p-limit';
import type { KnownCaches } from '../build/index.js';
import { builtBy, type Finding, finding, type Plan } from '../evidence/index.js';
import type { Planned } from '../plan/index.js';
import type { Ports } from '../ports/index.js';
import { parseReference, plannedCache } from '../reference/index.js';
import { type RegistryClient, RegistryError } from '../registry/index.js';

/** Questions under way at once. */
const QUESTIONS = 4;

/** Folders in a local cache that are looked at. */
const MOST_FOLDERS = 256;

/** The places that the builds of a plan read: references of registries, or folders. */
function placesOf(plan: Plan, type: 'registry' | 'local', attribute: 'ref' | 'src') {
  const caches = builtBy(plan.images, 'dockerfile').flatMap(({ build }) =>
    build.cacheFrom.map(plannedCache),
  );
  const places = caches.flatMap((cache) =>
    cache.type === type ? (cache.attributes.get(attribute) ?? []) : [],
  );
  return [...new Set(places)];
}

/** Undefined where the registry does not say: then nothing but this configuration's ids is known. */
async function tagsOf(
  text: string,
  client: RegistryClient,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const parsed = parseReference(text);
  if (!parsed.ok) return undefined;
  const { registry, repository } = parsed.reference;
  try {
    return await client.repository(registry, repository).listTags(signal);
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

/** The folders in a local cache that hold one; the empty name is the folder itself. */
async function foldersIn(path: string, { files }: Pick<Ports, 'files'>) {
  const names = await files.list(path).catch(() => []);
  const found = ['', ...names.slice(0, MOST_FOLDERS)].map(async (name) => {
    const index = await files.look(join(path, name, 'index.json')).catch(() => undefined);
    return index === undefined ? [] : [name];
  });
  return (await Promise.all(found)).flat();
}

/** A note for each local cache of which nothing is there. */
function unread(folders: KnownCaches['folders']): readonly Finding[] {
  return [...folders].flatMap(([path, names]) => {
    if (names.length > 0) return [];
    const message = `The cache ${path} could not be read, for there is no cache in this folder; the build does without it.`;
    return [finding('cache-unread', {}, message)];
  });
}

/** Looks where other images have written the caches that a plan reads. Rejects with the signal's reason only. */
export async function lookForCaches(
  { plan, imageIds }: Planned,
  root: string,
  { client, files }: { readonly client: RegistryClient; readonly files: Ports['files'] },
  signal: AbortSignal,
): Promise<{ readonly caches: KnownCaches; readonly findings: readonly Finding[] }> {
  const limit = pLimit(QUESTIONS);
  const [tags, folders] = await Promise.all([
    Promise.all(
      placesOf(plan, 'registry', 'ref').map(async (reference) => {
        const found = await limit(() => tagsOf(reference, client, signal));
        return found === undefined ? [] : [[reference, found] as const];
      }),
    ),
    Promise.all(
      placesOf(plan, 'local', 'src').map(
        async (path) => [path, await foldersIn(resolve(root, path), { files })] as const,
      ),
    ),
  ]);
  const known = new Map(folders);
  return {
    caches: { ids: imageIds, tags: new Map(tags.flat()), folders: known },
    findings: unread(known),
  };
}
