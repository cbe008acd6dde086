import { describe, expect, test } from '@jest/globals';
import { formats, type TextFormat } from '../../src/document/index.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

/** What each format takes. */
const RIGHT: Readonly<Record<TextFormat, readonly string[]>> = {
  'any-platform': ['linux/arm64', 'arm64', 'windows/amd64', 'linux/arm/v7'],
  buildpack: ['heroku/python@0.25.0', 'a@1'],
  day: ['2026-04-27', '2028-02-29'],
  digest: [DIGEST],
  'creation-time': ['now', '0', '253402300799'],
  duration: ['90s', '5m', '1h30m', '24h', '1ms'],
  filled: ['a', ' a '],
  glob: ['/opt/**'],
  id: ['a', 'A1._:-b', 'x'.repeat(128)],
  pattern: ['^a$'],
  pin: [`heroku/builder:24@${DIGEST}`, `a@${DIGEST}`],
  platform: ['linux/arm64', 'arm64'],
  process: ['web', 'A-1._b'],
  reference: ['busybox', 'ghcr.io/a/b:1', `a/b@${DIGEST}`],
  repository: ['ghcr.io/acme/greeter', 'localhost:5000/a', 'a'],
  tag: ['1.2.3', '_a', 'x'.repeat(128)],
  time: ['2026-04-27T08:30:00Z', '2026-04-27T08:30:00.123Z'],
  variable: ['A_B.c-1', '1'],
  version: ['3', '3.14', '1.2.3.4', '123456789.1'],
};

test.each(
  Object.entries(RIGHT).flatMap(([name, texts]) => texts.map((text) => [name, text] as const)),
)('as %s "%s" is right', (name, text) => {
  expect(formats[name as TextFormat](text)).toBeUndefined();
});

const TAG =
  'is not a tag; allowed are up to 128 letters, digits and "_ . -", not beginning with "." or "-"';

describe('what is wrong with a text is said', () => {
  test.each<[TextFormat, string, string]>([
    [
      'buildpack',
      'a',
      '"a" is not a buildpack with its version; expected the form heroku/python@0.25.0',
    ],
    [
      'buildpack',
      'a@1@2',
      '"a@1@2" is not a buildpack with its version; expected the form heroku/python@0.25.0',
    ],
    [
      'buildpack',
      'a b@1',
      '"a b@1" is not a buildpack with its version; expected the form heroku/python@0.25.0',
    ],
    [
      'buildpack',
      'a@1 2',
      '"a@1 2" is not a buildpack with its version; expected the form heroku/python@0.25.0',
    ],
    [
      'buildpack',
      '@1',
      '"@1" is not a buildpack with its version; expected the form heroku/python@0.25.0',
    ],
    [
      'buildpack',
      'a@',
      '"a@" is not a buildpack with its version; expected the form heroku/python@0.25.0',
    ],
    ['day', '2026-02-30', '"2026-02-30" is not a day; expected the form 2026-04-27'],
    ['day', '2026-4-27', '"2026-4-27" is not a day; expected the form 2026-04-27'],
    ['day', 'x2026-04-27', '"x2026-04-27" is not a day; expected the form 2026-04-27'],
    ['day', '', '"" is not a day; expected the form 2026-04-27'],
    [
      'digest',
      'sha256:a',
      '"sha256:a" is not a digest; expected sha256: and 64 lower-case hex digits',
    ],
    [
      'creation-time',
      '253402300800',
      '"253402300800" is not a time of creation; expected now, or whole seconds since 1970',
    ],
    [
      'creation-time',
      '1234567890123',
      '"1234567890123" is not a time of creation; expected now, or whole seconds since 1970',
    ],
    [
      'creation-time',
      '-1',
      '"-1" is not a time of creation; expected now, or whole seconds since 1970',
    ],
    [
      'creation-time',
      '1s',
      '"1s" is not a time of creation; expected now, or whole seconds since 1970',
    ],
    [
      'creation-time',
      '',
      '"" is not a time of creation; expected now, or whole seconds since 1970',
    ],
    ['duration', '', '"" is not a duration; expected the form 90s, 5m or 1h30m'],
    ['duration', '90', '"90" is not a duration; expected the form 90s, 5m or 1h30m'],
    ['duration', '0s', '"0s" is not a duration; expected the form 90s, 5m or 1h30m'],
    ['duration', '24h1ms', '"24h1ms" is not a duration; expected the form 90s, 5m or 1h30m'],
    ['duration', '5m1h', '"5m1h" is not a duration; expected the form 90s, 5m or 1h30m'],
    ['duration', 'x5m', '"x5m" is not a duration; expected the form 90s, 5m or 1h30m'],
    ['duration', '5mx', '"5mx" is not a duration; expected the form 90s, 5m or 1h30m'],
    ['filled', ' \t', 'the text is empty'],
    [
      'id',
      '.a',
      '".a" is not an id; allowed are letters, digits and ". _ : -", beginning with a letter or digit',
    ],
    [
      'id',
      'a b',
      '"a b" is not an id; allowed are letters, digits and ". _ : -", beginning with a letter or digit',
    ],
    ['process', 'a b', '"a b" is not a process type; allowed are letters, digits and ". _ -"'],
    ['process', '', '"" is not a process type; allowed are letters, digits and ". _ -"'],
    ['time', '2026-04-27', '"2026-04-27" is not a time; expected the form 2026-04-27T08:30:00Z'],
    [
      'time',
      '2026-02-30T08:30:00Z',
      '"2026-02-30T08:30:00Z" is not a time; expected the form 2026-04-27T08:30:00Z',
    ],
    [
      'time',
      '2026-04-27T8:30:00Z',
      '"2026-04-27T8:30:00Z" is not a time; expected the form 2026-04-27T08:30:00Z',
    ],
    [
      'time',
      '2026-04-27T08:30:00.Z',
      '"2026-04-27T08:30:00.Z" is not a time; expected the form 2026-04-27T08:30:00Z',
    ],
    [
      'time',
      '2026-04-27T08:30:00Zx',
      '"2026-04-27T08:30:00Zx" is not a time; expected the form 2026-04-27T08:30:00Z',
    ],
    [
      'variable',
      'a b',
      '"a b" is not the name of a build argument or variable; allowed are letters, digits and "_ . -"',
    ],
    ['version', 'v3', '"v3" is not a version; expected numbers with dots, as 3.14'],
    ['version', '3.', '"3." is not a version; expected numbers with dots, as 3.14'],
    ['version', '1.2.3.4.5', '"1.2.3.4.5" is not a version; expected numbers with dots, as 3.14'],
    ['version', '1234567890', '"1234567890" is not a version; expected numbers with dots, as 3.14'],
    ['pin', 'a/b:1', '"a/b:1" has no digest; expected the form NAME:TAG@sha256:…'],
    [
      'platform',
      'windows/amd64',
      '"windows/amd64": Windows containers are not built; use a platform that begins with linux/',
    ],
    ['platform', 'darwin/arm64', '"darwin/arm64": only images for Linux are built'],
    [
      'platform',
      'linux/amd64, linux/arm64',
      '"linux/amd64, linux/arm64" is several platforms in one text; write a list: [linux/amd64, linux/arm64]',
    ],
    [
      'platform',
      'linux/arm64 arm',
      '"linux/arm64 arm" is several platforms in one text; write a list: [linux/arm64, arm]',
    ],
    ['platform', 'linux/arm65', '"linux/arm65" is not a platform; did you mean linux/arm64?'],
    [
      'platform',
      'what/is/this/now',
      '"what/is/this/now" is not a platform; expected the form linux/arm64',
    ],
    [
      'platform',
      'linux/amd64/v9',
      '"linux/amd64/v9" is not a platform: "v9" is not a variant of amd64; leave it out, or write one that containerd knows',
    ],
    [
      'platform',
      'arm/v6',
      '"arm/v6" is not a platform, which begins with its system; write linux/arm/v6',
    ],
    [
      'platform',
      'arm64/v99',
      '"arm64/v99" is not a platform: "v99" is not a variant of arm64; leave it out, or write one that containerd knows',
    ],
    ['any-platform', 'x', '"x" is not a platform; expected the form linux/arm64'],
    [
      'repository',
      'localhost',
      '"localhost" is a host without a repository; expected the form localhost/acme/greeter (docker reads it as docker.io/library/localhost, which may be written so)',
    ],
    [
      'repository',
      'ghcr.io',
      '"ghcr.io" is a host without a repository; expected the form ghcr.io/acme/greeter (docker reads it as docker.io/library/ghcr.io, which may be written so)',
    ],
    [
      'repository',
      'Acme/greeter',
      'docker reads "Acme" in "Acme/greeter" as a host, since it has upper-case letters; write "acme/greeter"',
    ],
    [
      'repository',
      `a/${'x'.repeat(300)}`,
      `"a/${'x'.repeat(55)}…" is longer than the 255 characters of a repository`,
    ],
    [
      'repository',
      'acme/greeter:1',
      '"acme/greeter:1" names a tag or digest; write the repository here and tags under "tags"',
    ],
    [
      'repository',
      'ghcr.io/Acme/greeter:1',
      '"ghcr.io/Acme/greeter:1" names a tag or digest and has upper-case letters; write the repository here in lower case and tags under "tags"',
    ],
    [
      'repository',
      'acme/greeter:feature/x',
      '"acme/greeter:feature/x" names a tag or digest; a tag has no "/", as "feature/x" has; write the repository here and tags under "tags"',
    ],
    ['repository', 'https://ghcr.io/a', '"https://ghcr.io/a" is an address; leave out https://'],
    ['repository', 'http://ghcr.io/a', '"http://ghcr.io/a" is an address; leave out http://'],
    [
      'repository',
      'https://me:pw@ghcr.io/a',
      '"https://…@ghcr.io/a" is an address; leave out https:// and the user and password',
    ],
    [
      'repository',
      'ghcr.io/Acme',
      '"ghcr.io/Acme" has upper-case letters; repositories must be lower case',
    ],
    ['repository', 'a b', '"a b" is not a repository; expected the form ghcr.io/acme/greeter'],
    ['tag', 'a, b', '"a, b" is several tags in one text; write a list: [a, b]'],
    [
      'tag',
      'feature/x',
      '"feature/x" is not a tag, which has no "/"; for a branch, write "feature-x"; a repository is written under "name"',
    ],
    [
      'tag',
      'ghcr.io/a/b:1',
      '"ghcr.io/a/b:1" is a whole reference, and a tag is only its last part; write "1" here, and the repository, "ghcr.io/a/b", under "name"',
    ],
    [
      'tag',
      `a/b@${DIGEST}`,
      `"a/b@${DIGEST.slice(0, 53)}…" is a whole reference, and a tag is only its last part; leave it out here, and the repository, "a/b", under "name"`,
    ],
    ['tag', '.a', `".a" ${TAG}`],
    ['tag', '-a', `"-a" ${TAG}`],
    ['tag', 'a!', `"a!" ${TAG}`],
    ['tag', 'a! b', `"a! b" ${TAG}`],
    ['tag', 'x'.repeat(129), `"${'x'.repeat(57)}…" ${TAG}`],
  ])('%s: %j', (name, text, message) => {
    expect(formats[name](text)).toBe(message);
  });

  test.each<[TextFormat, string, RegExp]>([
    ['reference', 'A B', /^"A B" is not an image reference: .*[^.]$/],
    ['pin', 'A B', /^"A B" is not an image reference: .*[^.]$/],
    ['pattern', '[', /^"\[" \S/],
    ['glob', '', /^"" \S/],
  ])('%s: %j, in the words of who reads it', (name, text, message) => {
    expect(formats[name](text)).toMatch(message);
  });
});
