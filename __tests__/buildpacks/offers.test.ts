import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { type Runtime, readBuilder, readOffers } from '../../src/buildpacks/index.js';
import { dependenciesIn } from '../../src/buildpacks/offers/dependencies.js';
import {
  herokuPythonMinors,
  herokuPythonSince,
} from '../../src/buildpacks/offers/heroku-python.js';
import table from '../../src/buildpacks/offers/heroku-python.json' with { type: 'json' };
import { digestOf } from '../../src/oci/index.js';
import { rawTar } from '../oci/raw-tar.js';
import { type DescribedBuilder, served } from './builders.js';

const AMD = 'linux/amd64';
const ARM = 'linux/arm64';

const TOML = `
[buildpack]
id = "acme/python"
version = "1.2.3"

[[metadata.dependencies]]
id = "python"
version = "3.12.11"
deprecation_date = "2028-10-31T00:00:00Z"

[[metadata.dependencies]]
id = "python"
version = "3.13.7"
os = "linux"
arch = "arm64"
deprecation_date = 2029-10-31T00:00:00Z

[[metadata.dependencies]]
id = "pip"
version = "25.0"
`;

const tarOf = (files: Readonly<Record<string, string>>) =>
  rawTar(Object.entries(files).map(([path, content]) => ({ path, content: Buffer.from(content) })));

const LAYER = tarOf({
  '/cnb/buildpacks/acme_python/1.2.3/bin/build': '#!/bin/sh\n',
  '/cnb/buildpacks/acme_python/1.2.3/buildpack.toml': TOML,
  '/cnb/buildpacks/acme_go/2.0.0/buildpack.toml':
    '[[metadata.dependencies]]\nid = "go"\nversion = "1.22.3"\n',
});

const REFS = [
  { id: 'acme/python', version: '1.2.3' },
  { id: 'acme/go', version: '2.0.0' },
];

/** A builder whose two buildpacks share one layer, for the platforms. */
async function offersOf(
  described: DescribedBuilder = {},
  {
    runtimes = ['python', 'go'],
    platforms = [AMD],
  }: { runtimes?: Runtime[]; platforms?: string[] } = {},
) {
  const layers = described.layers ?? [LAYER];
  const diffID = described.diffIds?.[0] ?? digestOf(LAYER);
  const layersLabel = {
    'acme/python': { '1.2.3': { api: '0.10', layerDiffID: diffID } },
    'acme/go': { '2.0.0': { api: '0.10', layerDiffID: diffID } },
  };
  const good = { layers, order: [{ group: REFS }], layersLabel, ...described };
  const { host, reader, asked } = await served((store) => {
    const each = platforms.map(
      (platform) => [platform, { ...store.builder({ ...good, platform }) }] as const,
    );
    store.tag('acme/builder:24', store.index(each));
  });
  const { value } = await readBuilder(reader, `${host}/acme/builder:24`, platforms);
  if (value === undefined) throw new Error('the builder is not read');
  const before = asked().length;
  const read = await readOffers(reader, value, new Set(runtimes));
  return {
    offers: read.offers.map(({ platform, buildpack, runtime, versions }) => [
      platform,
      `${buildpack.id} ${buildpack.version}`,
      runtime,
      versions.map(({ version }) => version),
    ]),
    faults: read.faults.map((fault) => fault.replaceAll(host, 'REGISTRY')),
    whole: read,
    requests: asked().slice(before),
  };
}

describe('what a builder offers is read from the layers of its buildpacks', () => {
  test.each([
    ['none', (layer: Buffer) => layer],
    ['gzip', (layer: Buffer) => gzipSync(layer)],
    ['zstd', (layer: Buffer) => zstdCompressSync(layer)],
  ])('with the compression %s, of every buildpack that a layer has', async (_name, compress) => {
    const found = await offersOf({ layers: [compress(LAYER)], diffIds: [digestOf(LAYER)] });
    expect(found.offers).toStrictEqual([
      [AMD, 'acme/python 1.2.3', 'python', ['3.12.11']],
      [AMD, 'acme/go 2.0.0', 'go', ['1.22.3']],
    ]);
    expect(found.faults).toStrictEqual([]);
    expect(found.whole.offers[0]).toMatchObject({
      from: 'buildpack.toml in its layer',
      versions: [{ version: '3.12.11', deprecation: '2028-10-31' }],
    });
  });

  test('for each platform what is for it, and a layer of several platforms is fetched once', async () => {
    const found = await offersOf({}, { platforms: [AMD, ARM] });
    expect(found.offers).toStrictEqual([
      [AMD, 'acme/python 1.2.3', 'python', ['3.12.11']],
      [AMD, 'acme/go 2.0.0', 'go', ['1.22.3']],
      [ARM, 'acme/python 1.2.3', 'python', ['3.12.11', '3.13.7']],
      [ARM, 'acme/go 2.0.0', 'go', ['1.22.3']],
    ]);
    expect(found.requests).toHaveLength(1);
  });

  test('for the runtimes alone that are pinned', async () => {
    const { offers } = await offersOf({}, { runtimes: ['go'] });
    expect(offers).toStrictEqual([[AMD, 'acme/go 2.0.0', 'go', ['1.22.3']]]);
  });

  test.each<[string, DescribedBuilder, string]>([
    [
      'its DiffID is another',
      { diffIds: [digestOf('other')] },
      `unpacks to ${digestOf(LAYER)}; the builder says ${digestOf('other')}`,
    ],
    [
      'it is cut off',
      { layers: [gzipSync(LAYER).subarray(0, 100)], diffIds: [digestOf(LAYER)] },
      'is damaged:',
    ],
    [
      'it is no archive',
      { layers: [Buffer.alloc(2048, 'x')], diffIds: [digestOf(Buffer.alloc(2048, 'x'))] },
      'is damaged:',
    ],
  ])('not at all where %s', async (_name, described, fault) => {
    const { offers, faults } = await offersOf(described);
    expect(offers).toStrictEqual([]);
    expect(faults[0]).toContain('What acme/python 1.2.3 offers is not known: its layer sha256:');
    expect(faults[0]).toContain(fault);
  });

  test.each([
    [600, 'its layer has 600 MiB, more than are read'],
    [1100, 'the layers of its builder have more than the 1024 MiB that are read'],
  ])('not at all where a layer has %i MiB, of which nothing is fetched', async (size, fault) => {
    const { faults, requests } = await offersOf({ sizes: [size * 1024 * 1024] });
    expect([faults[0], requests]).toStrictEqual([
      `What acme/python 1.2.3 offers is not known: ${fault}.`,
      [],
    ]);
  });

  test('not at all where the label names a layer that is not there', async () => {
    const gone = digestOf('gone');
    const layersLabel = { 'acme/python': { '1.2.3': { api: '0.10', layerDiffID: gone } } };
    const { offers, faults } = await offersOf({ layersLabel });
    expect([offers, faults]).toStrictEqual([
      [],
      [
        `The builder REGISTRY/acme/builder:24 has no layer ${gone}, which its label names for acme/python 1.2.3.`,
      ],
    ]);
  });

  test('and a buildpack.toml that is no TOML is said', async () => {
    const layer = tarOf({ 'cnb/buildpacks/acme_python/1.2.3/buildpack.toml': '[[[' });
    const layersLabel = {
      'acme/python': { '1.2.3': { api: '0.10', layerDiffID: digestOf(layer) } },
    };
    const { faults } = await offersOf({ layers: [layer], layersLabel });
    expect(faults).toStrictEqual(['The buildpack.toml of acme/python 1.2.3 is not TOML.']);
  });

  test('never of makers whose buildpacks list none: their layers are not fetched', async () => {
    const order = [{ group: [{ id: 'heroku/nodejs', version: '4.0.0' }] }];
    const layersLabel = {
      'heroku/nodejs': { '4.0.0': { api: '0.10', layerDiffID: digestOf(LAYER) } },
    };
    const { offers, requests } = await offersOf({ order, layersLabel }, { runtimes: ['node'] });
    expect([offers, requests]).toStrictEqual([[], []]);
  });
});

describe('what a builder offers comes', () => {
  const pythonBuilder = (version: string, more: object = {}): DescribedBuilder => ({
    order: [{ group: [{ id: 'heroku/python', version }] }],
    layersLabel: { 'heroku/python': { [version]: { api: '0.10', ...more } } },
  });

  test('from the table for heroku/python, whose layer is not fetched', async () => {
    const { whole, requests } = await offersOf(
      pythonBuilder('2.7.0', { layerDiffID: digestOf(LAYER) }),
    );
    expect(whole).toStrictEqual({
      offers: [
        {
          runtime: 'python',
          platform: AMD,
          buildpack: { id: 'heroku/python', version: '2.7.0' },
          from: 'the table for heroku/python 2.7.0',
          versions: ['3.9', '3.10', '3.11', '3.12', '3.13', '3.14'].map((version) => ({ version })),
          series: true,
        },
      ],
      faults: [],
    });
    expect(requests).toStrictEqual([]);
  });

  test('from the table in part, where the buildpack is newer', async () => {
    const { whole } = await offersOf(pythonBuilder('99.0.0'));
    expect(whole.offers).toMatchObject([{ series: true, partial: true }]);
  });

  test.each<[string, DescribedBuilder, Runtime[]]>([
    ['for a runtime that is not asked for', pythonBuilder('2.7.0'), ['go']],
    ['for a buildpack that is older than the table', pythonBuilder('0.17.0'), ['python']],
    [
      'for a buildpack whose layer is not named',
      {
        order: [{ group: [{ id: 'acme/python', version: '1.2.3' }] }],
        layersLabel: { 'acme/python': { '1.2.3': { api: '0.10' } } },
      },
      ['python'],
    ],
    [
      'for a buildpack that leads to others',
      {
        order: [{ group: [{ id: 'acme/python', version: '1.2.3' }] }],
        layersLabel: {
          'acme/python': {
            '1.2.3': {
              api: '0.10',
              layerDiffID: digestOf(LAYER),
              order: [{ group: [{ id: 'acme/none', version: '1' }] }],
            },
          },
        },
      },
      ['python'],
    ],
    [
      'for a buildpack that is known to list another runtime',
      {
        order: [{ group: [{ id: 'paketo-buildpacks/cpython', version: '1' }] }],
        layersLabel: {
          'paketo-buildpacks/cpython': { '1': { api: '0.10', layerDiffID: digestOf(LAYER) } },
        },
      },
      ['node'],
    ],
  ])('from nowhere %s', async (_, described, runtimes) => {
    const { whole, requests } = await offersOf(described, { runtimes });
    expect([whole, requests]).toStrictEqual([{ offers: [], faults: [] }, []]);
  });

  test('from the layer of a buildpack that is known to list its runtime', async () => {
    const id = 'paketo-buildpacks/cpython';
    const layer = tarOf({
      'cnb/buildpacks/paketo-buildpacks_cpython/1/buildpack.toml':
        '[[metadata.dependencies]]\nid = "python"\nversion = "3.12.11"\n',
    });
    const { offers } = await offersOf({
      layers: [layer],
      order: [{ group: [{ id, version: '1' }] }],
      layersLabel: { [id]: { '1': { api: '0.10', layerDiffID: digestOf(layer) } } },
    });
    expect(offers).toStrictEqual([[AMD, `${id} 1`, 'python', ['3.12.11']]]);
  });

  test('from nowhere where a layer has no buildpack.toml, of which nothing is said', async () => {
    const layer = tarOf({ 'cnb/buildpacks/acme_python/1.2.3/bin/build': '' });
    const { whole } = await offersOf({ layers: [layer], diffIds: [digestOf(layer)] });
    expect(whole).toStrictEqual({ offers: [], faults: [] });
  });

  test('from nowhere where the registry does not serve a layer, which is said', async () => {
    const { host, reader, store } = await served((filled) =>
      filled.tag(
        'acme/builder:24',
        filled.builder({
          layers: [LAYER],
          layersLabel: { 'acme/python': { '1.2.3': { layerDiffID: digestOf(LAYER) } } },
        }),
      ),
    );
    const { value } = await readBuilder(reader, `${host}/acme/builder:24`, [AMD]);
    if (value === undefined) throw new Error('the builder is not read');
    store.store.all.delete(digestOf(LAYER));
    const { offers, faults } = await readOffers(reader, value, new Set(['python']));
    expect(offers).toStrictEqual([]);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(
      /^What acme\/python 1\.2\.3 offers is not known: its layer cannot be read: \S/,
    );
  });

  test('from nothing of a run that is ended, whose reason it rejects with', async () => {
    const { host, reader } = await served((filled) =>
      filled.tag(
        'acme/builder:24',
        filled.builder({
          layers: [LAYER],
          layersLabel: { 'acme/python': { '1.2.3': { layerDiffID: digestOf(LAYER) } } },
        }),
      ),
    );
    const { value } = await readBuilder(reader, `${host}/acme/builder:24`, [AMD]);
    if (value === undefined) throw new Error('the builder is not read');
    const ended = readOffers(reader, value, new Set(['python']), AbortSignal.abort());
    await expect(ended).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });

  test('from layers of 512 MiB each and 1024 MiB together, and no more', async () => {
    const MIB = 1024 * 1024;
    const layers = [1, 2, 3].map((at) => tarOf({ [`a${at}`]: '' }));
    const ids = layers.map((_, at) => `acme/a${at}`);
    const { faults } = await offersOf({
      layers,
      sizes: [512 * MIB, 512 * MIB, 1],
      order: [{ group: ids.map((id) => ({ id, version: '1' })) }],
      layersLabel: Object.fromEntries(
        ids.map((id, at) => [
          id,
          { '1': { api: '0.10', layerDiffID: digestOf(layers[at] ?? '') } },
        ]),
      ),
    });
    const tooMuch = faults.filter((fault) => / more than /.test(fault));
    expect(tooMuch).toStrictEqual([
      'What acme/a2 1 offers is not known: the layers of its builder have more than the 1024 MiB that are read.',
    ]);
  });
});

test('what is listed for a platform is what says so, or says nothing', () => {
  const entry = (version: string, more: string) =>
    `[[metadata.dependencies]]\nid = "go"\nversion = "${version}"\n${more}\n`;
  const toml = [
    entry('1', 'os = "linux"'),
    entry('2', 'os = "windows"'),
    entry('3', 'arch = "amd64"'),
    entry('4', 'arch = "arm64"'),
    entry('5', 'arch = "odd"'),
    entry('6', 'os = 1\narch = 2'),
    entry('7', 'os = ""\narch = ""'),
    entry('8', 'deprecation_date = 1'),
    entry('9', 'deprecation_date = 2030-01-02'),
  ].join('');
  expect([...(dependenciesIn(toml, AMD) ?? [])]).toStrictEqual([
    [
      'go',
      [
        ...['1', '3', '6', '7', '8'].map((version) => ({ version })),
        { version: '9', deprecation: '2030-01-02' },
      ],
    ],
  ]);
  expect(dependenciesIn('[[[', AMD)).toBeUndefined();
});

test.each([
  ['nothing', '', []],
  ['metadata of another kind', 'metadata = 1', []],
  ['entries that are no tables', 'metadata = { dependencies = [1, "a", []] }', []],
  ['entries whose id is no text', '[[metadata.dependencies]]\nid = 1\nversion = "1"', []],
  [
    'far too many entries',
    '[[metadata.dependencies]]\nid = "pip"\nversion = "1"\n'
      .repeat(5000)
      .concat('[[metadata.dependencies]]\nid = "go"\nversion = "1"\n'),
    [],
  ],
  ['a list of something else', 'metadata = { dependencies = "none" }', []],
  ['entries without an id or a version', '[[metadata.dependencies]]\nid = "python"', []],
  [
    'names of what every object has',
    '[[metadata.dependencies]]\nid = "toString"\nversion = "1"',
    [],
  ],
  [
    'one version for two architectures, under another name',
    '[[metadata.dependencies]]\nid = "mri"\nversion = "3.3.0"\narch = "amd64"\n[[metadata.dependencies]]\nid = "mri"\nversion = "3.3.0"\narch = "x86_64"',
    [['ruby', [{ version: '3.3.0' }]]],
  ],
  [
    'dates that are none',
    '[[metadata.dependencies]]\nid = "php"\nversion = "8.3.1"\ndeprecation_date = "soon"',
    [['php', [{ version: '8.3.1' }]]],
  ],
])('a buildpack.toml with %s is read without harm', (_name, toml, expected) => {
  expect([...(dependenciesIn(toml, AMD) ?? [])]).toStrictEqual(expected);
});

describe('the table for heroku/python', () => {
  // heroku/buildpacks-python: constants of src/python_version.rs at these tags, and its changelog.
  test.each([
    ['0.17.1', undefined],
    ['0.18.1', { oldest: '3.8', newest: '3.12', known: true }],
    ['0.25.0', { oldest: '3.9', newest: '3.13', known: true }],
    ['2.6.0', { oldest: '3.9', newest: '3.13', known: true }],
    [table.newest, { oldest: '3.10', newest: '3.14', known: true }],
    ['2.7.0', { oldest: '3.9', newest: '3.14', known: true }],
    ['6.4.0', { oldest: '3.10', newest: '3.14', known: true }],
    ['99.0.0', { oldest: '3.10', newest: '3.14', known: false }],
    ['next', undefined],
  ])('knows what %s offers', (version, expected) => {
    const found = herokuPythonMinors(version);
    const { minors = [], known } = found ?? {};
    expect(found && { oldest: minors[0], newest: minors.at(-1), known }).toStrictEqual(expected);
  });

  test('knows since when a version is offered', () => {
    expect([
      herokuPythonSince('3.13'),
      herokuPythonSince('3.14'),
      herokuPythonSince('4.0'),
    ]).toStrictEqual(['0.19.0', '2.7.0', undefined]);
  });
});
