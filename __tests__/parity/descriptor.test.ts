import { describe, expect, test } from '@jest/globals';
import { readDescriptor } from '../../src/parity/index.js';

const whole = `[_]
schema-version = "0.2"
[io.buildpacks]
builder = "heroku/builder:24"
[[io.buildpacks.group]]
id = "heroku/python"
version = "0.25.0"
[[io.buildpacks.group]]
uri = "docker://acme/buildpack"
`;

describe('a project descriptor', () => {
  test('has the builder, and the buildpacks that it names by version', () => {
    expect(readDescriptor(whole, 'project.toml')).toEqual({
      value: { builder: 'heroku/builder:24', buildpacks: ['heroku/python@0.25.0'] },
    });
  });

  const head = '[_]\nschema-version = "0.2"\n[io.buildpacks]\n';

  test.each([
    ['no TOML', 'a = \n', { line: 1, message: /^it is not TOML: / }],
    ['no builder', head, { message: /^it names no builder/ }],
    ['schema 0.1', '[build]\nbuilder = "a"\n', { message: /means 0\.1/ }],
    ['a builder that is no text', `${head}builder = 1\n`, { message: /expected string/ }],
    [
      'a builder that is no reference',
      `${head}builder = "A B"\n`,
      { message: /is not an image reference/ },
    ],
  ])('with %s is a problem', (_, text, { message, ...place }) => {
    expect(readDescriptor(text, 'project.toml')).toEqual({
      problems: [
        expect.objectContaining({
          file: 'project.toml',
          message: expect.stringMatching(message),
          ...place,
        }),
      ],
    });
  });
});
