import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { EngineError } from '../../src/engine/index.js';
import type { ImageFacts } from '../../src/evidence/index.js';
import { createHold, loadedFinding } from '../../src/test/hold.js';
import { engineThat } from './engine.js';

const image = (name: string) =>
  ({
    manifest: { digest: `sha256:m-${name}` },
    config: { digest: `sha256:c-${name}` },
  }) as unknown as ImageFacts;

const archive = () => Readable.from([]);
const note = async () => {};

/** An engine that loads what it is told to; `held` is what it has. */
function store(held: string[] = [], loads: 'manifest' | 'config' = 'manifest') {
  const did: string[] = [];
  const letter = loads === 'manifest' ? 'm' : 'c';
  const engine = engineThat({
    hasImage: async (id) => held.includes(id),
    async load() {
      await new Promise((resolve) => setImmediate(resolve));
      const id = `sha256:${letter}-a`;
      did.push(`load ${id}`);
      held.push(id);
      return id;
    },
    async removeImage(id) {
      await new Promise((resolve) => setImmediate(resolve));
      did.push(`remove ${id}`);
      held.splice(held.indexOf(id), 1);
    },
  });
  return { engine, did, held };
}

describe('images that a run holds', () => {
  test.each([
    ['containerd', 'manifest', 'sha256:m-a'],
    ['classic', 'config', 'sha256:c-a'],
  ] as const)('the %s store proves the %s', async (kind, proves, id) => {
    const { engine } = store([], proves);
    const held = await createHold(engine, kind, false, note).take(image('a'), archive);
    expect(held.loaded).toEqual({ id, proves });
  });

  test('are loaded once for all who use them, and go with the last', async () => {
    const { engine, did } = store();
    const hold = createHold(engine, 'containerd', false, note);
    const [one, two] = await Promise.all([1, 2].map(() => hold.take(image('a'), archive)));
    await one?.release();
    expect(did).toEqual(['load sha256:m-a']);
    await two?.release();
    expect(did).toEqual(['load sha256:m-a', 'remove sha256:m-a']);
  });

  test('that are about to go are loaded again for who takes them meanwhile', async () => {
    const { engine, did, held } = store();
    const hold = createHold(engine, 'containerd', false, note);
    const first = await hold.take(image('a'), archive);
    const leaving = first.release();
    const second = await hold.take(image('a'), archive);
    await leaving;
    expect(did).toEqual(['load sha256:m-a', 'remove sha256:m-a', 'load sha256:m-a']);
    expect(held).toEqual(['sha256:m-a']);
    await second.release();
    expect(held).toEqual([]);
  });

  test("that were there before are somebody else's", async () => {
    const { engine, did } = store(['sha256:m-a']);
    await (await createHold(engine, 'containerd', false, note).take(image('a'), archive)).release();
    expect(did).toEqual([]);
  });

  test('stay where they are to be kept', async () => {
    const { engine, did } = store();
    await (await createHold(engine, 'containerd', true, note).take(image('a'), archive)).release();
    expect(did).toEqual(['load sha256:m-a']);
  });

  test('are not left behind by a load that was cut off', async () => {
    const removed: string[] = [];
    const engine = engineThat({
      hasImage: async () => false,
      load: async () => {
        throw new EngineError('failed', 'cut off', '');
      },
      removeImage: async (id) => {
        removed.push(id);
      },
    });
    const taking = createHold(engine, 'containerd', false, note).take(image('a'), archive);
    await expect(taking).rejects.toThrow('cut off');
    expect(removed).toEqual(['sha256:m-a']);
  });
});

describe('built = loaded', () => {
  const subject = { image: 'a', platform: 'linux/amd64' };

  test('holds', () => {
    expect(
      loadedFinding(subject, image('a'), { id: 'sha256:c-a', proves: 'config' }),
    ).toBeUndefined();
  });

  test('does not hold, and both sides are named', () => {
    expect(
      loadedFinding(subject, image('a'), { id: 'sha256:x', proves: 'manifest' }),
    ).toMatchObject({
      code: 'tested-other-bytes',
      subject,
      found: { value: 'sha256:x' },
      expected: { value: 'sha256:m-a', from: 'digest of the built manifest' },
    });
  });
});
