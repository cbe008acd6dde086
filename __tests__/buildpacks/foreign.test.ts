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
    expect(found.map((one) => one.planned)).toEqual(planned);
    return found.map(({ provides }) => provides);
  };
  expect(await read(['./apt', '/opt/node', `docker://${host}/bp:1`])).toEqual([
    ['acme/apt@1'],
    ['acme/node@1'],
    ['acme/go@1', 'acme/go@2', 'acme/procfile@3'],
  ]);
  expect(await read(['urn:cnb:registry:acme/apt@2', 'urn:cnb:registry:acme/apt'])).toEqual([
    ['acme/apt@2'],
    undefined,
  ]);
  const unknown = ['./broken', './gone', './bp.tgz', 'https://example.org/bp.tgz'];
  const images = [`docker://${host}/none:1`, `docker://${host}/gone:1`];
  expect(await read([...unknown, ...images])).toEqual(Array(6).fill(undefined));
});
