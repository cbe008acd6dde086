import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCommand } from '../../src/github/run-command.js';
import { captured } from './captured.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial a command '));
});
afterAll(() => rm(folder, { recursive: true }));

test('a command is run without a shell, with its own environment, no input, and nothing printed', async () => {
  const file = join(folder, 'a program');
  const script = '#!/bin/sh\ncat; echo "$# $1 $WORD$HOME"; echo "::error::said" >&2; exit 3\n';
  await writeFile(file, script, { mode: 0o755 });
  const outputs: unknown[] = [];
  const printed = await captured(async () => {
    outputs.push(
      await runCommand({ file, args: ['$HOME "a" b'], env: { WORD: 'x', PATH: '/bin' } }),
    );
  });
  expect(printed).toBe('');
  expect(outputs).toEqual([
    { code: 3, signal: null, stdout: '1 $HOME "a" b x\n', stderr: '::error::said\n' },
  ]);
});

test('a program that is not there is an output, not an exception', async () => {
  const { code, notStarted } = await runCommand({ file: `${folder}/none`, args: [], env: {} });
  expect([code, notStarted]).toEqual([null, expect.stringContaining(`${folder}/none`)]);
});
