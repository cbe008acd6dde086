import { expect, test } from '@jest/globals';
import { type BuilderOptions, DEFAULT_BUILDER } from '../../src/builder/options.js';
import { prepare } from '../../src/environment/index.js';
import { realPorts } from '../../src/ports/index.js';
import { recordInMemory } from '../cleanup/record-in-memory.js';
import { createWorld, engineOf, portsOf, type World } from '../environment/world.js';

/** What a run leaves of the builder that it made. */
const never = new AbortController().signal;

async function prepareWith(
  world: World,
  builder: string | undefined,
  options: Partial<BuilderOptions>,
) {
  const needs = {
    builder: {
      ...(builder === undefined ? {} : { name: builder }),
      options: { ...DEFAULT_BUILDER, ...options },
    },
  };
  const ports = portsOf(world, realPorts());
  const record = recordInMemory('run-1');
  return prepare(needs, { engine: engineOf(world), ports, record, signal: never });
}

const CONTAINER = { driver: 'docker-container' } as const;

test.each<
  [string, string | undefined, Partial<BuilderOptions>, readonly string[], readonly string[]]
>([
  ['nothing', undefined, CONTAINER, ['sea-trial-run-1'], []],
  ['nothing, whatever its name', 'kept', CONTAINER, ['kept'], []],
  ['all of it', 'kept', { ...CONTAINER, cleanup: false }, ['kept'], ['kept']],
  ['its state alone', 'kept', { ...CONTAINER, keepState: true }, ['kept'], []],
])('%s is left', async (_, name, options, during, after) => {
  const world = createWorld();
  const environment = await prepareWith(world, name, options);
  expect([...world.builders]).toEqual(during);
  await environment.undo();
  expect([...world.builders]).toEqual(after);
  const removal = world.commands.find((command) => command.startsWith('buildx rm'));
  expect(removal?.includes('--keep-state') ?? false).toBe(options.keepState ?? false);
  expect(world.images.size).toBe(options.cleanup === false ? 1 : 0);
});

test('one that is there is neither made nor removed, whatever describes it', async () => {
  const world = createWorld({ builders: new Set(['mine']) });
  const environment = await prepareWith(world, 'mine', CONTAINER);
  await environment.undo();
  expect(environment.builder).toMatchObject({ name: 'mine', driver: 'docker-container' });
  expect(world.commands).toEqual([]);
});

test('one that is to be kept and could not be made is not left in part', async () => {
  const world = createWorld({ startFails: 'ERROR: no such host' });
  await expect(prepareWith(world, 'kept', { ...CONTAINER, cleanup: false })).rejects.toThrow(
    'A docker-container builder from moby/buildkit:buildx-stable-1 could not be started: no such host',
  );
  expect(world.builders.size).toBe(0);
});
