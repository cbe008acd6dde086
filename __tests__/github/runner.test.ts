import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createRunner } from '../../src/github/runner.js';
import { realPorts } from '../../src/ports/index.js';
import { commandsIn, readFileCommand } from '../e2e/commands.js';
import { hostile } from '../report/hostile.js';
import { captured } from './captured.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-github-'));
});
afterAll(() => rm(folder, { recursive: true }));

const set = new Set<string>();
afterEach(() => {
  for (const name of set) delete process.env[name];
  set.clear();
});

/** @actions/core reads the environment of the process. */
function runnerIn(env: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(env)) {
    process.env[name] = value;
    set.add(name);
  }
  return createRunner({ ...realPorts(), env });
}

test('inputs are read by their own names, as they were written', () => {
  const env = { 'INPUT_BUILD-ARGS': ' A=1\nB=2\n', INPUT_PUSH: '', MY_INPUT_X: '1' };
  expect([...runnerIn(env).inputs()]).toEqual([
    ['build-args', ' A=1\nB=2\n'],
    ['push', ''],
  ]);
});

test.each([
  [{ STATE_run: '42-abc' }, '42-abc'],
  [{ STATE_run: '' }, undefined],
  [{}, undefined],
])('state %j is %j', (env, expected) => {
  expect(runnerIn(env as Record<string, string>).state('run')).toBe(expected);
});

describe('what is written for the runner', () => {
  test('reads back as it was, whatever is in it, also into files that are not there yet', async () => {
    const [GITHUB_OUTPUT, GITHUB_STATE, GITHUB_STEP_SUMMARY] = ['o', 's', 'm'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    const runner = runnerIn({ GITHUB_OUTPUT, GITHUB_STATE, GITHUB_STEP_SUMMARY });
    const outputs = {
      digest: 'a=b',
      metadata: '{\n"x": "EOF\\n"\n}',
      empty: '',
      odd: 'x<<EOF\ny\nEOF',
    };
    const printed = await captured(async () => {
      await runner.setOutputs(outputs);
      await runner.saveState('run', '1');
      await runner.saveState('run', '');
      await runner.addSummary('## a\n\n');
      await runner.addSummary('b');
    });
    expect(printed).toBe('');
    const read = async (path: string) => readFileCommand(await readFile(path, 'utf8'));
    expect(Object.fromEntries(await read(GITHUB_OUTPUT))).toEqual(outputs);
    expect([...(await read(GITHUB_STATE))]).toEqual([['run', '']]);
    expect(await readFile(GITHUB_STEP_SUMMARY, 'utf8')).toBe('## a\nb\n');
  });

  test('is nothing where the runner names no files: no command in its place', async () => {
    const printed = await captured(async (runner) => {
      await runner.setOutputs({ digest: 'x' });
      await runner.saveState('run', '1');
      await runner.addSummary('b');
    });
    expect(printed).toBe('');
  });
});

test('secrets are masked line by line, each once, but not what is too short to hide', async () => {
  const secrets = ['long-enough', 'short', 'first line\nline 2\r\nfirst line', '100%sure'];
  expect(await captured((runner) => runner.mask(secrets))).toBe(
    '::add-mask::long-enough\n::add-mask::first line\n::add-mask::100%25sure\n',
  );
});

test('an annotation is one command, whose parts are escaped and left out where they are missing', async () => {
  const annotation = {
    level: 'error',
    message: '100%\r\n::stop::',
    file: 'a,b:c%',
    line: 3,
  } as const;
  expect(await captured((runner) => runner.annotate({ ...annotation, title: undefined }))).toBe(
    '::error file=a%2Cb%3Ac%25,line=3::100%25%0D%0A::stop::\n',
  );
  expect(await captured((runner) => runner.annotate({ level: 'notice', message: 'a' }))).toBe(
    '::notice ::a\n',
  );
});

test('the runner obeys nothing in a group, an annotation or a debug line, whatever they hold', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (title, text) => {
      const printed = await captured((runner) => {
        runner.group(title, text);
        runner.annotate({ level: 'warning', message: text, title, file: title });
        runner.debug(text);
      });
      const names = commandsIn(printed).map(({ name }) => name);
      const [group, stop, token, ...rest] = names;
      expect([group, stop, rest]).toEqual([
        'group',
        'stop-commands',
        ['endgroup', 'warning', 'debug'],
      ]);
      expect(token).toMatch(/^[0-9a-f-]{36}$/);
    }),
  );
});
