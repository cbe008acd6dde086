import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { engineError } from '../../src/engine/errors.js';
import { EngineError } from '../../src/engine/index.js';
import {
  createLoadedImages,
  engineFinding,
  loadedFinding,
} from '../../src/engine/loaded-images.js';
import { type Finding, finding, type ImageFacts } from '../../src/evidence/index.js';
import { keptNames } from '../../src/test/kept.js';
import { plannedImage } from '../plans.js';
import { engineThat } from '../test/engine.js';

const image = (name: string) =>
  ({
    manifest: { digest: `sha256:m-${name}` },
    config: { digest: `sha256:c-${name}` },
  }) as unknown as ImageFacts;

const subject = { image: 'a', platform: 'linux/amd64' };

const OWN = 'sea-trial.invalid/m-a:run';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** An engine that holds images by their names, as both stores do; a dangling one has none. */
function store(held: Record<string, string[]> = {}) {
  const did: string[] = [];
  const images = new Map(Object.entries(held));
  const nameOf = async (tar: Readable) => (await tar.toArray()).join('');
  const engine = engineThat({
    names: async (id) => images.get(id),
    async load(tar) {
      await turn();
      const [id = '', name = ''] = (await nameOf(tar)).split(' ');
      did.push(`load ${name}`);
      images.set(id, [...(images.get(id) ?? []), name]);
    },
    imageId: async (name) => [...images].find(([, names]) => names.includes(name))?.[0],
    async name(id, name) {
      did.push(`name ${name}`);
      images.set(id, [...(images.get(id) ?? []), name]);
    },
    async removeImage(name) {
      await turn();
      did.push(`remove ${name}`);
      for (const [id, names] of images) {
        const left = names.filter((one) => one !== name);
        if (left.length < names.length) images.set(id, left);
        if (left.length === 0 && names.length > 0) images.delete(id);
      }
    },
  });
  return { engine, did, images };
}

const archiveOf =
  (id: string) =>
  (name: string): Readable =>
    Readable.from([`${id} ${name}`]);
const archive = archiveOf('sha256:m-a');

describe('images that a run holds', () => {
  test.each([
    ['containerd', 'manifest', 'sha256:m-a'],
    ['classic', 'config', 'sha256:c-a'],
  ] as const)('the %s store proves the %s', async (kind, digestOf, id) => {
    const loaded = createLoadedImages(store().engine, kind, 'run');
    const held = await loaded.take(image('a'), archiveOf(id));
    expect(held.loaded).toEqual({ id, digestOf });
  });

  test('are run by the id that was built, and the engine says its own where none ran', async () => {
    const { engine } = store();
    const loaded = createLoadedImages(engine, 'containerd', 'run');
    const held = await loaded.take(image('a'), archiveOf('sha256:other'));
    expect(held.loaded.id).toBe('sha256:m-a');
    const found = await held.confirm();
    expect(found).toEqual({ id: 'sha256:other', digestOf: 'manifest' });
    expect(loadedFinding(subject, image('a'), found)).toMatchObject({
      code: 'tested-other-bytes',
      found: { value: 'sha256:other' },
    });
  });

  test('that are gone before the engine was asked are its failure', async () => {
    const { engine, images } = store();
    const held = await createLoadedImages(engine, 'containerd', 'run').take(image('a'), archive);
    images.clear();
    await expect(held.confirm()).rejects.toMatchObject({ name: 'EngineError', code: 'failed' });
  });

  test('are loaded once for all who use them, and go with the last', async () => {
    const { engine, did } = store();
    const loaded = createLoadedImages(engine, 'containerd', 'run');
    const [one, two] = await Promise.all([1, 2].map(() => loaded.take(image('a'), archive)));
    await one?.release();
    expect(did).toEqual([`load ${OWN}`]);
    await two?.release();
    expect(did).toEqual([`load ${OWN}`, `remove ${OWN}`]);
  });

  test('that are about to go are loaded again for who takes them meanwhile', async () => {
    const { engine, did, images } = store();
    const loaded = createLoadedImages(engine, 'containerd', 'run');
    const first = await loaded.take(image('a'), archive);
    const leaving = first.release();
    const second = await loaded.take(image('a'), archive);
    await leaving;
    expect(did).toEqual([`load ${OWN}`, `remove ${OWN}`, `load ${OWN}`]);
    expect([...images]).toEqual([['sha256:m-a', [OWN]]]);
    await second.release();
    expect([...images]).toEqual([]);
  });

  test.each([
    ['dangling', []],
    ['with a name', ['mine:1']],
    ["with a name beside a run's", ['sea-trial.invalid/m-a:other', 'mine:1']],
  ])('that were there before %s stay as they are', async (_, names) => {
    const { engine, did, images } = store({ 'sha256:m-a': names });
    const held = await createLoadedImages(engine, 'containerd', 'run').take(image('a'), archive);
    expect(held.loaded.id).toBe('sha256:m-a');
    await held.release();
    expect(did).toEqual([]);
    expect(images.get('sha256:m-a')).toEqual(names);
  });

  test.each([
    ['the first ends first', [0, 1]],
    ['the second ends first', [1, 0]],
  ])('two at once are there until both are over: %s', async (_, order) => {
    const { engine, images } = store();
    const runs = ['one', 'two'].map((run) => createLoadedImages(engine, 'containerd', run));
    const held = [];
    for (const loaded of runs) held.push(await loaded.take(image('a'), archive));
    await held[order[0] ?? 0]?.release();
    expect(images.has('sha256:m-a')).toBe(true);
    await held[order[1] ?? 0]?.release();
    expect([...images]).toEqual([]);
  });

  test('stay under the names that they are to keep', async () => {
    const { engine, images } = store();
    const held = await createLoadedImages(engine, 'containerd', 'run').take(image('a'), archive);
    await held.keep(['acme/a:1', 'acme/a:2']);
    await held.release();
    expect([...images]).toEqual([['sha256:m-a', ['acme/a:1', 'acme/a:2']]]);
  });

  test('are not left behind by a load that was cut off, and who comes next tries again', async () => {
    const { engine, did, images } = store();
    let cut = true;
    const cutOff = {
      ...engine,
      async load(tar: Readable) {
        await engine.load(tar);
        if (!cut) return;
        cut = false;
        throw new EngineError('failed', 'cut off', '');
      },
    };
    const loaded = createLoadedImages(cutOff, 'containerd', 'run');
    await expect(loaded.take(image('a'), archive)).rejects.toThrow('cut off');
    expect([...images]).toEqual([]);
    const held = await loaded.take(image('a'), archive);
    await held.release();
    expect(did).toEqual([`load ${OWN}`, `remove ${OWN}`, `load ${OWN}`, `remove ${OWN}`]);
  });
});

describe('names that an image keeps', () => {
  const targets = [
    { repository: 'ghcr.io/acme/a', tags: ['1', 'latest'] },
    { repository: 'docker.io/acme/a', tags: ['1'] },
  ];
  const plain = ['ghcr.io/acme/a:1', 'ghcr.io/acme/a:latest', 'docker.io/acme/a:1'];

  test.each<[string, readonly string[], string, boolean, readonly string[]]>([
    ['its only platform', ['linux/arm64'], 'linux/arm64', false, plain],
    ["the engine's own", ['linux/amd64', 'linux/arm/v7'], 'linux/amd64', true, plain],
    [
      'another',
      ['linux/amd64', 'linux/arm/v7'],
      'linux/arm/v7',
      false,
      plain.map((name) => `${name}-linux-arm-v7`),
    ],
  ])('%s', (_, platforms, platform, own, names) => {
    expect(keptNames(plannedImage({ targets, platforms }), platform, own)).toEqual(names);
  });
});

describe('built = loaded', () => {
  test('holds', () => {
    expect(
      loadedFinding(subject, image('a'), { id: 'sha256:c-a', digestOf: 'config' }),
    ).toBeUndefined();
  });

  test('does not hold, and both sides are named', () => {
    expect(
      loadedFinding(subject, image('a'), { id: 'sha256:x', digestOf: 'manifest' }),
    ).toMatchObject({
      code: 'tested-other-bytes',
      subject,
      found: { value: 'sha256:x' },
      expected: { value: 'sha256:m-a', from: 'digest of the built manifest' },
    });
  });
});

describe('an engine that fails in the middle of a trial', () => {
  const cut = engineError('load the image', 'unexpected EOF');
  const unread = finding('layer-unread', subject, 'Layer 1 of 1 could not be read.');

  test.each<[string, EngineError, readonly Finding[], string, string]>([
    [
      'nothing else is known',
      cut,
      [],
      'engine-failed',
      'The Docker engine could not load the image',
    ],
    [
      'the layers were found unreadable',
      cut,
      [unread],
      'layers-refused',
      'The engine rejects the image: unexpected EOF.',
    ],
    [
      'it says that there are too many layers',
      engineError('load the image', 'max depth exceeded'),
      [],
      'layers-refused',
      'The engine rejects the image: it has more layers than the engine accepts: max depth exceeded.',
    ],
    [
      'its disk is full',
      engineError('load the image', 'no space left on device'),
      [unread],
      'engine-failed',
      'The disk of the Docker engine is full',
    ],
  ])('where %s', (_, error, before, code, words) => {
    const found = engineFinding(subject, error, before);
    expect(found).toMatchObject({ code, subject });
    expect(found.message).toContain(words);
  });

  test('its words are told line by line, if there are any', () => {
    const detail = (said: string) => {
      const error = engineError('load the image', said);
      return engineFinding(subject, error).detail;
    };
    expect(detail('one\ntwo')).toEqual(['one', 'two']);
    expect(detail('')).toEqual([]);
  });
});
