import { expect, test } from '@jest/globals';
import type { BuilderNode } from '../../src/builder/list.js';
import { usedBuilder } from '../../src/builder/used-builder.js';
import { realPorts } from '../../src/ports/index.js';

const node = (more: Partial<BuilderNode> = {}): BuilderNode => ({
  name: 'n0',
  status: 'running',
  platforms: ['linux/amd64'],
  endpoint: 'default',
  ...more,
});

const { endpoint: _endpoint, ...bare } = node();

const PROXIES = { HTTPS_PROXY: 'http://proxy.io:3128' };

test.each<[string, string, readonly BuilderNode[], Readonly<Record<string, string>>, boolean]>([
  ["the engine's own", 'docker', [node()], {}, true],
  ["the engine's own behind a proxy", 'docker', [node()], PROXIES, false],
  ['a container here', 'docker-container', [node({ endpoint: 'unix:///e.sock' })], {}, true],
  [
    'a container of another context',
    'docker-container',
    [node({ endpoint: 'default2' })],
    {},
    false,
  ],
  ['a container elsewhere', 'docker-container', [node({ endpoint: 'my-unix:x' })], {}, false],
  ['a container of which nothing is said', 'docker-container', [bare], {}, true],
  ['a container with a network', 'docker-container', [node({ ownRoads: true })], {}, false],
  [
    'containers of which one is elsewhere',
    'docker-container',
    [node(), node({ endpoint: 'ssh://far' })],
    {},
    false,
  ],
  ['a remote one', 'remote', [node({ endpoint: 'tcp://127.0.0.1:9' })], {}, false],
  ['pods', 'kubernetes', [node()], {}, false],
])('whether %s goes to registries as the engine does', (_, driver, nodes, proxies, expected) => {
  const builder = { name: 'b', driver, current: false, nodes };
  const place = { builder, env: {}, findings: [] };
  const buildx = { file: 'docker', prefix: ['buildx'], version: '0.30.0' };
  const used = usedBuilder(
    place,
    ['linux/amd64'],
    { mirrors: [], proxies },
    { ...realPorts(), buildx },
  );
  expect(used.asEngine).toBe(expected);
  // What else is lost buildx tells by itself.
  expect(used.lost !== undefined).toBe(driver === 'kubernetes');
});

const used = (
  { driver = 'docker-container', nodes }: { driver?: string; nodes: readonly BuilderNode[] },
  mirrors: readonly string[] = [],
  platforms: readonly string[] = [],
) => {
  const place = { builder: { name: 'b', driver, current: false, nodes }, env: {}, findings: [] };
  const buildx = { file: 'docker', prefix: ['buildx'], version: '0.30.0' };
  return usedBuilder(place, platforms, { mirrors, proxies: {} }, { ...realPorts(), buildx });
};

test.each<[string, string, readonly (readonly [string, ...string[]])[], string, boolean]>([
  ['none', 'http://m:5000', [], 'docker.io', false],
  ['those of the engine', 'http://m:5000', [['docker.io', 'm:5000']], 'docker.io', false],
  ['one of its own', '', [['docker.io', 'm:5000']], 'docker.io', true],
  ['one more', 'http://m:5000', [['docker.io', 'm:5000', 'n:1']], 'docker.io', true],
  ['one that the engine names without a scheme', 'm', [['docker.io', 'm']], 'docker.io', false],
  ['the engine’s, for another registry', 'http://m:5000', [['ghcr.io', 'm:5000']], 'ghcr.io', true],
  ['one of another registry', '', [['ghcr.io', 'm']], 'quay.io', false],
  ['an empty list', '', [['ghcr.io']], 'ghcr.io', false],
])('a builder with the mirror %s', (_, engine, own, registry, expected) => {
  const mirrors = new Map(own.map(([host, ...hosts]) => [host, hosts]));
  const nodes = [node(), node({ mirrors })];
  expect(used({ nodes }, engine === '' ? [] : [engine]).mayMirror(registry)).toBe(expected);
});

test('of a builder elsewhere its mirrors are not known', () => {
  expect(used({ driver: 'remote', nodes: [node()] }).mayMirror('ghcr.io')).toBe(true);
});

test('each machine has the platforms of the run that it runs natively, and no login', () => {
  const far = { name: 'n1', buildkit: 'v0.25.2', endpoint: 'tcp://me:hunter2@h:1' };
  const { endpoint: _, ...here } = node({ platforms: ['linux/amd64', 'linux/386', 'linux/arm64'] });
  const nodes = [here, node({ ...far, platforms: ['linux/arm64', 'linux/amd64'] })];
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/386'];
  expect(used({ nodes }, [], platforms).nodes).toStrictEqual([
    { name: 'n0', native: new Set(['linux/amd64', 'linux/386']) },
    {
      ...{ name: 'n1', native: new Set(['linux/arm64']) },
      ...{ buildkit: 'v0.25.2', endpoint: 'tcp://h:1' },
    },
  ]);
});
