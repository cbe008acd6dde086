import { expect, test } from '@jest/globals';
import type { DockerfileOrder } from '../../../src/build/dockerfile/command.js';
import { buildEnvironment } from '../../../src/build/dockerfile/environment.js';
import { plannedBuild, plannedImage } from '../../plans.js';

const env = {
  KUBECONFIG: '/k',
  PATH: '/bin',
  ACTIONS_RUNTIME_TOKEN: 'runtime',
  ACTIONS_RESULTS_URL: 'https://results.example.com',
  ACTIONS_CACHE_URL: 'https://cache.example.com',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'identity',
  NPM_TOKEN: 'npm',
  OTHER_TOKEN: 'other',
};

const build = plannedBuild();

function seen(
  more: Partial<typeof build>,
  secretVariables: DockerfileOrder['secretVariables'],
  rest: Partial<DockerfileOrder> = {},
) {
  const order: DockerfileOrder = {
    image: plannedImage({ build: { ...build, ...more } }),
    platform: 'linux/amd64',
    root: '/w',
    builder: 'b',
    buildx: { file: 'docker', prefix: ['buildx'] },
    bases: [],
    secretVariables,
    ...rest,
  };
  return buildEnvironment(order, env, { SECRET_0: 'zero', SECRET_1: 'one' });
}

test.each<
  [string, Partial<typeof build>, DockerfileOrder['secretVariables'], Record<string, string>]
>([
  ['nothing of its own', {}, new Map(), {}],
  [
    'its own secrets, given or named, and no other build’s',
    { secrets: [{ id: 'a' }, { id: 'b', env: 'NPM_TOKEN' }, { id: 'c', file: 'c.txt' }] },
    new Map([
      ['a', 'SECRET_1'],
      ['x', 'SECRET_0'],
    ]),
    { SECRET_1: 'one', NPM_TOKEN: 'npm' },
  ],
  [
    'no token of the job under the name of a secret',
    { secrets: [{ id: 'a', env: 'ACTIONS_ID_TOKEN_REQUEST_TOKEN' }] },
    new Map(),
    {},
  ],
  [
    'the job’s cache where it asks for that',
    { cacheTo: ['mode=max,"type=gha"'] },
    new Map(),
    {
      ACTIONS_RUNTIME_TOKEN: 'runtime',
      ACTIONS_RESULTS_URL: 'https://results.example.com',
      ACTIONS_CACHE_URL: 'https://cache.example.com',
    },
  ],
  [
    'no token for another cache',
    { cacheFrom: ['type=registry,"ref=r.io/a,type=gha"'] },
    new Map(),
    {},
  ],
])('a build sees %s', (_, more, variables, expected) => {
  expect(seen(more, variables)).toEqual({ PATH: '/bin', ...expected });
});

test('a build in a cluster sees where that is', () => {
  const expected = { PATH: '/bin', KUBECONFIG: '/k' };
  expect(seen({}, new Map(), { driver: 'kubernetes' })).toEqual(expected);
  expect(seen({}, new Map(), { driver: 'remote' })).toEqual({ PATH: '/bin' });
});
