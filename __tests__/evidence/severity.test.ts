import { describe, expect, test } from '@jest/globals';
import { isCode } from '../../src/evidence/catalogue.js';
import { diskFault } from '../../src/evidence/disk-fault.js';
import { withoutEscapes } from '../../src/evidence/escapes.js';
import { applySeverities, type Finding, finding, type Severity } from '../../src/evidence/index.js';
import { aboutOf, isHeld, isOfProof, severityOf } from '../../src/evidence/severity.js';

describe('what a code is about, and whether a configuration can lower it', () => {
  test.each([
    ['test-failed', 'image', false, false],
    ['tree-differs', 'image', false, false],
    ['served-other', 'image', true, true],
    ['tested-other-bytes', 'image', true, true],
    ['engine-failed', 'environment', false, true],
    ['registry-failed', 'environment', false, true],
    // What another version may write, and what every object has.
    ['of-another-version', 'image', false, false],
    ['toString', 'image', false, false],
  ])('%s: %s, of the proof chain %s, held %s', (code, about, isProof, held) => {
    expect([aboutOf(code), isOfProof(code), isHeld(code)]).toEqual([about, isProof, held]);
  });

  test('a code is one of the catalogue', () => {
    expect(['test-failed', 'nothing', 'constructor'].map(isCode)).toEqual([true, false, false]);
  });

  test.each<[string, Severity, Severity | 'off' | undefined, Severity | 'off']>([
    ['test-failed', 'error', undefined, 'error'],
    ['test-failed', 'error', 'warning', 'warning'],
    ['test-failed', 'error', 'off', 'off'],
    ['tree-differs', 'note', 'error', 'error'],
    ['served-other', 'error', 'warning', 'error'],
    ['served-other', 'error', 'off', 'error'],
    ['engine-failed', 'warning', 'note', 'warning'],
    ['engine-failed', 'warning', 'warning', 'warning'],
    ['engine-failed', 'warning', 'error', 'error'],
    ['registry-failed', 'note', 'off', 'note'],
  ])('%s as %s, configured as %s, is %s', (code, from, asked, expected) => {
    const severities = asked === undefined ? {} : { [code]: asked };
    expect(severityOf({ severities }, code, from)).toBe(expected);
  });

  test('what no configuration names is as it was found', () => {
    expect(severityOf({ severities: {} }, 'toString', 'note')).toBe('note');
  });

  test('findings have the severities of the configuration, and those that are off are left out', () => {
    const findings: readonly Finding[] = [
      finding('test-failed', { test: 'a' }, 'a'),
      finding('tree-differs', {}, 'b'),
      finding('served-other', {}, 'c'),
    ];
    const severities = { 'test-failed': 'off', 'tree-differs': 'error' } as const;
    expect(applySeverities({ severities }, findings)).toEqual([
      { ...findings[1], severity: 'error' },
      findings[2],
    ]);
  });
});

test.each([
  ['ENOSPC', /^the disk is full; free some space, or set TMPDIR to a folder on another disk$/],
  ['EDQUOT', /^your disk quota is used up; free some space, or set TMPDIR to another disk$/],
  ['EROFS', /^the disk cannot be written to; set TMPDIR to a folder on another one$/],
  ['EIO', /^the disk failed to read or write$/],
])('a disk that fails with %s is told with what to do', (code, words) => {
  expect(diskFault(code)).toMatch(words);
});

test.each(['ENOENT', '', undefined])('%s is no fault of a disk', (code) => {
  expect(diskFault(code)).toBeUndefined();
});

test.each([
  ['plain', 'plain'],
  ['\u001b[1mbold\u001b[0m', 'bold'],
  ['\u009b31mred', 'red'],
  ['\u001b]0;title\u0007x', 'x'],
  ['\u001b]0;title\u001b\\x', 'x'],
  ['\u001b]0;no end\nx', '\nx'],
  ['\u001b(Bx', 'x'],
  // What may go on behind the end stays as far as is needed to know how.
  ['x\u001b[31', 'x\u001b['],
  ['x\u009b3', 'x\u009b'],
  ['x\u001b]0;title', 'x\u001b]'],
  ['x\u001b]0;title\u001b', 'x\u001b]\u001b'],
  ['x\u001b', 'x\u001b'],
  ['x\u001b((', 'x\u001b('],
])('without its escape sequences %j is %j', (text, expected) => {
  expect(withoutEscapes(text)).toBe(expected);
});
