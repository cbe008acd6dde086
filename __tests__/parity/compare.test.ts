import { describe, expect, test } from '@jest/globals';
import {
  compareLock,
  differences,
  differenceWords,
  offerDifferences,
  type PinFacts,
} from '../../src/parity/index.js';
import { digest, facts, imageLock } from './locks.js';

const newer = facts({
  lifecycle: '0.21.8',
  platformApi: '0.15',
  buildpacks: ['heroku/python@6.4.0', 'heroku/uv@1.0.0'],
  order: [['heroku/python@6.4.0', 'heroku/uv@1.0.0']],
});

const at = (builder: string, runImage: string, found: PinFacts): PinFacts => ({
  builder: { ...found.builder, digest: digest(builder) },
  runImage: { ...found.runImage, digest: digest(runImage) },
});

describe('the facts of a lock', () => {
  test('that are those of its pins are the same', () => {
    expect(compareLock(imageLock(), facts())).toEqual({ state: 'same', differences: [] });
  });

  test('of an older pin are behind, with what is otherwise now', () => {
    const { state, differences: all } = compareLock(imageLock(), at('e', 'd', newer));
    expect(state).toBe('behind');
    expect(differenceWords(all)).toEqual([
      'heroku/procfile 4.0.0 is gone',
      'heroku/python 0.25.0 → 6.4.0',
      'heroku/uv 1.0.0 is new',
      'the order of detection heroku/python, heroku/procfile (optional) → heroku/python, heroku/uv',
      'the lifecycle 0.20.7 → 0.21.8',
      'the Platform API 0.14 → 0.15',
    ]);
  });

  test('of an older pin are behind even where nothing else changed', () => {
    expect(compareLock(imageLock(), at('e', 'd', facts())).state).toBe('behind');
    expect(compareLock(imageLock(), at('b', 'e', facts())).state).toBe('behind');
  });

  test('that are said to be those of the pin and are not were edited', () => {
    const edited = imageLock({ derived: facts({ lifecycle: '0.20.8' }) });
    const { state, differences: all } = compareLock(edited, facts());
    expect(state).toBe('disagrees');
    expect(differenceWords(all)).toEqual(['the lifecycle 0.20.8 → 0.20.7']);
  });

  test.each<[string, PinFacts]>([
    ['a digest of a platform', facts({ digest: digest('9') })],
    ['the order alone', facts({ order: [['heroku/procfile@4.0.0', 'heroku/python@0.25.0']] })],
    ['a distribution', facts({ distribution: 'ubuntu 22.04' })],
    [
      "a run image's digest",
      {
        ...facts(),
        runImage: {
          ...facts().runImage,
          platforms: [
            { platform: 'linux/amd64', digest: digest('9') },
            { platform: 'linux/arm64', digest: digest('4') },
          ],
        },
      },
    ],
  ])('that were edited disagree: %s', (_, derived) => {
    expect(compareLock(imageLock({ derived }), facts()).state).toBe('disagrees');
  });

  test('of a run image disagree where only the builder has moved', () => {
    const derived = {
      ...facts(),
      runImage: {
        ...facts().runImage,
        platforms: [
          { platform: 'linux/amd64', digest: digest('9') },
          { platform: 'linux/arm64', digest: digest('4') },
        ],
      },
    };
    const { state, differences: all } = compareLock(imageLock({ derived }), at('e', 'd', newer));
    expect(state).toBe('disagrees');
    expect(all.map(({ fact, platform }) => `${fact} ${platform}`)).toEqual([
      'run-image platforms linux/amd64',
    ]);
  });

  test('of a platform that is new are read, and are no edit', () => {
    const one = facts();
    const derived: PinFacts = {
      builder: { ...one.builder, platforms: one.builder.platforms.slice(0, 1) },
      runImage: { ...one.runImage, platforms: one.runImage.platforms.slice(0, 1) },
    };
    expect(compareLock(imageLock({ derived }), facts()).state).toBe('behind');
  });

  test('of a platform that is not built now are not looked at', () => {
    const one = facts();
    const found: PinFacts = {
      builder: { ...one.builder, platforms: one.builder.platforms.slice(0, 1) },
      runImage: { ...one.runImage, platforms: one.runImage.platforms.slice(0, 1) },
    };
    expect(compareLock(imageLock(), found).state).toBe('same');
  });
});

describe('what two builders have otherwise', () => {
  test('is told with its platform where only one of two has it', () => {
    const [amd64, arm64] = [facts(), facts({ lifecycle: '0.20.9' })];
    const now: PinFacts = {
      ...amd64,
      builder: {
        ...amd64.builder,
        platforms: [...amd64.builder.platforms.slice(0, 1), ...arm64.builder.platforms.slice(1)],
      },
    };
    expect(differenceWords(differences(facts(), now))).toEqual([
      'the lifecycle 0.20.7 → 0.20.9 (linux/arm64)',
    ]);
  });

  test('has both versions of a buildpack that is there twice', () => {
    const now = facts({
      buildpacks: ['heroku/procfile@4.0.0', 'heroku/python@0.25.0', 'heroku/python@1.0.0'],
    });
    expect(differenceWords(differences(facts(), now))).toEqual([
      'heroku/python 0.25.0 → 0.25.0 and 1.0.0',
    ]);
  });

  const worded = (before: PinFacts, now: PinFacts) => differenceWords(differences(before, now));
  const onOne = (found: PinFacts): PinFacts => ({
    builder: { ...found.builder, platforms: found.builder.platforms.slice(0, 1) },
    runImage: { ...found.runImage, platforms: found.runImage.platforms.slice(0, 1) },
  });

  test('is told without its platform where every one of several has it', () => {
    const [before, now] = [facts(), facts({ distribution: 'ubuntu 26.04' })];
    expect(worded(before, now)).toEqual(['the distribution ubuntu 24.04 → ubuntu 26.04']);
    expect(worded(onOne(before), onOne(now))).toEqual([
      'the distribution ubuntu 24.04 → ubuntu 26.04 (linux/amd64)',
    ]);
  });

  test('is a distribution that is new or gone', () => {
    const without = onOne(facts({ distribution: undefined as never }));
    expect(worded(without, onOne(facts()))).toEqual([
      'the distribution ubuntu 24.04 is new (linux/amd64)',
    ]);
    expect(worded(onOne(facts()), without)).toEqual([
      'the distribution ubuntu 24.04 is gone (linux/amd64)',
    ]);
  });

  test('are the digests of a run image, also of a platform that was not there', () => {
    const now = {
      ...facts(),
      runImage: {
        digest: digest('d'),
        platforms: [{ platform: 'linux/amd64', digest: digest('9') }],
      },
    };
    expect(worded(facts(), now)).toEqual([
      "the run image's digest sha256:333333333333… → sha256:999999999999… (linux/amd64)",
    ]);
    expect(worded(onOne(facts()), facts())).toEqual([
      "the builder's digest sha256:222222222222… is new (linux/arm64)",
      "the run image's digest sha256:444444444444… is new (linux/arm64)",
    ]);
    expect(differences(onOne(facts()), facts())).toStrictEqual([
      {
        ...{ platform: 'linux/arm64', fact: 'builder platforms', what: "the builder's digest" },
        now: digest('2'),
      },
      {
        ...{ platform: 'linux/arm64', fact: 'run-image platforms', what: "the run image's digest" },
        now: digest('4'),
      },
    ]);
  });

  test('is an order, by its versions where the buildpacks are the same', () => {
    const buildpacks = ['a/one@1', 'a/one@2', 'a/two@1'];
    const ordered = (...order: readonly (readonly string[])[]) =>
      onOne(facts({ buildpacks, order }));
    const before = ordered(['a/one@1', 'a/two@1'], ['a/two@1']);
    expect(worded(before, ordered(['a/one@2', 'a/two@1'], ['a/two@1']))).toEqual([
      'the order of detection a/one@1, a/two@1 | a/two@1 → a/one@2, a/two@1 | a/two@1 (linux/amd64)',
    ]);
    const newer = onOne(
      facts({ buildpacks: ['a/one@3', 'a/two@1'], order: [['a/one@3', 'a/two@1'], ['a/two@1']] }),
    );
    expect(worded(before, newer)).toEqual(['a/one 1 and 2 → 3 (linux/amd64)']);
  });

  test('is cut where it is very long', () => {
    const order = [Array.from({ length: 100 }, (_, at) => `a/${at}@1`)];
    const [words = ''] = worded(onOne(facts()), onOne(facts({ order })));
    expect(words.length).toBeLessThan(600);
  });

  test('shows digests short', () => {
    const words = differenceWords(differences(facts(), facts({ digest: digest('9') })));
    expect(words[0]).toBe(
      "the builder's digest sha256:111111111111… → sha256:999999999999… (linux/amd64)",
    );
  });

  test('are runtimes gained and lost', () => {
    expect(
      offerDifferences(
        { python: ['3.12.11', '3.13.5'], node: ['22.1.0'] },
        { python: ['3.13.5', '3.14.1'] },
      ),
    ).toEqual({ gained: ['python 3.14.1'], lost: ['python 3.12.11'], unknown: ['node'] });
  });
});
