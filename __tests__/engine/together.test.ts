import { describe, expect, test } from '@jest/globals';
import { together } from '../../src/engine/together.js';

/** Answers each word twice, but fails for those that hold an x. */
function doubling(most?: number) {
  const calls: (readonly string[])[] = [];
  const ask = together(async (words: readonly string[]) => {
    calls.push(words);
    await Promise.resolve();
    const wrong = words.filter((word) => word.includes('x'));
    if (wrong.length > 0) throw new Error(`${wrong.join(' and ')} cannot be doubled`);
    return words.map((word) => word + word);
  }, most);
  return { ask, calls };
}

describe('questions of one moment', () => {
  test('go with one call, each with its own answer', async () => {
    const { ask, calls } = doubling();
    expect(await Promise.all(['a', 'b', 'c'].map(ask))).toEqual(['aa', 'bb', 'cc']);
    expect(calls).toEqual([['a', 'b', 'c']]);
  });

  test('that come while a call is under way go with the next', async () => {
    const { ask, calls } = doubling();
    const first = ask('a').then((answer) => Promise.all([answer, ask('d')]));
    const others: Promise<string>[] = [];
    await new Promise((resolve) => setImmediate(resolve));
    others.push(ask('b'), ask('c'));
    expect(await Promise.all(others)).toEqual(['bb', 'cc']);
    expect(await first).toEqual(['aa', 'dd']);
    expect(calls[0]).toEqual(['a']);
    expect(calls.slice(1).flat().sort()).toEqual(['b', 'c', 'd']);
    expect(calls.length).toBeLessThan(4);
  });

  test('are cut into calls of so many', async () => {
    const { ask, calls } = doubling(2);
    expect(await Promise.all(['a', 'b', 'c'].map(ask))).toEqual(['aa', 'bb', 'cc']);
    expect(calls).toEqual([['a', 'b'], ['c']]);
  });

  test('of which one fails are asked again alone', async () => {
    const { ask, calls } = doubling();
    const answers = await Promise.allSettled(['a', 'x', 'c'].map(ask));
    expect(answers).toEqual([
      { status: 'fulfilled', value: 'aa' },
      { status: 'rejected', reason: new Error('x cannot be doubled') },
      { status: 'fulfilled', value: 'cc' },
    ]);
    expect(calls).toEqual([['a', 'x', 'c'], ['a'], ['x'], ['c']]);
  });

  test('go on after a call that failed', async () => {
    const { ask } = doubling();
    await expect(ask('x')).rejects.toThrow('x cannot be doubled');
    expect(await ask('a')).toBe('aa');
  });
});
