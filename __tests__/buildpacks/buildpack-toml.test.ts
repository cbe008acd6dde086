import { expect, test } from '@jest/globals';
import { readBuildpackToml } from '../../src/buildpacks/index.js';

const UNNAMED = 'its buildpack.toml has no id and version';
const ODD =
  'the id or the version in its buildpack.toml is none of a buildpack: they have letters, digits and ". -", an id "/" and a version "+ _", too';

test('a buildpack.toml says what its buildpack is', () => {
  const text = 'api = "0.10"\n[buildpack]\nid = "acme/apt"\nversion = "1.2+3_4"\nname = "apt"\n';
  expect(readBuildpackToml(text)).toStrictEqual({
    value: { id: 'acme/apt', version: '1.2+3_4' },
  });
});

test.each([
  ['', UNNAMED],
  ['buildpack = 1', UNNAMED],
  ['buildpack = "acme/apt"', UNNAMED],
  ['[[buildpack]]\nid = "a"\nversion = "1"', UNNAMED],
  ['[buildpack]\nid = "a"', UNNAMED],
  ['[buildpack]\nversion = "1"', UNNAMED],
  ['[buildpack]\nid = "a"\nversion = 1', UNNAMED],
  ['[buildpack]\nid = 1\nversion = "1"', UNNAMED],
  ['[buildpack]\nid = "a b"\nversion = "1"', ODD],
  ['[buildpack]\nid = "a"\nversion = "1/2"', ODD],
  ['[buildpack]\nid = ""\nversion = "1"', ODD],
])('a buildpack.toml %j does not say it', (text, fault) => {
  expect(readBuildpackToml(text)).toStrictEqual({ fault });
});

test('a buildpack.toml that is no TOML is said in one line', () => {
  const read = readBuildpackToml('[buildpack]\nid = \n');
  expect('fault' in read && read.fault).toMatch(/^its buildpack\.toml is not TOML \([^\n]+\)$/);
});
