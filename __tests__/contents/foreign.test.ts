import { describe, expect, test } from '@jest/globals';
import { foreignPath, globFault } from '../../src/contents/index.js';

describe('foreign files', () => {
  test.each([
    ['usr/lib/node_modules/**', '/usr/lib/node_modules/a/b.node'],
    ['/usr/lib/node_modules/**', 'usr/lib/node_modules/b.node'],
    ['usr/**/prebuilds/**/*.node', '/usr/prebuilds/x.node'],
    ['usr/**/prebuilds/**/*.node', '/usr/a/prebuilds/b/prebuilds/c/x.node'],
    ['**/node_modules/**', '/node_modules/x'],
    ['opt/*.so', '/opt/.so'],
    ['opt/lib?.so', '/opt/lib😀.so'],
    ['opt/a', '/opt/a'],
    ['opt/a*', '/opt/a'],
    ['opt/a**', '/opt/ab'],
    ['opt/*', '/opt/'],
    ['opt/**/**', '/opt/a'],
  ])('%s has %s', (path, file) => {
    const entry = { path, reason: 'because' };
    expect(foreignPath([entry])(file)).toBe(entry);
  });

  test.each([
    ['usr/lib/node_modules/**', '/usr/lib/node_modules'],
    ['usr/lib/node_modules/**', '/usr/lib/node_modules_too/x'],
    ['usr/lib', '/usr/lib/x'],
    ['opt/*', '/opt/a/b'],
    ['opt/lib?.so', '/opt/lib/.so'],
    ['OPT/a', '/opt/a'],
    ['opt/a.b', '/opt/aXb'],
    ['lib/**', '/usr/lib/x'],
    ['opt/a?', '/opt/a'],
    ['opt/a/b', '/opt/a'],
    ['opt/a/*/b', '/opt/a/b'],
  ])('%s has not %s', (path, file) => {
    expect(foreignPath([{ path, reason: 'because' }])(file)).toBeUndefined();
  });

  test('the first entry that fits is the one; without entries there is none', () => {
    const [one, other] = [
      { path: 'opt/**', reason: 'one' },
      { path: 'opt/a', reason: 'other' },
    ];
    expect(foreignPath([one, other])('/opt/a')).toBe(one);
    expect(foreignPath(undefined)('/opt/a')).toBeUndefined();
  });

  test('no pattern makes a search long', () => {
    const path = `${'a/'.repeat(40)}${'*a'.repeat(400)}b/${'**/a/'.repeat(40)}b`;
    expect(foreignPath([{ path, reason: 'hostile' }])('a/'.repeat(2000))).toBeUndefined();
    expect(
      foreignPath([{ path: `x${'*a'.repeat(2000)}b`, reason: 'hostile' }])('x'.padEnd(4096, 'a')),
    ).toBeUndefined();
  });
});

test.each([
  ['', 'is empty; name a file or a folder of the image'],
  [' ', 'is empty; name a file or a folder of the image'],
  ['/', 'would fit every file; name a file or a folder in it'],
  ['**', 'would fit every file; name a file or a folder in it'],
  ['/*/**/?*', 'would fit every file; name a file or a folder in it'],
  ['usr/lib/', 'ends with "/"; write "usr/lib/**" for everything in that folder'],
  ['usr/../lib', 'has an empty part, "." or ".."; write the path as it is in the image'],
  ['usr/./lib', 'has an empty part, "." or ".."; write the path as it is in the image'],
  ['usr//lib', 'has an empty part, "." or ".."; write the path as it is in the image'],
  ['usr/lib**', 'has a "**" beside other characters; it stands alone between slashes'],
  ['usr/[ab]', 'has a "["; a pattern has *, ** and ?, and ? stands for any one character'],
])('the pattern "%s" %s', (pattern, fault) => {
  expect(globFault(pattern)).toBe(fault);
});

test.each(['usr/lib/**', '/usr/lib/**', '**/a', 'a?', 'a b'])('"%s" is a pattern', (pattern) => {
  expect(globFault(pattern)).toBeUndefined();
});
