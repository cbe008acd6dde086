import { describe, expect, test } from '@jest/globals';
import {
  createImageReader,
  lackingBuildpacks,
  PLATFORM_APIS,
  readBuild,
  readBuilder,
} from '../../src/buildpacks/index.js';
import { digestOf, mediaTypes } from '../../src/oci/index.js';
import { clientFor } from '../registry/rig.js';
import {
  type Contents,
  type DescribedBuilder,
  METADATA,
  resolvedBuilder,
  served,
} from './builders.js';

const BOTH = ['linux/amd64', 'linux/arm64'];

/** An index of a builder for two platforms, and one of its run image. */
function good(store: Contents): void {
  const each = (make: (platform: string) => { readonly digest: string }) =>
    store.index(BOTH.map((platform) => [platform, { ...make(platform) }]));
  store.tag(
    'acme/builder:24',
    each((platform) => store.builder({ platform })),
  );
  store.tag(
    'run:1',
    each((platform) => store.image({ platform })),
  );
}

/** What is said of one platform's builder. */
async function said(described: DescribedBuilder, platforms = ['linux/amd64']) {
  const { host, reader } = await served((store) =>
    store.tag('acme/builder:24', store.builder(described)),
  );
  const read = await readBuilder(reader, `${host}/acme/builder:24`, platforms);
  return (read.findings ?? []).map(({ code, message }) => [
    code,
    message.replaceAll(host, 'REGISTRY'),
  ]);
}

describe('a builder is read from its registry', () => {
  test('for every platform, with its labels, and its layers with their DiffIDs', async () => {
    const { host, reader, store } = await served(good);
    const reference = `${host}/acme/builder:24`;
    const { value } = await readBuilder(reader, reference, BOTH);
    expect(value).toMatchObject({
      reference,
      digest: store.tags.get('acme/builder:24'),
      platforms: BOTH.map((platform) => ({ platform })),
    });
    const [one, two] = [Buffer.from('one'), Buffer.from('two')].map((bytes) => digestOf(bytes));
    expect(value?.platforms[1]).toStrictEqual({
      platform: 'linux/arm64',
      digest: store.builder({ platform: 'linux/arm64' }).digest,
      lifecycle: {
        version: '0.21.17',
        buildpackApis: ['0.7', '0.9', '0.10'],
        platformApis: ['0.7', '0.15'],
      },
      runImages: [[`${host}/run:1`, `${host}/mirror/run:1`]],
      order: [[{ id: 'acme/python', version: '1.2.3' }]],
      buildpacks: [{ id: 'acme/python', version: '1.2.3', api: '0.10', diffId: two, order: [] }],
      layers: [
        { digest: one, diffId: one, size: 3, mediaType: mediaTypes.layer },
        { digest: two, diffId: two, size: 3, mediaType: mediaTypes.layer },
      ],
      user: { uid: 1000, gid: 1001 },
      distribution: 'ubuntu 24.04',
    });
  });

  test('without an index, as one manifest of one platform', async () => {
    const { host, reader, store } = await served((filled) =>
      filled.tag('acme/builder:24', filled.builder()),
    );
    const { value } = await readBuilder(reader, `${host}/acme/builder:24`, ['linux/amd64']);
    const digest = store.tags.get('acme/builder:24');
    expect(value).toMatchObject({ digest, platforms: [{ platform: 'linux/amd64', digest }] });
  });

  test('by the digest of its reference, where that has one', async () => {
    const { host, reader, store, asked } = await served(good);
    const digest = store.tags.get('acme/builder:24') ?? '';
    const read = await readBuilder(reader, `${host}/acme/builder:gone@${digest}`, BOTH);
    expect(read.value?.digest).toBe(digest);
    expect(asked()[0]).toBe(`GET /v2/acme/builder/manifests/${digest}`);
  });

  test('once, however many images are built with it, and no layer is fetched', async () => {
    const { host, reader, asked } = await served(good);
    const reference = `${host}/acme/builder:24`;
    await Promise.all([readBuilder(reader, reference, BOTH), readBuilder(reader, reference, BOTH)]);
    expect(asked().filter((one) => one.endsWith('/manifests/24'))).toHaveLength(1);
    expect(asked().filter((one) => one.includes('/blobs/'))).toHaveLength(4);
  });

  test("from a mirror of Docker Hub's first, and then from itself", async () => {
    const { host } = await served(good);
    const mirrors = ['127.0.0.1:1', host];
    const reader = createImageReader({ client: clientFor(), mirrors });
    const { value } = await readBuilder(reader, 'acme/builder:24', BOTH);
    expect(value?.platforms.map(({ platform }) => platform)).toStrictEqual(BOTH);
  });

  test('with what pack writes of buildpacks that lead to others, and of what is not needed', async () => {
    const order = [
      { group: [{ id: 'acme/all' }, { id: 'acme/python', version: '1', optional: true }] },
      { group: [{ id: 'acme/go', version: '2', optional: false }] },
      { group: null },
      3,
    ];
    const layersLabel = {
      'acme/all': { '1': { order: [{ group: [{ id: 'acme/python', version: '1' }] }] } },
      'acme/none': null,
    };
    const { host, reader } = await served((store) =>
      store.tag('acme/builder:24', store.builder({ order, layersLabel })),
    );
    const { value } = await readBuilder(reader, `${host}/acme/builder:24`, ['linux/amd64']);
    expect(value?.platforms[0]?.order).toStrictEqual([
      [
        { id: 'acme/all', version: '' },
        { id: 'acme/python', version: '1', optional: true },
      ],
      [{ id: 'acme/go', version: '2' }],
      [],
      [],
    ]);
    expect(value?.platforms[0]?.buildpacks).toStrictEqual([
      { id: 'acme/all', version: '1', api: '', order: [[{ id: 'acme/python', version: '1' }]] },
    ]);
  });

  test('with the run images that its labels name, each once, and nothing else of them', async () => {
    const images = [
      { image: 'r.example/run:1', mirrors: ['m.example/run:1', 2] },
      { image: 'r.example/run:1' },
      { image: '' },
      { image: 3 },
      'r.example/none:1',
      { image: 'r.example/run:2' },
    ];
    const stack = { runImage: { image: 'r.example/run:3', mirrors: [] } };
    const { host, reader } = await served((store) =>
      store.tag('acme/builder:24', store.builder({ metadata: { ...METADATA, images, stack } })),
    );
    const { value } = await readBuilder(reader, `${host}/acme/builder:24`, ['linux/amd64']);
    expect(value?.platforms[0]?.runImages).toStrictEqual([
      ['r.example/run:1', 'm.example/run:1'],
      ['r.example/run:2'],
      ['r.example/run:3'],
    ]);
  });

  test('with the last value of a variable, and with a label that holds far too much, in a moment', async () => {
    const env = ['CNB_USER_ID=1', 'CNB_USER_ID=123456789', 'CNB_GROUP_ID=0'];
    const order = Array(3000).fill({ group: [] });
    const { host, reader } = await served((store) =>
      store.tag('acme/builder:24', store.builder({ env, order })),
    );
    const { value } = await readBuilder(reader, `${host}/acme/builder:24`, ['linux/amd64']);
    expect(value?.platforms[0]?.user).toStrictEqual({ uid: 123456789, gid: 0 });
    expect(value?.platforms[0]?.order).toHaveLength(2000);
  });

  test('without a label of layers, of APIs that are texts, and without a distribution', async () => {
    const labels = {
      'io.buildpacks.buildpack.layers': undefined,
      'io.buildpacks.base.distro.name': undefined,
    };
    const apis = { platform: { supported: ['0.15', 1] }, buildpack: { supported: [null, '0.10'] } };
    const metadata = { lifecycle: { version: '1', apis }, images: {} };
    const { host, reader } = await served((store) =>
      store.tag('acme/builder:24', store.builder({ metadata, labels })),
    );
    const { value } = await readBuilder(reader, `${host}/acme/builder:24`, ['linux/amd64']);
    expect(value?.platforms[0]).toMatchObject({
      lifecycle: { version: '1', buildpackApis: ['0.10'], platformApis: ['0.15'] },
      runImages: [],
      buildpacks: [],
    });
    expect(value?.platforms[0]).not.toHaveProperty('distribution');
  });

  test.each([
    ['', 'ubuntu'],
    [undefined, 'ubuntu'],
    ['24.04', 'ubuntu 24.04'],
  ])('with its distribution where its version is %j: %s', async (version, distribution) => {
    const labels = { 'io.buildpacks.base.distro.version': version };
    const { host, reader } = await served((store) =>
      store.tag('acme/builder:24', store.builder({ labels })),
    );
    const { value } = await readBuilder(reader, `${host}/acme/builder:24`, ['linux/amd64']);
    expect(value?.platforms[0]?.distribution).toBe(distribution);
  });

  test('of before images and apis had labels of their own', async () => {
    const metadata = {
      lifecycle: { version: '0.9.1', api: { buildpack: '0.2', platform: '0.3' } },
      stack: { runImage: { image: 'r.example/run', mirrors: ['m.example/run'] } },
    };
    const { host, reader } = await served((store) =>
      store.tag('acme/builder:24', store.builder({ metadata, layersLabel: {} })),
    );
    const { value } = await readBuilder(reader, `${host}/acme/builder:24`, ['linux/amd64']);
    expect(value?.platforms[0]).toMatchObject({
      lifecycle: { version: '0.9.1', buildpackApis: ['0.2'], platformApis: ['0.3'] },
      runImages: [['r.example/run', 'm.example/run']],
    });
  });
});

describe('a builder is refused before anything is pulled', () => {
  test('where its index lacks a platform, naming those there are', async () => {
    const { host, reader } = await served(good);
    const platforms = ['linux/amd64', 'linux/s390x'];
    const { findings = [] } = await readBuilder(reader, `${host}/acme/builder:24`, platforms);
    expect(findings).toMatchObject([
      {
        code: 'builder-unusable',
        severity: 'error',
        subject: { reference: `${host}/acme/builder:24`, platform: 'linux/s390x' },
        message: `The builder ${host}/acme/builder:24 has no image for linux/s390x; it has linux/amd64, linux/arm64.`,
        remedy:
          'Build for linux/amd64, linux/arm64 alone ("platforms"), or choose another that has linux/s390x.',
      },
    ]);
  });

  test.each<[string, DescribedBuilder, string]>([
    [
      'it has one manifest of another platform',
      { platform: 'linux/arm64' },
      'The builder REGISTRY/acme/builder:24 has no image for linux/amd64; it has linux/arm64.',
    ],
    [
      'it is an image without those labels',
      {
        labels: {
          'io.buildpacks.builder.metadata': undefined,
          'io.buildpacks.buildpack.order': undefined,
        },
      },
      'REGISTRY/acme/builder:24 is not a builder: its image for linux/amd64 lacks the labels "io.buildpacks.builder.metadata" and "io.buildpacks.buildpack.order".',
    ],
    [
      'it has no order',
      { labels: { 'io.buildpacks.buildpack.order': undefined } },
      'REGISTRY/acme/builder:24 is not a builder: its image for linux/amd64 lacks the label "io.buildpacks.buildpack.order".',
    ],
    [
      'a label is no JSON',
      { metadata: '{"lifecycle"' },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be read: label io.buildpacks.builder.metadata is not a JSON object.',
    ],
    [
      'its order is no list',
      { order: {} },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be read: label io.buildpacks.buildpack.order is not a JSON list.',
    ],
    [
      'a buildpack of its order has no id',
      { order: [{ group: [{ version: '1' }] }] },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be read: label io.buildpacks.buildpack.order: a buildpack has no "id".',
    ],
    [
      'it names no lifecycle',
      { metadata: { images: [] } },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be read: label io.buildpacks.builder.metadata names no version of a lifecycle.',
    ],
    [
      'its build user is not a number',
      { env: ['CNB_USER_ID=cnb', 'CNB_GROUP_ID=1'] },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be read: the environment variable CNB_USER_ID is "cnb", which is not a number.',
    ],
    [
      'its build user has too long a number',
      { env: ['CNB_USER_ID=1234567890', 'CNB_GROUP_ID=1'] },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be read: the environment variable CNB_USER_ID is "1234567890", which is not a number.',
    ],
    [
      'its build user is a number with something behind it',
      { env: ['CNB_USER_ID=1', 'CNB_GROUP_ID=1x'] },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be read: the environment variable CNB_GROUP_ID is "1x", which is not a number.',
    ],
    [
      'it names no group of its build user',
      { env: ['CNB_USER_ID=1'] },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be read: the environment variable CNB_GROUP_ID is not set.',
    ],
    [
      'its label of layers is a list',
      { layersLabel: [] },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be read: label io.buildpacks.buildpack.layers is not a JSON object.',
    ],
    [
      'the API of a buildpack is no text',
      { layersLabel: { 'acme/python': { '1.2.3': { api: 0.1 } } } },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be read: label io.buildpacks.buildpack.layers, acme/python@1.2.3: "api" is not a string.',
    ],
    [
      'a version in its order is no text',
      { order: [{ group: [{ id: 'acme/python', version: 1 }] }] },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be read: label io.buildpacks.buildpack.order: "version" is not a string.',
    ],
    [
      'its layers do not pair with its DiffIDs',
      { diffIds: [] },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be read: it has 2 layers and 0 DiffIDs.',
    ],
    [
      'pack does not serve its Platform API',
      {
        metadata: {
          lifecycle: {
            version: '9.0.0',
            apis: { platform: { supported: ['7.0'] }, buildpack: { supported: ['0.10'] } },
          },
        },
      },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be used: its lifecycle 9.0.0 serves the Platform APIs 7.0; pack serves 0.3 to 0.15.',
    ],
    [
      'pack serves none of its Platform APIs',
      {
        metadata: {
          lifecycle: {
            version: '9.0.0',
            apis: { platform: { supported: ['0.2', '7.0'] }, buildpack: { supported: ['0.10'] } },
          },
        },
      },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be used: its lifecycle 9.0.0 serves the Platform APIs 0.2, 7.0; pack serves 0.3 to 0.15.',
    ],
    [
      'its lifecycle names no Platform API',
      { metadata: { lifecycle: { version: '9.0.0', api: { buildpack: '0.10' } } } },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be used: its lifecycle 9.0.0 serves the Platform APIs (none); pack serves 0.3 to 0.15.',
    ],
    [
      'its lifecycle names no Buildpack API',
      { metadata: { lifecycle: { version: '9.0.0', api: { platform: '0.10' } } } },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be used: acme/python@1.2.3 is written for the Buildpack API 0.10; its lifecycle 9.0.0 serves (none).',
    ],
    [
      'its lifecycle does not serve the API of one of its buildpacks',
      { layersLabel: { 'acme/python': { '1.2.3': { api: '0.99' } } } },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be used: acme/python@1.2.3 is written for the Buildpack API 0.99; its lifecycle 0.21.17 serves 0.7, 0.9, 0.10.',
    ],
    [
      'it has image extensions',
      {
        labels: {
          'io.buildpacks.buildpack.order-extensions':
            '[{"group":[{"id":"acme/curl","version":"1"}]},{"group":[]}]',
        },
      },
      'The builder REGISTRY/acme/builder:24 for linux/amd64 cannot be used: it has image extensions (acme/curl@1), which change build and run image as root while the application is built.',
    ],
  ])('where %s', async (_name, described, message) => {
    expect(await said(described)).toStrictEqual([['builder-unusable', message]]);
  });

  test.each([
    ['1.2', '1.1', 0],
    ['1.1', '1.2', 1],
    ['1.1', '1.1', 0],
    ['0.10', '', 0],
    ['2.0', '1.0', 1],
    ['0.10', '0.9', 1],
  ])(
    'where a lifecycle with the Buildpack API %s does not serve %s: %i',
    async (has, api, count) => {
      const apis = { platform: { supported: ['0.15'] }, buildpack: { supported: [has] } };
      const metadata = { lifecycle: { version: '1.0.0', apis } };
      const layersLabel = { 'acme/python': { '1.2.3': { api } } };
      expect(await said({ metadata, layersLabel })).toHaveLength(count);
    },
  );

  test('where a composite buildpack leads to one that its lifecycle does not serve', async () => {
    const layersLabel = {
      'acme/all': {
        '2': { api: '0.9', order: [{ group: [{ id: 'acme/python', version: '1' }] }] },
      },
      'acme/python': { '1': { api: '0.99' } },
      'acme/unused': { '1': { api: '0.99' } },
    };
    const order = [{ group: [{ id: 'acme/all', version: '2' }] }];
    const found = await said({ layersLabel, order });
    expect(found).toHaveLength(1);
    expect(found[0]?.[1]).toContain('acme/python@1 is written for the Buildpack API 0.99');
  });

  test('but not for the API of another version than the one that its order names', async () => {
    const layersLabel = { 'acme/python': { '1': { api: '0.99' }, '2': { api: '0.10' } } };
    const found = (version?: string) =>
      said({ layersLabel, order: [{ group: [{ id: 'acme/python', version }] }] });
    expect(await found('2')).toStrictEqual([]);
    expect(await found('1')).toHaveLength(1);
    expect(await found()).toHaveLength(1);
  });

  test('each with a remedy', async () => {
    const remedies = async (described: DescribedBuilder) => {
      const { host, reader } = await served((store) =>
        store.tag('acme/builder:24', store.builder(described)),
      );
      const reference = `${host}/acme/builder:24`;
      const { findings = [] } = await readBuilder(reader, reference, ['linux/amd64']);
      expect(findings.map(({ subject }) => subject)).toStrictEqual([
        { reference, platform: 'linux/amd64' },
      ]);
      return findings.map(({ remedy }) => remedy);
    };
    const ANOTHER = 'Choose a builder that "pack builder create" has made.';
    expect(
      await remedies({ labels: { 'io.buildpacks.buildpack.order': undefined } }),
    ).toStrictEqual([ANOTHER]);
    expect(await remedies({ diffIds: [] })).toStrictEqual([ANOTHER]);
    expect(
      await remedies({ layersLabel: { 'acme/python': { '1.2.3': { api: '9' } } } }),
    ).toStrictEqual(['Choose a newer builder, or one that was made for the tools of today.']);
    const extensions = '[{"group":[{"id":"a/b","version":"1"}]}]';
    expect(
      await remedies({ labels: { 'io.buildpacks.buildpack.order-extensions': extensions } }),
    ).toStrictEqual([
      'Choose a builder without them; what they install can be in a run image: "run-image" of the build.',
    ]);
  });

  test('but not where its list of image extensions is empty', async () => {
    for (const list of ['[]', 'null', '[{"group":[]}]']) {
      const labels = { 'io.buildpacks.buildpack.order-extensions': list };
      expect(await said({ labels })).toStrictEqual([]);
    }
  });

  test('where its registry does not have it, as something that is not about the image', async () => {
    const { host, reader } = await served(good);
    const { findings = [] } = await readBuilder(reader, `${host}/acme/gone:1`, BOTH);
    expect(findings).toMatchObject([
      { code: 'not-pulled', subject: { reference: `${host}/acme/gone:1` } },
    ]);
    expect(findings[0]?.message).toContain(`${host}/acme/gone:1 cannot be pulled:`);
  });

  test('where its manifest is none', async () => {
    const { host, reader } = await served((store) =>
      store.tag('acme/builder:24', store.add('[]', mediaTypes.manifest)),
    );
    const { findings = [] } = await readBuilder(reader, `${host}/acme/builder:24`, BOTH);
    expect(findings.map(({ code }) => code)).toStrictEqual(['builder-unusable']);
    expect(findings[0]?.message).toContain(`The builder ${host}/acme/builder:24 cannot be read:`);
  });
});

describe('the run image of a builder', () => {
  test('is the first that its label names, for each platform', async () => {
    const { host, reader, store } = await served(good);
    const read = await readBuild(reader, { builder: `${host}/acme/builder:24` }, BOTH);
    expect(read.value?.runImages).toStrictEqual(
      BOTH.map((platform) => ({
        platform,
        reference: `${host}/run:1`,
        indexDigest: store.tags.get('run:1'),
        digest: store.image({ platform }).digest,
        diffIds: ['one', 'two'].map((layer) => digestOf(Buffer.from(layer))),
      })),
    );
  });

  test('is that of the plan, where that names one', async () => {
    const { host, reader } = await served((store) => {
      good(store);
      store.tag('other/run:2', store.image());
    });
    const written = { builder: `${host}/acme/builder:24`, runImage: `${host}/other/run:2` };
    const { value } = await readBuild(reader, written, ['linux/amd64']);
    expect(value?.runImages.map(({ reference }) => reference)).toStrictEqual([
      `${host}/other/run:2`,
    ]);
  });

  test('is a mirror, where the registry does not have the first', async () => {
    const { host, reader, store } = await served(good);
    store.tag('mirror/run:1', { digest: store.tags.get('run:1') ?? '' });
    store.tags.delete('run:1');
    const { value } = await readBuild(reader, { builder: `${host}/acme/builder:24` }, BOTH);
    expect(value?.runImages.map(({ reference }) => reference)).toStrictEqual([
      `${host}/mirror/run:1`,
      `${host}/mirror/run:1`,
    ]);
  });

  test('of another architecture is refused, and so is one that is not there', async () => {
    const { host, reader } = await served((store) => {
      good(store);
      store.tag('arm/run:1', store.image({ platform: 'linux/arm64' }));
    });
    const asked = async (runImage: string) => {
      const read = await readBuild(reader, { builder: `${host}/acme/builder:24`, runImage }, [
        'linux/amd64',
      ]);
      return read.findings?.map(({ code, message }) => [code, message]);
    };
    expect(await asked(`${host}/arm/run:1`)).toStrictEqual([
      [
        'builder-unusable',
        `The run image ${host}/arm/run:1 has no image for linux/amd64; it has linux/arm64.`,
      ],
    ]);
    expect(await asked(`${host}/gone:1`)).toStrictEqual([
      ['not-pulled', expect.stringContaining(`${host}/gone:1 cannot be pulled:`)],
    ]);
  });

  test('is no builder, whoever names it', async () => {
    const { host, reader } = await served((store) => {
      good(store);
      const images = [{ image: 'REGISTRY/acme/own:1' }];
      store.tag('acme/own:1', store.builder({ metadata: { ...METADATA, images } }));
    });
    const asked = async (builder: string, runImage?: string) => {
      const read = await readBuild(reader, { builder, runImage }, ['linux/amd64']);
      return read.findings?.map(({ code, message }) => [code, message]);
    };
    const own = `${host}/acme/own:1`;
    const said = `The run image ${own} for linux/amd64 is a builder.`;
    expect(await asked(`${host}/acme/builder:24`, own)).toStrictEqual([['builder-unusable', said]]);
    const builder = `${host}/acme/builder:24`;
    const { findings } = await readBuild(reader, { builder, runImage: own }, ['linux/amd64']);
    expect(findings).toStrictEqual([
      {
        code: 'builder-unusable',
        severity: 'error',
        subject: { reference: own, platform: 'linux/amd64' },
        message: said,
        remedy:
          'Name the image that the application is to stand on, "run-image" of the build, or leave it to the builder.',
      },
    ]);
    const named = `It is the run image that the builder ${own} names.`;
    expect(await asked(own)).toStrictEqual([['builder-unusable', `${said} ${named}`]]);
  });

  test('that only the builder names is called that where it cannot be used', async () => {
    const { host, reader, store } = await served(good);
    store.tags.delete('run:1');
    const builder = `${host}/acme/builder:24`;
    const { findings = [] } = await readBuild(reader, { builder }, ['linux/amd64']);
    expect(findings[0]?.message).toMatch(
      new RegExp(`^${host}/run:1 cannot be pulled: .* It is the run image that the builder `),
    );
    expect(findings[0]?.remedy).toMatch(/ "run-image" of the build names another\.$/);
  });

  test('has to be named by the plan, where the builder names none', async () => {
    const { host, reader } = await served((store) =>
      store.tag('acme/builder:24', store.builder({ metadata: { ...METADATA, images: [] } })),
    );
    const read = await readBuild(reader, { builder: `${host}/acme/builder:24` }, ['linux/amd64']);
    expect(read.findings).toStrictEqual([
      {
        code: 'builder-unusable',
        severity: 'error',
        subject: { reference: `${host}/acme/builder:24`, platform: 'linux/amd64' },
        message: `The builder ${host}/acme/builder:24 names no run image for linux/amd64.`,
        remedy: 'Name one: "run-image" of the build.',
      },
    ]);
  });

  test('says its distribution, where it has one', async () => {
    const { host, reader } = await served((store) => {
      good(store);
      const name = { 'io.buildpacks.base.distro.name': 'ubuntu' };
      store.tag('run:1', store.image({ labels: name }));
    });
    const { value } = await readBuild(reader, { builder: `${host}/acme/builder:24` }, [
      'linux/amd64',
    ]);
    expect(value?.runImages[0]?.distribution).toBe('ubuntu');
  });

  test('is not asked for where the builder cannot be used', async () => {
    const { host, reader, asked } = await served(good);
    const written = { builder: `${host}/acme/gone:1`, runImage: `${host}/run:1` };
    const { findings = [] } = await readBuild(reader, written, ['linux/amd64']);
    expect(findings.map(({ subject }) => subject)).toStrictEqual([
      { reference: `${host}/acme/gone:1` },
    ]);
    expect(asked().filter((one) => one.includes('/run/'))).toStrictEqual([]);
  });

  test('is named as the first, where no mirror has it either', async () => {
    const { host, reader, store } = await served(good);
    store.tags.delete('run:1');
    const { findings = [] } = await readBuild(reader, { builder: `${host}/acme/builder:24` }, [
      'linux/amd64',
    ]);
    expect(findings.map(({ subject }) => subject)).toStrictEqual([{ reference: `${host}/run:1` }]);
  });
});

describe('a buildpack that is asked for', () => {
  test.each([
    ['acme/python', []],
    ['acme/python@1.2.3', []],
    ['urn:cnb:builder:acme/python', []],
    ['urn:cnb:registry:acme/python', []],
    ['docker://acme/other', []],
    ['https://example.org/a.tgz', []],
    ['./here/is-a-folder', []],
    [
      'acme/python@2.0.0',
      ['The builder r/b has no buildpack acme/python@2.0.0; it has acme/python 1.2.3.'],
    ],
    ['acme/pyhton', ['The builder r/b has no buildpack acme/pyhton; did you mean "acme/python"?']],
    [
      'from=builder:other/nodejs',
      ['The builder r/b has no buildpack other/nodejs; it has acme/python.'],
    ],
  ])(
    '%s is taken from the builder or a place, never from a public registry',
    (locator, expected) => {
      const python = { id: 'acme/python', version: '1.2.3', api: '0.10', order: [] };
      const platforms = BOTH.map((platform) => ({
        platform,
        digest: 'sha256:b',
        lifecycle: { version: '1', buildpackApis: [], platformApis: PLATFORM_APIS },
        runImages: [],
        order: [],
        buildpacks: [python],
        layers: [],
        user: { uid: 1, gid: 1 },
      }));
      const builder = { reference: 'r/b', digest: 'sha256:i', platforms };
      const found = lackingBuildpacks(builder, [locator, locator]);
      expect(found.map(({ message }) => message)).toStrictEqual(expected);
    },
  );

  const withBuildpacks = (...names: readonly string[]) => {
    const refs = names.map((name) => {
      const [id = '', version = ''] = name.split('@');
      return { id, version };
    });
    return resolvedBuilder('r/b', refs, BOTH);
  };

  test('is looked for among all that the builder has', () => {
    const builder = withBuildpacks('acme/go@1', 'acme/python@1', 'acme/python@2');
    expect(lackingBuildpacks(builder, ['acme/python@2', 'acme/go'])).toStrictEqual([]);
    const messages = (name: string) =>
      lackingBuildpacks(builder, [name]).map(({ message }) => message);
    expect(messages('acme/python@3')).toStrictEqual([
      'The builder r/b has no buildpack acme/python@3; it has acme/python 1, 2.',
    ]);
    expect(messages('from=builder:other/thing')).toStrictEqual([
      'The builder r/b has no buildpack other/thing; it has acme/go, acme/python.',
    ]);
  });

  test('is said with a remedy, on the first platform that lacks it', () => {
    const builder = withBuildpacks('acme/python@1');
    const [first, second] = builder.platforms;
    if (first === undefined || second === undefined) throw new Error('there are two platforms');
    const empty = { ...builder, platforms: [first, { ...second, buildpacks: [] }] };
    expect(lackingBuildpacks(empty, ['acme/python'])).toStrictEqual([
      {
        code: 'builder-unusable',
        severity: 'error',
        subject: { reference: 'r/b', platform: 'linux/arm64' },
        message: 'The builder r/b has no buildpack acme/python; it has none.',
        remedy:
          'Name a buildpack of the builder, or say where acme/python is from: a folder, or docker:// and an image.',
      },
    ]);
  });
});
