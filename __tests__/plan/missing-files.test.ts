import { afterEach, expect, test } from '@jest/globals';
import type { DockerfileImageEntry } from '../../src/config/index.js';
import { missingFiles } from '../../src/plan/missing-files.js';
import { files } from '../../src/ports/files.js';
import { folder, removeFolders } from './repository.js';

afterEach(removeFolders);

const build = {
  context: { value: '.', at: { file: 'input "context"' } },
  contexts: [],
  dockerfile: { value: 'Dockerfile', at: { file: 'input "file"' } },
};

test.each<[string, Record<string, string>, string]>([
  [
    'nothing was checked out',
    { '.git/HEAD': '' },
    'there is no file "Dockerfile"; the folder is empty: no step before this one has checked the repository out (uses: actions/checkout)',
  ],
  [
    'it has another name',
    { dockerfile: '' },
    'there is no file "Dockerfile"; did you mean "dockerfile"?',
  ],
])('a Dockerfile that is not there, where %s', async (_, content, message) => {
  const image = { build } as unknown as DockerfileImageEntry;
  expect(await missingFiles([image], await folder(content), files)).toEqual([
    { file: 'input "file"', message },
  ]);
});
