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
    { Dockerfil: '' },
    'there is no file "Dockerfile"; did you mean "Dockerfil"?',
  ],
  [
    'it is written in other letters',
    { dockerfile: '', Dockerfil: '' },
    'there is no file "Dockerfile", but there is "dockerfile"; write its name in "dockerfile" (the input file)',
  ],
])('a Dockerfile that is not there, where %s', async (_, content, message) => {
  const image = { build } as unknown as DockerfileImageEntry;
  expect(await missingFiles([image], await folder(content), files)).toEqual([
    { file: 'input "file"', message },
  ]);
});

test('a Dockerfile in other letters is named with its folder', async () => {
  const sub = { ...build, dockerfile: { ...build.dockerfile, value: 'sub/Dockerfile' } };
  const image = { build: sub } as unknown as DockerfileImageEntry;
  const found = await missingFiles([image], await folder({ 'sub/DOCKERFILE': '' }), files);
  expect(found.map(({ message }) => message)).toEqual([
    'there is no file "sub/Dockerfile", but there is "sub/DOCKERFILE"; write its name in "dockerfile" (the input file)',
  ]);
});

const NAMED = ['docker-image://alpine', 'oci-layout://store:1'];
const REMOTE = [
  ...['https://a.example/b.git#main', 'http://a.example/x.tar.gz', 'git://a.example/b'],
  ...['ssh://git@a.example/b.git', 'git@a.example:b/c.git', 'github.com/acme/greeter'],
  ...['gitea@a.example:b/c.git', 'me@10.0.0.1:c#main:sub'],
];
const OTHER = [
  ...[
    'file:///etc',
    'local:///etc',
    'local:etc',
    'target:base',
    'service:app',
    'ftp://a.example/x',
  ],
  ...['https:///etc', 'git@', 'docker-image://', 'git@a.example/b.git', 'gitea@a.example:'],
];

async function problemsOf(main: string, named: string) {
  const at = { file: 'sea-trial.yml' };
  const image = {
    build: {
      ...build,
      context: { value: main, at },
      contexts: [{ name: 'n', value: named, at }],
    },
  } as unknown as DockerfileImageEntry;
  const found = await missingFiles([image], await folder({ Dockerfile: 'FROM a' }), files);
  return found.map(({ message }) => message);
}

test.each(REMOTE)('%s is a context, and a named one', async (address) => {
  expect(await problemsOf(address, address)).toEqual([]);
});

test.each(NAMED)('%s is a named context alone', async (address) => {
  expect(await problemsOf('.', address)).toEqual([]);
  expect(await problemsOf(address, '.')).toEqual([
    `"${address}" is no context that the builder can take; expected a folder, or an address that begins with https://, http://, git://, ssh://, user@host: or github.com/`,
  ]);
});

test.each(OTHER)('%s is no context at all', async (address) => {
  const refused = `"${address}" is no context that the builder can take; expected a folder, or an address that begins with https://, http://, git://, ssh://, user@host: or github.com/`;
  expect(await problemsOf(address, address)).toStrictEqual([
    refused,
    `${refused}, docker-image:// or oci-layout://`,
  ]);
});
