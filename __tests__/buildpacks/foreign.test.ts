import { expect, test } from '@jest/globals';
import { readForeignBuildpacks } from '../../src/buildpacks/index.js';
import { served } from './builders.js';

const toml = (id: string) => `api = "0.10"\n[buildpack]\nid = "${id}"\nversion = "1"\n`;
const files: Readonly<Record<string, string>> = {
  '/work/apt/buildpack.toml': toml('acme/apt'),
  '/opt/node/buildpack.toml': toml('acme/node'),
  '/work/broken/buildpack.toml': '[',
};

test('what a build brings to its builder says what it is, by its folder, its package or its name', async () => {
  const { host, reader } = await served((store) => {
    const layersLabel = { 'acme/go': { '1': {}, '2': {} }, 'acme/procfile': { '3': {} } };
    store.tag('bp:1', store.builder({ layersLabel }));
    store.tag('none:1', store.image());
    store.tag('odd:1', store.builder({ layersLabel: { 'acme/go': ['1'], 'acme/apt': '2' } }));
  });
  const read = async (planned: readonly string[]) => {
    const found = await readForeignBuildpacks(planned, {
      reader,
      root: '/work',
      platforms: ['linux/amd64'],
      files: {
        async read(path) {
          const text = files[path];
          if (text === undefined) throw Object.assign(new Error('none'), { code: 'ENOENT' });
          return Buffer.from(text);
        },
      },
    });
    expect(found).toStrictEqual(
      found.map(({ provides }, at) =>
        provides === undefined ? { planned: planned[at] } : { planned: planned[at], provides },
      ),
    );
    return found.map(({ provides }) => provides);
  };
  expect(await read(['./apt', '/opt/node', `docker://${host}/bp:1`])).toStrictEqual([
    ['acme/apt@1'],
    ['acme/node@1'],
    ['acme/go@1', 'acme/go@2', 'acme/procfile@3'],
  ]);
  expect(await read(['urn:cnb:registry:acme/apt@2', 'urn:cnb:registry:acme/apt'])).toStrictEqual([
    ['acme/apt@2'],
    undefined,
  ]);
  expect(await read(['acme/apt', 'urn:cnb:builder:acme/apt@1', 'from=builder'])).toStrictEqual(
    Array(3).fill(undefined),
  );
  const unknown = ['./broken', './gone', './bp.tgz', 'https://example.org/bp.tgz'];
  const images = ['none:1', 'gone:1', 'odd:1'].map((name) => `docker://${host}/${name}`);
  expect(await read([...unknown, ...images])).toStrictEqual(Array(7).fill(undefined));
});
