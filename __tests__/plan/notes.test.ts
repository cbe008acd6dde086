import { afterEach, expect, test } from '@jest/globals';
import type { Request } from '../../src/config/index.js';
import { UNTRUSTED } from '../config/memory.js';
import { DOCKERFILE, planned, removeFolders, repository } from './repository.js';

afterEach(removeFolders);

async function notes(build: string, more: Partial<Request> = {}, dockerfile = DOCKERFILE) {
  const text = `images: [{ name: ghcr.io/acme/greeter, build: ${build} }]`;
  const root = await repository({ 'sea-trial.yml': text, Dockerfile: dockerfile });
  return (await planned(root, more)).notes;
}

const LOGINS =
  'This run is untrusted: the logins of the inputs are not used. To let a build pull private images, use docker login in an earlier step.';

test('an untrusted run says that the logins of the inputs are not used', async () => {
  const logins = [{ registry: '', username: 'u', password: 'p' }];
  expect(await notes('.', { ...UNTRUSTED, logins })).toStrictEqual([LOGINS]);
  expect(await notes('.', { logins })).toStrictEqual([]);
  expect(await notes('.', UNTRUSTED)).toStrictEqual([]);
});

test('a push that an untrusted run may not do is said', async () => {
  const nothing = 'Images go to the embedded registry; nothing is pushed.';
  expect(await notes('.', { ...UNTRUSTED, push: true })).toStrictEqual([nothing]);
  expect(await notes('.', { push: true })).toStrictEqual([]);
});

test.each<[string, string, string]>([
  ['one cache', '["type=registry,ref=a/b"]', '1 is not written.'],
  ['of several, two', '[type=gha, "a/b", "type=local,dest=c"]', '2 are not written.'],
])('an untrusted run counts the caches that it does not write: %s', async (_, caches, end) => {
  expect(await notes(`{ cache_to: ${caches} }`, UNTRUSTED)).toStrictEqual([
    `This run is untrusted: of the caches of greeter, ${end}`,
  ]);
  expect(await notes(`{ cache_to: ${caches} }`)).toStrictEqual([]);
});

test.each<[string, string]>([
  ['[type=gha]', '1 is'],
  ['[type=gha, "type=gha,scope=x"]', '2 are'],
])('an untrusted run counts the caches that it does not read: %s', async (caches, count) => {
  const build = `{ cache_from: ${caches} }`;
  const foreign = '# syntax=acme/reader:1\nFROM busybox:1.37\n';
  expect(await notes(build, UNTRUSTED, foreign)).toStrictEqual([
    `This run is untrusted: of the caches of greeter, ${count} not read, because BuildKit passes their credentials to the image that reads the Dockerfile. They are read with docker/dockerfile (# syntax=docker/dockerfile:1) and a context in this checkout.`,
  ]);
  expect(await notes(build, {}, foreign)).toStrictEqual([]);
});

test('names that mean images of Docker itself are each said once', async () => {
  const text =
    'images: [{ id: a, targets: [{ name: hello, tags: [v1] }, { name: docker.io/hello, tags: [v2] }] }, { id: b, name: hello, tags: [v3] }]';
  const root = await repository({ 'sea-trial.yml': text, Dockerfile: DOCKERFILE });
  const said = (await planned(root, { push: true })).notes;
  expect(said.map((note) => note.split(',')[0])).toStrictEqual([
    '"hello" is docker.io/library/hello',
    '"docker.io/hello" is docker.io/library/hello',
  ]);
});
