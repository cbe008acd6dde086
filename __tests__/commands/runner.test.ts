import { describe, expect, test } from '@jest/globals';
import {
  maskCommands,
  readInputs,
  readState,
  saveState,
  setOutputs,
} from '../../src/commands/runner.js';
import type { Files } from '../../src/ports/index.js';
import { readFileCommand } from '../e2e/commands.js';

/** Files that take what is appended, by path. */
function notebook() {
  const written = new Map<string, string>();
  const append: Files['append'] = async (path, text) => {
    written.set(path, (written.get(path) ?? '') + text);
  };
  return { written, files: { append } as Files };
}

test('inputs are read by their own names, whatever else is in the environment', () => {
  const env = { 'INPUT_BUILD-ARGS': 'A=1\nB=2', INPUT_PUSH: '', HOME: '/root', MY_INPUT_X: '1' };
  expect([...readInputs(env)]).toEqual([
    ['build-args', 'A=1\nB=2'],
    ['push', ''],
  ]);
});

test.each([
  [{ STATE_run: '42-abc' }, '42-abc'],
  [{ STATE_run: '' }, undefined],
  [{}, undefined],
])('state %j is %j', (env, expected) => {
  expect(readState(env, 'run')).toBe(expected);
});

describe('what is written for the runner', () => {
  test('reads back as it was, whatever is in it', async () => {
    const { written, files } = notebook();
    const world = { files, env: { GITHUB_OUTPUT: '/output', GITHUB_STATE: '/state' } };
    const outputs = {
      digest: 'a=b',
      metadata: '{\n"x": "EOF\\n"\n}',
      empty: '',
      odd: 'x<<EOF\ny\nEOF',
    };
    await setOutputs(world, outputs);
    await saveState(world, 'run', '1');
    await saveState(world, 'run', '');
    expect(Object.fromEntries(readFileCommand(written.get('/output') ?? ''))).toEqual(outputs);
    expect([...readFileCommand(written.get('/state') ?? '')]).toEqual([['run', '']]);
  });

  test('is nothing where there is no runner', async () => {
    const { written, files } = notebook();
    await setOutputs({ files, env: {} }, { digest: 'x' });
    expect(written.size).toBe(0);
  });
});

test('secrets are masked line by line, but not what is too short to hide', () => {
  expect(
    maskCommands(['long-enough', 'short', 'first line\nline 2\nfirst line', '100%sure']),
  ).toEqual(['::add-mask::long-enough', '::add-mask::first line', '::add-mask::100%25sure']);
});
