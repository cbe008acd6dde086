import { describe, expect, test } from '@jest/globals';
import { cacheFrom, ownCaches } from '../../../src/build/dockerfile/cache.js';

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
    expect(cacheFrom(['type=gha,scope=ci'], 'app:1.2', ['linux/amd64', 'linux/arm/v7'])).toEqual([
      'type=gha,scope=ci-app-1.2-linux-amd64',
      'type=gha,scope=ci-app-1.2-linux-arm-v7',
      'type=gha,scope=ci',
    ]);
  });

  test('a local cache is read where it was written', () => {
    expect(cacheFrom(['type=local,src=c'], 'app', ['linux/amd64'])).toEqual([
      'type=local,src=c/app-linux-amd64',
      'type=local,src=c',
    ]);
  });
});
