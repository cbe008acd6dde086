import { describe, expect, test } from '@jest/globals';
import { rateLimitIn, resetIn } from '../../src/registry/limits.js';

const headers = (fields: Readonly<Record<string, string>>) => new Map(Object.entries(fields));

describe('the limit on requests that a registry tells', () => {
  test.each<[string, Record<string, string>, object | undefined]>([
    ['nothing', {}, undefined],
    [
      "Docker Hub's form",
      { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '76;w=21600' },
      { requests: 100, left: 76, window: 21_600_000 },
    ],
    ["GitLab's form", { 'ratelimit-limit': '60' }, { requests: 60 }],
    ['what is left alone', { 'ratelimit-remaining': ' 3;w=60' }, { left: 3, window: 60_000 }],
    [
      'the form of the draft',
      { 'ratelimit-policy': '"default";q=100;w=60', ratelimit: '"default";r=0;t=30' },
      { requests: 100, left: 0, window: 60_000 },
    ],
    ['what is no number', { 'ratelimit-limit': 'many' }, undefined],
    ['a number of ten digits', { 'ratelimit-limit': '1234567890' }, undefined],
  ])('%s', (_, fields, expected) => {
    expect(rateLimitIn(headers(fields))).toEqual(expected);
  });
});

describe('when the window of a limit begins anew', () => {
  const now = new Date(1_700_000_000_000);
  test.each<[string, Record<string, string>, number | undefined]>([
    ['is not told', {}, undefined],
    ['in seconds', { 'ratelimit-reset': '30' }, 30_000],
    ['in seconds since 1970', { 'ratelimit-reset': ' 1700000060 ' }, 60_000],
    ['in seconds since 1970 that are over', { 'ratelimit-reset': '1600000000' }, 0],
    ['not as eleven digits', { 'ratelimit-reset': '11700000060' }, undefined],
    ['not as ten digits with more', { 'ratelimit-reset': '1700000060x' }, undefined],
    ['in the form of the draft', { ratelimit: '"default";r=0;t=30' }, 30_000],
  ])('%s', (_, fields, expected) => {
    expect(resetIn(headers(fields), now)).toBe(expected);
  });
});
