import { afterEach, expect, test } from '@jest/globals';
import { folder, planned, removeFolders } from './repository.js';

afterEach(removeFolders);

const HEAD = 'images:\n  - { name: a/one, build: one }\n  - name: a/two\n';

test('what is said of a Dockerfile has the place of its own image', async () => {
  const root = await folder({
    'sea-trial.yml': `${HEAD}    build:\n      context: two\n      args: { GONE: x }\n      secrets: [{ id: gone, env: HOME }]\n`,
    'one/Dockerfile': 'FROM busybox\n',
    'two/Dockerfile': 'FROM busybox\n',
  });
  const { findings } = await planned(root, { grants: ['secrets'] });
  const file = 'sea-trial.yml';
  expect(findings.map(({ code, subject, location }) => [code, subject, location])).toStrictEqual([
    ['argument-unused', { image: 'two' }, { file, line: 6, column: 15 }],
    ['secret-unused', { image: 'two' }, { file, line: 7, column: 17 }],
  ]);
});

test('each image has the bases and the reader of its own Dockerfile', async () => {
  const root = await folder({
    'sea-trial.yml': `${HEAD}    build: two\n`,
    'one/Dockerfile': 'FROM busybox:1\n',
    'two/Dockerfile': '# syntax=acme/reader:1\nFROM alpine:3\n',
  });
  const { bases, frontends } = await planned(root);
  expect([...bases]).toStrictEqual([
    ['one', [{ reference: 'busybox:1', line: 1, pinned: false }]],
    ['two', [{ reference: 'alpine:3', line: 2, pinned: false }]],
  ]);
  expect([...frontends]).toStrictEqual([
    ['two', [{ reference: 'acme/reader:1', line: 1, pinned: false }]],
  ]);
});

test('of a context that is an address nothing is known', async () => {
  const root = await folder({
    'sea-trial.yml': 'images: [{ name: a/b, build: "https://a.example/b.git" }]',
    Dockerfile: 'FROM busybox\nCOPY gone /\n',
  });
  const { bases, frontends, findings } = await planned(root);
  expect([[...bases], [...frontends], findings]).toStrictEqual([[], [], []]);
});

test('what holds of the builds of all platforms is said once', async () => {
  const root = await folder({
    'sea-trial.yml':
      "images: [{ name: a/b, platforms: [linux/amd64, linux/arm64], build: { args: { A: '{arch}', GONE: x } } }]",
    Dockerfile: 'FROM busybox\nARG A\n',
  });
  const { findings } = await planned(root);
  expect(findings.map(({ code, message }) => [code, message])).toStrictEqual([
    ['argument-unused', 'No ARG of Dockerfile takes the build argument "GONE".'],
  ]);
});
