import { describe, expect, test } from '@jest/globals';
import type { PlannedImage } from '../../src/evidence/index.js';
import { readDockerfiles } from '../../src/plan/dockerfiles.js';
import { isReadByDocker, keepingCredentials } from '../../src/plan/frontend-caches.js';
import { memoryFiles } from '../config/memory.js';
import { buildpackImage, plannedBuild, plannedImage } from '../plans.js';

const CACHES = ['type=gha', 'type=s3,bucket=b', 'type=registry,ref=a/b:1', 'type=local,src=x'];
const scope = (files: ReturnType<typeof memoryFiles>) => ({
  dockerfiles: readDockerfiles('/work', files),
});

const OWN = '# syntax=docker/dockerfile:1\nFROM a\n';

/** The caches that are left to an image whose Dockerfile is this text. */
async function left(text: string, more: Parameters<typeof plannedBuild>[0] = {}) {
  const build = plannedBuild({ cacheFrom: CACHES, file: 'sub/Dockerfile', ...more });
  const files = memoryFiles({ 'sub/Dockerfile': text });
  const [image] = await keepingCredentials([plannedImage({ build })], scope(files));
  return (image as PlannedImage).build.cacheFrom;
}

describe('caches that are read with credentials', () => {
  const WITHOUT = CACHES.slice(2);

  test('are left where Docker’s own frontend reads the Dockerfile', async () => {
    expect(await left(OWN)).toEqual(CACHES);
  });

  test('are taken away where another one may', async () => {
    expect(await left('# syntax=evil/frontend\nFROM a\n')).toEqual(WITHOUT);
  });

  test('are taken away where the Dockerfile is not in the checkout', async () => {
    expect(await left(OWN, { context: 'https://git.example/a.git' })).toEqual(WITHOUT);
  });

  test('and where there is none, the Dockerfile is not read', async () => {
    const build = plannedBuild({ cacheFrom: WITHOUT, file: 'nowhere' });
    const images = [plannedImage({ build }), buildpackImage()];
    expect(await keepingCredentials(images, scope(memoryFiles({})))).toEqual(images);
  });
});

describe('a Dockerfile is surely read by Docker’s own frontend', () => {
  const plain = { args: {}, contexts: {} };

  test.each([
    ['FROM a\n', true],
    ['# syntax=docker/dockerfile\n', true],
    ['# syntax = docker/dockerfile-upstream:master\n', true],
    ['#\u0085syntax=docker.io/docker/dockerfile@sha256:1\n', true],
    ['// syntax=index.docker.io/docker/dockerfile:1\n', true],
    ['# syntax=docker/dockerfiles\n', false],
    ['# syntax=docker/dockerfile-upstreams\n', false],
    ['# syntax=xdocker/dockerfile\n', false],
    ['# syntax=\n', false],
    ['#syntax=evil/a\n', false],
    ['FROM a\n# SYNTAX=evil/a\n', false],
    ['# syntax=docker/dockerfile\n# syntax=evil/a\n', false],
    ['  {"syntax":"x"}', false],
    ['\ufeff{"syntax":"x"}', false],
  ])('%j: %s', (text, expected) => {
    expect(isReadByDocker(text, plain)).toBe(expected);
  });

  test.each<[string, boolean]>([
    ['docker/dockerfile:1', true],
    [' docker/dockerfile:1  evil/a', true],
    ['', true],
    ['  ', true],
    ['evil/a docker/dockerfile', false],
  ])('with the argument %j: %s', (BUILDKIT_SYNTAX, expected) => {
    expect(isReadByDocker('FROM a\n', { args: { BUILDKIT_SYNTAX }, contexts: {} })).toBe(expected);
  });
});
