import { afterEach, describe, expect, test } from '@jest/globals';
import type { PlannedImage } from '../../src/evidence/index.js';
import { lookForCaches } from '../../src/pipeline/known-caches.js';
import type { Planned } from '../../src/plan/index.js';
import { type Files, realPorts } from '../../src/ports/index.js';
import { type RegistryClient, RegistryError } from '../../src/registry/index.js';
import { buildpackImage, plannedBuild, plannedBuildpack, plannedImage, planOf } from '../plans.js';

const { files: real } = realPorts();
const folders: string[] = [];

afterEach(async () => {
  for (const one of folders.splice(0)) await real.remove(one);
});

interface Described {
  /** What the builds of each image read. */
  readonly cacheFrom?: readonly (readonly string[])[];
  readonly more?: readonly PlannedImage[];
  /** Files of the workspace. */
  readonly workspace?: readonly string[];
  readonly files?: Partial<Files>;
  /** The tags of a repository, `HOST/PATH`. */
  readonly tags?: (repository: string) => Promise<readonly string[]>;
}

async function lookedFor(described: Described) {
  const { cacheFrom = [], more = [], workspace = [], tags = async () => [] } = described;
  const root = await real.makeTemporary('sea-trial-caches-');
  folders.push(root);
  for (const path of workspace) {
    await real.makeDirectory(`${root}/${path.slice(0, path.lastIndexOf('/'))}`);
    await real.write(`${root}/${path}`, '{}');
  }
  const images = cacheFrom.map((entries, at) =>
    plannedImage({ id: `image-${at}`, build: plannedBuild({ cacheFrom: entries }) }),
  );
  const planned = {
    plan: planOf({ images: [...images, ...more] }),
    imageIds: ['image-0', 'image-1', 'of-another-run'],
  } as unknown as Planned;
  const asked: string[] = [];
  const { signal } = new AbortController();
  const client = {
    repository: (host: string, path: string) => ({
      listTags(given: AbortSignal) {
        expect(given).toBe(signal);
        asked.push(`${host}/${path}`);
        return tags(`${host}/${path}`);
      },
    }),
  } as unknown as RegistryClient;
  const files = { ...real, ...described.files };
  const { caches, findings } = await lookForCaches(planned, root, { client, files }, signal);
  return {
    ids: caches.ids,
    tags: [...caches.tags],
    folders: [...caches.folders],
    findings,
    asked,
  };
}

test('a plan whose builds read no cache asks nothing, and knows all ids of its configuration', async () => {
  const buildpack = buildpackImage({ build: plannedBuildpack({ cacheFrom: ['ghcr.io/a/cache'] }) });
  expect(
    await lookedFor({ cacheFrom: [[], ['type=gha', 'type=s3,ref=x,src=y']], more: [buildpack] }),
  ).toEqual({
    ids: ['image-0', 'image-1', 'of-another-run'],
    tags: [],
    folders: [],
    findings: [],
    asked: [],
  });
});

describe('a cache in a registry', () => {
  test('is known by the tags of its repository, asked once for each reference', async () => {
    const {
      tags,
      asked,
      folders: none,
    } = await lookedFor({
      cacheFrom: [
        ['ghcr.io/acme/cache:main', 'type=registry,ref=acme/other'],
        ['type=registry,ref=ghcr.io/acme/cache:main', 'type=registry,src=nowhere'],
      ],
      tags: async (repository) => [`of ${repository}`],
    });
    expect(tags).toEqual([
      ['ghcr.io/acme/cache:main', ['of ghcr.io/acme/cache']],
      ['acme/other', ['of docker.io/acme/other']],
    ]);
    expect(asked.sort()).toEqual(['docker.io/acme/other', 'ghcr.io/acme/cache']);
    expect(none).toEqual([]);
  });

  test('with a repository without tags is known as empty', async () => {
    const { tags } = await lookedFor({ cacheFrom: [['ghcr.io/acme/cache']] });
    expect(tags).toEqual([['ghcr.io/acme/cache', []]]);
  });

  test('of which the registry does not say, or whose name is none, is not known', async () => {
    const refused = new RegistryError({ code: 'denied', request: 'GET tags' } as never);
    const { tags, asked, findings } = await lookedFor({
      cacheFrom: [['ghcr.io/acme/closed', 'ghcr.io/Acme//x', 'ghcr.io/acme/open']],
      tags: async (repository) => {
        if (repository === 'ghcr.io/acme/closed') throw refused;
        return ['main'];
      },
    });
    expect(tags).toEqual([['ghcr.io/acme/open', ['main']]]);
    expect(asked.sort()).toEqual(['ghcr.io/acme/closed', 'ghcr.io/acme/open']);
    expect(findings).toEqual([]);
  });

  test('ends the run by what is no answer of a registry, such as the reason of a signal', async () => {
    const reason = new Error('interrupted');
    const tags = () => Promise.reject(reason);
    await expect(lookedFor({ cacheFrom: [['ghcr.io/acme/cache']], tags })).rejects.toBe(reason);
  });

  test('waits while four others are asked', async () => {
    let [running, most] = [0, 0];
    const references = Array.from({ length: 9 }, (_, at) => `ghcr.io/acme/cache-${at}`);
    const { tags } = await lookedFor({
      cacheFrom: [references],
      async tags() {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        return [];
      },
    });
    expect(tags.map(([reference]) => reference)).toEqual(references);
    expect(most).toBe(4);
  });
});

describe('a cache in a folder', () => {
  test('is known by the folders in it that hold one, and is itself one by its index', async () => {
    const {
      folders: known,
      findings,
      asked,
    } = await lookedFor({
      cacheFrom: [
        ['type=local,src=cache', 'type=local,src=whole', 'type=local,ref=none'],
        ['type=local,src=cache'],
      ],
      workspace: [
        'cache/a/index.json',
        'cache/b/other.json',
        'cache/c/index.json',
        'whole/index.json',
      ],
    });
    expect(known).toEqual([
      ['cache', ['a', 'c']],
      ['whole', ['']],
    ]);
    expect([findings, asked]).toEqual([[], []]);
  });

  test('that is not there is said in a note', async () => {
    const { folders: known, findings } = await lookedFor({
      cacheFrom: [['type=local,src=missing', 'type=local,src=full']],
      workspace: ['full/a/index.json'],
    });
    expect(known).toEqual([
      ['missing', []],
      ['full', ['a']],
    ]);
    expect(findings).toMatchObject([
      {
        code: 'cache-unread',
        severity: 'note',
        subject: {},
        message:
          'The cache missing could not be read, for there is no cache in this folder; the build does without it.',
      },
    ]);
  });

  test('that cannot be looked at is as one that is not there', async () => {
    const look = () => Promise.reject(new Error('EACCES'));
    const { folders: known, findings } = await lookedFor({
      cacheFrom: [['type=local,src=closed']],
      workspace: ['closed/a/index.json'],
      files: { look },
    });
    expect(known).toEqual([['closed', []]]);
    expect(findings).toHaveLength(1);
  });

  test('that cannot be listed may be one itself', async () => {
    const { folders: known, findings } = await lookedFor({
      cacheFrom: [['type=local,src=closed']],
      files: {
        list: () => Promise.reject(new Error('EACCES')),
        look: async () => ({ kind: 'file' }) as never,
      },
    });
    expect([known, findings]).toEqual([[['closed', ['']]], []]);
  });

  test('is looked through for 256 folders, and no more', async () => {
    const names = Array.from({ length: 300 }, (_, at) => `folder-${at}`);
    const { folders: known } = await lookedFor({
      cacheFrom: [['type=local,src=/srv/cache']],
      files: {
        list: async () => names,
        look: async (path) =>
          path.startsWith('/srv/cache/folder-') ? ({ kind: 'file' } as never) : undefined,
      },
    });
    expect(known).toEqual([['/srv/cache', names.slice(0, 256)]]);
  });
});
