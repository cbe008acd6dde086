import type { ProbedOffer } from '../buildpacks/index.js';
import { editDocument, readDocument, type Written, writeDocument } from '../document/index.js';
import { defined } from '../types/index.js';
import { LOCK_VERSION } from './keys.js';
import type { BuilderFacts, ImageLock } from './lock.js';

const HEAD = [
  '# What images are built with, so that they are what the deployment builds.',
  '# Pins may be changed, by hand or by a program; everything under "derived" is written by',
  '# "sea-trial parity update". Comments stay.',
];

type Group = Omit<BuilderFacts, 'platform' | 'digest'> & {
  readonly platforms: Record<string, string>;
};

/** Platforms that hold the same, together. */
function groupsOf(platforms: readonly BuilderFacts[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { platform, digest, ...facts } of platforms) {
    const { lifecycle, platformApi, distribution, buildpacks, order } = facts;
    const key = JSON.stringify([lifecycle, platformApi, distribution, buildpacks, order]);
    const group = groups.get(key) ?? { ...facts, platforms: {} };
    group.platforms[platform] = digest;
    groups.set(key, group);
  }
  return [...groups.values()];
}

function writtenGroup(group: Group): Written {
  const { platforms, lifecycle, platformApi, distribution, buildpacks, order } = group;
  return {
    platforms,
    lifecycle,
    'platform-api': platformApi,
    distribution,
    buildpacks,
    order,
  };
}

function writtenProbe({ runtime, buildpack, platforms, newest, oldest }: ProbedOffer): Written {
  return { runtime, buildpack, platforms, newest, ...defined({ oldest }) };
}

function writtenImage(lock: ImageLock): Written {
  const { derived, process, env, offers, probed, injected } = lock;
  const groups = groupsOf(derived.builder.platforms).map(writtenGroup);
  const [only] = groups;
  return {
    source: lock.source,
    ...defined({ channel: lock.channel, until: lock.until }),
    time: lock.time,
    ...(injected.length === 0 ? {} : { injected }),
    pins: { builder: lock.builder, 'run-image': lock.runImage },
    derived: {
      'derived-from': derived.builder.digest,
      builder: groups.length === 1 && only !== undefined ? only : groups,
      'run-image': {
        'derived-from': derived.runImage.digest,
        platforms: Object.fromEntries(
          derived.runImage.platforms.map(({ platform, digest }) => [platform, digest]),
        ),
      },
      ...defined({ process }),
      ...(env.length === 0 ? {} : { env }),
      ...(Object.keys(offers).length === 0 ? {} : { offers }),
      ...(probed.length === 0 ? {} : { probed: probed.map(writtenProbe) }),
    },
  };
}

/** The text of a lock of its own. */
function newLock(images: ReadonlyMap<string, ImageLock>): string {
  const written = [...images].map(([id, lock]) => [id, writtenImage(lock)] as const);
  const document = { version: LOCK_VERSION, images: Object.fromEntries(written) };
  return `${HEAD.join('\n')}\n${writeDocument(document)}`;
}

/**
 * The text of a lock in which some images are locked as given: `before` with every byte
 * that says the same, comments among them. Throws an `EditError` where `before` is written
 * in a way that cannot be changed in its place.
 */
export function writeLock(
  images: ReadonlyMap<string, ImageLock>,
  before: { readonly text: string; readonly others: ReadonlyMap<string, ImageLock> } | undefined,
): string {
  if (before === undefined) return newLock(images);
  const all = new Map([...before.others, ...images]);
  if (readDocument(before.text, '').root === undefined) {
    return `${before.text}${newLock(all)}`;
  }
  // In the order of the file: an image that is new comes last.
  const written = [...all].map(([id, lock]) => [id, writtenImage(lock)] as const);
  return editDocument(before.text, {
    version: LOCK_VERSION,
    images: Object.fromEntries(written),
  });
}
