import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

/*
 * The table of old and new names is a list of the page's generator; what it says of
 * version 2 is held against the schema, and the changelog has the same rows.
 */

const page = readFileSync('docs/reference/evidence.md', 'utf8');
const rows = [...page.matchAll(/^\| `([^`]+)` \| `([^`]+)` \|$/gm)].map(
  ([, before = '', now = '']) => [before, now] as const,
);

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly string[];
}

const schema: Schema = JSON.parse(readFileSync('docs/reference/evidence.schema.json', 'utf8'));

/** Whether the schema has `trials[].built`, or a value of it behind a colon. */
function has(path: string): boolean {
  const [keys = '', value] = path.split(/: |, /);
  let here: Schema | undefined = schema;
  for (const key of keys.split('.')) {
    here = here?.properties?.[key.replace('[]', '')];
    if (key.endsWith('[]')) here = here?.items;
  }
  return here !== undefined && (!path.includes(': ') || here.enum?.includes(value ?? '') === true);
}

test('every new name is in the schema, and no old one', () => {
  expect(rows.length).toBeGreaterThan(5);
  for (const [before, now] of rows)
    expect([before, has(before), now, has(now)]).toEqual([before, false, now, true]);
});

test('the changelog has the same table', () => {
  const changes = readFileSync('CHANGELOG.md', 'utf8');
  for (const [before, now] of rows) expect(changes).toContain(`| \`${before}\` | \`${now}\` |`);
});
