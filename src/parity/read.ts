import type { Runtime } from '../buildpacks/index.js';
import {
  child,
  entry,
  items,
  located,
  type MapNode,
  type Position,
  readDocument,
  type SourceNode,
  text,
  validate,
  words,
} from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import { normalisePlatform } from '../platform/index.js';
import type { Channel } from '../reference/index.js';
import { defined } from '../types/index.js';
import { inconsistencies } from './consistent.js';
import { lockShape } from './keys.js';
import {
  type BuilderFacts,
  type Lock,
  type LockedImage,
  placeKey,
  type RunImageFacts,
} from './lock.js';

function entriesOf(node: SourceNode | undefined): MapNode['entries'] {
  return node?.kind === 'map' ? node.entries : [];
}

/** Digests by platform; a platform that there is none of is a problem. */
function readPlatforms(
  node: SourceNode | undefined,
  problems: Problem[],
): readonly (RunImageFacts & { readonly at: Position })[] {
  return entriesOf(child(node, 'platforms')).flatMap(({ key, at, value }) => {
    const platform = normalisePlatform(key);
    if (platform === undefined || platform !== key) {
      const meant = platform === undefined ? '' : `; it is written ${platform}`;
      problems.push({
        ...at,
        message: `"${key}" is not a platform${meant || ', as linux/arm64 is'}`,
      });
      return [];
    }
    if (value.kind === 'scalar' && !value.empty) return [{ platform, digest: value.text, at }];
    problems.push({ ...at, message: `"${key}" has no digest` });
    return [];
  });
}

/** The keys of a builder's facts that are on every platform of a group. */
const GROUP_FACTS = ['lifecycle', 'platform-api', 'distribution', 'buildpacks', 'order'];

function readGroup(
  group: SourceNode,
  places: Map<string, Position>,
  problems: Problem[],
): readonly BuilderFacts[] {
  const order = items(group, 'order').map((item) =>
    item.kind === 'list'
      ? item.items.flatMap((one) => (one.kind === 'scalar' ? [one.text] : []))
      : [],
  );
  return readPlatforms(group, problems).map(({ platform, digest, at }) => {
    const key = placeKey('builder platforms', platform);
    if (places.has(key)) {
      problems.push({ ...at, message: `${platform} has facts of the builder twice` });
    }
    places.set(key, at);
    for (const fact of GROUP_FACTS) {
      const written = entry(group, fact);
      if (written !== undefined) places.set(placeKey(fact, platform), written.at);
    }
    return {
      platform,
      digest,
      lifecycle: text(group, 'lifecycle') ?? '',
      platformApi: text(group, 'platform-api') ?? '',
      ...defined({ distribution: text(group, 'distribution') }),
      buildpacks: words(group, 'buildpacks'),
      order,
    };
  });
}

function readImage(id: string, at: Position, node: SourceNode, problems: Problem[]): LockedImage {
  const places = new Map<string, Position>();
  const [pins, derived] = [child(node, 'pins'), child(node, 'derived')];
  const runImage = child(derived, 'run-image');
  const note = (fact: string, where: SourceNode | undefined, key: string) => {
    const found = entry(where, key);
    if (found !== undefined) places.set(fact, found.at);
  };
  for (const key of ['source', 'channel', 'until', 'injected']) note(key, node, key);
  for (const key of ['builder', 'run-image']) note(key, pins, key);
  for (const key of ['derived-from', 'process', 'env', 'offers', 'probed']) note(key, derived, key);
  note('run-image derived-from', runImage, 'derived-from');
  const runPlatforms = readPlatforms(runImage, problems);
  for (const one of runPlatforms) places.set(placeKey('run-image platforms', one.platform), one.at);
  const offers = entriesOf(child(derived, 'offers')).map(
    ({ key }) => [key, words(child(derived, 'offers'), key)] as const,
  );
  return {
    id: { value: id, at },
    places,
    source: text(node, 'source') ?? '',
    ...defined({
      channel: text(node, 'channel') as Channel | undefined,
      until: text(node, 'until'),
      process: text(derived, 'process'),
    }),
    time: text(node, 'time') ?? '',
    injected: words(node, 'injected'),
    builder: located(pins, 'builder')?.value ?? '',
    runImage: located(pins, 'run-image')?.value ?? '',
    derived: {
      builder: {
        digest: text(derived, 'derived-from') ?? '',
        platforms: items(derived, 'builder').flatMap((group) => readGroup(group, places, problems)),
      },
      runImage: {
        digest: text(runImage, 'derived-from') ?? '',
        platforms: runPlatforms.map(({ platform, digest }) => ({ platform, digest })),
      },
    },
    env: words(derived, 'env'),
    offers: Object.fromEntries(offers),
    probed: items(derived, 'probed').map((one) => ({
      runtime: text(one, 'runtime') as Runtime,
      buildpack: text(one, 'buildpack') ?? '',
      platforms: words(one, 'platforms'),
      newest: text(one, 'newest') ?? '',
      ...defined({ oldest: text(one, 'oldest') }),
    })),
  };
}

/**
 * Reads a sea-trial.lock; `file` is the name that problems carry. With problems there is
 * no lock: one that is understood in part is not built by. Where it disagrees with itself,
 * in `faults`, it is there to be written anew and not to be built by.
 */
export function readLock(
  source: string,
  file: string,
):
  | { readonly lock: Lock; readonly faults: readonly Problem[] }
  | { readonly problems: readonly Problem[] } {
  const { root, problems: found } = readDocument(source, file);
  if (root === undefined) {
    const nothing = { file, message: 'the lock says nothing; "sea-trial parity lock" writes one' };
    return { problems: found.length > 0 ? found : [nothing] };
  }
  const problems: Problem[] = [...found, ...validate(root, lockShape, 'the lock')];
  if (problems.length > 0) return { problems };
  const images = new Map<string, LockedImage>();
  for (const { key, at, value } of entriesOf(child(root, 'images'))) {
    if (value.kind !== 'map') problems.push({ ...at, message: `"${key}" says nothing` });
    else images.set(key, readImage(key, at, value, problems));
  }
  if (problems.length > 0) return { problems };
  return { lock: { file, images }, faults: [...images.values()].flatMap(inconsistencies) };
}
