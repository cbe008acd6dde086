import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const SCRIPT = join(root, 'scripts/tools/renew-heroku-python.mjs');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

const constants = (...minors: readonly number[]) =>
  minors.map((minor) => `const LATEST_PYTHON_3_${minor}: PythonVersion = x;\n`).join('');

/** A repository whose tags have these sources. */
async function repository(tags: readonly (readonly [tag: string, source: string | undefined])[]) {
  const clone = await mkdtemp(join(folder, 'clone-'));
  const git = (...args: readonly string[]) =>
    run('git', ['-C', clone, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args]);
  await git('init', '--quiet');
  await mkdir(join(clone, 'src'));
  for (const [tag, source] of tags) {
    if (source !== undefined) await writeFile(join(clone, 'src/python_version.rs'), source);
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', '--message', tag);
    await git('tag', tag);
  }
  return clone;
}

async function renewed(clone: string) {
  const file = join(clone, 'table.json');
  await run(process.execPath, [SCRIPT, '--source', clone, '--file', file]);
  return JSON.parse(await readFile(file, 'utf8'));
}

test('the table has a row for each tag that offers other versions than the one before it', async () => {
  const clone = await repository([
    ['v0.1.0', undefined],
    ['v0.9.0', constants(12, 9)],
    ['v0.10.0', constants(9, 12)],
    ['v2.0.0', constants(9, 12, 13)],
  ]);
  expect(await renewed(clone)).toMatchObject({
    buildpack: 'heroku/python',
    newest: '2.0.0',
    rows: [
      { from: '0.9.0', minors: ['3.9', '3.12'] },
      { from: '2.0.0', minors: ['3.9', '3.12', '3.13'] },
    ],
  });
});

test('a source that the versions cannot be read from ends it, and the table stays', async () => {
  const clone = await repository([['v1.0.0', 'fn main() {}\n']]);
  const problem = await renewed(clone).catch((error: Error) => error.message);
  expect(problem).toContain('has no tag whose versions are known.');
  await expect(readFile(join(clone, 'table.json'))).rejects.toThrow('ENOENT');
});
