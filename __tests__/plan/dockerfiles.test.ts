import { afterEach, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/index.js';
import { makePlan } from '../../src/plan/index.js';
import { realPorts } from '../../src/ports/index.js';
import { request as requestFor, UNTRUSTED } from '../config/memory.js';
import { removeFolders, repository, write } from './repository.js';

afterEach(removeFolders);

const CONFIGURATION = `
platforms: [linux/amd64, linux/arm64]
images:
  - name: ghcr.io/acme/one
    build: { target: last, native: [golang:1], args: { V: '{arch}' }, cache_from: [type=gha] }
  - name: ghcr.io/acme/two
    build: { target: build }
`;

const DOCKERFILE = 'FROM golang:1 AS build\nARG V\nFROM busybox AS last\nCOPY . .\n';

test('a plan reads a Dockerfile and the list beside it once, however many builds and checks need it', async () => {
  const root = await repository({ 'sea-trial.yml': CONFIGURATION, Dockerfile: DOCKERFILE });
  await write(root, { 'added.txt': '', '.dockerignore': '*.md\n' });
  const ports = realPorts();
  const reads: string[] = [];
  const read: typeof ports.files.read = (path, ...more) => {
    reads.push(path.slice(root.length + 1));
    return ports.files.read(path, ...more);
  };
  const counting = { ...ports, env: { PATH: process.env.PATH }, files: { ...ports.files, read } };
  const request = requestFor({ root, ...UNTRUSTED });
  const planning = await makePlan(loadConfig(request, counting), request, counting);
  expect('plan' in planning ? planning.plan.images.length : planning.problems).toBe(2);
  expect(reads.filter((path) => /dockerfile|dockerignore/i.test(path)).sort()).toEqual([
    '.dockerignore',
    'Dockerfile',
  ]);
});
