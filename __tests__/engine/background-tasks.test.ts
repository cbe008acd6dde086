import { describe, expect, test } from '@jest/globals';
import { createBackgroundTasks } from '../../src/engine/background-tasks.js';

describe('what is cleared away beside the work', () => {
  test('is waited for, also what comes meanwhile, and what went wrong is told', async () => {
    const background = createBackgroundTasks();
    const done: string[] = [];
    let finish = () => {};
    const first = new Promise<void>((resolve) => {
      finish = resolve;
    });
    background.add(
      first.then(() => {
        done.push('first');
        background.add(Promise.resolve().then(() => void done.push('second')));
      }),
    );
    background.add(Promise.reject(new Error('stuck')));
    finish();
    expect(await background.settled()).toEqual([new Error('stuck')]);
    expect(done).toEqual(['first', 'second']);
  });

  test('is nothing where nothing was added', async () => {
    expect(await createBackgroundTasks().settled()).toEqual([]);
  });
});
