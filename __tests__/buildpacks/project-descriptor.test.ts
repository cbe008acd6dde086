import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readProjectDescriptor, writeProjectDescriptor } from '../../src/buildpacks/index.js';

const HEAD = '[_]\nschema-version = "0.2"\n';

function read(text: string) {
  const found = readProjectDescriptor(text);
  if ('faults' in found) throw new Error(JSON.stringify(found.faults));
  return found.value;
}

function faults(text: string): readonly string[] {
  const found = readProjectDescriptor(text);
  if (!('faults' in found)) return [];
  return found.faults.map(({ line, column, message }) =>
    [[line, column].filter((part) => part !== undefined).join(':'), message].join(' ').trim(),
  );
}

describe('a project descriptor', () => {
  test('of which everything that a build needs is read, with its lines', () => {
    const text = `${HEAD}
[io.buildpacks]
builder = "heroku/builder:24"
exclude = ["node_modules/", "*.log"]

[[io.buildpacks.group]]
id = "heroku/python"
version = "0.25.0"

[[io.buildpacks.group]]
uri = "docker://ghcr.io/acme/bp"

[[io.buildpacks.pre.group]]
uri = "ci/apt"

[[io.buildpacks.post.group]]
id = "heroku/procfile"

[[io.buildpacks.build.env]]
name = "A"
value = "1"
`;
    expect(read(text)).toStrictEqual({
      builder: 'heroku/builder:24',
      exclude: ['node_modules/', '*.log'],
      group: [
        { line: 9, source: { from: 'builder', id: 'heroku/python', version: '0.25.0' } },
        { line: 13, source: { from: 'image', reference: 'ghcr.io/acme/bp' } },
      ],
      pre: [{ line: 16, source: { from: 'path', path: './ci/apt' } }],
      post: [{ line: 19, source: { from: 'builder', id: 'heroku/procfile' } }],
      env: [{ line: 22, name: 'A', value: '1' }],
    });
  });

  test.each([
    ['schema 0.3', '[_]\nschema-version = "0.3"\n[io.buildpacks]\ninclude = ["a"]\n'],
    [
      'Windows line ends and a byte order mark',
      `\ufeff${HEAD}[io.buildpacks]\ninclude = ["a"]\n`.replaceAll('\n', '\r\n'),
    ],
    [
      'a key twice, of which pack takes that in small letters',
      `${HEAD}[io.buildpacks]\nInclude = ["b"]\ninclude = ["a"]\nINCLUDE = ["c"]\n`,
    ],
    ['keys in capitals, which pack takes too', `${HEAD}[IO.Buildpacks]\nInclude = ["a"]\n`],
    [
      'what it does not know',
      `${HEAD}big = 9999999999999999999\nday = 2020-01-01\n[io.buildpacks]\ninclude = ["a"]\nmore = 1\n`,
    ],
  ])('may have %s', (_, text) => {
    expect(read(text)).toStrictEqual({ include: ['a'], group: [], pre: [], post: [], env: [] });
  });

  test('may have variables under their old name', () => {
    const text = `${HEAD}[[io.buildpacks.env.build]]\nname = "A"\nvalue = ""\n`;
    expect(read(text).env).toStrictEqual([{ line: 4, name: 'A', value: '' }]);
  });

  test('may say nothing', () => {
    expect(read(HEAD)).toStrictEqual({ group: [], pre: [], post: [], env: [] });
  });

  const group = (...lines: readonly string[]) =>
    [`${HEAD}[[io.buildpacks.group]]`, ...lines].join('\n');

  test.each([
    ['a = ', '1:5 it is not TOML: '],
    [`${HEAD}a = 1\na = 2\n`, '4:'],
    [
      '[project]\nname = "x"\n',
      'it has no schema-version, which means 0.1, which is not read; write schema-version = "0.2" under [_]',
    ],
    ['', 'it has no schema-version'],
    ['[_]\nschema-version = "0.1"\n', '2 it is of schema 0.1, which is not read'],
    ['[_]\nschema-version = "0.4"\n', '2 its schema-version is not known; there are: 0.2, 0.3'],
    ['[_]\nschema-version = 0.2\n', '2 its schema-version is not known'],
    [`${HEAD}[io.buildpacks]\nexclude = "a"\n`, '4 io.buildpacks.exclude is "a", expected Array'],
    [
      `${HEAD}[io.buildpacks]\nexclude = ["a", 1]\n`,
      '4 io.buildpacks.exclude[1] is 1, expected string',
    ],
    [
      `${HEAD}[io.buildpacks]\nexclude = ["a"]\ninclude = ["b"]\n`,
      '5 it has both include and exclude; keep one',
    ],
    [group('version = "1.2.3"'), 'a buildpack in it has neither id nor uri'],
    [
      group('uri = "./a"', 'version = "1"'),
      '4 the buildpack "./a" has a uri and a version; keep one of them',
    ],
    [group('id = "a/b@1@2"'), '4 the buildpack "a/b@1@2" cannot be read: expected an id'],
    [
      group('uri = "ftp://a/b"'),
      '4 the buildpack "ftp://a/b" cannot be read: it begins with another scheme',
    ],
    [
      group('id = "a/b"', '[io.buildpacks.group.script]', 'api = "0.10"', 'inline = "touch x"'),
      '4 the buildpack "a/b" is a script in it, which is not built',
    ],
    [
      `${HEAD}[[io.buildpacks.build.env]]\nname = "A"\n`,
      'io.buildpacks.build.env[0].value is undefined, expected',
    ],
  ])('that is wrong: %j', (text, start) => {
    const [first = '', ...more] = faults(text);
    expect(first.startsWith(start) ? start : first).toBe(start);
    expect(more).toStrictEqual([]);
  });

  test.each(['a.', 'io.buildpacks.'])('is read where a key has thousands of parts: %s', (part) => {
    const key = part.repeat(20_000);
    expect(read(`${HEAD}${key}b = 1\n`).group).toStrictEqual([]);
    expect(read(`${HEAD}[${key}b]\n`).group).toStrictEqual([]);
  });

  test('shows none of its text where it is not TOML', () => {
    const [fault = ''] = faults('root:x:0:0:secret\n');
    expect(fault).toMatch(/^1:\d+ it is not TOML/);
    expect(fault).not.toContain('secret');
  });
});

test('a descriptor that is written says which files are built, and nothing else', () => {
  const nothing = { group: [], pre: [], post: [], env: [] };
  expect(read(writeProjectDescriptor({}))).toStrictEqual(nothing);
  const exclude = ['a "b"', '#c', 'd\n[x]'];
  expect(read(writeProjectDescriptor({ exclude }))).toStrictEqual({ ...nothing, exclude });
  expect(read(writeProjectDescriptor({ include: ['a'] }))).toStrictEqual({
    ...nothing,
    include: ['a'],
  });
});

test('whatever a descriptor holds, it is read or there are faults', () => {
  const line = fc.constantFrom(
    ...['[_]', 'schema-version = "0.2"', '[io.buildpacks]', '[[io.buildpacks.group]]', 'id = "a"'],
    ...['uri = "%"', 'exclude = [[1]]', '[io]', 'buildpacks = 1', '[__proto__]', 'a.b = {}', '"'],
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 8 }), (lines) => {
      const found = readProjectDescriptor(['[_]', 'schema-version = "0.2"', ...lines].join('\n'));
      expect('value' in found || found.faults.length > 0).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
