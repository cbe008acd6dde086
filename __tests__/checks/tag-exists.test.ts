import { describe, expect, test } from '@jest/globals';
import { judgeExisting } from '../../src/checks/index.js';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const image = (platform: string, letter: string) => ({
  platform,
  digest: digest(letter),
  isAttestation: false,
});
const attestation = { ...image('unknown/unknown', 'f'), isAttestation: true };
const tested = [
  { platform: 'linux/amd64', manifest: { digest: digest('1') } },
  { platform: 'linux/arm64', manifest: { digest: digest('2') } },
];
const to = { image: 'greeter', repository: 'ghcr.io/acme/greeter', tag: 'v1' };

describe('a tag that is there, with existing: same', () => {
  const both = [image('linux/amd64', '1'), image('linux/arm64/v8', '2')];
  test.each<[string, readonly ReturnType<typeof image>[], string | undefined]>([
    ['the same manifests', both, undefined],
    [
      'the same manifests in another order, and attestations',
      [...both.toReversed(), attestation],
      undefined,
    ],
    ['a platform less', both.slice(0, 1), 'linux/arm64 is missing'],
    [
      'a platform more',
      [...both, image('linux/s390x', '3')],
      'linux/s390x exists and was not tested',
    ],
    [
      'another manifest',
      [image('linux/amd64', '1'), image('linux/arm64', '9')],
      `linux/arm64 is ${digest('9')}; the tested one is ${digest('2')}`,
    ],
    [
      'a second manifest for a platform',
      [...both, image('linux/amd64', '9')],
      `linux/amd64 is ${digest('1')} and ${digest('9')}; the tested one is ${digest('1')}`,
    ],
    ['nothing that is an image', [attestation], 'linux/amd64 is missing; linux/arm64 is missing'],
  ])('%s', (_name, entries, words) => {
    const found = judgeExisting(
      { ...to, existing: 'same' },
      { digest: digest('e'), entries },
      tested,
    );
    expect(found.map(({ code, severity }) => [code, severity])).toEqual(
      words === undefined ? [] : [['tag-exists', 'error']],
    );
    if (words !== undefined) expect(found[0]?.message).toContain(`: ${words}.`);
  });

  test('is told with what it serves', () => {
    const served = { digest: digest('e'), entries: [attestation, { ...both[0], platform: 'a b' }] };
    const entries = served.entries.map((one) => ({ ...attestation, ...one }));
    expect(
      judgeExisting({ ...to, existing: 'same' }, { ...served, entries }, tested.slice(0, 1)),
    ).toStrictEqual([
      {
        code: 'tag-exists',
        severity: 'error',
        subject: {
          image: 'greeter',
          reference: 'ghcr.io/acme/greeter',
          tag: 'v1',
          digest: digest('e'),
        },
        message: `ghcr.io/acme/greeter:v1 exists already (${digest('e')}) and serves something other than what was tested; "existing: same" does not allow that to be replaced: linux/amd64 is missing; a b exists and was not tested.`,
        remedy: 'Use another tag, or allow replacing it: "existing: replace".',
      },
    ]);
  });

  test('says nothing as long as nothing was tested', () => {
    const served = { digest: digest('e'), entries: both };
    expect(judgeExisting({ ...to, existing: 'same' }, served)).toEqual([]);
  });

  test('serves what has no platform, which is called that', () => {
    const { platform: _, ...bare } = image('', '9');
    const served = { digest: digest('e'), entries: [...both, bare] };
    const [found] = judgeExisting({ ...to, existing: 'same' }, served, tested);
    expect(found?.message).toMatch(/: no platform exists and was not tested\.$/);
  });

  test('is an error with existing: fail, whatever it serves', () => {
    for (const known of [undefined, tested]) {
      const served = { digest: digest('e'), entries: both };
      expect(judgeExisting({ ...to, existing: 'fail' }, served, known)).toStrictEqual([
        {
          code: 'tag-exists',
          severity: 'error',
          subject: {
            image: 'greeter',
            reference: 'ghcr.io/acme/greeter',
            tag: 'v1',
            digest: digest('e'),
          },
          message: `ghcr.io/acme/greeter:v1 exists already (${digest('e')}), and "existing: fail" does not allow a tag to be replaced.`,
          remedy: 'Use another tag, or allow replacing it: "existing: replace".',
        },
      ]);
    }
  });

  test('is replaced without a word where nothing else was said', () => {
    expect(judgeExisting(to, { digest: digest('e'), entries: [] }, tested)).toEqual([]);
  });
});
