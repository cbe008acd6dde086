import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { configuration, grants, type Shape } from '../../src/config/index.js';
import {
  ATTESTATION_ATTRIBUTES,
  CACHE_ATTRIBUTES,
  SECRET_ATTRIBUTES,
} from '../../src/reference/index.js';

/*
 * Everything that a configuration file can say has a row in SECURITY.md. A new key
 * `foreign` of an image: write `images.foreign` into the first column of a row.
 */

/** Keys of a shape as `MAP.KEY`, those of the file itself as `KEY`. */
function keysOf(shape: Shape, map = ''): readonly string[] {
  switch (shape.kind) {
    case 'list':
    case 'table':
      return keysOf(shape.of, map);
    case 'map':
      return Object.entries(shape.keys).flatMap(([key, rule]) => {
        if ('refused' in rule) return [];
        return [map === '' ? key : `${map}.${key}`, ...keysOf(rule.shape, key)];
      });
    default:
      return [];
  }
}

function attributesOf(table: Readonly<Record<string, readonly string[]>>): readonly string[] {
  return Object.entries(table).flatMap(([type, names]) => names.map((name) => `${type}.${name}`));
}

const SAID = [
  ...keysOf(configuration),
  ...attributesOf(CACHE_ATTRIBUTES),
  ...attributesOf(ATTESTATION_ATTRIBUTES),
  ...attributesOf({ secret: SECRET_ATTRIBUTES }),
];

/** `{a,b}.{c,d}` as the names that it stands for. */
function expand(text: string): readonly string[] {
  const [whole = '', list = ''] = /\{([^}]*)\}/.exec(text) ?? [];
  if (whole === '') return [text];
  return list.split(',').flatMap((one) => expand(text.replace(whole, one)));
}

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', 'SECURITY.md'), 'utf8');
const [, SECTION = ''] = PAGE.split('\n## What a configuration file can say\n');
const ROWS = SECTION.split('\n## ')[0]
  ?.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

function names(cell = ''): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, name = '']) => expand(name));
}

test("the guide's chapter on caches names every attribute", () => {
  const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'guide.md'), 'utf8');
  const [, chapter = ''] = guide.split('\n## Cache\n');
  const rows = chapter
    .split('\n## ')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('|'));
  const named = (rows ?? []).flatMap((row) => names(row));
  const attributes = Object.entries(CACHE_ATTRIBUTES).flatMap(([type, some]) => [type, ...some]);
  expect(attributes.filter((name) => !named.includes(name))).toEqual([]);
});

describe('everything that a configuration file can say', () => {
  test('has a row, and every row is about something that can be said', () => {
    const rows = (ROWS ?? []).flatMap(([, first]) => names(first));
    expect(rows.filter((name) => !SAID.includes(name))).toEqual([]);
    expect(SAID.filter((name) => !rows.includes(name))).toEqual([]);
    expect(rows.filter((name, at) => rows.indexOf(name) !== at)).toEqual([]);
  });

  test('each says what it could reach and what guards it', () => {
    for (const row of ROWS ?? []) {
      expect(row).toHaveLength(5);
      expect(row.slice(1, 4).filter((cell) => cell === '')).toEqual([]);
    }
  });

  test('every grant guards something there', () => {
    const guards = (ROWS ?? []).map(([, , , guard]) => guard).join('\n');
    const unnamed = [...grants.keys()].filter((name) => !guards.includes(`\`${name}\``));
    expect(unnamed).toEqual([]);
  });
});
