import { describe, expect, test } from '@jest/globals';
import { readValues } from '../../src/parity/index.js';

/** As toolforge-deploy has it, in the parts that matter. */
const TOOLS = `chartVersion: 0.0.212
config:
  # builder: commented/out:1
  harborUsername: {{ exec "../../helpers/get_secret.sh" (list "harborUsername") }}
  builder: registry.example/toolforge/heroku-builder:24_0.21.8
  runner: registry.example/toolforge/heroku-runner:24_0.21.8
  latestBuilder: "registry.example/toolforge/heroku-builder:24_20260511"   # the newest
  latestRunner: 'registry.example/toolforge/heroku-runner:24_20260511'
  deprecatedBuilder: registry.example/toolforge/heroku-builder:22_20240105
  deprecatedRunner: registry.example/toolforge/heroku-runner:22-cnb # the old one
  deprecatedValidUntil: 2026-04-27

kubeVersion: ">=1.22"
`;

/** `LINE:COLUMN message` of every problem. */
function problemsOf(text: string, channel: 'default' | 'latest' | 'deprecated' = 'default') {
  const read = readValues(text, 'tools.yaml.gotmpl', channel);
  if (!('problems' in read)) return [];
  return read.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe("a deployment's values", () => {
  test.each([
    ['default', '24_0.21.8', '24_0.21.8', undefined],
    ['latest', '24_20260511', '24_20260511', undefined],
    ['deprecated', '22_20240105', '22-cnb', '2026-04-27'],
  ] as const)(
    'have the builder and the runner of the channel %s',
    (channel, builder, run, until) => {
      const read = readValues(TOOLS, 'tools.yaml.gotmpl', channel);
      expect('value' in read && read.value.builder.value).toBe(
        `registry.example/toolforge/heroku-builder:${builder}`,
      );
      expect('value' in read && read.value.runImage.value).toBe(
        `registry.example/toolforge/heroku-runner:${run}`,
      );
      expect('value' in read && read.value.until?.value).toBe(until);
    },
  );

  test('say where each value stands', () => {
    const read = readValues(TOOLS, 'tools.yaml.gotmpl', 'latest');
    expect('value' in read && read.value.builder.at).toEqual({
      file: 'tools.yaml.gotmpl',
      line: 7,
      column: 3,
    });
  });

  test('are read past Windows line ends, comments of the template, and what is repeated', () => {
    const text = `{{- /* builder: a/b:1\n builder: a/b:2 */ -}}\nbuilder: a/b:3\nrunner: a/r:1\nbuilder: a/b:3\n`;
    const read = readValues(text.replaceAll('\n', '\r\n'), 'f', 'default');
    expect('value' in read && read.value.builder).toEqual({
      value: 'a/b:3',
      at: { file: 'f', line: 3, column: 1 },
    });
  });

  test.each<[string, string, string]>([
    ['a key that is missing', 'runner: a/r:1', 'undefined:undefined there is no key "builder"'],
    [
      'a value that the template makes',
      'builder: {{ .Values.builder }}\nrunner: a/r:1',
      '1:1 "builder" cannot be read: it is made by an expression of the template',
    ],
    [
      'a value with a part that the template makes',
      'builder: "a/b:{{ .Values.tag }}"\nrunner: a/r:1',
      '1:1 "builder" cannot be read: it is made by an expression of the template',
    ],
    [
      'a value that the template decides',
      '{{ if eq .Environment.Name "tools" }}\nbuilder: a/b:1\n{{ else }}\nbuilder: a/b:2\n{{ end }}\nrunner: a/r:1',
      '2:1 "builder" cannot be read: it depends on what the template decides in line 1',
    ],
    [
      'two values',
      'builder: a/b:1\nx:\n  builder: a/b:2\nrunner: a/r:1',
      '3:3 "builder" has another value in line 1; which of them is used is not known',
    ],
    [
      'a map',
      'builder:\n  image: a/b:1\nrunner: a/r:1',
      '1:1 "builder" cannot be read: nothing stands behind it on its line',
    ],
    [
      'an alias',
      'builder: *b\nrunner: a/r:1',
      '1:1 "builder" cannot be read: it is not a plain text on one line',
    ],
    [
      'what is no reference',
      'builder: A/B:1\nrunner: a/r:1',
      '1:1 "builder": "A/B:1" is not an image reference: ',
    ],
  ])('have a problem for %s', (_, text, message) => {
    expect(problemsOf(text).join('\n')).toContain(message);
  });

  test.each([
    ['a comment', 'a/b:1 # builder', 'a/b:1'],
    ['a comment behind blanks', 'a/b:1 \t #x', 'a/b:1'],
    ['a sign that is no comment', 'a/b#1', undefined],
    ['quotes', '"a/b:1"', 'a/b:1'],
    ['quotes and a comment', "'a/b:1'   # x", 'a/b:1'],
    ['blanks behind quotes', '"a/b:1"  ', 'a/b:1'],
    ['more behind quotes', '"a/b:1" x', undefined],
    ['quotes that stay open', '"a/b:1', undefined],
    ['a comment alone', '# a/b:1', undefined],
    ['empty quotes', '""', undefined],
  ])('are plain or quoted texts on one line: %s', (_, written, value) => {
    const read = readValues(`builder: ${written}\nrunner: a/r:1\n`, 'f', 'default');
    expect('value' in read ? read.value.builder.value : undefined).toBe(value);
  });

  test.each(['&x a/b', '!x a/b', '| ', '>-', '%x', '@x', '`x`', '[a/b]', '{ a: b }'])(
    'are not read where they are something else of YAML: %s',
    (written) => {
      expect(problemsOf(`builder: ${written}\nrunner: a/r:1\n`)).toEqual([
        '1:1 "builder" cannot be read: it is not a plain text on one line',
      ]);
    },
  );

  test.each([
    ['  "builder" : a/b:1', 4],
    ["  'builder': a/b:1", 4],
    ['builder:\ta/b:1', 1],
  ])('have their keys plain or quoted: %j', (line, column) => {
    const read = readValues(`${line}\nrunner: a/r:1\n`, 'f', 'default');
    expect('value' in read && read.value.builder).toStrictEqual({
      value: 'a/b:1',
      at: { file: 'f', line: 1, column },
    });
  });

  test.each([
    'builder:a/b:1',
    '"builder: a/b:1',
    'x builder: a/b:1',
    '- builder: a/b:1',
    '#builder: a/b:1',
  ])('are not what looks like a key: %j', (line) => {
    expect(problemsOf(`${line}\nrunner: a/r:1\n`)).toEqual([
      'undefined:undefined there is no key "builder"',
    ]);
  });

  test.each(['{{/* builder: a/b:2\n*/}}', '{{- /* builder: a/b:2\n*/ -}}', '{{ /* x */}}\n'])(
    'are not what a comment of the template says: %j',
    (comment) => {
      const read = readValues(`${comment}\nbuilder: a/b:1\nrunner: a/r:1\n`, 'f', 'default');
      expect('value' in read && read.value.builder).toStrictEqual({
        value: 'a/b:1',
        at: { file: 'f', line: 3, column: 1 },
      });
    },
  );

  test.each(['if .x', 'range .x', 'with .x', 'define "x"', 'block "x" .', '- if .x'])(
    'are not known in a {{ %s }}, also behind the end of one inside',
    (action) => {
      const text = `{{${action} }}\n{{ if .y }}{{ end }}\nbuilder: a/b:1\n{{- end }}\nrunner: a/r:1\n`;
      expect(problemsOf(text)).toEqual([
        '3:1 "builder" cannot be read: it depends on what the template decides in line 1',
      ]);
    },
  );

  test('have each of their problems, and none where a value is the same again', () => {
    expect(problemsOf('builder: A B\nrunner: "a/r:"\n').map((one) => one.slice(0, 14))).toEqual([
      '1:1 "builder":',
      '2:1 "runner": ',
    ]);
    expect(problemsOf('')).toEqual([
      'undefined:undefined there is no key "builder"',
      'undefined:undefined there is no key "runner"',
    ]);
    expect(problemsOf('builder: a/b:1\nbuilder: {{ x }}\nrunner: a/r:1\n')).toEqual([
      '2:1 "builder" cannot be read: it is made by an expression of the template',
    ]);
    const until = 'deprecatedBuilder: a/b:1\ndeprecatedRunner: a/r:1\n';
    expect(problemsOf(`${until}deprecatedValidUntil:\n`, 'deprecated')).toEqual([
      '3:1 "deprecatedValidUntil" cannot be read: nothing stands behind it on its line',
    ]);
    expect(readValues(until, 'f', 'deprecated')).toStrictEqual({
      value: {
        builder: { value: 'a/b:1', at: { file: 'f', line: 1, column: 1 } },
        runImage: { value: 'a/r:1', at: { file: 'f', line: 2, column: 1 } },
      },
    });
  });

  test('are known again behind the end of a condition', () => {
    const text = '{{- if .x }}\ny: 1\n{{- end }}\nbuilder: a/b:1\nrunner: {{ if .z }}{{ end }}\n';
    expect(problemsOf(text)).toEqual([
      '5:1 "runner" cannot be read: it is made by an expression of the template',
    ]);
  });

  test('have a problem for an end of the channel that is no day', () => {
    const text = TOOLS.replace('2026-04-27', 'soon');
    expect(problemsOf(text, 'deprecated')).toEqual([
      '11:3 "deprecatedValidUntil": "soon" is not a day; expected the form 2026-04-27',
    ]);
    expect(problemsOf(text, 'latest')).toEqual([]);
  });

  test('are read in time, however they are written', () => {
    const text = `${'builder: '.repeat(1000)}\n${'{{ if '.repeat(20_000)}\n${' '.repeat(500_000)}builder: x`;
    expect(problemsOf(text).length).toBeGreaterThan(0);
  });
});
