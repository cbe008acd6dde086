import { describe, expect, test } from '@jest/globals';
import {
  builderEnvironment,
  childEnvironment,
  isJobVariable,
  loginEnvironment,
} from '../../src/ports/index.js';

const names = [
  'PATH',
  'HOME',
  'LC_ALL',
  'DOCKER_HOST',
  'DOCKER_CONFIG',
  'BUILDKIT_PROGRESS',
  'SOURCE_DATE_EPOCH',
  'DOCKER_PASSWORD',
  'DOCKER_AUTH_CONFIG',
  'DOCKERHUB_TOKEN',
  'BUILDX_BAKE_GIT_AUTH_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GITHUB_TOKEN',
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_RESULTS_URL',
  'ACTIONS_CACHE_URL',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'INPUT_SECRETS',
  'STATE_run',
  'NODE_OPTIONS',
  'LD_PRELOAD',
  'NPM_TOKEN',
];
const env = Object.fromEntries(names.map((name) => [name, `value of ${name}`]));

const HARMLESS = names.slice(0, 7);

test('variables of a job itself are those of its tokens, inputs and state', () => {
  const own = [...names, 'XACTIONS_A', 'INPUT', 'STATED'].filter(isJobVariable);
  expect(own).toEqual([
    'ACTIONS_RUNTIME_TOKEN',
    'ACTIONS_RESULTS_URL',
    'ACTIONS_CACHE_URL',
    'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    'INPUT_SECRETS',
    'STATE_run',
  ]);
});

describe('what a child sees of the environment', () => {
  test('nothing but what is on the list', () => {
    expect(Object.keys(childEnvironment(env))).toStrictEqual(HARMLESS);
  });

  test('with what logs in to registries, where the child does that', () => {
    expect(Object.keys(loginEnvironment(env))).toStrictEqual([
      ...HARMLESS,
      'DOCKER_AUTH_CONFIG',
      'AWS_SECRET_ACCESS_KEY',
      'GOOGLE_APPLICATION_CREDENTIALS',
    ]);
  });

  test('with what leads to a cluster, where the builder is in one', () => {
    const cluster = {
      KUBECONFIG: '/k',
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      KUBERNETES_SERVICE_PORT: '443',
      GOOGLE_CLOUD_PROJECT: 'p',
      KUBERNETES_OTHER: 'x',
      GITHUB_TOKEN: 'x',
    };
    const { KUBERNETES_OTHER: _, GITHUB_TOKEN: __, ...expected } = cluster;
    expect(builderEnvironment(cluster, 'kubernetes')).toStrictEqual(expected);
    expect(builderEnvironment(cluster, 'remote', { X: '1' })).toStrictEqual({ X: '1' });
    expect(builderEnvironment(cluster, undefined)).toStrictEqual({});
  });

  test('with what it is given beside it', () => {
    expect(childEnvironment({ PATH: '/a', HOME: undefined }, { PATH: '/b', X: '1' })).toStrictEqual(
      {
        PATH: '/b',
        X: '1',
      },
    );
  });
});
