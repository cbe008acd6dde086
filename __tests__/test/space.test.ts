import { expect, test } from '@jest/globals';
import { type Berth, createSpace, type Space } from '../../src/test/space.js';

/** A disk with room for so many bytes, of which images take some while they are there. */
function disk(bytes: number | undefined) {
  const state = { free: bytes };
  const entered: string[] = [];
  const space: Space = createSpace(async () => state.free);
  const come = async (name: string, need: number): Promise<() => void> => {
    const berth: Berth = await space.reserve(need);
    entered.push(name);
    if (state.free !== undefined) state.free -= need;
    berth.landed();
    return () => {
      if (state.free !== undefined) state.free += need;
      berth.release();
    };
  };
  return { come, entered, space };
}

/** Lets everything happen that can happen without anybody leaving. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('images come beside each other as long as there is room', async () => {
  const { come, entered } = disk(100);
  await Promise.all([come('a', 40), come('b', 40)]);
  const leaving = come('c', 40);
  await settle();
  expect(entered).toEqual(['a', 'b']);
  leaving.catch(() => {});
});

test('where there is no room they come one after the other, in their order', async () => {
  const { come, entered } = disk(50);
  const first = await come('a', 40);
  const second = come('b', 40);
  const third = come('c', 1);
  await settle();
  expect(entered).toEqual(['a']);
  first();
  (await second)();
  await third;
  expect(entered).toEqual(['a', 'b', 'c']);
});

test('what has not come yet counts as much as what is there', async () => {
  const { space } = disk(50);
  const first = await space.reserve(40);
  let second = false;
  const waiting = space.reserve(40).then(() => {
    second = true;
  });
  await settle();
  expect(second).toBe(false);
  first.release();
  await waiting;
});

test('one that never fits comes when it is alone', async () => {
  const { come, entered } = disk(10);
  (await come('a', 40))();
  await come('b', 40);
  expect(entered).toEqual(['a', 'b']);
});

test('where nobody knows the disk, or it cannot be asked, all may come', async () => {
  const { come, entered } = disk(undefined);
  await Promise.all([come('a', 40), come('b', 40)]);
  expect(entered).toEqual(['a', 'b']);
  const broken = createSpace(() => Promise.reject(new Error('no such file')));
  await broken.reserve(1);
  await broken.reserve(1);
});
