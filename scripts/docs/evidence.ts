import { readFileSync, writeFileSync } from 'node:fs';
import { toJsonSchema } from '@valibot/to-json-schema';
import { evidence, schema as model } from './sources.ts';

/*
 * Writes docs/reference/evidence.schema.json from the model whose types the program
 * has. With --check it changes nothing and fails where the file differs.
 */

const file = new URL('../../docs/reference/evidence.schema.json', import.meta.url);

const { $schema, ...body } = toJsonSchema(model.evidence, { target: 'draft-2020-12' });
const schema = {
  $schema,
  $id: `urn:${evidence.EVIDENCE_SCHEMA.replaceAll('/', ':')}`,
  title: 'Sea Trial evidence',
  description:
    'What one run learned. Digests are whole, sizes are bytes, durations are milliseconds, times are UTC.',
  ...body,
};
const text = `${JSON.stringify(schema, undefined, 2)}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== text) {
    console.error(
      'docs/reference/evidence.schema.json is not what src/evidence/schema.ts says; run node scripts/docs/evidence.ts',
    );
    process.exitCode = 1;
  }
} else writeFileSync(file, text);
