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

const PROXIES = { HTTPS_PROXY: 'http://proxy.io:3128' };

test.each<[string, string, readonly BuilderNode[], Readonly<Record<string, string>>, boolean]>([
  ["the engine's own", 'docker', [node()], {}, true],
  ["the engine's own behind a proxy", 'docker', [node()], PROXIES, false],
  ['a container here', 'docker-container', [node({ endpoint: 'unix:///e.sock' })], {}, true],
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
