import { builtBy, imagesAsBuilt, type Location, type Plan } from '../evidence/index.js';
import { isTrue, parseReference, plannedCache } from '../reference/index.js';

/** An image that a Dockerfile needs, by the way it is written. */
export interface NeededImage {
  readonly reference: string;
  readonly pinned: boolean;
  /** No stage that is surely built needs it. */
  readonly unused?: true;
  readonly line?: number;
  /** The Dockerfile that names it, where it is not the image's only one. */
  readonly file?: string;
}

/** Something that the builder fetches or writes with credentials of a registry. */
export interface RegistryNeed {
  readonly registry: string;
  readonly reference: string;
  /** An image that a Dockerfile names, or a cache that is read or written. */
  readonly what: 'image' | 'cache-from' | 'cache-to';
  /** The build surely fails without it; else it may be there already, or be done without. */
  readonly vital: boolean;
  readonly image: string;
  readonly location?: Location;
}

function need(
  reference: string | undefined,
  more: Omit<RegistryNeed, 'registry' | 'reference'>,
): RegistryNeed[] {
  if (reference === undefined) return [];
  const parsed = parseReference(reference);
  return parsed.ok ? [{ registry: parsed.reference.registry, reference, ...more }] : [];
}

/** Caches of the type `registry`. */
function cacheNeeds({ id: image, build }: Plan['images'][number]): readonly RegistryNeed[] {
  const needs = (entries: readonly string[], what: 'cache-from' | 'cache-to') =>
    entries.map(plannedCache).flatMap(({ type, attributes }) => {
      const reference = type === 'registry' ? attributes.get('ref') : undefined;
      const vital = what === 'cache-to' && !isTrue(attributes.get('ignore-error'));
      return need(reference, { what, vital, image });
    });
  return [...needs(build.cacheFrom, 'cache-from'), ...needs(build.cacheTo, 'cache-to')];
}

/** What the builds of a plan need of registries: bases, the Dockerfile's syntax, contexts, builders, caches. */
export function needsOf(
  plan: Plan,
  images: ReadonlyMap<string, readonly NeededImage[]>,
): readonly RegistryNeed[] {
  const dockerfiles = builtBy(plan.images, 'dockerfile').flatMap(({ id, build }) =>
    (images.get(id) ?? []).flatMap(({ reference, pinned, unused, line, file = build.file }) => {
      const location = line === undefined ? {} : { location: { file, line } };
      // A pinned image may be in the builder already; then no registry is asked.
      const vital = !pinned && !unused;
      return need(reference, { what: 'image', vital, image: id, ...location });
    }),
  );
  const contexts = builtBy(imagesAsBuilt(plan.images), 'dockerfile').flatMap(({ id, build }) =>
    Object.values(build.contexts).flatMap((context) => {
      const reference = /^docker-image:\/\/(.+)$/.exec(context)?.[1];
      const vital = reference?.includes('@') === false;
      return need(reference, { what: 'image', vital, image: id });
    }),
  );
  const buildpacks = builtBy(plan.images, 'buildpack').flatMap(({ id: image, build }) =>
    [build.builder, build.runImage].flatMap((reference) =>
      need(reference, { what: 'image', vital: true, image }),
    ),
  );
  return [...dockerfiles, ...contexts, ...buildpacks, ...plan.images.flatMap(cacheNeeds)];
}
