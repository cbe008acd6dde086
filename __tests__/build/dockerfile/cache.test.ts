import { describe, expect, test } from '@jest/globals';
import { cacheFrom, type KnownCaches, ownCaches } from '../../../src/build/dockerfile/cache.js';

describe('cache places are one per image and platform', () => {
  test.each([
    ['type=gha,scope=ci,mode=max', 'type=gha,scope=ci-app-linux-arm64,mode=max'],
    ['type=gha', 'type=gha,scope=buildkit-app-linux-arm64'],
    ['type=registry,ref=r.io/a/cache', 'type=registry,ref=r.io/a/cache:app-linux-arm64'],
    ['type=registry,ref=r.io:5000/a/cache', 'type=registry,ref=r.io:5000/a/cache:app-linux-arm64'],
    [
      'type=registry,ref=r.io/a:cache,mode=max',
      'type=registry,ref=r.io/a:cache-app-linux-arm64,mode=max',
    ],
    ['r.io/a:cache', 'type=registry,ref=r.io/a:cache-app-linux-arm64'],
    ['type=local,dest=/tmp/c', 'type=local,dest=/tmp/c/app-linux-arm64'],
    ['type=inline', 'type=inline'],
    ['type=gha,"scope=a,b"', 'type=gha,"scope=a,b-app-linux-arm64"'],
    ['"type=gha","scope=x"', 'type=gha,scope=x-app-linux-arm64'],
    ['"type=local",dest=c', 'type=local,dest=c/app-linux-arm64'],
    ['TYPE=gha,Scope=x', 'type=gha,scope=x-app-linux-arm64'],
    ['type=s3,bucket=b,name=x;y', 'type=s3,bucket=b,name=x-app-linux-arm64;y-app-linux-arm64'],
    ['type=azblob', 'type=azblob,name=buildkit-app-linux-arm64'],
    ['type=registry,ref=r.io/a@sha256:00', 'type=registry,ref=r.io/a@sha256:00'],
    ['type=new,scope=x', 'type=new,scope=x'],
  ])('%s is written to %s', (given, written) => {
    expect(ownCaches([given], 'app', 'linux/arm64')).toEqual([written]);
  });

  test('what any platform wrote is read, and what was there before', () => {
    const image = { id: 'app:1.2', platforms: ['linux/amd64', 'linux/arm/v7'] };
    expect(cacheFrom(['type=gha,scope=ci'], image, 'linux/amd64')).toEqual([
      'type=gha,scope=ci-app-1.2-linux-amd64',
      'type=gha,scope=ci-app-1.2-linux-arm-v7',
      'type=gha,scope=ci',
    ]);
  });

  test('a local cache is read where it was written', () => {
    const image = { id: 'app', platforms: ['linux/amd64'] };
    expect(cacheFrom(['type=local,src=c'], image, 'linux/amd64')).toEqual([
      'type=local,src=c/app-linux-amd64',
      'type=local,src=c',
    ]);
  });
});

describe('what others wrote under the same place is read for the same platform', () => {
  const image = { id: 'app', platforms: ['linux/amd64', 'linux/arm64'] };
  const read = (entry: string, known: Partial<KnownCaches> = {}) => {
    const nothing = { ids: [], tags: new Map(), folders: new Map() };
    return cacheFrom([entry], image, 'linux/arm64', { ...nothing, ...known }).map((one) =>
      one.replace(/^type=[a-z0-9]+,(ref|src|scope|name)=/, ''),
    );
  };
  const own = ['app-linux-amd64', 'app-linux-arm64'];
  const tags = [
    'base',
    'base-app-linux-arm64',
    'base-warmup-linux-amd64',
    'base-warmup-linux-arm64',
    'based-x-linux-arm64',
    'lone-linux-arm64',
  ];

  test('in a registry, by its tags', () => {
    const reference = 'r.io/a/cache:base';
    const known = { ids: ['other'], tags: new Map([[reference, tags]]) };
    expect(read(`type=registry,ref=${reference}`, known)).toEqual([
      ...own.map((suffix) => `${reference}-${suffix}`),
      reference,
      `${reference}-warmup-linux-arm64`,
    ]);
  });

  test('in a registry without a tag, by what a platform ends', () => {
    const reference = 'r.io/a/cache';
    expect(read(reference, { tags: new Map([[reference, ['v1', 'x-linux-arm64']]]) })).toEqual([
      ...own.map((suffix) => `${reference}:${suffix}`),
      reference,
      `${reference}:x-linux-arm64`,
    ]);
  });

  test('in a registry that does not list its tags, by the ids of the configuration', () => {
    expect(read('r.io/a/cache:base', { ids: ['app', 'warmup:1'] }).slice(3)).toEqual([
      'r.io/a/cache:base-warmup-1-linux-arm64',
    ]);
  });

  test('not of a reference by digest', () => {
    const reference = `r.io/a/cache@sha256:${'0'.repeat(64)}`;
    expect(read(reference, { ids: ['warmup'] })).toEqual([reference]);
  });

  test('of the other types, by the ids of the configuration', () => {
    expect(read('type=gha,scope=ci', { ids: ['app', 'warmup'] })).toEqual([
      ...own.map((suffix) => `ci-${suffix}`),
      'ci',
      'ci-warmup-linux-arm64',
    ]);
    expect(read('type=s3,name=n', { ids: ['warmup'] })).toContain('n-warmup-linux-arm64');
  });

  test('of many as many as questions are worth', () => {
    const ids = Array.from({ length: 40 }, (_, i) => `id${i}`);
    expect(read('type=gha,scope=ci', { ids })).toHaveLength(2 + 1 + 8);
  });

  test('in a folder, by the folders in it that hold a cache', () => {
    const folders = new Map([
      ['c', ['', 'app-linux-arm64', 'warmup-linux-arm64', 'x-linux-amd64']],
    ]);
    expect(read('type=local,src=c', { ids: ['other'], folders })).toEqual([
      'c/app-linux-arm64',
      'c',
      'c/warmup-linux-arm64',
    ]);
    expect(read('type=local,src=c', { folders: new Map([['c', []]]) })).toEqual([]);
  });
});
