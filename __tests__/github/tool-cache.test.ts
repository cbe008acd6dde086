import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runnerToolCache } from '../../src/github/tool-cache.js';
import { createToolCache, realPorts } from '../../src/ports/index.js';
import { captured } from './captured.js';

const before = process.env.RUNNER_TOOL_CACHE;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-cache-'));
  process.env.RUNNER_TOOL_CACHE = join(folder, 'cache');
});
afterEach(async () => {
  if (before === undefined) delete process.env.RUNNER_TOOL_CACHE;
  else process.env.RUNNER_TOOL_CACHE = before;
  await rm(folder, { recursive: true });
});

const TOOL = { name: 'buildx', version: '0.30.0', architecture: 'x64', program: 'docker-buildx' };

/** The two caches over the same folder: @actions/tool-cache, and the one of the command line. */
function caches() {
  const env = { RUNNER_TOOL_CACHE: join(folder, 'cache') };
  const own = createToolCache(env, realPorts().files);
  if (own === undefined) throw new Error('There is no cache.');
  return [runnerToolCache(env.RUNNER_TOOL_CACHE, folder), own] as const;
}

async function keepAndFind(first: 0 | 1) {
  const both = caches();
  const [keeps, finds] = [both[first], both[(1 - first) as 0 | 1]];
  const place = join(folder, 'cache', 'buildx', '0.30.0', 'x64');
  expect([await keeps.find(TOOL), await finds.find(TOOL)]).toEqual([place, place]);
  for (const text of ['one', 'two']) {
    const file = join(folder, 'part');
    await writeFile(file, text, { mode: 0o755 });
    expect(await keeps.keep(file, TOOL)).toBe(place);
    expect([await keeps.find(TOOL), await finds.find(TOOL)]).toEqual([place, place]);
    expect(await readFile(join(place, 'docker-buildx'), 'utf8')).toBe(text);
    expect((await stat(join(place, 'docker-buildx'))).mode & 0o777).toBe(0o755);
  }
}

test.each([
  ['the action', 'the command line', 0],
  ['the command line', 'the action', 1],
])('what %s keeps, %s finds, and can start', async (_, __, first) => {
  await captured(() => keepAndFind(first as 0 | 1));
});
