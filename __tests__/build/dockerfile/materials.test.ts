import { describe, expect, test } from '@jest/globals';
import { basesIn, movedBases } from '../../../src/build/dockerfile/materials.js';
import type { BuildFacts, Trial } from '../../../src/evidence/index.js';

const HEX = 'a'.repeat(64);
const sha = (letter: string) => `sha256:${letter.repeat(64)}`;

const v02 = (materials: unknown) => ({ predicate: { materials } });
const v1 = (resolvedDependencies: unknown) => ({
  predicate: { buildDefinition: { resolvedDependencies } },
});
const material = (uri: unknown, sha256: unknown = HEX) => ({ uri, digest: { sha256 } });

describe('bases in the provenance of a build', () => {
  test.each([
    [
      'SLSA 0.2',
      v02([material('pkg:docker/golang@1.26?platform=linux%2Famd64')]),
      [{ reference: 'golang:1.26', platform: 'linux/amd64', digest: sha('a') }],
    ],
    [
      'SLSA 1',
      v1([material('pkg:docker/golang@1.26')]),
      [{ reference: 'golang:1.26', digest: sha('a') }],
    ],
    [
      'a registry with a port, and a digest in the query',
      v1([material(`pkg:docker/r.io%3A5000/a/b@2?digest=sha256:${HEX}&platform=linux%2Farm%2Fv7`)]),
      [{ reference: 'r.io:5000/a/b:2', platform: 'linux/arm/v7', digest: sha('a') }],
    ],
    [
      'latest, said or not',
      v1([material('pkg:docker/a@latest'), material('pkg:docker/b')]),
      [
        { reference: 'a', digest: sha('a') },
        { reference: 'b', digest: sha('a') },
      ],
    ],
    [
      'what is no image, and what is no digest',
      v1([
        material('https://example.com/x.tar'),
        material(7),
        material('pkg:docker/a@1', 'short'),
        material('pkg:docker/a@1', `${HEX}a`),
        material('pkg:docker/a@1', HEX.toUpperCase()),
        material('xpkg:docker/a@1'),
        { uri: 'pkg:docker/a@1' },
      ]),
      [],
    ],
    ['no list', v1('many'), []],
    ['no predicate', {}, []],
  ])('%s', (_, statement, expected) => {
    expect(basesIn([statement])).toStrictEqual(expected);
  });
});

const trial = (image: string, platform: string, bases: BuildFacts['bases']) =>
  ({ image, platform, build: { bases } }) as unknown as Trial;

describe('a base that moved while the run went on', () => {
  const one = { reference: 'golang:1.26', digest: sha('a') };
  const other = { reference: 'golang:1.26', digest: sha('b') };

  test('is named with both sides', () => {
    const trials = [
      trial('ship', 'linux/amd64', [one]),
      trial('ship', 'linux/arm64', [one]),
      trial('boat', 'linux/amd64', [other]),
    ];
    expect(movedBases(trials)).toEqual([
      expect.objectContaining({
        code: 'base-moved',
        severity: 'warning',
        subject: { image: 'boat', platform: 'linux/amd64', reference: 'golang:1.26' },
        found: { value: sha('b'), from: 'provenance of boat on linux/amd64' },
        expected: { value: sha('a'), from: 'provenance of ship on linux/amd64' },
      }),
    ]);
  });

  test('is none where it is the same, another one, or not known', () => {
    const trials = [
      trial('ship', 'linux/amd64', [one]),
      trial('ship', 'linux/arm64', [one, { reference: 'golang:1.27', digest: sha('b') }]),
      { image: 'ship', platform: 'linux/s390x' } as unknown as Trial,
    ];
    expect(movedBases(trials)).toEqual([]);
  });
});
