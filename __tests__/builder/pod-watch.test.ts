import { expect, test } from '@jest/globals';
import { readBuilders } from '../../src/builder/list.js';
import { podLost } from '../../src/builder/pod-watch.js';
import type { Ports } from '../../src/ports/index.js';

interface Pod {
  readonly name: string;
  readonly id?: string;
  readonly replicas?: string;
}

/** A line of `buildx ls` about the builder b; undefined: buildx fails. */
function listed(pods: readonly Pod[]): string {
  const Nodes = pods.map(({ name, id, replicas }) => ({
    Name: name,
    ...(id === undefined ? { Err: 'pod not ready' } : { IDs: [id] }),
    ...(replicas === undefined ? {} : { DriverOpts: { replicas } }),
  }));
  return JSON.stringify({ Name: 'b', Driver: 'kubernetes', Nodes });
}

/** What is found out while buildx answers so, look for look, until the run is over. */
async function found(before: readonly Pod[], looks: readonly (readonly Pod[] | undefined)[]) {
  const over = new AbortController();
  const answers = [...looks];
  const world = {
    env: {},
    files: {} as Ports['files'],
    clock: {
      now: () => new Date(),
      ticks: () => 0,
      sleep: async () => {
        if (answers.length === 0) over.abort('over');
        over.signal.throwIfAborted();
      },
    },
    exec: {
      start: () => {
        throw new Error('nothing is started here');
      },
      run: async () => {
        const pods = answers.shift();
        return pods === undefined
          ? { code: 1, signal: null, stdout: '', stderr: 'ERROR: timeout' }
          : { code: 0, signal: null, stdout: listed(pods), stderr: '' };
      },
    },
  };
  const [builder] = readBuilders(listed(before));
  if (builder === undefined) throw new Error('no builder');
  return podLost(builder, world, over.signal).catch((reason: unknown) => reason);
}

const FAR = { name: 'far', id: 'f' };

test.each<[string, readonly (readonly Pod[] | undefined)[], string]>([
  ['the same pods', [[{ name: 'b0', id: 'x' }, FAR]], 'over'],
  [
    'another pod',
    [
      [{ name: 'b0', id: 'y' }, FAR],
      [{ name: 'b0', id: 'y' }, FAR],
    ],
    'b0',
  ],
  [
    'no pod yet',
    [
      [{ name: 'b0' }, FAR],
      [{ name: 'b0' }, FAR],
    ],
    'b0',
  ],
  ['no node', [[FAR], [FAR]], 'b0'],
  [
    'none once, and then the same again',
    [
      [{ name: 'b0' }, FAR],
      [{ name: 'b0', id: 'x' }, FAR],
    ],
    'over',
  ],
  ['a cluster that does not answer', [undefined, undefined, undefined], 'over'],
])('%s', async (_, looks, expected) => {
  expect(await found([{ name: 'b0', id: 'x' }, FAR], looks)).toBe(expected);
});

test('of several pods any one may answer', async () => {
  const several = (id: string) => [{ name: 'b0', id, replicas: '2' }];
  expect(await found(several('x'), [several('y'), several('y')])).toBe('over');
});
