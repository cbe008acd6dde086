import { afterEach, expect, test } from '@jest/globals';
import { planOf, removeFolders, repository } from './repository.js';

afterEach(removeFolders);

const TEXT = `images:
  - name: acme/one
    build: { buildpack: b/b }
  - name: acme/two
    platforms: [linux/amd64, linux/amd64, linux/amd64]
    build: { target: x, dockerfile: gone }




  - name: acme/one
    build: .
`;

test('problems are in the order of their places, and what has no place is last', async () => {
  const root = await repository({
    'sea-trial.yml': TEXT,
    Dockerfile: 'FROM busybox\n',
    'project.toml': 'a = ',
  });
  const asked = { secretSources: [{ id: 'npm', env: 'NPM' }] };
  const planning = await planOf(root, asked);
  if (!('problems' in planning)) throw new Error('there are no problems');
  const places = planning.problems.map(({ file, line, column }) => [file, line, column]);
  expect(places).toStrictEqual([
    ['input "secret-envs"', undefined, undefined],
    ['project.toml', 1, 5],
    ['sea-trial.yml', 5, 30],
    ['sea-trial.yml', 5, 43],
    ['sea-trial.yml', 6, 37],
    ['sea-trial.yml', 11, 11],
    ['sea-trial.yml', 11, 11],
    [undefined, undefined, undefined],
  ]);
});
