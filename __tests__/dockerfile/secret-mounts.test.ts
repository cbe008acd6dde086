import { expect, test } from '@jest/globals';
import { secretMounts } from '../../src/dockerfile/index.js';

/** `id` of what the flags of a step mount, with `!` where it has to be there. */
function mounted(flags: readonly string[], keyword = 'RUN') {
  const found = secretMounts({ keyword, flags, line: 3, text: '' });
  expect(found?.every(({ line }) => line === 3) ?? true).toBe(true);
  return found?.map(({ id, isRequired }) => `${id}${isRequired ? '!' : ''}`);
}

test.each<[string, readonly string[] | undefined]>([
  ['type=secret,id=a', ['a']],
  ['TYPE=Secret,ID=a', ['a']],
  ['type=secret,id=a,source=b,target=/c', ['a']],
  ['type=secret,source=b,src=c,target=/d', ['b']],
  ['type=secret,src=c,target=/d', ['c']],
  ['type=secret,target=/run/d,dst=/e', ['d']],
  ['type=secret,dst=/e', ['e']],
  ['type=secret,destination=f', ['f']],
  ['type=secret,id=a=b', ['a=b']],
  ['type=secret,id=a,required', ['a!']],
  ['type=secret,id=a,required=true', ['a!']],
  ['type=secret,id=a,required=T', ['a!']],
  ['type=secret,id=a,required=1', ['a!']],
  ['type=secret,id=a,required=false', ['a']],
  ['type=secret,id=a,required=11', ['a']],
  ['type=secret,id=a,required=', ['a']],
  ['type=cache,target=/c', []],
  ['target=/c', []],
  ['type', []],
  ['type=secret', undefined],
  ['type=secret,id=', undefined],
  ['type=secret,target=/', undefined],
  ['type=secret,id=$A', undefined],
  ['type=secret,"id=a"', undefined],
  ["type=secret,id='a'", undefined],
  ['type=secret,id=a\\b', undefined],
])('--mount=%s mounts the secrets %j', (options, expected) => {
  expect(mounted([`--mount=${options}`])).toStrictEqual(expected);
});

test('all mounts of a RUN count, and no other flags and steps', () => {
  const one = '--mount=type=secret,id=a';
  const flags = ['--network=none,type=secret,id=x', one, '--mount=type=secret,id=b'];
  expect(mounted(flags)).toStrictEqual(['a', 'b']);
  expect(mounted(flags, 'COPY')).toStrictEqual([]);
  expect(mounted([])).toStrictEqual([]);
  expect(mounted([one, '--mount=type=secret'])).toBeUndefined();
});
