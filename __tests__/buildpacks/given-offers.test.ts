import { describe, expect, test } from '@jest/globals';
import { type Offer, type ResolvedBuilder, withGivenOffers } from '../../src/buildpacks/index.js';

const buildpack = (id: string, version: string) => ({ id, version, api: '0.10', order: [] });

const builder: ResolvedBuilder = {
  reference: 'heroku/builder:24',
  digest: `sha256:${'b'.repeat(64)}`,
  platforms: ['linux/amd64', 'linux/arm64'].map((platform) => ({
    platform,
    digest: `sha256:${'1'.repeat(64)}`,
    lifecycle: { version: '0.21.8', buildpackApis: ['0.10'], platformApis: ['0.14'] },
    runImages: [],
    order: [
      [
        { id: 'heroku/nodejs', version: '4.0.0' },
        { id: 'acme/own', version: '1' },
      ],
    ],
    buildpacks: [buildpack('heroku/nodejs', '4.0.0'), buildpack('acme/own', '1')],
    layers: [],
    user: { uid: 1000, gid: 1000 },
  })),
};

const known: Offer = {
  runtime: 'node',
  platform: 'linux/amd64',
  buildpack: { id: 'heroku/nodejs', version: '4.0.0' },
  from: 'buildpack.toml in its layer',
  versions: [{ version: '20.0.0' }],
};

describe('versions that are given for a builder', () => {
  test('are those of the buildpacks of their runtime, on each platform', () => {
    const given = { node: ['22.1.0', '24.0.0'], go: ['1.26'] };
    const { offers } = withGivenOffers(
      { offers: [], faults: [] },
      builder,
      given,
      'sea-trial.lock',
    );
    expect(offers.map(({ platform, buildpack: { id } }) => [platform, id])).toStrictEqual([
      ['linux/amd64', 'heroku/nodejs'],
      ['linux/arm64', 'heroku/nodejs'],
    ]);
    expect(offers[0]).toStrictEqual({
      runtime: 'node',
      platform: 'linux/amd64',
      buildpack: { id: 'heroku/nodejs', version: '4.0.0' },
      from: 'sea-trial.lock',
      versions: [{ version: '22.1.0' }, { version: '24.0.0' }],
    });
  });

  test('are series where they leave the patch open', () => {
    const { offers } = withGivenOffers({ offers: [], faults: [] }, builder, { node: ['22'] }, 'f');
    expect(offers[0]?.series).toBe(true);
  });

  test('are releases where one of them is, and nothing is given by an empty list', () => {
    const given = (node: readonly string[]) =>
      withGivenOffers({ offers: [], faults: [] }, builder, { node }, 'f').offers.map(
        ({ series }) => series,
      );
    expect(given(['22', '24.0.0'])).toStrictEqual([undefined, undefined]);
    expect(given(['22', 'lts'])).toStrictEqual([true, true]);
    expect(given([])).toStrictEqual([]);
  });

  test('stand beside what is known of another buildpack, or of another version', () => {
    for (const other of [
      { id: 'heroku/nodejs', version: '3.0.0' },
      { id: 'acme/own', version: '4.0.0' },
    ]) {
      const read = { offers: [{ ...known, buildpack: other }], faults: [] };
      const { offers } = withGivenOffers(read, builder, { node: ['22.1.0'] }, 'f');
      expect(offers.map(({ platform }) => platform)).toStrictEqual([
        'linux/amd64',
        'linux/amd64',
        'linux/arm64',
      ]);
    }
  });

  test('do not take the place of what is known', () => {
    const read = { offers: [known], faults: ['One.'] };
    const { offers, faults } = withGivenOffers(read, builder, { node: ['22.1.0'] }, 'f');
    expect(offers).toHaveLength(2);
    expect(offers[0]).toBe(known);
    expect(offers[1]?.platform).toBe('linux/arm64');
    expect(faults).toStrictEqual(['One.']);
  });
});
