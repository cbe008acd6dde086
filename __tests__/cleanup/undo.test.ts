import { expect, test } from '@jest/globals';
import { createUndo } from '../../src/cleanup/undo.js';

test('takes the steps backwards, each once', async () => {
  const done: string[] = [];
  const undo = createUndo();
  for (const name of ['builder', 'handlers']) {
    undo.add(async () => {
      done.push(name);
    });
  }
  await undo.run();
  await undo.run();
  expect(done).toEqual(['handlers', 'builder']);
});

test('goes on after a step that fails, and tries that one again', async () => {
  const done: string[] = [];
  const undo = createUndo();
  const step = (name: string, problems: Error[]) =>
    undo.add(async () => {
      const problem = problems.shift();
      if (problem !== undefined) throw problem;
      done.push(name);
    });
  step('first', []);
  step('second', [new Error('busy')]);
  step('third', [new Error('late')]);
  await expect(undo.run()).rejects.toThrow('late');
  expect(done).toEqual(['first']);
  await undo.run();
  expect(done).toEqual(['first', 'third', 'second']);
});
