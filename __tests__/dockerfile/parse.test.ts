// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDockerfile, resolve, stagesOf, syntaxOf } from '../../src/dockerfile/index.js';

/** `LINE KEYWORD`, and how many here-documents it has. */
function read(...lines: readonly string[]): readonly string[] {
  return parseDockerfile(lines.join('\n')).instructions.map(
    ({ line, keyword, heredocs }) =>
      `${line} ${keyword}${heredocs.length === 0 ? '' : ` <<${heredocs.length}`}`,
  );
}

describe('here-documents begin where BuildKit lets them begin', () => {
  test.each([
    ['RUN <<E'],
    ['RUN 3<<E'],
    ['RUN cat <<-E'],
    ['RUN cat << E'],
    ["RUN cat <<'E'"],
    ['RUN cat <<"E"'],
    ['RUN cat <<E|sh', 'E|sh'],
    ['COPY <<E /x'],
    ['COPY <<$E /x', '$E'],
    ['ADD <<E /x'],
    ['run <<E'],
    ['ONBUILD RUN <<E'],
    ['RUN a ${b:-<<c} <<E'],
    ['RUN <<E <<-'],
    ['RUN --mount=type=cache,target=/c <<E'],
    ['RUN \\\n<<E', 'E'],
    ['RUN <<one\\ two', 'one two'],
    ['RUN <<"E\\"F"', 'E"F'],
    ['RUN <<"E\\F"', 'E\\F'],
    ['RUN echo ${a/"b"/c} <<E'],
    ['RUN echo ${a//"b"/c} <<E'],
    ['RUN echo ${a#"b"} <<E'],
    ['RUN echo $1 $@ $$ <<E'],
    ['RUN echo "$a" <<E'],
  ])('%s', (line, end = 'E') => {
    const behind = line.split('\n').length + 4;
    expect(read('FROM a', line, 'FROM b', end, 'FROM c')).toEqual([
      '1 FROM',
      expect.stringMatching(/^2 \w+ <<1$/),
      `${behind} FROM`,
    ]);
  });

  test.each([
    ['RUN echo "see <<E"'],
    ["RUN echo 'see <<E'"],
    ['RUN echo "<<E"'],
    ['RUN echo \\<<E'],
    ['RUN a<<E'],
    ['RUN cat <<<E'],
    ['RUN echo $((1<<E))'],
    ['RUN ["cat", "<<E"]'],
    ['COPY ["<<E", "/x"]'],
    ['RUN echo "a <<E'],
    ['RUN echo ${a[0]} <<E'],
    ['RUN <<${a:-E}'],
    ['RUN echo ${a/b/c}<<E'],
    ['RUN echo ${a:-b}<<E'],
    ['RUN echo $a<<E'],
    ['RUN echo "$a"<<E'],
    ['RUN echo ${a <<E'],
    ['RUN echo ${a} ${:b} <<E'],
    ['RUN echo ${a:#b} <<E'],
    ['RUN echo ${a!b} <<E'],
    ['USER <<E'],
    ['ENV A=1 <<E'],
    ['ONBUILD USER <<E'],
    ['RUN cat <<'],
    ['RUN cat <<-'],
    ['RUN cat <<- E'],
  ])('%s asks for none', (line) => {
    expect(read('FROM a', line, 'FROM b', 'E', 'FROM c')).toEqual([
      '1 FROM',
      expect.stringMatching(/^2 \w+$/),
      '3 FROM',
      '4 E',
      '5 FROM',
    ]);
  });

  test('several follow one another, and tabs before an end count but for <<-', () => {
    expect(read('RUN <<A <<-B', 'FROM x', 'A', '\tB', 'RUN <<A', '\tA', 'A', 'FROM y')).toEqual([
      '1 RUN <<2',
      '5 RUN <<1',
      '8 FROM',
    ]);
  });

  test('one without an end is none, as for older builders', () => {
    expect(read('RUN echo $((1 << 3))', 'FROM b')).toEqual(['1 RUN', '2 FROM']);
  });
});

test.each<[string, readonly string[], readonly string[]]>([
  ['a comment', ['# FROM a', '  # FROM b', 'FROM c'], ['3 FROM']],
  ['a line that goes on', ['RUN a \\', 'FROM b', 'FROM c'], ['1 RUN', '3 FROM']],
  ['a line that goes on behind a comment', ['RUN a \\', '# x', '', 'FROM b'], ['1 RUN']],
  ['a backslash before another', ['RUN a \\\\', 'FROM b'], ['1 RUN', '2 FROM']],
  ['white space behind a backslash', ['RUN a \\ \t', 'FROM b'], ['1 RUN']],
  ['a backslash in a comment', ['# a \\', 'FROM b'], ['2 FROM']],
  ['a line that is a backslash', ['\\', 'FROM b'], ['1 FROM']],
  ['a keyword over two lines', ['FR\\', 'OM b'], ['1 FROM']],
  ['another escape', ['# escape=`', 'RUN a \\', 'FROM b `', 'FROM c'], ['2 RUN', '3 FROM']],
  [
    'an escape behind other directives',
    ['#syntax=a', ' # Escape = `', 'FROM b `', 'x'],
    ['3 FROM'],
  ],
  ['an escape that comes too late', ['', '# escape=`', 'FROM b `', 'x'], ['3 FROM', '4 X']],
  ['a mark of the byte order', ['\uFEFFFROM a'], ['1 FROM']],
  [
    'carriage returns',
    ['FROM a\r', 'RUN b \\\r', 'FROM c\r', 'FROM d'],
    ['1 FROM', '2 RUN', '4 FROM'],
  ],
  ['other white space', ['\u00a0FROM\u00a0a', '\tFROM\ta'], ['1 FROM\u00a0A', '2 FROM']],
])('%s is read as BuildKit reads it', (_, lines, expected) => {
  expect(read(...lines)).toEqual(expected);
});

test.each<[string, string]>([
  ['FROM a', 'a'],
  ['FROM "a"', 'a'],
  ["FROM 'a'", 'a'],
  ['FROM a\\:1', 'a:1'],
  ["ARG V='$X'\nFROM a:\\$V$V", 'a:$V$X'],
  ['ARG V="1" W=2\nFROM a:$V.${W}', 'a:1.2'],
  ['ARG V=a\\:1\nFROM $V', 'a:1'],
  ['ARG V=x\\ W=2\nFROM a:$W', 'a:$W'],
  ['ARG V="x W=1" W=2\nFROM a:$W', 'a:2'],
  ['ARG V="x\\" W=1" W=2\nFROM a:$W', 'a:2'],
  ["ARG V='x\\' W=2\nFROM a:$W", 'a:2'],
  ["ARG V='x \"' W=2\nFROM a:$W", 'a:2'],
  ['ARG   V=1  \t W=2  \nFROM a:$V$W', 'a:12'],
  ['ARG V=1=2\nFROM a:$V', 'a:1=2'],
  ['ARG V\nFROM a:$V', 'a:$V'],
  ['ARG V=1\nFROM a:${N:-${V}}${V:+x}${V+y}${N-z}', 'a:1xyz'],
  ['ARG V=\nFROM a:${V:-1}${V-2}', 'a:1'],
  ['ARG V=1\nARG V\nFROM a:$V', 'a:1'],
  ['ARG V=1\nFROM --platform=x a:$V AS b', 'a:1'],
  ['FROM -- a', 'a'],
])('%j starts from %s', (text, from) => {
  expect(stagesOf(text, { args: {}, contexts: [] }).map((stage) => stage.from)).toEqual([from]);
});

test.each<[string, string | undefined, string | undefined]>([
  ['FROM a AS b', 'b', undefined],
  ['from a as B', 'b', undefined],
  ['FROM --platform=$P a AS b', 'b', '$P'],
  ['FROM --platform= a AS b', 'b', undefined],
  ['FROM --other=x a', undefined, undefined],
  ['FROM a has b', undefined, undefined],
  ['FROM a asp b', undefined, undefined],
  ['FROM a AS', undefined, undefined],
  ['FROM a', undefined, undefined],
])('%j names its stage %s, for the platform %s', (text, name, platform) => {
  const [stage] = stagesOf(text, { args: {}, contexts: [] });
  expect([stage?.name, stage?.platform]).toStrictEqual([name, platform]);
});

test.each([
  'a:$V',
  'a:${V}',
  'a:${V#x}',
  'a:${V%x}',
  'a:${V/x/y}',
  'a:${V:?}',
  '"a',
  'a${',
  'a${}',
])('what %s is, is known to the build alone', (text) => {
  expect(resolve(text, new Map(), '\\')).toEqual({ text, unresolved: true });
});

test.each<[string, string, boolean]>([
  ['${V}', '1', false],
  ['$V$W', '1', false],
  ['${N}', '${N}', true],
  ['$N-${V}', '$N-1', true],
  ['${V:-x}${W:-x}${N:-x}', '1xx', false],
  ['${V-x}${W-x}${N-x}', '1x', false],
  ['${V:+x}${W:+x}${N:+x}', 'x', false],
  ['${V+x}${W+x}${N+x}', 'xx', false],
  ['${V:?x}${W?x}', '1', false],
  ['${W:?x}', '${W:?x}', true],
  ['${N?x}', '${N?x}', true],
  ['${V:-$N}', '1', false],
  ['${N:-$N}', '$N', true],
  ['${V:+$N}', '$N', true],
  ['${N:+$N}', '', false],
  ['${O}', 'a${X}', true],
  ['$O', 'a${X}', true],
  ['${O:-x}', '${O:-x}', true],
  ['$P', '$P', true],
  ['${V#x}', '${V#x}', true],
  ['${V/1/2}', '${V/1/2}', true],
  ['${V//1/2}', '${V//1/2}', true],
  ["'$V'", '$V', false],
  ['"$V \\" \\$V \\a"', '1 " $V \\a', false],
  ['\\$V', '$V', false],
  ['a\\', 'a', false],
  ['$', '$', false],
  ['$ V', '$ V', false],
  ['a$%', 'a$%', false],
  ['$1', '$1', true],
  ['<a', '<a', false],
  ['\uFEFF$V', '1', false],
])('%j is %j before the build, not known there: %s', (text, expected, unresolved) => {
  const values = new Map<string, string | { open?: string }>([
    ['V', '1'],
    ['W', ''],
    ['O', { open: 'a${X}' }],
    ['P', {}],
  ]);
  expect(resolve(text, values, '\\')).toStrictEqual({ text: expected, unresolved });
});

test('a text as long as a reference may be is looked into, and no longer one', () => {
  const values = new Map([['V', 'x']]);
  const long = (length: number) => '${V}'.padEnd(length, 'y');
  expect(resolve(long(4096), values, '\\')).toStrictEqual({
    text: long(4096).replace('${V}', 'x'),
    unresolved: false,
  });
  expect(resolve(long(4097), values, '\\')).toStrictEqual({
    text: long(4097).slice(0, 4096),
    unresolved: true,
  });
  const much = new Map([['V', 'z'.repeat(4096)]]);
  expect(resolve('$V', much, '\\')).toStrictEqual({ text: 'z'.repeat(4096), unresolved: false });
  expect(resolve('a$V', much, '\\')).toStrictEqual({
    text: `a${'z'.repeat(4095)}`,
    unresolved: true,
  });
});

test.each<[string, readonly string[], string]>([
  ['RUN x y', [], 'x y'],
  [
    'RUN --network=none  --mount=type=cache,target=/c  x',
    ['--network=none', '--mount=type=cache,target=/c'],
    'x',
  ],
  ['RUN --a="b c" x', ['--a=b c'], 'x'],
  ["RUN --a='b \" c' x", ['--a=b " c'], 'x'],
  ['RUN --a=b\\ c x', ['--a=b c'], 'x'],
  ['RUN -- --a x', [], '--a x'],
  ['RUN --a -- --b', ['--a'], '--b'],
  ['RUN --a', ['--a'], ''],
  ['RUN --', [], ''],
  ['RUN --é=ü x', ['--é=ü'], 'x'],
  ['RUN "" --a', [], '"" --a'],
  ['RUN', [], ''],
])('%j has the flags %j and the text %j', (line, flags, text) => {
  const [instruction] = parseDockerfile(line).instructions;
  expect([instruction?.flags, instruction?.text]).toStrictEqual([flags, text]);
});

test.each<[string, string | undefined, string]>([
  ['ONBUILD RUN --mount=type=secret,id=a make', 'RUN', 'make'],
  ['onbuild copy a b', 'COPY', 'a b'],
])('%j asks for %s', (line, keyword, text) => {
  const [instruction] = parseDockerfile(line).instructions;
  expect([instruction?.trigger?.keyword, instruction?.trigger?.text]).toEqual([keyword, text]);
});

test.each(['ONBUILD', 'RUN x'])('%j asks for nothing of others', (line) => {
  expect(parseDockerfile(line).instructions[0]).not.toHaveProperty('trigger');
});

test('the texts of here-documents are what stands in their lines', () => {
  const text = 'RUN <<A <<-B\n one\r\n\nA\r\n\ttwo\n\t\tB\nFROM a';
  const [run] = parseDockerfile(text).instructions;
  expect(run?.heredocs).toStrictEqual([' one\r\n\n', '\ttwo\n']);
});

test('of very many here-documents without an end only some are looked for', () => {
  const open = (times: number) => Array.from({ length: times }, () => 'RUN <<E');
  const count = (times: number) =>
    parseDockerfile([...open(times), 'RUN <<F', 'FROM a', 'F'].join('\n')).instructions.length;
  expect(count(99)).toBe(100);
  expect(count(100)).toBe(103);
});

test('values that double with every argument stay short', () => {
  const lines = Array.from({ length: 60 }, (_, i) => `ARG A${i + 1}=$A${i}$A${i}`);
  const [stage] = stagesOf(['ARG A0=aaaa', ...lines, 'FROM $A60'].join('\n'), {
    args: {},
    contexts: [],
  });
  expect(stage?.from.length).toBeLessThanOrEqual(4096);
});

test('a stage whose name is that of a build context has no lines of its own', () => {
  const text = 'FROM a AS One\nRUN x\nFROM one\nRUN y';
  const stages = stagesOf(text, { args: {}, contexts: ['one'] });
  expect(stages.map(({ from, steps }) => [from, steps.length])).toEqual([
    ['one', 0],
    ['one', 1],
  ]);
});

test.each<[string, { reference: string; line: number } | undefined]>([
  ['FROM a', undefined],
  ['# syntax=a/b:1 more\nFROM a', { reference: 'a/b:1', line: 1 }],
  ['\uFEFF#SYNTAX = a/b:1\r\nFROM a', { reference: 'a/b:1', line: 1 }],
  ['# escape=`\n# syntax=a/b\n', { reference: 'a/b', line: 2 }],
  ['#!/usr/bin/x\n# syntax=a/b\n', { reference: 'a/b', line: 2 }],
  ['// syntax=a/b\n', { reference: 'a/b', line: 1 }],
  ['{ "syntax": "a/b" }', { reference: 'a/b', line: 1 }],
  ['{ "syntax": 1 }', undefined],
  [' # syntax=a/b', undefined],
  ['\n# syntax=a/b', undefined],
  ['# a\n# syntax=a/b', undefined],
])('the syntax of %j', (text, expected) => {
  expect(syntaxOf(text)).toEqual(expected);
});

test('whatever a text is, it is read to its end, and keywords end where they are', () => {
  const part = fc.constantFrom(
    ...[
      'FROM ',
      'RUN ',
      'ONBUILD ',
      '<<',
      '-',
      'E',
      '"',
      "'",
      '\\',
      '`',
      '\n',
      '\r\n',
      '#',
      '$',
      '{',
    ],
    ...['# escape=`\n', '}', ':-', '\t', '\u00a0', '\uFEFF', 'é', '[', ']', '--x='],
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const text = parts.join('');
      const lines = text.split('\n');
      for (const { keyword, line, keywordEnd } of parseDockerfile(text).instructions) {
        expect(lines[line - 1]).toBeDefined();
        const before = lines[keywordEnd.line]?.slice(0, keywordEnd.column) ?? '';
        const last = keyword.at(-1)?.toLowerCase() ?? '';
        expect(before.toLowerCase().endsWith(last)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test('no depth of variables stops the reading', () => {
  const deep = `RUN ${'${a:-'.repeat(20_000)}`;
  expect(read('FROM a', deep, 'FROM b')).toEqual(['1 FROM', '2 RUN', '3 FROM']);
});

test.each<[string, (many: string) => string]>([
  ['carriage returns', (many) => `RUN a${many.replaceAll(' ', '\r')}b`],
  ['blanks behind an escape sign', (many) => `RUN a\\${many}b`],
  ['blanks', (many) => `RUN a${many}b`],
  ['blanks in a directive', (many) => `# syntax=a${many}b`],
  ['tabs of a here-document', (many) => `RUN <<${many.replaceAll(' ', '\t')}x<`],
  ['carriage returns in a here-document', (many) => `RUN <<x\n${many.replaceAll(' ', '\r')}b\nx`],
])('a line with very many %s is read to its end', (_, line) => {
  const { instructions } = parseDockerfile(`${line(' '.repeat(900_000))}\nFROM a\n`);
  expect(instructions.at(-1)?.keyword).toBe('FROM');
});
