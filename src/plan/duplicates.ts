import type { ImageEntry, Request } from '../config/index.js';
import type { Position } from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import { normalisePlatform } from '../platform/index.js';
import { DOCKER_HUB, servesHub, splitName } from '../reference/index.js';

/** All images of a run are of one file. */
function also({ line }: Position): string {
  return line === undefined ? '' : ` (also line ${line})`;
}

/** A problem for each name that came before; `say` is its sentence without the place and the remedy. */
function twice(
  named: readonly { readonly key: string; readonly at: Position; readonly say: string }[],
  remedy = '',
): readonly Problem[] {
  const seen = new Map<string, Position>();
  return named.flatMap(({ key, at, say }) => {
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, at);
      return [];
    }
    return [{ ...at, message: `${say}${also(first)}${remedy}` }];
  });
}

/** Registry and path of a repository, Docker Hub's short names written out; hosts know no capitals. */
function split(repository: string): readonly [registry: string, path: string] {
  const { host: written = DOCKER_HUB, path } = splitName(repository);
  const host = written.toLowerCase();
  if (!servesHub(host)) return [host, path];
  return [DOCKER_HUB, path.includes('/') ? path : `library/${path}`];
}

/** Where a target goes: its own repository, or the same path in `--registry`. */
export function destination(repository: string, registry: Request['registry']): string {
  return registry === undefined ? repository : `${registry}/${split(repository)[1]}`;
}

function targetProblems(images: readonly ImageEntry[], request: Request): readonly Problem[] {
  const owners = new Map<string, ImageEntry>();
  return twice(
    images.flatMap((image) =>
      mapped(image, request).flatMap(({ at, repository, tags }) =>
        tags.map((tag) => {
          const to = destination(repository, request.registry);
          const key = `${split(to).join('/')}:${tag}`;
          const owner = owners.get(key) ?? image;
          owners.set(key, owner);
          const say =
            owner === image
              ? `target "${to}:${tag}" appears twice`
              : `target "${to}:${tag}" belongs to image "${owner.id.value}" too`;
          return { key, at, say };
        }),
      ),
    ),
  );
}

/** Targets without those that only `--registry` makes equal to an earlier one. */
function mapped(image: ImageEntry, { registry }: Request): ImageEntry['targets'] {
  if (registry === undefined) return image.targets;
  const first = new Map<string, string>();
  return image.targets.filter(({ repository }) => {
    const to = destination(repository, registry);
    if (!first.has(to)) first.set(to, repository);
    return first.get(to) === repository;
  });
}

function platformProblems(image: ImageEntry): readonly Problem[] {
  return twice(
    image.platforms.map(({ value, at }) => {
      const key = normalisePlatform(value) ?? value;
      const same = key === value ? '' : `, as ${key}`;
      return { key, at, say: `platform "${value}" appears twice${same}` };
    }),
  );
}

/** Tests of one name on one platform; placeholders make several of one entry, each for platforms of its own. */
function testProblems({ tests, platforms }: ImageEntry): readonly Problem[] {
  const everywhere = platforms.length === 0 ? [{ value: '' }] : platforms;
  const named = tests.flatMap(({ at, plan: { name }, platforms: own }) => {
    const on = (own.length === 0 ? everywhere : own).map(
      ({ value }) => normalisePlatform(value) ?? value,
    );
    const say = `test "${name}" appears twice`;
    return [...new Set(on)].map((platform) => ({ key: JSON.stringify([name, platform]), at, say }));
  });
  return twice(named, '; give one a "name" of its own');
}

/** Everything of the configuration that must be there once and is not. */
export function duplicates(images: readonly ImageEntry[], request: Request): readonly Problem[] {
  const ids = images.map(({ id }) => ({
    key: id.value,
    at: id.at,
    say: `image id "${id.value}" appears twice`,
  }));
  return [
    ...twice(
      ids.filter(({ key }) => key !== ''),
      '; give one an "id" of its own',
    ),
    ...targetProblems(images, request),
    ...images.flatMap(testProblems),
    ...images.flatMap(platformProblems),
  ];
}
