import { expect, test } from '@jest/globals';
import {
  createDiskBudget,
  type DiskBudget,
  type Reservation,
} from '../../src/engine/disk-budget.js';

/** A disk with room for so many bytes, of which images take some while they are there. */
function disk(bytes: number | undefined) {
  const state = { free: bytes };
  const entered: string[] = [];
  const budget: DiskBudget = createDiskBudget(async () => state.free);
  const come = async (name: string, need: number): Promise<() => void> => {
    const reservation: Reservation = await budget.reserve(need);
    entered.push(name);
    if (state.free !== undefined) state.free -= need;
    reservation.landed();
    return () => {
      if (state.free !== undefined) state.free += need;
      reservation.release();
    };
  };
  return { come, entered, budget };
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
  const { budget } = disk(50);
  const first = await budget.reserve(40);
  let second = false;
  const waiting = budget.reserve(40).then(() => {
    second = true;
  });
  await settle();
  expect(second).toBe(false);
  first.release();
  await waiting;
});

test('one that took less than it needed makes room as soon as it is there', async () => {
  const { budget } = disk(50);
  const first = await budget.reserve(40);
  let second = false;
  const waiting = budget.reserve(20).then(() => {
    second = true;
  });
  await settle();
  expect(second).toBe(false);
  first.landed();
  await settle();
  expect(second).toBe(true);
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
  const broken = createDiskBudget(() => Promise.reject(new Error('no such file')));
  await broken.reserve(1);
  await broken.reserve(1);
});

const GB = 1024 ** 3;

test.each([
  ['it has room for them and for builds', [7 * GB, 1 * GB], false],
  ['they leave too little for builds', [7 * GB, 3 * GB], true],
  ['there is none', [1, 2], true],
  ['nobody knows it', [undefined, 1], true],
] as const)('a disk counts as scarce or not: %s', async (_, [free, need], expected) => {
  const { come, budget } = disk(free);
  let scarce = false;
  await come('a', need);
  void budget.untilOver(new Promise(() => {})).then(() => {
    scarce = true;
  });
  await settle();
  expect(scarce).toBe(expected);
});

test('a disk counts as scarce as soon as somebody waits for room', async () => {
  const { come, budget, entered } = disk(20 * GB);
  const first = await come('a', 12 * GB);
  const second = come('b', 12 * GB);
  await budget.untilOver(new Promise(() => {}));
  first();
  await second;
  expect(entered).toEqual(['a', 'b']);
});

test('a disk counts as scarce where much of it was written since', async () => {
  const state = { free: 100 * GB };
  const budget = createDiskBudget(async () => state.free);
  const over = new Promise<void>(() => {});
  let scarce = 0;
  const wait = async () => {
    await budget.untilOver(over);
    scarce += 1;
  };
  await budget.reserve(1);
  void wait();
  await settle();
  expect(scarce).toBe(0);
  state.free = 70 * GB;
  void wait();
  await settle();
  // Who has waited is told, too.
  expect(scarce).toBe(2);
});

test('who may wait waits until the others are over', async () => {
  const budget = createDiskBudget(async () => 100 * GB);
  const over = Promise.withResolvers<void>();
  const waiting = budget.untilOver(over.promise);
  over.resolve();
  await waiting;
});
