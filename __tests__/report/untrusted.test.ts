import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  code,
  cut,
  fenced,
  lastLines,
  markdown,
  printable,
  shown,
  shownLines,
  tailOf,
} from '../../src/report/untrusted.js';
import { hostile } from './hostile.js';

const UNSEEN = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe('text that somebody else wrote', () => {
  test.each<[string, readonly string[]]>([
    ['plain', ['plain']],
    ['\u001b[1;31mred\u001b[0m', ['red']],
    ['\u001b]0;title\u0007after', ['after']],
    ['\u001b]0;title\nafter', ['', 'after']],
    ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', ['link']],
    ['\u009b31mred', ['red']],
    ['\u001bcreset', ['reset']],
    ['10%\r20%\r\n30%\n', ['10%', '20%', '30%', '']],
    ['a\tb', ['a    b']],
    ['a\u0000b\u0008c', ['a\ufffdb\ufffdc']],
    ['user\u202egnp.exe', ['user\ufffdgnp.exe']],
    ['zero\u200bwidth', ['zero\ufffdwidth']],
    ['half \ud83d', ['half \ufffd']],
    ['whole 🚢 日本', ['whole 🚢 日本']],
  ])('%j is shown as %j', (text, lines) => {
    expect(shownLines(text)).toEqual(lines);
  });

  test.each<[string, string]>([
    ['a | b', 'a &#124; b'],
    ['`x`', '&#96;x&#96;'],
    ['<img src=x onerror=y>', '&#60;img src=x onerror=y&#62;'],
    ['&amp;', '&#38;amp;'],
    ['@acme/team', '&#64;&#8203;acme/team'],
    ['#12', '&#35;&#8203;12'],
    ['see https://example.com', 'see https&#58;//example.com'],
    ['www.example.com', 'www&#46;example.com'],
    ['- item', '&#45; item'],
    ['1. item', '1&#46; item'],
    ['12) item', '12&#41; item'],
    ['12.', '12&#46;'],
    ['+ item', '&#43; item'],
    ['=', '&#61;'],
    ['a - b + c = d', 'a - b + c = d'],
    ['1.5 and 2. in v1.x', '1.5 and 2. in v1.x'],
    ['a 1. b', 'a 1. b'],
    ['a.b', 'a.b'],
    ['  blanks  ', 'blanks'],
    ['@', '&#64;&#8203;'],
    ['**bold**', '&#42;&#42;bold&#42;&#42;'],
    ['linux/arm64 at sea-trial.yml:9', 'linux/arm64 at sea-trial.yml:9'],
  ])('in markdown %j is %j', (text, expected) => {
    expect(markdown(text)).toBe(expected);
  });

  test('code is copied without what keeps mentions apart', () => {
    expect(code('npm i @acme/x')).toBe('<code>npm i &#64;acme/x</code>');
  });

  test('values are cut by characters, not by halves of them', () => {
    expect(cut('🚢🚢🚢', 2)).toBe('🚢…');
    expect(shown('x'.repeat(500))).toHaveLength(300);
    expect([cut('ab', 2), cut('abc', 2), cut('abc', 1), cut('abc', 0)]).toStrictEqual([
      'ab',
      'a…',
      '…',
      '…',
    ]);
  });

  test('one line is shown of several, and several where there is room for them', () => {
    expect(shown('a\nb')).toBe('a b');
    expect(printable('a\r\n\u001b[31mb')).toBe('a\nb');
  });

  test('a fence is longer than every run inside', () => {
    expect(fenced(['a', '````', 'b'], 'text')).toBe('`````text\na\n````\nb\n`````');
    expect(fenced(['a'])).toBe('```\na\n```');
    expect(fenced(['`', '``'])).toBe('```\n`\n``\n```');
  });

  test('the end of a log is its last lines that say something', () => {
    expect(lastLines('\n\none\ntwo\nthree\n\n\n', 2)).toEqual(['two', 'three']);
    expect(lastLines('\n \n', 5)).toEqual([]);
  });

  test.each<[string, string, number, readonly string[], boolean]>([
    ['all of it', 'one\ntwo\n', 2, ['one', 'two'], true],
    ['blank lines do not count', '\n\n  \none  \n\ntwo\n\n', 3, ['one', '', 'two'], true],
    ['less than its lines', 'one\ntwo\nthree\n', 2, ['two', 'three'], false],
    ['a line that is cut', 'a long line', 1, ['a lon…'], false],
    ['a line that just fits', 'a line', 1, ['a line'], true],
    ['what is far from its end', `one${'\n'.repeat(100)}two`, 1, ['two'], false],
    ['nothing', '', 3, [], true],
  ])('the end of a text knows whether it is the whole: %s', (_, text, count, lines, whole) => {
    expect(tailOf(text, count, 6)).toStrictEqual({ lines, whole });
  });

  test('nothing invisible is left, whatever comes in', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(shownLines(text).join('\n')).not.toMatch(UNSEEN);
        expect(shown(text)).not.toMatch(/\n/);
      }),
    );
  });

  test('no markup is left, whatever comes in', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(markdown(text).replace(/&#\d+;/g, '')).not.toMatch(
          /[\\`*_{}[\]()|~^$!<>@#&"']|:\/\//,
        );
        expect(markdown(text)).not.toMatch(/^[-+=\s]|^\d+[.)](\s|$)/);
      }),
    );
  });
});
