import { describe, expect, test } from '@jest/globals';
import { createAside } from '../../src/engine/background-tasks.js';

describe('what is cleared away beside the work', () => {
  test('is waited for, also what comes meanwhile, and what went wrong is told', async () => {
    const aside = createAside();
    const done: string[] = [];
    let finish = () => {};
    const first = new Promise<void>((resolve) => {
      finish = resolve;
    });
    aside.add(
      first.then(() => {
        done.push('first');
        aside.add(Promise.resolve().then(() => void done.push('second')));
      }),
    );
    aside.add(Promise.reject(new Error('stuck')));
    finish();
    expect(await aside.settled()).toEqual([new Error('stuck')]);
    expect(done).toEqual(['first', 'second']);
  });

  test('is nothing where nothing was added', async () => {
    expect(await createAside().settled()).toEqual([]);
  });
});
