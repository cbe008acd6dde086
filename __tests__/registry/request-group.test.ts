import { describe, expect, test } from '@jest/globals';
import { openRequestGroup, settleAll, stopOnFailure } from '../../src/registry/request-group.js';
import { rejection } from './rig.js';

const abort = () => Object.assign(new Error('stopped'), { name: 'AbortError' });

describe('requests that belong together', () => {
  test('end with the signal that they were begun with, and with a stop of their own', () => {
    const outer = new AbortController();
    const groups = [openRequestGroup(outer.signal), openRequestGroup(outer.signal)];
    const alone = openRequestGroup();
    const ended = () => [...groups, alone].map(({ signal }) => signal.aborted);
    expect(ended()).toEqual([false, false, false]);
    groups[0]?.stop();
    expect(ended()).toEqual([true, false, false]);
    expect(outer.signal.aborted).toBe(false);
    outer.abort();
    expect(ended()).toEqual([true, true, false]);
    alone.stop();
    expect(ended()).toEqual([true, true, true]);
  });

  test('are stopped by the first that fails, whose error stays what it is', async () => {
    const group = openRequestGroup();
    expect(await stopOnFailure(group, Promise.resolve(1))).toBe(1);
    expect(group.signal.aborted).toBe(false);
    const error = new Error('it broke');
    expect(await rejection(stopOnFailure(group, Promise.reject(error)))).toBe(error);
    expect(group.signal.aborted).toBe(true);
  });
});

describe('what all of it gives', () => {
  test('comes in the order of the work', async () => {
    const late = new Promise((resolve) => setTimeout(resolve, 5, 'late'));
    expect(await settleAll([late, Promise.resolve('soon')])).toEqual(['late', 'soon']);
    expect(await settleAll([])).toEqual([]);
  });

  test('is told when nothing of it is under way any more', async () => {
    let ended = false;
    const late = new Promise<void>((resolve) =>
      setTimeout(() => {
        ended = true;
        resolve();
      }, 5),
    );
    await rejection(settleAll([Promise.reject(new Error('it broke')), late]));
    expect(ended).toBe(true);
  });

  test('fails with the reason, and not with what the reason has stopped', async () => {
    const reason = new Error('it broke');
    const work = () => [Promise.reject(abort()), Promise.reject(reason)];
    expect(await rejection(settleAll(work()))).toBe(reason);
    const only = abort();
    expect(await rejection(settleAll([Promise.reject(only), Promise.reject(abort())]))).toBe(only);
    expect(await rejection(settleAll([Promise.reject(only), Promise.reject()]))).toBeUndefined();
  });
});
