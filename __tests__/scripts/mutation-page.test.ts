import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from './shell.js';

interface RoomScore {
  readonly date: string;
  readonly mutants: number;
  readonly tested: number;
  readonly killed: number;
  readonly survived: number;
  readonly noCoverage: number;
  readonly score: number;
}

interface Page {
  overall(rooms: Readonly<Record<string, RoomScore>>): number | undefined;
  page(
    rooms: Readonly<Record<string, RoomScore>>,
    equivalents: readonly object[],
    names: readonly string[],
  ): string;
}

const { overall, page } = (await import(join(ROOT, 'scripts/mutation/page.mjs'))) as Page;

const room = (mutants: number, score: number): RoomScore => ({
  date: '2026-11-30',
  mutants,
  tested: 10,
  killed: 9,
  survived: 1,
  noCoverage: 0,
  score,
});

test('the score over all rooms weighs each by its number of changes, and no part of a room twice', () => {
  expect(overall({ oci: room(300, 100), report: room(100, 60) })).toBe(90);
  expect(overall({ oci: room(300, 100), 'oci/tar': room(9000, 1) })).toBe(100);
  expect(overall({})).toBeUndefined();
});

test('the page has the score over all rooms, and names the rooms that have none', () => {
  const rooms = { oci: room(300, 100), report: room(100, 60), verify: room(400, 95) };
  expect(page(rooms, [], ['oci', 'report', 'verify'])).toContain('Over all of `src`: **92.5 %**');
  expect(page(rooms, [], ['oci', 'report', 'verify'])).not.toContain('Not measured yet');
  expect(page(rooms, [], ['oci', 'plan', 'ports'])).toContain('Not measured yet: plan, ports.');
  expect(page({}, [], ['oci'])).toContain('No room has been measured yet.');
});

test('docs/mutation.md is made of docs/mutation.json', () => {
  const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
  const { rooms } = JSON.parse(read('docs/mutation.json')) as { rooms: Record<string, RoomScore> };
  const [tables = ''] = page(rooms, [], []).split('## Changes that no test can notice');
  const rows = tables.split('\n').filter((line) => /^\| .* %/.test(line));
  expect(rows).toHaveLength(Object.keys(rooms).length);
  const written = read('docs/mutation.md');
  for (const row of rows) expect(written).toContain(row);
});
