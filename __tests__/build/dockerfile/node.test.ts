import { expect, test } from '@jest/globals';
import { buildArguments, type DockerfileOrder } from '../../../src/build/dockerfile/command.js';
import { builtOn, nodeIn } from '../../../src/build/dockerfile/node.js';
import type { Files } from '../../../src/ports/index.js';
import { plannedImage } from '../../plans.js';

const order: DockerfileOrder = {
  image: plannedImage(),
  platform: 'linux/arm64',
  root: '/src',
  builder: 'b',
  buildx: { file: 'docker', prefix: ['buildx'] },
  bases: [],
  secretVariables: new Map(),
};

const TWO = [
  { name: 'b0', native: false },
  { name: 'b1', native: true },
];

function filesWith(text: string | undefined): Files {
  const read = async () => {
    if (text === undefined) throw new Error('ENOENT');
    return Buffer.from(text);
  };
  return { read } as unknown as Files;
}

test.each([
  ['{"buildx.build.ref":"b/b1/qx9"}', 'b1'],
  ['{"buildx.build.ref":7}', undefined],
  ['{}', undefined],
  ['null', undefined],
  ['{"buildx', undefined],
])('%s names the node %s', (metadata, expected) => {
  expect(nodeIn(metadata)).toBe(expected);
});

test.each<[string, Partial<DockerfileOrder>, string | undefined, object]>([
  ['the only machine', { nodes: TWO.slice(0, 1) }, undefined, { node: 'b0', emulated: true }],
  [
    'the one of two that buildx names',
    { nodes: TWO, metadataFile: '/m' },
    '{"buildx.build.ref":"b/b1/x"}',
    { node: 'b1', emulated: false },
  ],
  ['none where buildx wrote nothing', { nodes: TWO, metadataFile: '/m' }, undefined, {}],
  ['none that nobody knows', { nodes: TWO, metadataFile: '/m' }, '{}', {}],
  ['none where nothing is known', {}, undefined, {}],
])('%s', async (_, more, text, expected) => {
  expect(await builtOn({ ...order, ...more }, filesWith(text))).toEqual(expected);
});

test('buildx is told where to write down which machine it was', () => {
  expect(buildArguments({ ...order, metadataFile: '/m' })).toContain('--metadata-file=/m');
  expect(buildArguments(order).join(' ')).not.toContain('--metadata-file');
});
