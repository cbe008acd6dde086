import { expect, test } from '@jest/globals';
import { cleanRun } from '../../src/cleanup/clean-run.js';
import { createUndo, type Made, removeIfPulled } from '../../src/cleanup/index.js';
import { openRecord, recordOf } from '../../src/cleanup/run-record.js';
import { type Engine, EngineError } from '../../src/engine/index.js';
import { removers } from '../../src/environment/removers.js';
import { type Machine, machine } from './machine.js';
import { recordInMemory } from './record-in-memory.js';

/** Pulls `busybox:1`, which the engine has or not, and tidies up; `fails` is the engine's error then. */
async function pulled({
  names,
  fails,
  endpoint,
}: {
  readonly names?: readonly string[];
  readonly fails?: Error;
  readonly endpoint?: string;
}) {
  const noted: Made[] = [];
  const removed: string[] = [];
  const undo = createUndo();
  const engine = {
    names: async () => names,
    async removeImage(image: string) {
      removed.push(image);
      if (fails !== undefined) throw fails;
    },
  } as unknown as Engine;
  const record = recordInMemory('local-00000001', noted);
  const { ports } = machine();
  await removeIfPulled({ image: 'busybox:1', endpoint }, { engine, ports, record, undo });
  expect(removed).toEqual([]);
  const error = await undo.run().catch((problem: unknown) => problem);
  return { noted, removed, error };
}

test('an image that was not there is noted before it is pulled, and removed at the end', async () => {
  expect(await pulled({})).toEqual({
    noted: [{ image: 'busybox:1' }, { unneeded: 'busybox:1' }],
    removed: ['busybox:1'],
    error: undefined,
  });
  expect((await pulled({ endpoint: 'far' })).noted).toEqual([
    { image: 'busybox:1', endpoint: 'far' },
    { unneeded: 'busybox:1', endpoint: 'far' },
  ]);
});

test('an image that was there stays, whatever it is called there', async () => {
  const nothing = { noted: [], removed: [], error: undefined };
  expect(await pulled({ names: ['busybox:1'] })).toEqual(nothing);
  expect(await pulled({ names: [] })).toEqual(nothing);
});

test.each([
  ['stays where others use it by then', 'conflict: container c1 is using its image', true],
  ['stays where a container is being made of it', 'image is being used by running c1', true],
  ['is a problem where it cannot be removed', 'no daemon', false],
])('an image that was pulled %s', async (_, said, isFine) => {
  const fails = new EngineError('failed', 'docker image rm failed', said);
  expect((await pulled({ fails })).error).toBe(isFine ? undefined : fails);
});

test('a fault of ours is no answer of the engine', async () => {
  const fails = new TypeError('it is being used');
  expect((await pulled({ fails })).error).toBe(fails);
});

/** Runs beside each other on an engine that holds nothing at first. */
function runs(asked: Machine = { state: 'running' }) {
  const { ports, commands } = machine(asked);
  const held = new Set<string>();
  const engine = {
    names: async (image: string) => (held.has(image) ? [image] : undefined),
    removeImage: async (image: string) => void held.delete(image),
  } as unknown as Engine;
  /** Begins a run that needs these images; answers how it ends. */
  const begin = async (run: string, images: readonly string[], env = ports.env) => {
    const own = { ...ports, env };
    const record = await openRecord(run, own);
    const undo = createUndo();
    for (const image of images) {
      await removeIfPulled({ image }, { engine, ports: own, record, undo });
      held.add(image);
    }
    return async () => {
      await undo.run();
      await record.close();
    };
  };
  return { ports, commands, held, begin };
}

const ONE = 'local-00000001';
const TWO = 'local-00000002';

test('an image that one run pulled and another needs goes with the last of them', async () => {
  const { held, begin } = runs();
  const one = await begin(ONE, ['builder:1', 'own:1']);
  const two = await begin(TWO, ['builder:1']);
  await one();
  expect([...held]).toEqual(['builder:1']);
  await two();
  expect([...held]).toEqual([]);
});

test('runs that end together leave nothing to each other', async () => {
  const { held, begin } = runs();
  const ends = [await begin(ONE, ['builder:1']), await begin(TWO, ['builder:1'])];
  await Promise.all(ends.map((end) => end()));
  expect([...held]).toEqual([]);
});

test('an image of the user, or of another engine, is not shared by runs', async () => {
  const { held, begin, ports } = runs();
  held.add('builder:1');
  const one = await begin(ONE, ['builder:1']);
  await (await begin(TWO, ['builder:1']))();
  await one();
  expect([...held]).toEqual(['builder:1']);
  held.clear();
  const here = await begin(ONE, ['builder:1']);
  await begin(TWO, ['builder:1'], { ...ports.env, DOCKER_HOST: 'unix:///other.sock' });
  await here();
  expect([...held]).toEqual([]);
});

test('what a killed run pulled goes with the run that found it there', async () => {
  const asked: Machine = { state: 'gone' };
  const { held, begin, ports, commands } = runs(asked);
  await begin(ONE, ['builder:1']);
  const two = await begin(TWO, ['builder:1']);
  asked.state = 'running';
  const killed = await recordOf(ONE, ports);
  if (killed === undefined) throw new Error('there is no record');
  await cleanRun({ ...killed, made: [{ answered: '28' }, ...killed.made] }, ports, removers);
  expect(commands.filter((line) => line.includes('image rm'))).toEqual([]);
  await two();
  expect([...held]).toEqual([]);
});
