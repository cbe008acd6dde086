import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Cache,
  isTrue,
  plannedCache,
  readCaches,
  readOption,
  readSecret,
  readSsh,
  writeCache,
  writeOption,
  writeSecret,
  writeSsh,
} from '../../src/reference/index.js';
import { READ, REFUSED, WRONG } from './entries.js';

const flat = ({ type, attributes }: Cache) => Object.fromEntries([['type', type], ...attributes]);

describe('an entry read in two ways: caches', () => {
  test.each(READ)('%j is read as buildx reads it', (text, expected) => {
    const read = readCaches(text);
    if ('fault' in read) throw new Error(read.fault);
    expect(read.value.map(flat)).toEqual(expected);
    // What is handed on is what was judged.
    expect(read.value.map(writeCache).map(plannedCache)).toEqual(read.value);
  });

  test.each([...REFUSED, ...WRONG])('%j is refused', (text, fault) => {
    expect(readCaches(text)).toEqual({ fault });
  });

  test('whatever is read is written so that it is read again, as one and the same', () => {
    const piece = fc.constantFrom(
      'type',
      'gha',
      'ref',
      '=',
      ',',
      '"',
      '""',
      ' ',
      'a/b',
      'TYPE',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const read = readCaches(pieces.join(''));
        if ('fault' in read) return;
        for (const cache of read.value)
          expect(readCaches(writeCache(cache))).toEqual({ value: [cache] });
      }),
      { numRuns: 2000 },
    );
  });

  test('values of any kind survive, white space at their ends too', () => {
    const value = fc.string({ unit: 'binary' }).filter((one) => !/[\r\n]/.test(one));
    fc.assert(
      fc.property(value, (scope) => {
        const cache = { type: 'gha', attributes: new Map([['scope', scope]]) };
        expect(readCaches(writeCache(cache))).toEqual({ value: [cache] });
      }),
    );
  });

  test.each([
    ['true', true],
    ['1', true],
    ['T', true],
    ['yes', false],
    [undefined, false],
    ['tRUE', false],
  ])('%s is yes: %s', (text, expected) => {
    expect(isTrue(text)).toBe(expected);
  });
});

test('a cache of a plan that cannot be read is no plan of ours', () => {
  expect(plannedCache('type=gha')).toMatchObject({ type: 'gha' });
  for (const text of ['', 'type=gha,"']) {
    expect(() => plannedCache(text)).toThrow('the plan holds a cache that cannot be read');
  }
});

describe('an entry read in two ways: secrets', () => {
  test.each([
    ['token', { id: 'token' }],
    ['"a,b"', { id: 'a,b' }],
    ['id=a,env=A', { id: 'a', env: 'A' }],
    ['ID=a,Env=A', { id: 'a', env: 'A' }],
    ['id=a,src=x', { id: 'a', file: 'x' }],
    ['id=a,source=x', { id: 'a', file: 'x' }],
    ['id=a,file=x', { id: 'a', file: 'x' }],
    ['"id=a","src=x,y"', { id: 'a', file: 'x,y' }],
    ['type=env,id=a,src=A', { id: 'a', env: 'A' }],
    ['type=env,id=a,env=A', { id: 'a', env: 'A' }],
    ['type=file,id=a,src=x', { id: 'a', file: 'x' }],
  ])('%s', (text, value) => {
    expect(readSecret(text)).toEqual({ value });
  });

  const form = 'expected an id, or id=ID,env=NAME, or id=ID,src=PATH';
  test.each([
    ['env=A', form],
    ['id=,env=A', form],
    ['id=a,env=', form],
    ['id=a,src=', form],
    ['id=a,ID=b', 'it names "id" twice; keep one of them'],
    ['id=a,"src=x",src=/etc/shadow', 'it names "src" twice; keep one of them'],
    ['id=a,src=x,source=y', 'it names "src" and "source"; keep one of them'],
    ['id=a,type=raw,src=x', 'its type is neither env nor file'],
    ['id=a,uid=0', `"uid" is not known in it; ${form}`],
    [
      'npm=hunter2',
      "a secret's value stays out of what names it; write id=npm,env=VARIABLE, or id=npm,src=PATH",
    ],
    ['a,b', 'its part 1 is not NAME=VALUE'],
    ['id=a,"src=x"y', expect.stringMatching(/^its quotes/)],
    ['id=a\n,env=A', 'it holds a line break'],
  ])('%s is refused', (text, fault) => {
    expect(readSecret(text)).toEqual({ fault });
  });

  test('are written so that buildx reads the same', () => {
    expect(writeSecret({ id: 'a', env: 'A' })).toBe('id=a,env=A');
    expect(writeSecret({ id: 'a"b', file: '/x,y' })).toBe('"id=a""b","src=/x,y"');
  });
});

describe('an entry read in two ways: SSH and driver options', () => {
  test.each([
    ['default', { id: 'default', paths: [] }],
    ['key=id_rsa', { id: 'key', paths: ['id_rsa'] }],
    ['key=a,b', { id: 'key', paths: ['a', 'b'] }],
    ['key=a=b', { id: 'key', paths: ['a=b'] }],
  ])('%s', (text, value) => {
    expect(readSsh(text)).toEqual({ value });
    expect(readSsh(` ${text}\n`)).toEqual({ value });
    expect(writeSsh(value)).toBe(text);
  });

  test.each(['', '=x', 'key=', 'key=a,', 'a b', 'a,b=x', '"key=a"', 'key=a\nb'])(
    '%j is refused',
    (text) => {
      expect(readSsh(text)).toEqual({ fault: 'expected ID, or ID=PATH, or ID=PATH,PATH' });
    },
  );

  test.each([
    ['network=host', { name: 'network', value: 'host' }, 'network=host'],
    ['env.NO_PROXY=a,b', { name: 'env.NO_PROXY', value: 'a,b' }, '"env.NO_PROXY=a,b"'],
    ['nodeselector=a=b', { name: 'nodeselector', value: 'a=b' }, 'nodeselector=a=b'],
    ['image=x,network=host', { name: 'image', value: 'x,network=host' }, '"image=x,network=host"'],
  ])('the option %s', (text, value, written) => {
    expect(readOption(text)).toEqual({ value });
    expect(writeOption(value)).toBe(written);
  });

  test.each(['network', '=host', '=host=x', ''])('%j is no option', (text) => {
    expect(readOption(text)).toEqual({ fault: 'it is not NAME=VALUE' });
  });
});
