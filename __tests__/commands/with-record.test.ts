import { afterEach, expect, test } from '@jest/globals';
import { withRecord } from '../../src/commands/with-record.js';
import { type Ports, realPorts } from '../../src/ports/index.js';

const real = realPorts();
const folders: string[] = [];

afterEach(async () => {
  for (const one of folders.splice(0)) await real.files.remove(one);
});

test.each<[string, Partial<Ports['files']>]>([
  ['removed', { remove: () => Promise.reject(new Error('EBUSY')) }],
  ['read', { remove: () => Promise.reject(new Error('EBUSY')), list: () => Promise.reject() }],
])('what was learned is kept where the record cannot be %s', async (_, faults) => {
  const state = await real.files.makeTemporary('sea-trial-recorded-');
  folders.push(state);
  const ports: Ports = {
    ...real,
    env: { PATH: real.env.PATH, XDG_STATE_HOME: state, TMPDIR: state },
    files: { ...real.files, ...faults },
  };
  const { signal } = new AbortController();
  const value = await withRecord(
    { run: 'test-1', ports, screen: { say: () => {} }, signal },
    async () => ({
      value: 'learned',
      tidy: true,
    }),
  );
  expect(value).toBe('learned');
});
