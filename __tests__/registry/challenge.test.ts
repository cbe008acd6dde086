import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseChallenge } from '../../src/registry/challenge.js';

const bearer = (realm: string, service?: string, scope?: string) => ({
  scheme: 'bearer',
  realm,
  service,
  scope,
});

test.each<[string | undefined, unknown]>([
  ['Basic realm="x"', { scheme: 'basic' }],
  ['basic', { scheme: 'basic' }],
  [
    'Bearer realm="https://auth.example/token",service="reg",scope="repository:a/b:pull,push"',
    bearer('https://auth.example/token', 'reg', 'repository:a/b:pull,push'),
  ],
  ['bearer realm = "https://a/t" , service = reg', bearer('https://a/t', 'reg')],
  ['Bearer scope="s", realm="https://a/\\"q\\""', bearer('https://a/"q"', undefined, 's')],
  ['Basic realm="x", Bearer realm="https://a/t"', bearer('https://a/t')],
  ['Negotiate, Bearer realm="https://a/t", Basic realm="x"', bearer('https://a/t')],
  ['Bearer service="no realm", Basic realm="x"', { scheme: 'basic' }],
  ['Bearer service="no realm"', undefined],
  ['Negotiate abc==', undefined],
  ['', undefined],
  [undefined, undefined],
  ['="no name", Basic realm="x"', undefined],
  ['realm="of nothing", Basic', { scheme: 'basic' }],
  [`${'Negotiate, '.repeat(1400)}Basic`, { scheme: 'basic' }],
  [`${'Negotiate, '.repeat(1500)}Basic`, undefined],
])('%s', (header, expected) => {
  expect(parseChallenge(header)).toEqual(expected);
});

test('any header is read in time that does not explode', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), (header) => {
      parseChallenge(header);
      parseChallenge(`Bearer realm="${header}`);
    }),
  );
  expect(parseChallenge(`Bearer ${'a="\\'.repeat(20_000)}`)).toBeUndefined();
});
