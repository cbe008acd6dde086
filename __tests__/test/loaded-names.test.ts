import { describe, expect, test } from '@jest/globals';
import type { LoadRecord } from '../../src/engine/index.js';
import { createLoadedNames } from '../../src/test/loaded-names.js';
import { engineThat } from './engine.js';

const [HERE, ELSEWHERE] = ['https://github.com/acme/a', 'https://github.com/acme/b'];

/** An engine that holds images by their names, and what was recorded of them. */
function holding(images: Readonly<Record<string, string>>, records: readonly LoadRecord[] = []) {
  const held = new Map(Object.entries(images));
  const known = [...records];
  const engine = engineThat({
    imageId: async (name) => held.get(name.replace('docker.io/library/', '')),
    loadRecords: async () => [...known],
    async recordLoad(record) {
      known.push(record);
    },
    async forgetLoad({ name, image }) {
      known.splice(
        known.findIndex((one) => one.name === name && one.image === image),
        1,
      );
    },
  });
  return { engine, held, known };
}

const NAME = 'ghcr.io/acme/a:1';
const record = (more: Partial<LoadRecord> = {}): LoadRecord => ({
  repository: HERE,
  name: NAME,
  image: 'sha256:1',
  ...more,
});

describe('load: true takes no name in the engine from others', () => {
  test.each<[string, Readonly<Record<string, string>>, readonly LoadRecord[], boolean]>([
    ['a name that the engine does not hold', {}, [], false],
    ['one that is held and of which nothing is recorded', { [NAME]: 'sha256:1' }, [], true],
    ['one that this repository loaded', { [NAME]: 'sha256:1' }, [record()], false],
    [
      'one that another repository loaded',
      { [NAME]: 'sha256:1' },
      [record({ repository: ELSEWHERE })],
      true,
    ],
    ['one that was given to another image since', { [NAME]: 'sha256:2' }, [record()], true],
    [
      'one whose image this repository loaded under another name',
      { [NAME]: 'sha256:1' },
      [record({ name: 'ghcr.io/acme/a:2' })],
      true,
    ],
  ])('%s', async (_, images, records, isTaken) => {
    const { engine } = holding(images, records);
    const image = images[NAME] ?? '';
    const expected = isTaken ? [{ name: NAME, image }] : [];
    expect(await createLoadedNames(engine, HERE).taken([NAME])).toEqual(expected);
  });

  test('where no repository is known each name that is held is of others', async () => {
    const { engine } = holding({ [NAME]: 'sha256:1' }, [record()]);
    const names = createLoadedNames(engine, undefined);
    expect(await names.taken([NAME])).toHaveLength(1);
    await names.record([NAME], 'sha256:1');
  });

  test('what is recorded counts for every spelling, and what holds no more is forgotten', async () => {
    const stale = [record({ image: 'sha256:0' }), record({ name: 'docker.io/library/gone:1' })];
    const { engine, held, known } = holding({ 'a:1': 'sha256:5' }, stale);
    const names = createLoadedNames(engine, HERE);
    await names.record(['a:1'], 'sha256:5');
    expect(known).toEqual([record({ name: 'docker.io/library/a:1', image: 'sha256:5' })]);
    expect(await names.taken(['a:1'])).toEqual([]);
    held.set('docker.io/a:1', 'sha256:5');
    expect(await names.taken(['docker.io/a:1'])).toEqual([]);
  });
});
