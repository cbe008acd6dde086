import { describe, expect, test } from '@jest/globals';
import { listBuilders } from '../../src/builder/buildx.js';
import { readBuilders } from '../../src/builder/list.js';
import type { Exec, Files } from '../../src/ports/index.js';

const DEFAULT = {
  Current: true,
  Driver: 'docker',
  Dynamic: false,
  LastActivity: '2026-11-21T01:56:19Z',
  Name: 'default',
  Nodes: [
    {
      Endpoint: 'default',
      IDs: ['u6sw4do7hvtubos99xass02yi'],
      Name: 'default',
      Platforms: ['linux/amd64', 'linux/amd64/v2'],
      Status: 'running',
      Version: 'v0.0.0+unknown',
    },
  ],
};

const CONTAINER = {
  Current: false,
  Driver: 'docker-container',
  Name: 'cross',
  Nodes: [
    {
      Name: 'cross0',
      Platforms: ['linux/arm64*', 'linux/amd64'],
      Status: 'running',
      Version: 'v0.25.2',
    },
    { Name: 'cross1', Status: 'inactive' },
  ],
};

const BROKEN = {
  Driver: 'remote',
  Name: 'far',
  Nodes: [{ Name: 'far0', Err: 'no route' }],
  Err: 'x',
};

const READ_DEFAULT = {
  name: 'default',
  driver: 'docker',
  current: true,
  nodes: [
    {
      name: 'default',
      status: 'running',
      platforms: ['linux/amd64', 'linux/amd64/v2'],
      worker: 'u6sw4do7hvtubos99xass02yi',
      endpoint: 'default',
    },
  ],
};

const READ_CONTAINER = {
  name: 'cross',
  driver: 'docker-container',
  current: false,
  nodes: [
    {
      name: 'cross0',
      status: 'running',
      buildkit: 'v0.25.2',
      platforms: ['linux/arm64', 'linux/amd64'],
    },
    { name: 'cross1', status: 'inactive', platforms: [] },
  ],
};

const READ_BROKEN = {
  name: 'far',
  driver: 'remote',
  current: false,
  nodes: [{ name: 'far0', status: '', platforms: [], error: 'no route' }],
  error: 'x',
};

const json = JSON.stringify;

describe('readBuilders', () => {
  test.each([
    ['one line', `${json(DEFAULT)}\n`, [READ_DEFAULT]],
    [
      'a line per builder',
      `${json(DEFAULT)}\n${json(CONTAINER)}\n${json(BROKEN)}\n`,
      [READ_DEFAULT, READ_CONTAINER, READ_BROKEN],
    ],
    ['one array', json([DEFAULT, CONTAINER]), [READ_DEFAULT, READ_CONTAINER]],
    [
      'warnings between the lines',
      `WARNING: no such context\n${json(DEFAULT)}\n{"Name":`,
      [READ_DEFAULT],
    ],
    ['nothing', '', []],
    ['other JSON', '7\nnull\n"x"\n[[]]\n{}', []],
    [
      'wrong types',
      json({ Name: 'odd', Driver: 4, Current: 'yes', Nodes: { a: 1 } }),
      [{ name: 'odd', driver: '', current: false, nodes: [] }],
    ],
  ])('reads %s', (_, text, builders) => {
    expect(readBuilders(text)).toEqual(builders);
  });
});

test('mirrors in the configuration that buildx keeps of a node', () => {
  // As buildx 0.29 writes it down again, whatever its user wrote.
  const toml = [
    'debug = true',
    '',
    '[registry]',
    '',
    '  [registry."docker.io"]',
    '    http = true',
    '    mirrors = ["one.example", "two.example:5000/path"]',
    '',
    '  [registry."ghcr.io"]',
    '    insecure = true',
    '',
    '  [registry."quay.io:443"]',
    '    mirrors = ["three.example"]',
    '    insecure = true',
    '',
  ].join('\n');
  const Files = { 'buildkitd.toml': Buffer.from(toml).toString('base64') };
  const [read] = readBuilders(JSON.stringify({ Name: 'x', Nodes: [{ Name: 'x0', Files }] }));
  expect(read?.nodes[0]?.mirrors).toEqual(
    new Map([
      ['docker.io', ['one.example', 'two.example:5000/path']],
      ['quay.io:443', ['three.example']],
    ]),
  );
});

test.each([
  [{ code: null, signal: 'SIGSEGV' }, 'it was ended by SIGSEGV without a message'],
  [{ code: 7, signal: null }, 'it ended with 7 without a message'],
])('a buildx that says nothing is told by how it ended: %j', async (exit, words) => {
  const exec = { run: async () => ({ ...exit, stdout: '', stderr: '' }) } as unknown as Exec;
  const world = { exec, env: {}, files: {} as Files };
  await expect(listBuilders(world, new AbortController().signal)).rejects.toThrow(words);
});

test.each([
  [{ network: 'host', image: 'moby/buildkit' }, undefined],
  [{ network: 'of-mine' }, true],
  [{ 'env.http_proxy': 'http://me:secret@proxy' }, true],
  [null, undefined],
])('roads of its own by %j', (DriverOpts, expected) => {
  const line = json({ ...CONTAINER, Nodes: [{ Name: 'cross0', DriverOpts }] });
  const [node] = readBuilders(line)[0]?.nodes ?? [];
  expect(node?.ownRoads).toBe(expected);
  expect(json(node)).not.toContain('secret');
});

test.each<[string, object, string | undefined]>([
  ['one', { IDs: ['a'] }, 'a'],
  ['one of one pod', { IDs: ['a'], DriverOpts: { replicas: '1' } }, 'a'],
  ['several', { IDs: ['a', 'b'] }, undefined],
  ['one of several pods', { IDs: ['a'], DriverOpts: { replicas: '2' } }, undefined],
  ['none', { IDs: [] }, undefined],
  ['nothing said', {}, undefined],
])('the worker of a node is known where it is the only one: %s', (_, said, worker) => {
  const line = json({ ...CONTAINER, Nodes: [{ Name: 'cross0', ...said }] });
  const [node] = readBuilders(line)[0]?.nodes ?? [];
  expect(node?.worker).toBe(worker);
});
