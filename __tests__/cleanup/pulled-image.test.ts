import { expect, test } from '@jest/globals';
import { createUndo, type Made, removeIfPulled } from '../../src/cleanup/index.js';
import { type Engine, EngineError } from '../../src/engine/index.js';
import { recordInMemory } from './record-in-memory.js';

/** Pulls `busybox:1`, which the engine has or not, and tidies up; `fails` is the engine's error then. */
async function pulled({
  names,
  fails,
  endpoint,
}: {
  readonly names?: readonly string[];
  readonly fails?: Error;
  readonly endpoint?: string;
}) {
  const noted: Made[] = [];
  const removed: string[] = [];
  const undo = createUndo();
  const engine = {
    names: async () => names,
    async removeImage(image: string) {
      removed.push(image);
      if (fails !== undefined) throw fails;
    },
  } as unknown as Engine;
  const record = recordInMemory('local-00000001', noted);
  await removeIfPulled({ image: 'busybox:1', endpoint }, { engine, record, undo });
  expect(removed).toEqual([]);
  const error = await undo.run().catch((problem: unknown) => problem);
  return { noted, removed, error };
}

test('an image that was not there is noted before it is pulled, and removed at the end', async () => {
  expect(await pulled({})).toEqual({
    noted: [{ image: 'busybox:1' }],
    removed: ['busybox:1'],
    error: undefined,
  });
  expect((await pulled({ endpoint: 'far' })).noted).toEqual([
    { image: 'busybox:1', endpoint: 'far' },
  ]);
});

test('an image that was there stays, whatever it is called there', async () => {
  const nothing = { noted: [], removed: [], error: undefined };
  expect(await pulled({ names: ['busybox:1'] })).toEqual(nothing);
  expect(await pulled({ names: [] })).toEqual(nothing);
});

test.each([
  ['stays where others use it by then', 'conflict: container c1 is using its image', true],
  ['stays where a container is being made of it', 'image is being used by running c1', true],
  ['is a problem where it cannot be removed', 'no daemon', false],
])('an image that was pulled %s', async (_, said, isFine) => {
  const fails = new EngineError('failed', 'docker image rm failed', said);
  expect((await pulled({ fails })).error).toBe(isFine ? undefined : fails);
});

test('a fault of ours is no answer of the engine', async () => {
  const fails = new TypeError('it is being used');
  expect((await pulled({ fails })).error).toBe(fails);
});
