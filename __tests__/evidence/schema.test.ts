import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'valibot';
import { writeEvidence } from '../../src/evidence/index.js';
import { evidence as schema } from '../../src/evidence/schema.js';
import { files } from '../../src/ports/files.js';
import { evidenceOf, failedOnS390x, fleet } from './sample.js';

const directory = await files.makeTemporary('sea-trial-evidence-');
afterAll(() => files.remove(directory));

test('evidence on disk comes back as it was written', async () => {
  const path = join(directory, 'evidence.json');
  for (const evidence of [evidenceOf(), failedOnS390x(), fleet()]) {
    await writeEvidence(files, path, evidence);
    const read = JSON.parse((await files.read(path)).toString());
    expect([read, parse(schema, read)]).toEqual([evidence, evidence]);
  }
  expect(await files.list(directory)).toEqual(['evidence.json']);
});

test('the published JSON Schema takes what is written and refuses what is not evidence', async () => {
  const text = await readFile(
    new URL('../../docs/reference/evidence.schema.json', import.meta.url),
    'utf8',
  );
  const validate = new Ajv2020({ strict: true, validateFormats: false }).compile(JSON.parse(text));
  for (const evidence of [evidenceOf(), failedOnS390x(), fleet()]) {
    expect({ ok: validate(evidence), errors: validate.errors }).toEqual({ ok: true, errors: null });
  }
  expect(validate({ ...evidenceOf(), schema: 'sea-trial/evidence/1' })).toBe(false);
  expect(validate({ ...evidenceOf(), trials: [{}] })).toBe(false);
});
