import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
const named = [...page.matchAll(/`((?:src|__tests__)\/[\w/.-]+)`/g)].map(([, path = '']) => path);

test('every file and folder that docs/architecture.md names exists', () => {
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('docs/architecture.md names every folder of src', () => {
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `src/${name}`);
  const missing = folders.filter(
    (folder) => !named.some((path) => path === folder || path.startsWith(`${folder}/`)),
  );
  expect(missing).toEqual([]);
});

test('the functions that docs/architecture.md names are in src', () => {
  const run = readFileSync(join(root, 'src/pipeline/run.ts'), 'utf8');
  for (const name of ['runPipeline', 'runTrials', 'publishImages', 'verifyImages']) {
    expect(page).toContain(`\`${name}\``);
    expect(run).toContain(name);
  }
});
