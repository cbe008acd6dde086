import { expect, test } from '@jest/globals';
import {
  ANY_VERSION,
  atLeast,
  compared,
  compareVersions,
  exactly,
  intersection,
  npmRange,
  overlaps,
  satisfies,
  seriesOf,
  versionNumbers,
} from '../../src/buildpacks/versions.js';

test.each([
  ['3.14', [3, 14]],
  ['20', [20]],
  ['123456789', [123456789]],
  ['1.123456789', [1, 123456789]],
  ['1234567890', undefined],
  ['1.1234567890', undefined],
  ['1.2.3.4', [1, 2, 3, 4]],
  ['3.14.0rc1', undefined],
  ['v3.14', undefined],
  ['1.2.3.4.5', undefined],
  ['', undefined],
  ['1..2', undefined],
])('%s is a version of numbers, or none', (text, numbers) => {
  expect(versionNumbers(text)).toStrictEqual(numbers);
});

test.each([
  [[3, 9], [3, 10], -1],
  [[3, 10], [3, 10, 0], 0],
  [[4], [3, 99, 99], 1],
  [[3, 10, 1], [3, 10], 1],
  [[3, 10], [3, 10, 1], -1],
])('%j stands to %j as its numbers do', (a, b, expected) => {
  expect(Math.sign(compareVersions(a, b))).toBe(expected);
});

test.each([
  ['a series', seriesOf([3, 14]), ['3.14', '3.14.0', '3.14.99'], ['3.13.9', '3.15', '3.15.0']],
  ['one version', exactly([3, 14, 6]), ['3.14.6'], ['3.14.5', '3.14.6.1', '3.14.7']],
  ['one release', seriesOf([3, 14, 6]), ['3.14.6'], ['3.14.5', '3.14.7']],
  ['at least', atLeast([1, 22]), ['1.22.0', '1.23', '2.0'], ['1.21.9']],
  ['any', ANY_VERSION, ['0.0.1', '99'], []],
  ['none', [], [], ['1.0.0']],
  ['>', [compared('>', [1, 2]) ?? {}], ['1.2.1'], ['1.2.0', '1.1']],
  ['<', [compared('<', [1, 2]) ?? {}], ['1.1.9', '1'], ['1.2.0', '1.3']],
  ['>=', [compared('>=', [1, 2]) ?? {}], ['1.2.0', '2'], ['1.1.9']],
  ['=', [compared('=', [1, 2]) ?? {}], ['1.2.0'], ['1.1.9', '1.2.1']],
  ['==', [compared('==', [1, 2]) ?? {}], ['1.2.0'], ['1.1.9', '1.2.1']],
  ['no operator', [compared('', [1, 2]) ?? {}], ['1.2.0'], ['1.1.9', '1.2.1']],
  ['<=', [compared('<=', [1, 2]) ?? {}], ['1.2.0', '1'], ['1.2.1']],
  ['npm: caret', npmRange('^20.1') ?? [], ['20.1.0', '20.99.0'], ['20.0.9', '21.0.0']],
  ['npm: x', npmRange('20.x') ?? [], ['20.0.0'], ['21.0.0', '19.9.9']],
  [
    'npm: two',
    npmRange('18 || >=20 <22') ?? [],
    ['18.5.0', '20.0.0', '21.9.9'],
    ['19.0.0', '22.0.0'],
  ],
  ['npm: hyphen', npmRange('18 - 20') ?? [], ['18.0.0', '20.9.9'], ['21.0.0']],
  ['npm: any', npmRange('*') ?? [], ['0.10.0', '99.0.0'], []],
  ['npm: nothing at all', npmRange('>2 <1') ?? [], [], ['1.5.0', '2.5.0']],
])('%s takes what it should, and nothing else', (_name, constraint, good, bad) => {
  const takes = (text: string) => satisfies(versionNumbers(text) ?? [], constraint);
  expect(good.filter((one) => !takes(one))).toStrictEqual([]);
  expect(bad.filter(takes)).toStrictEqual([]);
});

test('what is no range of npm is none, and no operator of a comparison is none', () => {
  expect(npmRange('not a range')).toBeUndefined();
  expect(compared('~>', [1])).toBeUndefined();
});

test.each([
  [seriesOf([3, 13]), exactly([3, 13, 99]), true],
  [seriesOf([3, 13]), exactly([3, 14, 0]), false],
  [seriesOf([3, 13]), atLeast([3, 14]), false],
  [seriesOf([3, 13]), seriesOf([3]), true],
  [[...seriesOf([3, 13]), ...seriesOf([3, 14])], seriesOf([3, 14, 6]), true],
  [[...seriesOf([3, 13]), ...seriesOf([3, 14])], seriesOf([3, 15]), false],
  [seriesOf([3, 13]), [{}], true],
  [seriesOf([3, 13]), [], false],
  [
    [{ to: { version: [2], inclusive: true } }],
    [{ from: { version: [2], inclusive: true } }],
    true,
  ],
  [
    [{ to: { version: [2], inclusive: false } }],
    [{ from: { version: [2], inclusive: true } }],
    false,
  ],
  [
    [{ to: { version: [2], inclusive: true } }],
    [{ from: { version: [2], inclusive: false } }],
    false,
  ],
])('%j and %j have a version in common, or none', (one, other, expected) => {
  expect(overlaps(one, other)).toBe(expected);
  expect(overlaps(other, one)).toBe(expected);
});

test('of two bounds at one version, that which leaves it out holds', () => {
  const above = (inclusive: boolean) => ({ from: { version: [1], inclusive } });
  expect(intersection(above(true), above(false))).toStrictEqual(above(false));
  expect(intersection(above(false), above(true))).toStrictEqual(above(false));
  const below = (inclusive: boolean) => ({ to: { version: [1], inclusive } });
  expect(intersection(below(true), below(false))).toStrictEqual(below(false));
  expect(intersection(below(false), below(true))).toStrictEqual(below(false));
  expect(intersection({}, {})).toStrictEqual({});
});

test('of two bounds at two versions, that which takes less holds', () => {
  const between = (from: number, to: number) => ({
    from: { version: [from], inclusive: true },
    to: { version: [to], inclusive: true },
  });
  expect(intersection(between(1, 4), between(2, 3))).toStrictEqual(between(2, 3));
  expect(intersection(between(2, 3), between(1, 4))).toStrictEqual(between(2, 3));
  expect(intersection(between(1, 3), between(2, 4))).toStrictEqual(between(2, 3));
  expect(intersection(between(1, 2), between(3, 4))).toBeUndefined();
});
