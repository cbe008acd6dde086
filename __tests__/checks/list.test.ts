import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { CHECKS } from '../../src/checks/index.js';

/** Codes that are judged where a tag is looked at, before there is anything to walk. */
const BEFORE_A_WRITE = ['platform-lost', 'tag-exists'];

test('every code that a check can give stands in the list, and no other', () => {
  const folder = 'src/checks';
  const text = readdirSync(folder)
    .filter((file) => file !== 'list.ts')
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  const written = [...text.matchAll(/\b(?:finding|write)\(\s*'([a-z-]+)'/g)].map(
    ([, code]) => code,
  );
  // What `compareServed` finds has its code already.
  const compared = readFileSync('src/evidence/served.ts', 'utf8').matchAll(
    /'(served-[a-z]+|digest-[a-z]+)'/g,
  );
  const given = new Set([...written, ...[...compared].map(([, code]) => code)]);
  const listed = Object.values(CHECKS).flatMap((list) =>
    (list as readonly { readonly codes: readonly string[] }[]).flatMap(({ codes }) => codes),
  );
  expect([...given].sort()).toEqual([...new Set([...listed, ...BEFORE_A_WRITE])].sort());
});
