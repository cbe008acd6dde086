import { describe, expect, test } from '@jest/globals';
import { EngineError, type LoadedImage } from '../../src/engine/index.js';
import { keepNames, repositoryOf, takenBefore } from '../../src/pipeline/loaded-names.js';
import type { LoadedNames } from '../../src/test/index.js';
import { plannedImage } from '../plans.js';

const SUBJECT = { image: 'greeter', platform: 'linux/amd64' };
const LOADED = { id: 'sha256:built', digestOf: 'manifest' } as const;

/** What names are held by others, and what is recorded. */
function namesHeld(held: readonly string[], fault?: Error) {
  const recorded: [readonly string[], string][] = [];
  const loadedNames: LoadedNames = {
    taken: async (names) =>
      names.filter((name) => held.includes(name)).map((name) => ({ name, image: 'sha256:other' })),
    async record(names, image) {
      if (fault !== undefined) throw fault;
      recorded.push([names, image]);
    },
  };
  const kept: (readonly string[])[] = [];
  const image: LoadedImage = {
    loaded: LOADED,
    confirm: async () => LOADED,
    keep: async (names) => void kept.push(names),
    release: async () => {},
  };
  return { loadedNames, image, kept, recorded };
}

test.each<[string, Record<string, string>, string | undefined, string | undefined]>([
  ['the one that GitHub names', { GITHUB_REPOSITORY: 'Acme/A' }, 'b', 'https://github.com/acme/a'],
  [
    'the same on a server of its own',
    { GITHUB_REPOSITORY: 'acme/a', GITHUB_SERVER_URL: 'https://ghe.example' },
    undefined,
    'https://ghe.example/acme/a',
  ],
  [
    'the one of the checkout elsewhere',
    {},
    'https://git.example/Acme/A',
    'https://git.example/acme/a',
  ],
  ['none where none is known', {}, undefined, undefined],
])('the repository of a run is %s', (_, env, repository, expected) => {
  const source = { dirty: [], ...(repository === undefined ? {} : { repository }) };
  expect(repositoryOf(env, source)).toBe(expected);
});

describe('a name that another repository has loaded', () => {
  const HELD = ['ghcr.io/acme/greeter:dev', 'ghcr.io/acme/greeter:dev-linux-arm64'];

  test('is found before anything is built, for each platform that would take it', async () => {
    const { loadedNames } = namesHeld(HELD);
    const images = [plannedImage(), plannedImage({ id: 'other', targets: [] })];
    const found = await takenBefore(images, 'linux/amd64', loadedNames);
    expect(found).toEqual([
      expect.objectContaining({
        code: 'name-taken',
        severity: 'error',
        subject: { ...SUBJECT, reference: HELD[0] },
        message: `The engine already holds ${HELD[0]}, which no run of this repository has loaded; an untrusted run does not replace it.`,
        found: { value: 'sha256:other', from: `the engine's image ${HELD[0]}` },
        expected: {
          value: 'no image, or one that a run of this repository has loaded',
          from: 'load: true in an untrusted run',
        },
      }),
      expect.objectContaining({
        code: 'name-taken',
        subject: { image: 'greeter', platform: 'linux/arm64', reference: HELD[1] },
      }),
    ]);
  });

  test('is not taken in an untrusted run', async () => {
    const { loadedNames, image, kept, recorded } = namesHeld(HELD);
    const result = await keepNames({ held: image, names: HELD }, SUBJECT, {
      loadedNames,
      untrusted: true,
    });
    expect(result.loaded).toEqual(LOADED);
    expect(result.findings.map(({ code }) => code)).toEqual(['name-taken', 'name-taken']);
    expect([kept, recorded]).toEqual([[], []]);
  });

  test('is taken in a trusted run, and recorded', async () => {
    const { loadedNames, image, kept, recorded } = namesHeld(HELD);
    const result = await keepNames({ held: image, names: HELD }, SUBJECT, {
      loadedNames,
      untrusted: false,
    });
    expect(result).toEqual({ loaded: { ...LOADED, names: HELD }, findings: [] });
    expect([kept, recorded]).toEqual([[HELD], [[HELD, 'sha256:built']]]);
  });
});

test('a name that is free is given in an untrusted run, too', async () => {
  const { loadedNames, image, kept } = namesHeld([]);
  const result = await keepNames({ held: image, names: ['a:1'] }, SUBJECT, {
    loadedNames,
    untrusted: true,
  });
  expect(result).toEqual({ loaded: { ...LOADED, names: ['a:1'] }, findings: [] });
  expect(kept).toEqual([['a:1']]);
});

test('what cannot be recorded is a warning: the image has its names', async () => {
  const { loadedNames, image } = namesHeld([], new EngineError('failed', 'It is full.', ''));
  const result = await keepNames({ held: image, names: ['a:1'] }, SUBJECT, {
    loadedNames,
    untrusted: false,
  });
  expect(result.loaded.names).toEqual(['a:1']);
  expect(result.findings).toMatchObject([
    { code: 'engine-failed', severity: 'warning', subject: SUBJECT, message: 'It is full.' },
  ]);
});
