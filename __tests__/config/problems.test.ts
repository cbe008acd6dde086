import { expect, test } from '@jest/globals';
import { renderProblems } from '../../src/config/index.js';

test('problems of one file, with their places in a column', () => {
  expect(
    renderProblems([
      { file: 'sea-trial.yml', line: 4, column: 5, message: 'unknown key "platfroms"' },
      { file: 'sea-trial.yml', line: 12, column: 17, message: 'test "a" appears twice' },
    ]),
  ).toBe(`sea-trial.yml has 2 problems; nothing was started.

  sea-trial.yml:4:5     unknown key "platfroms"
  sea-trial.yml:12:17   test "a" appears twice
`);
});

test('a single problem without a place', () => {
  expect(renderProblems([{ message: 'there is no command "x"' }])).toBe(
    'There is 1 problem; nothing was started.\n\n  there is no command "x"\n',
  );
});

test('problems of several places, one of them long', () => {
  expect(
    renderProblems([
      { file: 'a-folder/with-a-long-name/sea-trial.yml', line: 1, column: 2, message: 'x' },
      { file: 'input "tags"', message: 'is empty' },
    ]),
  ).toBe(`There are 2 problems; nothing was started.

  a-folder/with-a-long-name/sea-trial.yml:1:2
                 x
  input "tags"   is empty
`);
});

test('a place of as many characters as the column may have is in it, a longer one is not', () => {
  const place = (length: number) => ({ file: 'f'.repeat(length), message: 'x' });
  expect(renderProblems([place(32), place(33)])).toBe(
    [
      'There are 2 problems; nothing was started.',
      '',
      `  ${'f'.repeat(32)}   x`,
      `  ${'f'.repeat(33)}`,
      `  ${' '.repeat(32)}   x`,
      '',
    ].join('\n'),
  );
});

test('problems of a file and of none are those of no file', () => {
  const heading = (...problems: Parameters<typeof renderProblems>[0]) =>
    renderProblems(problems).split('\n')[0];
  const there = { file: 'a.yml', line: 1, message: 'x' };
  expect(heading(there)).toBe('a.yml has 1 problem; nothing was started.');
  expect(heading(there, { message: 'x' })).toBe('There are 2 problems; nothing was started.');
  expect(heading(there, { ...there, file: 'b.yml' })).toBe(
    'There are 2 problems; nothing was started.',
  );
  expect(heading({ file: 'a.yml', message: 'x' })).toBe('There is 1 problem; nothing was started.');
});

test('a message of several lines keeps its column', () => {
  const message = 'write one:\n\nimages:\n  - name: a/b';
  expect(renderProblems([{ message }])).toBe(
    'There is 1 problem; nothing was started.\n\n  write one:\n\n  images:\n    - name: a/b\n',
  );
  expect(renderProblems([{ file: 'a.yml', line: 1, message }])).toContain(
    '  a.yml:1   write one:\n\n            images:\n',
  );
});
