import { describe, expect, test } from '@jest/globals';
import { judgeLoss, type PublishedTag, type TagNow } from '../../src/checks/index.js';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

const to: PublishedTag = {
  image: 'greeter',
  repository: 'ghcr.io/acme/greeter',
  tag: '1.4',
  platforms: ['linux/amd64'],
};

function now(platforms: readonly string[], more: Partial<TagNow> = {}): TagNow {
  return { digest: digest('1'), platforms, others: [], unknown: [], ...more };
}

/** Which platforms are said to be lost. */
function lost(found: ReturnType<typeof judgeLoss>): readonly string[] {
  return found.flatMap(({ message }) => / alone loses (.+)\./.exec(message)?.[1] ?? []);
}

describe('platform-lost: what a tag would lose', () => {
  test.each<[string, readonly string[], readonly string[], readonly string[], string | undefined]>([
    ['the same platforms', ['linux/amd64'], ['linux/amd64'], [], undefined],
    ['more than before', ['linux/amd64', 'linux/arm64'], ['linux/amd64'], [], undefined],
    ['one of two', ['linux/amd64'], ['linux/amd64', 'linux/arm64'], [], 'linux/arm64'],
    ['another one', ['linux/arm64'], ['linux/amd64'], [], 'linux/amd64'],
    [
      'several',
      ['linux/amd64'],
      ['linux/amd64', 'linux/arm64', 'linux/s390x', 'linux/386'],
      [],
      'linux/arm64, linux/s390x and linux/386',
    ],
    ['arm64 without its only variant', ['linux/arm64'], ['linux/arm64/v8'], [], undefined],
    [
      'other names of one',
      ['linux/amd64', 'linux/arm/v7'],
      ['linux/x86_64', 'linux/arm'],
      [],
      undefined,
    ],
    ['another variant of arm', ['linux/arm/v7'], ['linux/arm/v6'], [], 'linux/arm/v6'],
    ['a higher level', ['linux/amd64'], ['linux/amd64', 'linux/amd64/v3'], [], 'linux/amd64/v3'],
    ['one twice', ['linux/amd64'], ['linux/arm64', 'linux/arm64/v8'], [], 'linux/arm64'],
    ['one of another system', ['linux/amd64'], ['windows/amd64'], [], 'windows/amd64'],
    ['one that is no known platform', ['linux/amd64'], ['wasi/wasm'], [], 'wasi/wasm'],
    ['what may disappear', ['linux/amd64'], ['linux/arm64/v8'], ['linux/arm64'], undefined],
    [
      'part of what may',
      ['linux/amd64'],
      ['linux/arm64', 'linux/386'],
      ['linux/386'],
      'linux/arm64',
    ],
    ['nothing that may', ['linux/amd64'], ['linux/amd64'], ['linux/s390x'], undefined],
    ['an empty index', ['linux/amd64'], [], [], undefined],
  ])('%s', (_name, platforms, served, replaces, expected) => {
    const found = judgeLoss({ ...to, platforms, replaces }, now(served));
    expect(lost(found)).toEqual(expected === undefined ? [] : [expected]);
    expect(found.map(({ severity }) => severity)).toEqual(expected === undefined ? [] : ['error']);
  });

  test('a tag that is not there loses nothing', () => {
    expect(judgeLoss(to, undefined)).toEqual([]);
  });

  test('all of it is said: the tag, what it serves, what will be pushed, what would be lost', () => {
    const written = { ...to, platforms: ['linux/x86_64'] };
    expect(judgeLoss(written, now(['linux/amd64', 'linux/arm64/v8', 'linux/arm64']))).toEqual([
      {
        code: 'platform-lost',
        severity: 'error',
        subject: { image: 'greeter', reference: 'ghcr.io/acme/greeter', tag: '1.4' },
        message:
          'ghcr.io/acme/greeter:1.4 serves linux/amd64 and linux/arm64; a push of linux/amd64 alone loses linux/arm64.',
        found: { value: 'linux/amd64', from: 'what this run pushes' },
        expected: { value: 'linux/amd64, linux/arm64', from: `the tag as served, ${digest('1')}` },
        remedy:
          'Publish all of them in one run, or give each job a tag of its own; to allow it to disappear, use replaces: [linux/arm64].',
      },
    ]);
  });

  test('a tag that moved meanwhile is looked into, and both digests are said', () => {
    const [found] = judgeLoss(to, now(['linux/arm64'], { earlier: digest('0') }));
    expect(found?.message).toBe(
      `ghcr.io/acme/greeter:1.4 served ${digest('0')} before the build; now, as ${digest('1')}, it serves linux/arm64; a push of linux/amd64 alone loses linux/arm64.`,
    );
  });

  test.each<[string, TagNow, string, string]>([
    [
      'something whose platform is not known',
      now(['linux/amd64'], { unknown: ['the configuration of sha256:1 names no platform'] }),
      'serves content whose platforms are not known, and a push may remove them: the configuration of sha256:1 names no platform',
      'Look at what the tag serves before the next run.',
    ],
    [
      'a chart',
      now([], { others: ['application/vnd.cncf.helm.config.v1+json'] }),
      'serves no image but application/vnd.cncf.helm.config.v1+json, which a push replaces',
      'Give the image or the other content a tag of its own.',
    ],
  ])('%s is a warning', (_name, served, message, remedy) => {
    expect(judgeLoss(to, served)).toStrictEqual([
      {
        code: 'platform-lost',
        severity: 'warning',
        subject: { image: 'greeter', reference: 'ghcr.io/acme/greeter', tag: '1.4' },
        message: `ghcr.io/acme/greeter:1.4 ${message}.`,
        remedy,
      },
    ]);
  });

  test('several that are lost are allowed to disappear by their names', () => {
    const [found] = judgeLoss(to, now(['linux/386', 'linux/arm64', 'windows/amd64']));
    expect(found?.remedy).toContain(
      'to allow them to disappear, use replaces: [linux/386, linux/arm64, windows/amd64].',
    );
    const [odd] = judgeLoss(to, now(['linux/386', 'wasi/wasm']));
    expect(odd?.remedy).toContain('to allow them to disappear, use checks: {');
  });

  test('what is no image beside the platforms is no matter', () => {
    expect(judgeLoss(to, now(['linux/amd64'], { others: ['application/x'] }))).toEqual([]);
  });

  test('what no list of platforms takes is permitted by its check', () => {
    const remedies = ['wasi/wasm', 'wasip1/wasm'].map(
      (platform) => judgeLoss(to, now([platform]))[0]?.remedy,
    );
    expect(remedies).toEqual([
      expect.stringContaining('use checks: { platform-lost: warning }.'),
      expect.stringContaining('use replaces: [wasip1/wasm].'),
    ]);
  });
});
