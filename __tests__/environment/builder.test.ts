import { describe, expect, test } from '@jest/globals';
import {
  namedBuilder,
  ownBuilderName,
  requireBuildx,
  suitableBuilder,
} from '../../src/environment/builder.js';
import type { Builder } from '../../src/environment/buildx.js';

function builder(name: string, driver: string, more: Partial<Builder> = {}): Builder {
  const nodes = [{ name: `${name}0`, status: 'running', platforms: ['linux/amd64'] }];
  return { name, driver, current: false, nodes, ...more };
}

const engine = builder('default', 'docker');
const other = builder('elsewhere', 'docker');
const container = builder('cross', 'docker-container');
const chosen = builder('mine', 'docker-container', { current: true });
const dead = builder('dead', 'remote', {
  nodes: [{ name: 'dead0', status: 'error', platforms: [], error: 'connection refused' }],
});
const half = builder('half', 'docker-container', { nodes: [...dead.nodes, ...container.nodes] });

describe('suitableBuilder', () => {
  test.each<[string, readonly Builder[], 'containerd' | 'classic', string, Builder | undefined]>([
    ["the engine's own", [other, engine, chosen], 'containerd', 'default', engine],
    ["the context's own", [engine, other], 'containerd', 'elsewhere', other],
    ['none of another context', [other], 'containerd', 'default', undefined],
    ['the current container', [engine, container, chosen], 'classic', 'default', chosen],
    ['none that is not current', [engine, container], 'classic', 'default', undefined],
    [
      'none that is a remote',
      [builder('r', 'remote', { current: true })],
      'classic',
      'default',
      undefined,
    ],
    ['none that is broken', [{ ...half, current: true }], 'classic', 'default', undefined],
    ['none that has an error', [{ ...chosen, error: 'x' }], 'classic', 'default', undefined],
    ['none of none', [], 'containerd', 'default', undefined],
  ])('takes %s', (_, builders, store, context, expected) => {
    expect(suitableBuilder(builders, store, context)).toBe(expected);
  });
});

describe('namedBuilder', () => {
  test.each<[Builder, 'containerd' | 'classic']>([
    [engine, 'containerd'],
    [container, 'classic'],
    [container, 'containerd'],
    [half, 'classic'],
  ])('takes $name', (expected, store) => {
    expect(namedBuilder([engine, container, half], expected.name, store)).toBe(expected);
  });

  test.each<[string, 'containerd' | 'classic', string]>([
    ['corss', 'classic', 'There is no builder "corss"; docker buildx knows default, cross, dead.'],
    [
      'default',
      'classic',
      'The builder "default" has the driver docker, which cannot export an image while the engine keeps its images in the classic store; name a builder with the driver docker-container, or none.',
    ],
    ['dead', 'containerd', 'The builder "dead" does not answer: connection refused'],
  ])('refuses %s in words', (name, store, message) => {
    expect(() => namedBuilder([engine, container, dead], name, store)).toThrow(
      expect.objectContaining({ name: 'EngineError', code: 'failed', message }),
    );
  });
});

describe('requireBuildx', () => {
  test.each(['0.13.0', '0.29.1', '1.0.0'])('takes %s', (version) => {
    expect(requireBuildx(version)).toBe(version);
  });

  test.each([
    [undefined, 'The docker client has no buildx plugin; install docker-buildx 0.13 or later.'],
    [
      '0.12.1',
      "The docker client's buildx is 0.12.1; 0.13 or later is needed, so update docker-buildx.",
    ],
  ])('refuses %s in words', (version, message) => {
    expect(() => requireBuildx(version)).toThrow(
      expect.objectContaining({ code: 'not-installed', message }),
    );
  });
});

test("a builder of a run's own has a name that buildx takes", () => {
  expect(ownBuilderName('18923/1 a')).toBe('sea-trial-18923-1-a');
});
