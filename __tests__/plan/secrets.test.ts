import { describe, expect, test } from '@jest/globals';
import type { SecretSource } from '../../src/config/index.js';
import {
  jobsSecrets,
  unsetSecrets,
  unusedSecrets,
  valuelessSecrets,
} from '../../src/plan/secrets.js';
import { load, request } from '../config/memory.js';

const FILES = { Dockerfile: 'FROM scratch\n', 'web/app.py': '' };

/** The images of a file: one from a Dockerfile whose build has these secrets, and what follows. */
async function imagesWith(secrets: string, more = '') {
  const text = `images:\n  - name: acme/a\n    build: { secrets: ${secrets} }\n${more}`;
  const { images, problems } = await load({ ...FILES, 'sea-trial.yml': text });
  expect(problems).toEqual([]);
  return images;
}

const messages = (found: readonly { readonly line?: number; readonly message: string }[]) =>
  found.map(({ line, message }) => [line, message]);

const sources = (...all: readonly SecretSource[]) => request({ secretSources: all });

describe('a secret from the environment', () => {
  const one = '[{ id: npm, env: NPM }, { id: key, file: key.pem }]';

  test('has to be set, wherever it is named', async () => {
    const images = await imagesWith(one);
    const asked = sources({ id: 'other', env: 'OTHER' }, { id: 'named' });
    expect(messages(unsetSecrets(images, asked, {}))).toEqual([
      [3, 'secret "npm" comes from NPM, which is not set'],
      [undefined, 'secret "other" comes from OTHER, which is not set'],
    ]);
    expect(unsetSecrets(images, asked, { NPM: '', OTHER: 'x' })).toEqual([]);
  });

  test('need not be where it is given by value', async () => {
    const given = request({ secretValues: new Map([['npm', 'x']]) });
    expect(unsetSecrets(await imagesWith(one), given, {})).toEqual([]);
  });

  test('is none of the job itself', async () => {
    const images = await imagesWith(
      '[{ id: t, env: ACTIONS_RUNTIME_TOKEN }, { id: key, file: k }]',
    );
    expect(messages(jobsSecrets(images))).toEqual([
      [
        3,
        'secret "t" comes from ACTIONS_RUNTIME_TOKEN, which belongs to the job and is never given to a build; a workflow may pass it with the input "secrets"',
      ],
    ]);
    expect(jobsSecrets(await imagesWith(one))).toEqual([]);
  });
});

describe('a secret without a value', () => {
  const problemsOf = async (secrets: string, ...given: readonly SecretSource[]) => {
    const [image] = await imagesWith(secrets);
    if (image === undefined) throw new Error('there is no image');
    return (from: 'arguments' | 'inputs') =>
      messages(valuelessSecrets(image, { ...sources(...given), from }));
  };

  test('is said, with where it may come from', async () => {
    const problems = await problemsOf('[token]');
    expect(problems('arguments')).toEqual([
      [
        3,
        'secret "token" has no value; a workflow may give it as an input; here, name its "env" or "file"',
      ],
    ]);
    expect(problems('inputs')).toEqual([
      [3, 'secret "token" has no value; name its "env" or "file", or give it as an input'],
    ]);
  });

  test('may be meant by one that the inputs give under a name that is almost the same', async () => {
    expect((await problemsOf('[token]', { id: 'tokn' }))('inputs')).toEqual([
      [3, 'secret "token" has no value; did you mean it by "tokn", which the inputs give?'],
    ]);
  });

  test.each(['[{ id: token, env: T }]', '[{ id: token, file: t }]'])(
    'is not one that says where it is: %s',
    async (secrets) => {
      expect((await problemsOf(secrets))('inputs')).toEqual([]);
    },
  );

  test('is not one that the inputs give', async () => {
    expect((await problemsOf('[token]', { id: 'token' }))('inputs')).toEqual([]);
  });
});

describe('a secret that the inputs give', () => {
  const unused = (
    images: Awaited<ReturnType<typeof imagesWith>>,
    ...all: readonly SecretSource[]
  ) =>
    unusedSecrets(images, {
      ...sources(...all),
      secretValues: new Map([
        ['aHVudGVyMg', '='],
        ['aHVudGVy', ''],
        ['long', 'x='],
      ]),
    }).map(({ file, message }) => [file, message]);

  test('is used by some image, or it is said which there are', async () => {
    const images = await imagesWith('[token, { id: key, env: HOME }]');
    expect(
      unused(
        images,
        { id: 'token' },
        { id: 'other', env: 'HOME' },
        { id: 'third', file: 'f' },
        { id: 'tokn' },
        { id: 'long' },
      ),
    ).toEqual([
      ['input "secret-envs"', 'no image uses this secret: other; there are: token, key'],
      ['input "secret-files"', 'no image uses this secret: third; there are: token, key'],
      ['input "secrets"', 'no image uses a secret that it gives; did you mean "token"?'],
      ['input "secrets"', 'no image uses this secret: long; there are: token, key'],
    ]);
  });

  test('is not repeated where it may be the secret itself', async () => {
    const images = await imagesWith('[]');
    for (const id of ['aHVudGVyMg', 'aHVudGVy', 'nothing']) {
      expect(unused(images, { id })).toEqual([
        ['input "secrets"', 'no image uses a secret that it gives; no image has any'],
      ]);
    }
    // What a variable or a file gives has its name for itself.
    expect(unused(images, { id: 'aHVudGVyMg', env: 'X' })).toEqual([
      ['input "secret-envs"', 'no image uses this secret: aHVudGVyMg; no image has any'],
    ]);
  });

  test.each([
    ['GIT_AUTH_TOKEN', 0],
    ['GIT_AUTH_TOKEN.git.example', 0],
    ['GIT_AUTH_HEADER.git.example', 0],
    ['GIT_AUTH_TOKENS', 1],
    ['MY_GIT_AUTH_TOKEN', 1],
  ])('and that BuildKit itself looks for is used: %s', async (id, problems) => {
    expect(unused(await imagesWith('[]'), { id, env: 'X' })).toHaveLength(problems);
  });

  test('is used where there is no image to say otherwise, and by an image of the inputs', async () => {
    expect(unused([], { id: 'a' })).toEqual([]);
    const [image] = await imagesWith('[]');
    if (image === undefined) throw new Error('there is no image');
    expect(unused([image, { ...image, fromInputs: true }], { id: 'a' })).toEqual([]);
  });

  test('is not used by an image of the inputs that buildpacks build', async () => {
    const [image] = await imagesWith('[]');
    const { images } = await load({
      ...FILES,
      'sea-trial.yml':
        'images:\n  - name: acme/web\n    build: { context: web, buildpack: { builder: b/b } }\n',
    });
    const [web] = images;
    if (image === undefined || web === undefined) throw new Error('there is no image');
    expect(unused([{ ...web, fromInputs: true }], { id: 'a', env: 'X' })).toEqual([
      [
        'input "secret-envs"',
        'no image uses this secret: a; buildpacks get secrets in bindings, which sea-trial.yml describes',
      ],
    ]);
    expect(unused([web], { id: 'a', env: 'X' })).toEqual([
      ['input "secret-envs"', 'no image uses this secret: a; no image has any'],
    ]);
  });
});

test('a plan says of secrets all that is wrong with them', async () => {
  const { folder, problems, removeFolders } = await import('./repository.js');
  const text =
    'images:\n  - name: acme/a\n    build: { secrets: [token, { id: k, env: NOT_SET }] }\n';
  const root = await folder({ 'sea-trial.yml': text, Dockerfile: 'FROM scratch\n' });
  expect(await problems(root, { secretSources: [{ id: 'tokn' }], grants: ['secrets'] })).toEqual([
    'no image uses a secret that it gives; did you mean "token"?',
    '3:24 secret "token" has no value; did you mean it by "tokn", which the inputs give?',
    '3:31 secret "k" comes from NOT_SET, which is not set',
  ]);
  await removeFolders();
});

test('a plan needs no values, and says which are missing here', async () => {
  const { folder, planned, problems, removeFolders } = await import('./repository.js');
  const root = await folder({
    'sea-trial.yml':
      'images:\n  - { name: acme/a, build: { secrets: [token] } }\n  - { name: acme/b, build: { secrets: [token] } }\n',
    Dockerfile: 'FROM scratch\n',
  });
  const { notes } = await planned(root, { command: 'plan' });
  expect(notes.filter((note) => note.includes('secret'))).toEqual([
    'The secret "token" has no value here: a workflow gives it with the input "secrets"; a run on the command line needs its "env" or "file".',
  ]);
  expect(await problems(root, { command: 'plan', from: 'inputs' })).toHaveLength(2);
  expect(await problems(root, { command: 'run' })).toHaveLength(2);
  await removeFolders();
});
