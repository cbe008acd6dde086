import { describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { digestOf, mediaTypes } from '../../src/oci/index.js';
import { createCutRequests } from '../../src/registry/cut-requests.js';
import {
  openRequestGroup,
  type RegistryClient,
  RegistryError,
  type Repository,
} from '../../src/registry/index.js';
import { createLagClock } from '../../src/registry/lag-clock.js';
import { verify } from '../../src/verify/index.js';
import { readPlatformsInstead, readTags, readTagsAgain } from '../../src/verify/read-tags.js';
import { fakeClock, rejection } from '../registry/rig.js';

const failure = (code: ConstructorParameters<typeof RegistryError>[0]['code']) =>
  new RegistryError({ code, request: 'GET r.example', status: 404 });

function served(words: string) {
  const bytes = Buffer.from(words);
  const digest = digestOf(bytes);
  return { bytes, digest, mediaType: mediaTypes.index, claimed: digest };
}

const OURS = served('{"schemaVersion":2,"manifests":[]}');
const OLD = served('{"schemaVersion":2,"manifests":[],"annotations":{"at":"first"}}');
const OTHER = served('{"schemaVersion":2,"manifests":[],"annotations":{"by":"another"}}');
const GONE = failure('not-found');

type Answer = typeof OURS | Error;

/** A tag that answers in turn, the last answer for ever; what was asked of it, and the pauses. */
function tagThat(gets: readonly Answer[], heads: readonly (string | undefined)[] = [OURS.digest]) {
  const asked = { gets: 0, heads: 0 };
  const clock = fakeClock();
  const group = openRequestGroup();
  const signals = new Set<AbortSignal | undefined>();
  const repository = {
    registry: 'r.example',
    async getManifest(_tag: string, { signal }: { readonly signal?: AbortSignal } = {}) {
      signals.add(signal);
      const answer = gets[Math.min(asked.gets++, gets.length - 1)];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    async headManifest() {
      const claimed = heads[Math.min(asked.heads++, heads.length - 1)];
      return claimed === undefined ? undefined : { claimed };
    },
  } as unknown as Repository;
  const lag = createLagClock(clock);
  const reader = { repository, limit: pLimit(1), lag, group };
  return { reader, asked, clock, group, signals };
}

const TAG = { tag: 'dev', earlier: [OLD.digest], kept: false };

const waited = ({ slept }: { readonly slept: readonly number[] }) =>
  slept.reduce((sum, pause) => sum + pause, 0);

describe('a tag that is read first', () => {
  const first = async (gets: readonly Answer[], ours: string | undefined = OURS.digest) => {
    const { reader, asked, clock } = tagThat(gets);
    const [read] = await readTags(reader, [TAG], ours);
    return { digest: read?.served?.digest, gets: asked.gets, waited: waited(clock) };
  };

  test('and gives what was published is read once', async () => {
    expect(await first([OURS])).toEqual({ digest: OURS.digest, gets: 1, waited: 0 });
  });

  test('and gives what was never there is looked at five times, and then believed', async () => {
    expect(await first([OTHER])).toEqual({ digest: OTHER.digest, gets: 5, waited: 7500 });
  });

  test('and gives what was never there for a moment is right', async () => {
    expect(await first([OTHER, OTHER, OURS])).toMatchObject({ digest: OURS.digest, gets: 3 });
  });

  test.each([
    ['what was there before', OLD, OLD.digest],
    ['nothing', GONE, undefined],
  ])('and gives %s is waited for a minute', async (_, answer, digest) => {
    const read = await first([answer]);
    expect(read).toMatchObject({ digest, waited: 60_000 });
    expect(read.gets).toBeGreaterThan(5);
  });

  test('of which nothing is expected is taken as it is', async () => {
    const { reader, asked, signals, group } = tagThat([OLD]);
    const [read] = await readTags(reader, [TAG], undefined);
    expect([...signals]).toEqual([group.signal]);
    expect([read?.served?.digest, asked.gets]).toEqual([OLD.digest, 1]);
  });
});

describe('a tag that is read again', () => {
  async function again(gets: readonly Answer[], heads?: readonly (string | undefined)[]) {
    const { reader, asked, clock } = tagThat(gets, heads);
    const [read] = await readTagsAgain(reader, 'r.example/app', [{ tag: TAG, served: OURS }]);
    return { read, asked, waited: waited(clock) };
  }

  test('and is gone has no last answer, and is no fault of the reading', async () => {
    const { read, waited } = await again([GONE]);
    expect(read).toMatchObject({ first: { digest: OURS.digest }, head: {}, last: undefined });
    expect(waited).toBe(60_000);
  });

  test('and is served as it was before is waited for', async () => {
    const { read, asked } = await again([OLD, OLD, OURS]);
    expect([read?.last?.digest, asked.gets]).toEqual([OURS.digest, 3]);
  });

  test('and has moved on is told at once as it is', async () => {
    const { read, asked } = await again([OTHER]);
    expect([read?.last?.digest, asked.gets]).toEqual([OTHER.digest, 1]);
  });

  test.each([
    ['that answers nothing', undefined, 12],
    ['that names what was there before', OLD.digest, 12],
    ['that names what was never there', OTHER.digest, 5],
  ])('by a HEAD %s is asked for again', async (_, claimed, asks) => {
    const late = await again([OURS], [claimed, claimed, OURS.digest]);
    expect([late.asked.heads, late.read?.head]).toEqual([3, {}]);
    const never = await again([OURS], [claimed]);
    expect(never.asked.heads).toBe(asks);
    expect(never.read?.head).toEqual(claimed === undefined ? undefined : { wrongClaim: claimed });
  });

  test('is not asked for if it was never there', async () => {
    const { reader, asked } = tagThat([OURS]);
    const [read] = await readTagsAgain(reader, 'r', [{ tag: TAG, served: undefined }]);
    expect(read).toMatchObject({ first: undefined, head: undefined, last: undefined });
    expect(asked).toEqual({ gets: 0, heads: 0 });
  });
});

describe('the platforms of what a tag serves instead', () => {
  const { bytes: _, claimed: __, ...last } = { ...OTHER, size: OTHER.bytes.length };
  const moved = { ...TAG, repository: 'r.example/app', first: last, head: undefined, last };
  const none = new Map<string, never>();

  test('are read by its digest, until the reading is stopped', async () => {
    const { reader, signals, group } = tagThat([OTHER]);
    expect(await readPlatformsInstead(reader, moved, none)).toEqual({ ...moved, instead: [] });
    expect([...signals]).toEqual([group.signal]);
  });

  test.each([
    ['is gone', GONE],
    ['the registry fails to give', failure('server')],
  ])('are unknown if it %s', async (_, error) => {
    const { reader } = tagThat([error]);
    expect(await readPlatformsInstead(reader, moved, none)).toEqual(moved);
  });

  test('a fault of ours on the way is not hidden', async () => {
    const ours = new TypeError('a fault of ours');
    const { reader } = tagThat([ours]);
    expect(await rejection(readPlatformsInstead(reader, moved, none))).toBe(ours);
  });

  test('are not asked for where it serves nothing, or what was read already', async () => {
    const { reader, asked } = tagThat([OTHER]);
    const gone = { ...moved, last: undefined };
    expect(await readPlatformsInstead(reader, gone, none)).toBe(gone);
    const read = new Map([[last.digest, { platforms: [], attestations: [], faults: [] }]]);
    expect(await readPlatformsInstead(reader, moved, read)).toBe(moved);
    expect(asked.gets).toBe(0);
  });
});

describe('what is kept of a tag that had something else before', () => {
  const target = { repository: 'r.example/app', tags: ['dev'] };
  const index = { mediaType: OURS.mediaType, digest: OURS.digest, size: OURS.bytes.length };

  async function kept(gets: readonly Answer[], heads?: readonly (string | undefined)[]) {
    const { reader } = tagThat(gets, heads);
    const { repository, limit, lag } = reader;
    const cuts = createCutRequests({ ticks: () => 0 });
    const client: RegistryClient = { lag, cuts, repository: () => repository };
    const [read] = await verify({
      repositories: [{ target, moves: [TAG], index }],
      client,
      limit,
    });
    return read;
  }

  test('is its index once the index is shown', async () => {
    expect((await kept([OURS]))?.served).toMatchObject([{ tag: 'dev', index }]);
  });

  test.each([
    ['nothing', undefined],
    ['what was there before', OLD.digest],
  ])('is no index as long as a HEAD shows %s', async (_, claimed) => {
    const read = await kept([OURS], [claimed]);
    expect(read?.served).toHaveLength(1);
    expect(read?.served[0]).not.toHaveProperty('index');
  });

  test('is the index that it moved to, whatever a HEAD shows', async () => {
    const read = await kept([OTHER], [undefined]);
    expect(read?.served).toMatchObject([{ tag: 'dev', index: { digest: OTHER.digest } }]);
  });

  test('is told of a tag of which no move is known as one that had nothing before', async () => {
    const { reader } = tagThat([OURS]);
    const { repository, limit, lag } = reader;
    const cuts = createCutRequests({ ticks: () => 0 });
    const client: RegistryClient = { lag, cuts, repository: () => repository };
    const [read] = await verify({ repositories: [{ target, index }], client, limit });
    expect(read?.tags).toMatchObject([{ tag: 'dev', earlier: [], kept: false }]);
  });

  test('is nothing where a fault of ours ends the reading', async () => {
    const ours = new TypeError('a fault of ours');
    expect(await rejection(kept([ours]))).toBe(ours);
  });
});
