import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  command,
  escapeCommands,
  escapeCommandsInJson,
  withoutCommands,
} from '../../src/report/index.js';
import { commandsIn } from '../e2e/commands.js';
import { hostile } from './hostile.js';

const SAID = '::error::no\n##[error]no\n::stop-commands::no\r::endgroup::\n::no::';

test('a command is read as it was meant', () => {
  const [read] = commandsIn(command('error', 'a%\r\nb', { file: 'a:b,c', line: 3, title: '' }));
  expect(read).toEqual({
    name: 'error',
    properties: new Map([
      ['file', 'a:b,c'],
      ['line', '3'],
    ]),
    data: 'a%\r\nb',
  });
});

test('a command without properties, or with empty ones alone, has its name and its message', () => {
  expect(command('endgroup', '')).toBe('::endgroup::');
  expect(command('error', 'no', { file: '', line: undefined })).toBe('::error::no');
  expect(command('error', 'no', { file: 'a', line: 1 })).toBe('::error file=a,line=1::no');
});

describe('somebody else’s words', () => {
  test('are whole between stop-commands, without the newline at their end', () => {
    const written = withoutCommands('one\r\n\ntwo\r##[group]\n');
    const [stop = '', ...lines] = written.split('\n');
    const token = stop.replace('::stop-commands::', '');
    expect(lines).toStrictEqual(['one', '', 'two', '## [group]', `::${token}::`, '']);
    expect(withoutCommands('one\n\n').split('\n').slice(1, -2)).toStrictEqual(['one', '']);
  });

  test('between stop-commands are as they were, and the next line is read again', () => {
    const written = `${withoutCommands(SAID)}::error::yes\n`;
    const names = commandsIn(written).map(({ name, data }) => `${name} ${data}`);
    expect(names).toEqual([
      expect.stringMatching(/^stop-commands [0-9a-f-]{36}$/),
      expect.stringMatching(/^[0-9a-f-]{36} $/),
      'error yes',
    ]);
    expect(written).toContain('\n::stop-commands::no\n::endgroup::\n');
  });

  test.each([
    ['::error::x', ': :error::x'],
    ['  \t::error::x\n::a', '  \t: :error::x\n: :a'],
    ['\u0085\u00a0\ufeff::error::x', '\u0085\u00a0\ufeff: :error::x'],
    ['a ::error::x', 'a ::error::x'],
    ['1%\r::error::x\r\n', '1%\n: :error::x\n'],
    ['a ##[error]x ###[group]y', 'a ## [error]x ### [group]y'],
    [':::::x', ': ::::x'],
  ])('%j without a command is %j', (text, expected) => {
    expect(escapeCommands(text)).toBe(expected);
  });

  test('hold no command, whatever they are', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(commandsIn(escapeCommands(text))).toEqual([]);
        expect(commandsIn(withoutCommands(text))).toHaveLength(2);
      }),
    );
  });

  test('in JSON are written with escapes where they could be taken for a command', () => {
    expect(escapeCommandsInJson('["##[a]##[b]\u2028\u2029"]')).toBe(
      '["##\\u005ba]##\\u005bb]\\u2028\\u2029"]',
    );
  });

  test('in JSON hold no command and stay what they are', () => {
    fc.assert(
      fc.property(fc.array(hostile), fc.dictionary(hostile, hostile), (list, table) => {
        const json = escapeCommandsInJson(JSON.stringify([list, table], undefined, 2));
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify([list, table])));
        expect(commandsIn(json)).toEqual([]);
        expect(escapeCommands(json)).toBe(json);
      }),
    );
  });
});
