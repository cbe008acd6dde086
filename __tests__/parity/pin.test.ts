import { describe, expect, test } from '@jest/globals';
import { type LockedImage, pinnedReferences } from '../../src/parity/index.js';
import { fits, withTag } from '../../src/parity/pin.js';
import { digest, imageLock } from './locks.js';

const at = { file: 'sea-trial.lock', line: 4, column: 3 };
const image: LockedImage = {
  ...imageLock(),
  id: { value: 'web', at },
  places: new Map([
    ['builder', { file: 'sea-trial.lock', line: 8, column: 7 }],
    ['run-image', { file: 'sea-trial.lock', line: 9, column: 7 }],
  ]),
};

function pinned(builder: string, runImage?: string) {
  const written = (value: string) => ({ value, at: { file: 'sea-trial.yml', line: 12 } });
  return pinnedReferences(image, {
    builder: written(builder),
    runImage: runImage === undefined ? undefined : written(runImage),
  });
}

describe('a build with a lock', () => {
  test.each([
    ['heroku/builder:24', undefined],
    ['docker.io/heroku/builder:24', 'heroku/heroku:24'],
    ['heroku/builder', 'heroku/heroku'],
    [`heroku/builder:24@${digest('b')}`, `heroku/heroku@${digest('d')}`],
  ])('of %s and %s is by the digests of the lock', (builder, runImage) => {
    expect(pinned(builder, runImage)).toEqual({
      builder: image.builder,
      runImage: image.runImage,
    });
  });

  test.each([
    ['another tag', 'heroku/builder:26', undefined, 8, 'sea-trial.yml:12 names heroku/builder:26;'],
    ['another repository', 'acme/builder:24', undefined, 8, 'names acme/builder:24;'],
    ['another digest', `heroku/builder:24@${digest('e')}`, undefined, 8, '@sha256:eeeeeeeeeeee…;'],
    [
      'another run image',
      'heroku/builder:24',
      'acme/run:1',
      9,
      '"run-image" pins heroku/heroku:24@',
    ],
    ['what is no reference', 'heroku/builder:', undefined, 8, 'names heroku/builder:;'],
  ])(
    'and %s in the configuration is a problem of the lock',
    (_, builder, runImage, line, words) => {
      const found = pinned(builder, runImage);
      expect(found).toEqual({
        problems: [
          { file: 'sea-trial.lock', line, column: 7, message: expect.stringContaining(words) },
        ],
      });
    },
  );
});

test('a reference by digest alone gets the tag by which its repository is named, which a configuration then fits', () => {
  const labelled = `index.docker.io/heroku/heroku@${digest('d')}`;
  const tagged = withTag(labelled, ['acme/run:1', 'heroku/heroku:24']);
  expect(tagged).toBe(`index.docker.io/heroku/heroku:24@${digest('d')}`);
  expect([labelled, tagged].map((pin) => fits('heroku/heroku:24', pin))).toEqual([false, true]);
  for (const [reference, others] of [
    [labelled, ['acme/run:1', 'heroku/heroku']],
    ['heroku/heroku:22', ['heroku/heroku:24']],
    [`heroku/heroku:22@${digest('d')}`, ['heroku/heroku:24']],
    ['heroku/heroku', ['heroku/heroku:24']],
  ] as const) {
    expect(withTag(reference, others)).toBe(reference);
  }
});
