import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRedactor, redacted } from '../../src/evidence/index.js';

function knowing(...secrets: readonly string[]) {
  const redactor = createRedactor();
  for (const secret of secrets) redactor.learn(secret);
  return redactor;
}

/** What comes out when a text is cut into pieces at these places. */
function chunkWriter(text: string, cuts: readonly number[], ...secrets: readonly string[]): string {
  const pieces = knowing(...secrets).pieces();
  const places = [0, ...[...cuts].sort((a, b) => a - b), text.length];
  const said = places.slice(1).map((end, at) => pieces.push(text.slice(places[at], end)));
  return said.join('') + pieces.end();
}

describe('secrets in a text', () => {
  test.each([
    ['the word is hunter2-and-more.', ['hunter2-and-more'], 'the word is ***.'],
    ['twice: hunter2-a, hunter2-a', ['hunter2-a'], 'twice: ***, ***'],
    ['short ones stay: hunter2', ['hunter2'], 'short ones stay: hunter2'],
    ['the longer first: 12345678-9', ['12345678', '12345678-9'], 'the longer first: ***'],
    ['neither: 1234567', ['12345678', ''], 'neither: 1234567'],
    ['one\n  line-two-here\nx', ['one\n  line-two-here\r\nthree'], 'one\n  ***\nx'],
    ['\u001b[1mghp_\u001b[m\u001b[Kabcdef\u001b[m!', ['ghp_abcdef'], '\u001b[1m***\u001b[m!'],
    ['a-sec\u001bret-word', ['a-secet-word'], '***'],
    ['\u001b]0;a-secret-word\u0007', ['a-secret-word'], '\u001b]0;***\u0007'],
    ['a-sec\u009b31mret-word', ['a-secret-word'], '***'],
    ['a-sec\u001b[mret-word-more!', ['a-secret-word', 'a-secret-word-more'], '***!'],
    ['line-two-here', ['one\r  line-two-here  \rthree'], '***'],
  ])('%j without %j', (text, secrets, expected) => {
    expect(knowing(...secrets).text(text)).toBe(expected);
  });

  test('that lost its beginning is not recognised, and so not shown', () => {
    const redactor = knowing('a-secret-word');
    expect(redactor.text('cret-word, then more words', true)).toBe('en more words');
    expect(knowing().text('cret-word', true)).toBe('cret-word');
  });

  test('are found wherever the text is cut into pieces', () => {
    const secrets = ['a-secret-word', 'a-secret-word-and-more', 'ret-word-of-another'];
    const text = 'is a-secret-word a-secret-word-and-more a-secret ret-word-of-another a-sec';
    const whole = knowing(...secrets).text(text);
    expect(whole).toBe('is *** *** a-secret *** a-sec');
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
        expect(chunkWriter(text, cuts, ...secrets)).toBe(whole);
      }),
    );
  });

  test('are found wherever it is cut, with colours in them', () => {
    const text =
      '\u001b[1ma-sec\u001b[01;31m\u001b[Kret-wo\u001b[m\u001b]0;title\u0007rd a-\u001b[1m';
    const whole = knowing('a-secret-word').text(text);
    expect(whole).toBe('\u001b[1m*** a-\u001b[1m');
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
        expect(chunkWriter(text, cuts, 'a-secret-word')).toBe(whole);
      }),
    );
  });

  test('are found around an escape sequence of any length', () => {
    const [head, tail] = ['a-sec', 'ret-word'];
    for (const length of [3000, 300_000]) {
      const pieces = knowing('a-secret-word').pieces();
      const written = [head, '\u001b]0;', ...Array(10).fill('x'.repeat(length / 10)), '\u0007'];
      const said = [...written, tail, '\n'].map((piece) => pieces.push(piece));
      expect(said.join('') + pieces.end()).toBe('***\n');
    }
  });

  test.each([0, 1])('of 64 KiB that are kept back, and %d more, the colours', (more) => {
    const pieces = knowing('a-secret-word').pieces();
    const title = `\u001b]0;${'x'.repeat(64 * 1024 - 10 + more)}\u0007`;
    expect(pieces.push(`a-sec${title}`)).toBe('');
    expect(pieces.push('X') + pieces.end()).toBe(more === 0 ? `a-sec${title}X` : 'a-secX');
    expect(pieces.end()).toBe('');
  });

  test.each([
    ['\u001b[', '0'.repeat(100_000), 'm'],
    ['\u001b]', 'x'.repeat(100_000), '\u001b\\'],
    ['\u001bP', 'x'.repeat(100_000), '\u001b', '\\'],
    ['\u001b', '('.repeat(100_000), 'B'],
  ])('long sequences end where short ones do: %j', (...sequence) => {
    const pieces = knowing('a-secret-word').pieces();
    const said = ['is a-sec', ...sequence, 'ret-word'].map((piece) => pieces.push(piece));
    expect(said.join('') + pieces.end()).toBe('is ***');
  });

  test('a sequence that has no end ends with its line', () => {
    const pieces = knowing('a-secret-word').pieces();
    expect(pieces.push('is a\u001b]0;title\nand more\n')).toBe('is a\u001b]0;title\nand more\n');
  });

  test('a text of many sequences that have no end is got through', () => {
    const text = 'a\u001b]'.repeat(1_000_000);
    expect(knowing('a-secret-word').text(text)).toBe(text);
  });

  test('nothing is kept back that cannot become a secret', () => {
    const pieces = knowing('a-secret-word').pieces();
    expect(pieces.push('a line\n')).toBe('a line\n');
    expect(pieces.push('7 TESTS')).toBe('7 TESTS');
    expect(pieces.push('progress: 5%')).toBe('progress: 5%');
    expect(pieces.push(' of a-s')).toBe(' of ');
    expect(pieces.push('o')).toBe('a-so');
    const more = knowing('Secret-word', 'Secret-word').pieces();
    expect(more.push('S')).toBe('');
    expect(more.push('t')).toBe('St');
  });
});

test('all texts of a document are without them', () => {
  const redactor = knowing('a-secret-word');
  const document = { a: ['is a-secret-word', 7, null], b: { c: true, d: 'words' } };
  expect(redacted(document, redactor)).toEqual({
    a: ['is ***', 7, null],
    b: { c: true, d: 'words' },
  });
});
