import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CORE_SCHEMA, load } from 'js-yaml';
import { type ImageLock, readLock, writeLock } from '../../src/parity/index.js';
import { imageLock } from './locks.js';

/* The schema for editors against the program's own reader of sea-trial.lock. */

const schema = join(import.meta.dirname, '../../docs/reference/sea-trial-lock.schema.json');
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictTypes: false });
const fits = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));

/** What an editor sees. */
const judged = (text: string) => fits(load(text, { schema: CORE_SCHEMA }));

const written = (more: Partial<ImageLock> = {}) =>
  writeLock(new Map([['web', imageLock(more)]]), undefined);

test.each([
  ['a plain lock', written()],
  [
    'a lock with everything',
    written({
      source: 'tools.yaml.gotmpl',
      channel: 'deprecated',
      until: '2026-04-27',
      injected: ['heroku/deb-packages@0.2.0'],
      process: 'web',
      env: ['BP_ONE'],
      offers: { python: ['3.13', '3.14.1'] },
    }),
  ],
])('%s fits', (_, text) => {
  expect(judged(text)).toBe(true);
});

const change = (from: string | RegExp, to: string) => written().replace(from, to);

test.each([
  ['another version', change('version: 1', 'version: 2')],
  ['a pin without a digest', change(/(builder: heroku\/builder:24)@\S+/, '$1')],
  ['a digest that is none', change(/(linux\/amd64: sha256:)\w+/, '$17')],
  ['a key that there is not', change('lifecycle:', 'lifecylce:')],
  ['no pins', change(/ {4}pins:\n.*\n.*\n/, '')],
  ['a channel that there is not', change('    time:', '    channel: newest\n    time:')],
  ['a list for a text', change('lifecycle: 0.20.7', 'lifecycle: [0.20.7]')],
])('what the program refuses does not fit: %s', (_, text) => {
  expect(text).not.toBe(written());
  expect(readLock(text, 'f')).toHaveProperty('problems');
  expect(judged(text)).toBe(false);
});
