import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compareLock, readLock, writeLock } from '../../src/parity/index.js';
import { digest, facts, imageLock } from './locks.js';

/* The preset's custom managers, applied as Renovate applies them: each match is replaced whole. */

interface Preset {
  readonly customManagers: readonly {
    readonly managerFilePatterns: readonly string[];
    readonly matchStrings: readonly string[];
    readonly datasourceTemplate: string;
  }[];
}

const preset: Preset = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../renovate/default.json'), 'utf8'),
);

/** What the manager of a file finds in a text. */
function found(file: string, text: string) {
  const managers = preset.customManagers.filter(({ managerFilePatterns }) =>
    managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)),
  );
  expect(managers).toHaveLength(1);
  return managers.flatMap(({ matchStrings }) =>
    matchStrings.flatMap((one) =>
      [...text.matchAll(new RegExp(one, 'g'))].map((match) => ({
        whole: match[0],
        ...match.groups,
      })),
    ),
  );
}

const lock = imageLock({
  builder: `registry.example:5000/toolforge/heroku-builder:24_0.21.8@${digest('b')}`,
});
const text = writeLock(new Map([['web', lock]]), undefined);

describe('the preset for Renovate', () => {
  test('finds the two pins of a lock with their digests, and no derived fact', () => {
    expect(found('deploy/sea-trial.lock', text)).toEqual([
      {
        whole: expect.stringMatching(/^ builder: /),
        depName: 'registry.example:5000/toolforge/heroku-builder',
        currentValue: '24_0.21.8',
        currentDigest: digest('b'),
      },
      {
        whole: expect.stringMatching(/^ run-image: /),
        depName: 'heroku/heroku',
        currentValue: '24',
        currentDigest: digest('d'),
      },
    ]);
  });

  test('leaves a lock whose facts are those of an earlier pin, which is no error', () => {
    const [pin] = found('sea-trial.lock', text);
    const bumped = pin?.whole.replace('24_0.21.8', '24_0.21.12').replace(digest('b'), digest('e'));
    const read = readLock(text.replace(pin?.whole ?? '', bumped ?? ''), 'sea-trial.lock');
    const image = 'lock' in read ? read.lock.images.get('web') : undefined;
    if (image === undefined) throw new Error(JSON.stringify(read));
    expect(image.builder).toBe(
      `registry.example:5000/toolforge/heroku-builder:24_0.21.12@${digest('e')}`,
    );
    const now = facts({ lifecycle: '0.21.12' });
    const under = { ...now, builder: { ...now.builder, digest: digest('e') } };
    expect(compareLock(image, under).state).toBe('behind');
  });

  test.each([
    ['        builder: heroku/builder:24\n', 'heroku/builder', '24', undefined],
    ["      buildpack: { builder: 'heroku/builder:24' }\n", 'heroku/builder', '24', undefined],
    [`        run-image: "r.example/run:1@${digest('a')}"\n`, 'r.example/run', '1', digest('a')],
  ])('finds builders and run images of sea-trial.yml: %j', (line, depName, value, held) => {
    expect(found('sea-trial.yml', line)).toEqual([
      expect.objectContaining({ depName, currentValue: value, currentDigest: held }),
    ]);
  });

  test('leaves alone what has no tag, and other keys', () => {
    expect(
      found('sea-trial.yml', '        builder: heroku/builder\n        builders: a:1\n'),
    ).toEqual([]);
  });

  test('says where everything is from', () => {
    expect(preset.customManagers.map(({ datasourceTemplate }) => datasourceTemplate)).toEqual([
      'docker',
      'docker',
    ]);
  });
});
