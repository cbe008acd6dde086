import { expect, test } from '@jest/globals';
import { parseStatus } from '../../src/plan/changes.js';
import { webAddress } from '../../src/plan/source.js';

test.each<[string, string | undefined]>([
  ['git@github.com:acme/greeter.git', 'https://github.com/acme/greeter'],
  ['https://github.com/acme/greeter.git', 'https://github.com/acme/greeter'],
  ['https://github.com/acme/greeter/', 'https://github.com/acme/greeter'],
  ['https://me:hunter2@github.com/acme/greeter', 'https://github.com/acme/greeter'],
  ['https://x-access-token:ghs_x@git.example:8443/a/b.git?x=y', 'https://git.example:8443/a/b'],
  ['ssh://git@git.example:2222/a/b.git', 'https://git.example/a/b'],
  ['git://git.example/a/b', 'https://git.example/a/b'],
  ['http://git.example/a', 'http://git.example/a'],
  ['../other', undefined],
  ['/srv/git/a.git', undefined],
  ['file:///srv/git/a.git', undefined],
  ['', undefined],
  ['git.example:a/b', 'https://git.example/a/b'],
  ['git@git.example:/srv/a.git', undefined],
  ['git@git.example:a b', undefined],
  ['ftp://git.example/a', undefined],
  ['https://git.example/a.git//', 'https://git.example/a'],
  ['https://git.example/a.gitx', 'https://git.example/a.gitx'],
  ['http://git.example:8080/a', 'http://git.example:8080/a'],
  ['git://git.example:9418/a', 'https://git.example/a'],
])('webAddress(%s)', (remote, address) => {
  expect(webAddress(remote)).toBe(address);
});

const ID = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';
const MODES = 'N... 100644 100644 100644';

test.each<[string, ReturnType<typeof parseStatus>]>([
  ['', { paths: [] }],
  [
    `# branch.oid ${ID}\0# branch.head a/b\0# branch.upstream origin/a\0# branch.ab +? -?\0# stash 1\0`,
    { revision: ID, branch: 'refs/heads/a/b', paths: [] },
  ],
  ['# branch.oid (initial)\0# branch.head main\0', { branch: 'refs/heads/main', paths: [] }],
  [`# branch.oid ${ID}\0# branch.head (detached)\0`, { revision: ID, paths: [] }],
  [
    `1 .M ${MODES} ${ID} ${ID} a\0? b  c\0? # branch.head d\0`,
    { paths: ['a', 'b  c', '# branch.head d'] },
  ],
  [
    `2 R. ${MODES} ${ID} ${ID} R100 new one\0? old one\x001 .M ${MODES} ${ID} ${ID} a\0`,
    { paths: ['new one', '? old one', 'a'] },
  ],
  [`u UU ${MODES} 100644 ${ID} ${ID} ${ID} a b\0`, { paths: ['a b'] }],
  [`1 A. ${MODES} ${ID} ${ID} "quoted"\0`, { paths: ['"quoted"'] }],
])('parseStatus(%j)', (text, status) => {
  expect(parseStatus(text)).toEqual(status);
});
