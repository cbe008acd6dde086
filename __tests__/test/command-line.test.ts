import { describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/test/command-line.js';

const lines = 'make test\necho ok';
const usual = ['/bin/sh', '-e', '-c', lines];

describe('a failing line of a test with several lines ends it', () => {
  test.each<[string, readonly string[], string | undefined, readonly string[]]>([
    ['no SHELL', [], undefined, usual],
    ['debian', [], '/usr/bin/dash', usual],
    ['alpine', [], '/bin/busybox', usual],
    ['fedora', [], '/usr/bin/bash', usual],
    ['a version in its name', [], '/bin/ksh93', usual],
    [
      'options of its own',
      ['/bin/bash', '-o', 'pipefail', '-c'],
      '/bin/bash',
      ['/bin/bash', '-o', 'pipefail', '-e', '-c', lines],
    ],
    [
      'a long option, which comes first',
      ['bash', '--login', '-c'],
      '/usr/bin/bash',
      ['bash', '--login', '-e', '-c', lines],
    ],
    [
      'options in one word',
      ['/bin/ash', '-exc'],
      '/bin/busybox',
      ['/bin/ash', '-e', '-exc', lines],
    ],
    [
      'busybox by its own name',
      ['/bin/busybox', 'sh', '-c'],
      '/bin/busybox',
      ['/bin/busybox', 'sh', '-e', '-c', lines],
    ],
    ['zsh', ['/bin/zsh', '-lc'], '/bin/zsh-5.9', ['/bin/zsh', '-e', '-lc', lines]],
  ])('%s', (_, words, file, executed) => {
    const shell = { words, ...(file === undefined ? {} : { file }) };
    const run = { shell: lines };
    expect(commandLine({ run }, shell)).toEqual({ words: executed, goesOn: false });
  });

  test.each<[string, readonly string[], string | undefined]>([
    ['fish', ['/usr/bin/fish', '-c'], '/usr/bin/fish'],
    ['a /bin/sh that is something else', [], '/usr/bin/fish'],
    ['PowerShell', ['pwsh', '-Command'], '/opt/microsoft/powershell/7/pwsh'],
    ['python', ['python3', '-c'], '/usr/bin/python3.13'],
    ['cmd', ['cmd', '/S', '/C'], undefined],
    ['another program of busybox', ['/bin/busybox', 'awk', '-c'], '/bin/busybox'],
    ['a script, not a text', ['/bin/sh'], '/bin/dash'],
    ['through env', ['/usr/bin/env', 'bash', '-c'], '/usr/bin/env'],
  ])('another shell goes on: %s', (_, words, file) => {
    const shell = { words, ...(file === undefined ? {} : { file }) };
    const usual = words.length === 0 ? ['/bin/sh', '-c'] : words;
    expect(commandLine({ run: { shell: lines } }, shell)).toEqual({
      words: [...usual, lines],
      goesOn: true,
    });
  });

  test.each([
    ['a single line', 'false; true'],
    ['a line end behind it', 'false; true\n'],
    ['lines that are empty', '\n  false; true\n\n'],
  ])('%s keeps its meaning', (_, text) => {
    const expected = { words: ['/bin/sh', '-c', text], goesOn: false };
    expect(commandLine({ run: { shell: text } }, { words: [] })).toEqual(expected);
  });

  test('a list is executed as it is, and the image has a program of its own', () => {
    const exec = ['/bin/sh', '-c', lines];
    expect(commandLine({ run: { exec } }, { words: [] })).toEqual({ words: exec, goesOn: false });
    expect(commandLine({}, { words: [] })).toEqual({ words: [], goesOn: false });
  });
});
