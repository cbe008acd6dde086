import { expect, test } from '@jest/globals';
import { gitCredentials } from '../../src/checks/git-credentials.js';
import { type File, inspected, layer } from './inspected.js';

const header = 'http.https://github.com/.extraheader';
const config = (path: string): File => ({ path, credentials: [header, 'remote.origin.url'] });

test('a layer with credentials is an error, also under one that deletes them', () => {
  const layers = [
    layer([{ path: 'app' }, config('src/.git/config')]),
    layer([{ path: 'src/.wh..git' }]),
  ];
  expect(gitCredentials(inspected(layers))).toEqual([
    {
      code: 'git-credentials',
      severity: 'error',
      subject: { image: 'greeter', platform: 'linux/arm64', path: '/src/.git/config' },
      message: '/src/.git/config holds Git credentials.',
      found: {
        value: `${header}, remote.origin.url`,
        from: 'layer 1 of 2, COPY base /',
      },
      expected: { value: 'no credentials', from: 'what everyone may read' },
      remedy: expect.stringContaining('.dockerignore'),
    },
  ]);
});

test('of many files five are named', () => {
  const many = Array.from({ length: 9 }, (_, at) => config(`${at}/.git/config`));
  const messages = gitCredentials(inspected([layer(many)])).map(({ message }) => message);
  expect(messages).toHaveLength(5);
  expect(messages[3]).toBe('/3/.git/config holds Git credentials.');
  expect(messages[4]).toBe('/4/.git/config holds Git credentials. So do 4 more files.');
  const five = gitCredentials(inspected([layer(many.slice(0, 5))]));
  expect(five.at(-1)?.message).toBe('/4/.git/config holds Git credentials.');
});

test('there is nothing to say about other files', () => {
  expect(gitCredentials(inspected([layer([{ path: '.git/config' }, { path: 'app' }])]))).toEqual(
    [],
  );
});
