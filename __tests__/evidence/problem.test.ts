import { expect, test } from '@jest/globals';
import { elsewhere, placeText } from '../../src/evidence/index.js';

test.each([
  [{ file: 'sea-trial.lock', line: 3 }, 'sea-trial.lock:3'],
  [{ file: 'sea-trial.yml', line: undefined }, 'sea-trial.yml'],
  [{ file: 'input "tags"' }, 'input "tags"'],
])('a place is told with its line where it has one: %j', (place, text) => {
  expect(placeText(place)).toBe(text);
});

test('problems at places that have one already are left out', () => {
  const at = (file: string, line: number, column: number) => ({ file, line, column, message: 'x' });
  const problems = [at('a', 1, 1), at('a', 1, 2), at('a', 2, 1), at('b', 1, 1)];
  expect(elsewhere(problems, [{ file: 'a', line: 1, column: 1 }])).toEqual(problems.slice(1));
  expect(elsewhere(problems, [])).toEqual(problems);
});
