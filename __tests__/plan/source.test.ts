import { expect, test } from '@jest/globals';
import { parseStatus, webAddress } from '../../src/plan/source.js';

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
])('webAddress(%s)', (remote, address) => {
  expect(webAddress(remote)).toBe(address);
});

test.each<[string, readonly string[]]>([
  ['', []],
  [' M a\0?? b c\0', ['a', 'b c']],
  ['R  new\0old\0 M a\0', ['new', 'a']],
  ['C  new\0old\0', ['new']],
  ['A  "quoted"\0', ['"quoted"']],
])('parseStatus(%j)', (text, paths) => {
  expect(parseStatus(text)).toEqual(paths);
});
