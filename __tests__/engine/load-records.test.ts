import { expect, test } from '@jest/globals';
import { makeRecord, readRecords, recordVolume } from '../../src/engine/load-records.js';

const record = { repository: 'https://github.com/acme/a', name: 'a.io/x:1', image: 'sha256:1' };

test('a record is a volume without content, of one name for one record', () => {
  expect(makeRecord(record)).toEqual([
    'volume',
    'create',
    '--label=sea-trial.loaded-by=https://github.com/acme/a',
    '--label=sea-trial.loaded=a.io/x:1',
    '--label=sea-trial.loaded-image=sha256:1',
    recordVolume(record),
  ]);
  expect(recordVolume({ ...record })).toBe(recordVolume(record));
  expect(recordVolume({ ...record, image: 'sha256:2' })).not.toBe(recordVolume(record));
});

test('what the engine lists is read, and what is no record is left out', () => {
  const lines = [
    '["https://github.com/acme/a","a.io/x:1","sha256:1"]',
    '["","a.io/y:1","sha256:2"]',
    '["https://github.com/acme/a","a.io/z:1",""]',
  ];
  expect(readRecords(`${lines.join('\n')}\n`)).toEqual([record]);
  expect(readRecords('')).toEqual([]);
});
