import { describe, expect, test } from '@jest/globals';
import {
  judgePins,
  type Offer,
  type ProbedOffer,
  probeAnswer,
  probesOf,
  type ResolvedBuilder,
  RUNTIMES,
  withProbedOffers,
} from '../../src/buildpacks/index.js';
import { goMod } from '../../src/buildpacks/pins/go-mod.js';
import { packageJson } from '../../src/buildpacks/pins/package-json.js';
import type { PinFormat } from '../../src/buildpacks/pins/pin.js';
import { pythonVersion } from '../../src/buildpacks/pins/python-version.js';
import { resolvedBuilder } from './builders.js';

const AMD = 'linux/amd64';
const ARM = 'linux/arm64';

function builderOf(...ids: readonly string[]): ResolvedBuilder {
  const refs = ids.map((id) => ({ id, version: '99.0.0' }));
  return resolvedBuilder('acme/builder:1', refs, [AMD, ARM]);
}

const NONE = { offers: [], faults: [] };

/** What the table says of a buildpack that is newer than itself. */
const partial: Offer = {
  runtime: 'python',
  platform: AMD,
  buildpack: { id: 'heroku/python', version: '99.0.0' },
  from: 'the table for heroku/python 99.0.0',
  versions: [{ version: '3.13' }],
  series: true,
  partial: true,
};

const asked = (builder: ResolvedBuilder, offers: readonly Offer[] = [], platform = 0) => {
  const on = builder.platforms[platform];
  if (on === undefined) throw new Error('there is no such platform');
  const { probes, silent } = probesOf(on, { ...NONE, offers }, new Set(RUNTIMES));
  return { probes: probes.map(({ id }) => id), silent: silent.map(({ id }) => id) };
};

describe('the buildpacks that are asked', () => {
  const all = builderOf('heroku/python', 'heroku/nodejs', 'heroku/go', 'heroku/ruby', 'acme/own');

  test('are those of which not everything is known, and that name versions', () => {
    expect(asked(all, [partial])).toStrictEqual({
      probes: ['heroku/python', 'heroku/nodejs', 'heroku/go'],
      silent: ['heroku/ruby'],
    });
  });

  test('are not those whose versions are known, on the platform where they are', () => {
    const { partial: _, ...known } = partial;
    expect(asked(builderOf('heroku/python'), [known])).toStrictEqual({ probes: [], silent: [] });
    expect(asked(builderOf('heroku/python'), [known], 1).probes).toStrictEqual(['heroku/python']);
  });

  test('are those of whose other versions, or of whose neighbours, something is known', () => {
    const { partial: _, ...known } = partial;
    const of = (id: string, version: string) => [{ ...known, buildpack: { id, version } }];
    const one = builderOf('heroku/python');
    expect(asked(one, of('heroku/python', '98.0.0')).probes).toStrictEqual(['heroku/python']);
    expect(asked(one, of('acme/python', '99.0.0')).probes).toStrictEqual(['heroku/python']);
  });

  test('are none that lead to others', () => {
    const [on] = builderOf('heroku/nodejs', 'heroku/ruby').platforms;
    if (on === undefined) throw new Error('there is no platform');
    const order = [[{ id: 'acme/none', version: '1' }]];
    const composite = { ...on, buildpacks: on.buildpacks.map((one) => ({ ...one, order })) };
    expect(probesOf(composite, NONE, new Set(RUNTIMES))).toStrictEqual({ probes: [], silent: [] });
  });

  test('are of a runtime that is asked for', () => {
    const [on] = all.platforms;
    const { probes } = probesOf(on as never, NONE, new Set(['go']));
    expect(probes.map(({ id }) => id)).toStrictEqual(['heroku/go']);
  });
});

// As the sources of these buildpacks write them.
test.each([
  [
    'heroku/python',
    'newest',
    '3.15',
    [
      "[Error: The requested Python version isn't recognised]",
      'Otherwise, switch to a supported version (such as',
      '  Python 3.15) by changing the version in your .python-version file.',
    ],
  ],
  ['heroku/python', 'oldest', '3.10', ['Please upgrade to at least Python 3.10 by changing the']],
  ['heroku/nodejs', 'newest', '26.5.0', ['  - Resolved Node.js version: `26.5.0`']],
  ['heroku/go', 'newest', '1.27.1', ['  - Resolved Go version: go1.27.1 (linux-amd64)']],
])('%s names its %s version, %s', (id, end, version, wrote) => {
  const [on] = builderOf(id).platforms;
  const [probe] = probesOf(on as never, NONE, new Set(RUNTIMES)).probes;
  const question = probe?.questions.find((one) => one.end === end);
  if (question === undefined) throw new Error('it is not asked that');
  expect(probeAnswer(question, wrote)).toBe(version);
  expect(
    probeAnswer(question, ['Python 3.15 is fine', 'Node.js 26.5.0, go1.27.1']),
  ).toBeUndefined();
});

/** Codes for a pin, by what probes have found out. */
function codes(id: string, format: PinFormat, text: string, probed: readonly ProbedOffer[]) {
  const builder = builderOf(id);
  const { pin } = format.parse(text);
  if (pin === undefined) throw new Error('it pins nothing');
  const { name, runtime } = format;
  const found = judgePins({
    builder,
    files: { pins: [{ ...pin, name, runtime, file: name }], faults: [] },
    offers: withProbedOffers({ ...NONE, offers: [partial] }, builder, probed),
    variables: new Map(),
    now: new Date('2026-11-30T00:00:00Z'),
  });
  return found.map(({ code, subject: { platform }, message }) => [code, platform, message]);
}

const REFUSED = 'version-not-offered';
const UNKNOWN = 'version-unknown';
const python = { runtime: 'python', buildpack: 'heroku/python@99.0.0', newest: '3.15' } as const;
const both = [AMD, ARM];

describe('what a probe has found out', () => {
  test.each([
    ['3.15', []],
    ['3.10', []],
    ['3.16', [REFUSED]],
    ['3.9', [REFUSED]],
  ])('refuses what is outside of both ends: %s', (pin, expected) => {
    const probed = [{ ...python, oldest: '3.10', platforms: both }];
    const found = codes('heroku/python', pythonVersion, pin, probed);
    expect(found.map(([code]) => code)).toStrictEqual(expected);
  });

  test('says the newest, and where that is from', () => {
    const probed = [{ ...python, oldest: '3.10', platforms: both }];
    expect(codes('heroku/python', pythonVersion, '3.16', probed)).toStrictEqual([
      [
        REFUSED,
        undefined,
        '3.16 is not offered by acme/builder:1 (heroku/python 99.0.0); newest: 3.15.',
      ],
    ]);
  });

  test.each([
    ['>=26.5.0', []],
    ['27.x', [REFUSED]],
    ['>26.5.0', [REFUSED]],
    ['24.x', [UNKNOWN]],
    ['24.x || 28.x', [UNKNOWN]],
  ])('with the newest alone leaves older ones unknown: %s', (range, expected) => {
    const text = JSON.stringify({ engines: { node: range } });
    const probed: readonly ProbedOffer[] = [
      { runtime: 'node', buildpack: 'heroku/nodejs@99.0.0', platforms: both, newest: '26.5.0' },
    ];
    const found = codes('heroku/nodejs', packageJson, text, probed);
    expect(found.map(([code]) => code)).toStrictEqual(expected);
  });

  test.each([
    ['go 1.28', REFUSED],
    // heroku/go takes no newer one for it, which Go itself would.
    ['go 1.26.1', UNKNOWN],
    ['go 1.27.1', undefined],
  ])('of Go is what heroku/go takes: %s', (text, expected) => {
    const probed: readonly ProbedOffer[] = [
      { runtime: 'go', buildpack: 'heroku/go@99.0.0', platforms: both, newest: '1.27.1' },
    ];
    expect(codes('heroku/go', goMod, text, probed)[0]?.[0]).toBe(expected);
  });

  test('holds for its platforms, and for that version of the buildpack', () => {
    const here = [{ ...python, oldest: '3.10', platforms: [AMD] }];
    expect(codes('heroku/python', pythonVersion, '3.16', here)).toStrictEqual([
      [REFUSED, AMD, expect.anything()],
      [UNKNOWN, undefined, expect.anything()],
    ]);
    const other = [{ ...python, buildpack: 'heroku/python@98.0.0', platforms: both }];
    const found = codes('heroku/python', pythonVersion, '3.16', other);
    expect(found.map(([code]) => code)).toStrictEqual([UNKNOWN]);
  });

  test('is every version between the two ends, where these can be counted up', () => {
    const found = (newest: string, oldest?: string) => {
      const probed = [
        { ...python, newest, ...(oldest === undefined ? {} : { oldest }), platforms: [AMD] },
      ];
      return withProbedOffers(NONE, builderOf('heroku/python'), probed).offers;
    };
    const base = {
      runtime: 'python',
      platform: AMD,
      buildpack: { id: 'heroku/python', version: '99.0.0' },
      from: 'a probe of heroku/python@99.0.0',
    };
    expect(found('3.12', '3.10')).toStrictEqual([
      { ...base, versions: ['3.10', '3.11', '3.12'].map((version) => ({ version })), series: true },
    ]);
    expect(found('3.10', '3.10')).toMatchObject([{ versions: [{ version: '3.10' }] }]);
    expect(found('3.110', '3.10')[0]?.versions).toHaveLength(101);
    const ends: readonly (readonly [string, string?])[] = [
      ['3.111', '3.10'],
      ['3.9', '3.10'],
      ['4.2', '3.1'],
      ['3.12', '3'],
      ['3', '3.1'],
      ['3.12', 'none'],
      ['3.12'],
    ];
    for (const [newest, oldest] of ends) {
      expect(found(newest, oldest)).toStrictEqual([
        { ...base, versions: [{ version: newest }], series: true, partial: true, bounded: true },
      ]);
    }
    for (const [newest, oldest] of [
      ['3.12.1', '3.10'],
      ['3.12.1', '3.10.1'],
    ]) {
      expect(found(newest ?? '', oldest)).toStrictEqual([
        { ...base, versions: [{ version: newest }], partial: true, bounded: true },
      ]);
    }
    expect(found('newest')[0]?.series).toBe(true);
  });

  test('leaves what is known of other platforms, buildpacks and versions where it is', () => {
    const others: readonly Offer[] = [
      { ...partial, platform: ARM },
      { ...partial, buildpack: { id: 'acme/python', version: '99.0.0' } },
      { ...partial, buildpack: { id: 'heroku/python', version: '98.0.0' } },
    ];
    const probed = [{ ...python, platforms: [AMD] }];
    const builder = builderOf('heroku/python');
    const { offers } = withProbedOffers({ ...NONE, offers: [...others, partial] }, builder, probed);
    expect(offers.slice(0, 3)).toStrictEqual(others);
    expect(offers.slice(3)).toMatchObject([{ platform: AMD, bounded: true }]);
  });

  test('does not take the place of what is known', () => {
    const { partial: _, ...known } = partial;
    const probed = [{ ...python, platforms: [AMD] }];
    const builder = builderOf('heroku/python');
    const { offers } = withProbedOffers({ ...NONE, offers: [known] }, builder, probed);
    expect(offers).toStrictEqual([known]);
  });
});
