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
import { type Contents, type DescribedBuilder, METADATA, served } from './builders.js';

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
    expect(value?.platforms[1]).toEqual({
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
    expect(value?.platforms.map(({ platform }) => platform)).toEqual(BOTH);
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
    expect(await said(described)).toEqual([['builder-unusable', message]]);
  });

  test.each([
    ['1.2', '1.1', 0],
    ['1.1', '1.2', 1],
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

  test('but not where its list of image extensions is empty', async () => {
    for (const list of ['[]', 'null', '[{"group":[]}]']) {
      const labels = { 'io.buildpacks.buildpack.order-extensions': list };
      expect(await said({ labels })).toEqual([]);
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
    expect(findings.map(({ code }) => code)).toEqual(['builder-unusable']);
    expect(findings[0]?.message).toContain(`The builder ${host}/acme/builder:24 cannot be read:`);
  });
});

describe('the run image of a builder', () => {
  test('is the first that its label names, for each platform', async () => {
    const { host, reader, store } = await served(good);
    const read = await readBuild(reader, { builder: `${host}/acme/builder:24` }, BOTH);
    expect(read.value?.runImages).toEqual(
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
    expect(value?.runImages.map(({ reference }) => reference)).toEqual([`${host}/other/run:2`]);
  });

  test('is a mirror, where the registry does not have the first', async () => {
    const { host, reader, store } = await served(good);
    store.tag('mirror/run:1', { digest: store.tags.get('run:1') ?? '' });
    store.tags.delete('run:1');
    const { value } = await readBuild(reader, { builder: `${host}/acme/builder:24` }, BOTH);
    expect(value?.runImages.map(({ reference }) => reference)).toEqual([
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
    expect(await asked(`${host}/arm/run:1`)).toEqual([
      [
        'builder-unusable',
        `The run image ${host}/arm/run:1 has no image for linux/amd64; it has linux/arm64.`,
      ],
    ]);
    expect(await asked(`${host}/gone:1`)).toEqual([
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
    expect(await asked(`${host}/acme/builder:24`, own)).toEqual([['builder-unusable', said]]);
    const named = `It is the run image that the builder ${own} names.`;
    expect(await asked(own)).toEqual([['builder-unusable', `${said} ${named}`]]);
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
    expect(read.findings?.map(({ message }) => message)).toEqual([
      `The builder ${host}/acme/builder:24 names no run image for linux/amd64.`,
    ]);
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
      expect(found.map(({ message }) => message)).toEqual(expected);
    },
  );
});
