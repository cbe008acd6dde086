import { describe, expect, test } from '@jest/globals';
import { commandsIn, readFileCommand } from './commands.js';

const seen = (output: string) =>
  commandsIn(output).map(({ name, properties, data }) => [
    name,
    Object.fromEntries(properties),
    data,
  ]);

describe('the runner reads a step’s output', () => {
  test.each([
    ['::error file=a.yml,line=3::no%0Agood', [['error', { file: 'a.yml', line: '3' }, 'no\ngood']]],
    ['   ::warning::behind spaces', [['warning', {}, 'behind spaces']]],
    ['words ::error::in a line', []],
    ['words ##[error]in a line', [['error', {}, 'in a line']]],
    ['progress\r::error::behind a carriage return', [['error', {}, 'behind a carriage return']]],
    ['::unknown::thing', []],
    ['::error title=a%3Ab%2Cc::x', [['error', { title: 'a:b,c' }, 'x']]],
  ])('%j', (output, expected) => {
    expect(seen(output)).toEqual(expected);
  });

  test('obeys nothing between stop-commands and its token', () => {
    const output =
      '::stop-commands::abc\n::error::no\n##[error]no\n::other::\n::ABC::\n::error::yes';
    expect(seen(output)).toEqual([
      ['stop-commands', {}, 'abc'],
      ['abc', {}, ''],
      ['error', {}, 'yes'],
    ]);
  });
});

describe('the runner reads a command file', () => {
  test('in both forms', () => {
    const values = readFileCommand('a=1\nb<<END\ntwo\n\nlines=3\nEND\nc==\n');
    expect([...values]).toEqual([
      ['a', '1'],
      ['b', 'two\n\nlines=3'],
      ['c', '='],
    ]);
  });

  test.each(['a<<END\nnever ended\n', 'neither form\n'])('and refuses %j', (text) => {
    expect(() => readFileCommand(text)).toThrow('The runner would refuse the line');
  });
});
