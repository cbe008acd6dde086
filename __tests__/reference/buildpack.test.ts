import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  packBuildpack,
  plannedBuildpack,
  plannedVolume,
  readBuildpack,
  readVolume,
  writeBuildpack,
  writeVolume,
} from '../../src/reference/index.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

/** What is written, what it is, and how it is written anew where that is another text. */
const BUILDPACKS: readonly (readonly [string, object, string?])[] = [
  ['from=builder', { from: 'order' }],
  ['urn:cnb:builder:heroku/python', { from: 'builder', id: 'heroku/python' }],
  [
    'from=builder:heroku/python@0.25.0',
    { from: 'builder', id: 'heroku/python', version: '0.25.0' },
    'urn:cnb:builder:heroku/python@0.25.0',
  ],
  // pack would take a folder of this name, or ask the public registry.
  ['heroku/python', { from: 'builder', id: 'heroku/python' }, 'urn:cnb:builder:heroku/python'],
  [
    'samples.buildpacks.io/a/b@1.2.3-rc.1+x',
    { from: 'builder', id: 'samples.buildpacks.io/a/b', version: '1.2.3-rc.1+x' },
    'urn:cnb:builder:samples.buildpacks.io/a/b@1.2.3-rc.1+x',
  ],
  [
    'urn:cnb:registry:heroku/python@1.0.0',
    { from: 'registry', id: 'heroku/python', version: '1.0.0' },
  ],
  ['docker://ghcr.io/acme/bp:1', { from: 'image', reference: 'ghcr.io/acme/bp:1' }],
  ['docker:/acme/bp', { from: 'image', reference: 'acme/bp' }, 'docker://acme/bp'],
  [
    `acme/bp@${DIGEST}`,
    { from: 'image', reference: `acme/bp@${DIGEST}` },
    `docker://acme/bp@${DIGEST}`,
  ],
  ['acme/bp:2', { from: 'image', reference: 'acme/bp:2' }, 'docker://acme/bp:2'],
  ['https://a.example/bp.tgz', { from: 'address', address: 'https://a.example/bp.tgz' }],
  ['http://a.example/bp.tgz', { from: 'address', address: 'http://a.example/bp.tgz' }],
  ['file:///opt/a%20b', { from: 'path', path: '/opt/a b' }, '/opt/a b'],
  ['./bp', { from: 'path', path: './bp' }],
  ['../bp', { from: 'path', path: '../bp' }],
  ['/opt/bp', { from: 'path', path: '/opt/bp' }],
  ['.', { from: 'path', path: '.' }],
  ['dist/bp.cnb', { from: 'path', path: 'dist/bp.cnb' }, './dist/bp.cnb'],
];

describe('a buildpack', () => {
  test.each(BUILDPACKS)('%s is %j', (text, expected, written = text) => {
    const read = readBuildpack(text);
    expect(read).toEqual({ value: expected });
    expect(writeBuildpack(expected as ReturnType<typeof plannedBuildpack>)).toBe(written);
    expect(readBuildpack(written)).toEqual({
      value: { ...expected, ...(written.startsWith('./') ? { path: written } : {}) },
    });
  });

  test.each([
    ['', /^expected an id that the builder has/],
    ['heroku/python,heroku/go', 'it holds a comma, a quote or a line break'],
    ['"heroku/python"', 'it holds a comma, a quote or a line break'],
    ['a\nb', 'it holds a comma, a quote or a line break'],
    ['urn:cnb:builder:a_b', /^expected an id/],
    ['urn:cnb:builder:a@1@2', /^expected an id/],
    ['urn:cnb:registry:python', /NAMESPACE\/NAME/],
    ['urn:cnb:registry:Heroku/Python', /NAMESPACE\/NAME/],
    ['docker://acme/Bp', /repository names are lower-case/],
    ['ftp://a.example/bp.tgz', /^it begins with another scheme than pack reads/],
    ['file://host/bp', /^it begins with another scheme/],
    ['xfile:///bp', /^it begins with another scheme/],
    ['xhttps://a.example/bp.tgz', /^it begins with another scheme/],
    ['https://', /^it begins with another scheme/],
    // A line break of Unicode's.
    ['file:///a\u2028b', /^it begins with another scheme/],
    ['file:///a%zz', 'its "%" is not followed by two hex digits'],
    ['a b', /^expected an id/],
    ['./..%2fx', 'its path holds a "%", which pack reads as the beginning of another character'],
    ['file:///a:/b', 'its path holds ":/", which makes it an address to pack'],
    ['file:///a%2541', /^its path holds a "%"/],
  ])('%j cannot be read', (text, fault) => {
    expect(readBuildpack(text)).toEqual({
      fault: typeof fault === 'string' ? fault : expect.stringMatching(fault),
    });
  });

  test.each([
    ['docker://ghcr.io/acme/bp:1', 'docker://ghcr.io/acme/bp:1'],
    [`docker://127.0.0.1:5000/a/bp@${DIGEST}`, `127.0.0.1:5000/a/bp@${DIGEST}`],
    ['r.example:5000/bp', 'r.example:5000/bp'],
    ['a/b', 'urn:cnb:builder:a/b'],
  ])('%s is given to pack as %s', (text, given) => {
    const read = readBuildpack(text);
    expect('value' in read && packBuildpack(read.value)).toBe(given);
  });

  test('of a plan is one that can be read', () => {
    expect(plannedBuildpack('urn:cnb:builder:a/b')).toEqual({ from: 'builder', id: 'a/b' });
    expect(() => plannedBuildpack('a,b')).toThrow('the plan holds a buildpack');
  });
});

describe('a volume', () => {
  test.each([
    ['/a:/b', { source: '/a', target: '/b', writable: false }, '/a:/b:ro'],
    ['./a:/b:rw', { source: './a', target: '/b', writable: true }, './a:/b:rw'],
    ['cache:/b/:ro', { source: 'cache', target: '/b', writable: false }, 'cache:/b:ro'],
    ['..:/x/../b', { source: '..', target: '/b', writable: false }, '..:/b:ro'],
  ])('%s is %j', (text, expected, written) => {
    expect(readVolume(text)).toEqual({ value: expected });
    expect(writeVolume(expected)).toBe(written);
    expect(plannedVolume(written)).toEqual(expected);
  });

  test.each([
    ['/a', /^expected HOST:CONTAINER/],
    [':/a', /^expected HOST:CONTAINER/],
    ['/a:/b:ro:z', /^expected HOST:CONTAINER/],
    ['/a:/b:z', '"z" is neither ro nor rw'],
    ['a/b:/c', '"a/b" is not the name of a volume; a folder begins with "./" or "/"'],
    ['~/a:/c', /is not the name of a volume/],
    ['/a:b', '"b" is not an absolute path'],
    ['/a:/', 'nothing may lie over the whole container'],
    ['/a:/x/..', 'nothing may lie over the whole container'],
    ['/a:/cnb', /^nothing may lie over \/cnb: /],
    ['/a:/x/../CNB/lifecycle', /^nothing may lie over \/cnb: /],
    ['/a:/layers/x', /^nothing may lie over \/layers: /],
    ['/a://platform//bindings', /^nothing may lie over \/platform: use "env" and "bindings"/],
    ['/a:/workspace', /^nothing may lie over \/workspace: /],
  ])('%s cannot be read', (text, fault) => {
    expect(readVolume(text)).toEqual({
      fault: typeof fault === 'string' ? fault : expect.stringMatching(fault),
    });
  });

  test('beside what the lifecycle holds is one', () => {
    expect(readVolume('/a:/cnb2')).toHaveProperty('value');
    expect(() => plannedVolume('/a')).toThrow('the plan holds a volume');
  });
});

/** Texts that have much of what these forms are made of. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'urn:cnb:',
        'builder:',
        'registry:',
        'from=builder',
        'docker:/',
        '/',
        ':',
        '@',
      ),
      fc.constantFrom('..', '.', 'file://', 'https://', 'a', 'b/c', '1.2.3', 'cnb', 'rw', '%2f'),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

test('what is written of a buildpack is read as the same one, whatever it came from', () => {
  fc.assert(
    fc.property(text, (any) => {
      const read = readBuildpack(any);
      if ('fault' in read) return;
      const written = writeBuildpack(read.value);
      const again = plannedBuildpack(written);
      expect(writeBuildpack(again)).toBe(written);
      expect(again.from).toBe(read.value.from);
    }),
    { numRuns: 2000 },
  );
});

test('a volume that can be read lies over nothing of the lifecycle, and is read again as the same', () => {
  fc.assert(
    fc.property(text, text, (from, to) => {
      const read = readVolume(`/${from}:/${to}`);
      if ('fault' in read) return;
      expect(plannedVolume(writeVolume(read.value))).toEqual(read.value);
      expect(read.value.target).not.toMatch(
        /^\/(cnb|layers|platform|workspace)(\/|$)|\/\.\.?(\/|$)|^\/$/i,
      );
    }),
    { numRuns: 2000 },
  );
});
