import { describe, expect, test } from '@jest/globals';
import {
  hasNoConnection,
  ociErrors,
  RegistryError,
  redactedRequest,
} from '../../src/registry/errors.js';

const request = 'GET https://r.io/v2/';

describe('an error of a registry', () => {
  test('says what was asked, what went wrong and what was found', () => {
    const of = (facts: object) => new RegistryError({ code: 'denied', request, ...facts }).message;
    expect(of({})).toBe(`${request}: denied`);
    expect(of({ status: 403 })).toBe(`${request}: denied 403`);
    const oci = [
      { code: 'A', message: 'x' },
      { code: 'B', message: '' },
    ];
    expect(of({ status: 403, oci })).toBe(`${request}: denied 403 (A, B)`);
    expect(of({ oci, detail: 'it says no' })).toBe(`${request}: denied (it says no)`);
  });

  test('is nothing special where nothing says so', () => {
    const error = new RegistryError({ code: 'server', request });
    expect(error.name).toBe('RegistryError');
    expect([error.transient, error.fresh, error.oci, error.ociCodes]).toEqual([
      false,
      false,
      [],
      [],
    ]);
    expect('cause' in error).toBe(false);
    const more = new RegistryError({
      code: 'server',
      request,
      transient: true,
      fresh: true,
      cause: 7,
    });
    expect([more.transient, more.fresh, more.cause]).toEqual([true, true, 7]);
  });
});

test.each([
  ['unreachable', { code: 'ECONNREFUSED' }, true],
  ['unreachable', { code: 'ENOTFOUND' }, true],
  ['unreachable', { code: 'EAI_AGAIN' }, true],
  ['unreachable', { code: 'EHOSTUNREACH' }, true],
  ['unreachable', { code: 'ENETUNREACH' }, true],
  ['unreachable', { code: 'CERT_HAS_EXPIRED' }, false],
  ['unreachable', { code: 'ECONNREFUSED', proxy: 'p:1' }, false],
  ['unreachable', undefined, false],
  ['timed-out', { code: 'ECONNREFUSED' }, false],
] as const)('%s by %j is no connection at all: %s', (code, cause, expected) => {
  expect(hasNoConnection(new RegistryError({ code, request, cause }))).toBe(expected);
});

test.each([
  ['https://user:pass@r.io/v2/a?digest=sha256:ab#part', 'PUT https://r.io/v2/a?digest=sha256:ab'],
  ['https://r.io/x?mount=a/b&from=c/d&n=5', 'PUT https://r.io/x?mount=a/b&from=c/d&n=5'],
  ['https://r.io/x?last=a&artifactType=b', 'PUT https://r.io/x?last=a&artifactType=b'],
  ['https://r.io/x?sig=secret&digest=d', 'PUT https://r.io/x?sig=redacted&digest=d'],
  ['https://r.io/x?_state=a&_state=b', 'PUT https://r.io/x?_state=redacted'],
])('of %s is shown %s', (url, shown) => {
  expect(redactedRequest('PUT', url)).toBe(shown);
});

test.each<[string, readonly object[]]>([
  ['{"errors":[{"code":"A","message":"x"}]}', [{ code: 'A', message: 'x' }]],
  ['{"errors":[{"code":"A"}]}', [{ code: 'A', message: '' }]],
  ['{"errors":[{"code":"A","message":{"x":1}}]}', [{ code: 'A', message: '' }]],
  ['{"errors":[{"code":5},null,"x",{"message":"x"}]}', []],
  ['{"errors":"A"}', []],
  ['{}', []],
  ['null', []],
  ['<html>', []],
])('%s has the errors %j', (body, expected) => {
  expect(ociErrors(body)).toEqual(expected);
});

test('of many and long errors the beginnings are kept', () => {
  const errors = Array(11).fill({ code: 'C'.repeat(200), message: 'm'.repeat(600) });
  const read = ociErrors(JSON.stringify({ errors }));
  expect(read).toHaveLength(10);
  expect(read[0]).toEqual({ code: 'C'.repeat(100), message: 'm'.repeat(500) });
});
