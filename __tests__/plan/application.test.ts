import { expect, test } from '@jest/globals';
import { builtBy } from '../../src/evidence/index.js';
import { applicationProblems } from '../../src/plan/application.js';
import type { Files } from '../../src/ports/index.js';
import { load, memoryFiles, request } from '../config/memory.js';

const TEXT = 'images: [{ name: acme/web, build: { context: app, buildpack: b/b } }]';
const CONTENT = { 'sea-trial.yml': TEXT, 'app/main.py': '', 'app/deep/er/x': '' };

/** What is said of the folder `app`, whose folders have these many files more, or cannot be listed. */
async function said(more: Readonly<Record<string, number | undefined>>) {
  const files = memoryFiles(CONTENT);
  const list: Files['list'] = async (path) => {
    const folder = path.replace('/work/', '');
    if (!Object.hasOwn(more, folder)) return files.list(path);
    const count = more[folder];
    if (count === undefined) throw Object.assign(new Error('no'), { code: 'EACCES' });
    return [...(await files.list(path)), ...Array.from({ length: count }, (_, at) => `f${at}`)];
  };
  const images = builtBy((await load(CONTENT)).images, 'buildpack');
  const scope = { root: '/work', workspace: '/work', files: { ...files, list } };
  return applicationProblems(images, request(), scope);
}

const at = { file: 'sea-trial.yml', line: 1, column: 46 };

test('an application of an ordinary size is no problem', async () => {
  expect(await said({})).toStrictEqual([]);
});

test('files and folders are counted over all folders of an application', async () => {
  // With those that it has: main.py, deep, er and x.
  expect(await said({ app: 100_000, 'app/deep/er': 99_996 })).toStrictEqual([]);
  expect(await said({ app: 100_000, 'app/deep/er': 99_997 })).toStrictEqual([
    {
      ...at,
      message:
        'the application in "app" has more than 200000 files and folders; name a smaller "context", or leave files out with "exclude" in project.toml',
    },
  ]);
});

test('a folder that cannot be listed is named', async () => {
  expect(await said({ 'app/deep': undefined })).toStrictEqual([
    { ...at, message: '"app" has a folder that cannot be listed: "deep"' },
  ]);
});
