import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import {
  brokenExchange,
  claimIn,
  discard,
  encodingProblem,
  failureOf,
  readUpTo,
} from '../../src/registry/answer.js';
import { RegistryError } from '../../src/registry/index.js';

test('reads a body up to a limit', async () => {
  const body = () => Readable.from([Buffer.from('four'), Buffer.from('more')]);
  expect(await readUpTo(body(), 8)).toEqual({ bytes: Buffer.from('fourmore'), more: false });
  expect(await readUpTo(body(), 5)).toEqual({ bytes: Buffer.from('fourm'), more: true });
});

test('does not wait for a body that never ends, though bytes come', async () => {
  const body = new PassThrough();
  const drip = setInterval(() => body.write('x'), 5);
  const error = await readUpTo(body, 1_000_000, 50).catch((reason: unknown) => reason);
  clearInterval(drip);
  expect(error).toMatchObject({
    code: 'ETIMEDOUT',
    message: 'the answer was incomplete after 0.05 s',
  });
});

const answered = (status: number, headers: Readonly<Record<string, string>> = {}, body = '') => ({
  status,
  headers: new Map(Object.entries(headers)),
  body: Readable.from([Buffer.from(body)]),
});

test('a body that says nothing is read to its end, unless it is long', async () => {
  for (const [length, isRead] of [
    [65_536, true],
    [65_537, false],
  ] as const) {
    const body = new PassThrough();
    discard({ ...answered(200, { 'content-length': `${length}` }), body });
    expect(body.destroyed).toBe(!isRead);
    expect(body.readableFlowing).toBe(isRead ? true : null);
    // A connection that breaks now is nobody's.
    body.destroy(new Error('cut'));
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test.each([
  [{}, undefined],
  [{ 'content-encoding': '' }, undefined],
  [{ 'content-encoding': 'Identity' }, undefined],
  [{ 'content-encoding': 'gzip' }, 'Content-Encoding is gzip; expected identity'],
  [{ 'content-encoding': 'identity, gzip' }, expect.stringContaining('identity, gzip')],
  [{ 'content-encoding': 'xidentity' }, expect.stringContaining('xidentity')],
])('an encoding %j is a problem: %s', (headers, expected) => {
  expect(encodingProblem(answered(200, headers as Record<string, string>))).toEqual(expected);
});

test.each([
  [{}, undefined],
  [{ 'docker-content-digest': '' }, undefined],
  [{ 'docker-content-digest': 'sha256:1' }, 'sha256:1'],
])('%j claims the digest %s', (headers, expected) => {
  expect(claimIn(answered(200, headers as Record<string, string>))).toBe(expected);
});

describe('an answer that is a failure', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const shown = { request: 'GET https://r.io/v2/', secrets: ['hunter2', 'other'] };
  const failure = (...given: Parameters<typeof answered>) =>
    failureOf(answered(...given), shown, now);

  test.each([
    [401, 'unauthorized', false],
    [403, 'denied', false],
    [404, 'not-found', false],
    [429, 'rate-limited', true],
    [408, 'server', true],
    [499, 'server', true],
    [500, 'server', true],
    [501, 'server', false],
    [599, 'server', false],
    [400, 'refused', false],
    [418, 'refused', false],
    [399, 'protocol', false],
    [204, 'protocol', false],
  ])('%d is %s, and may pass: %s', async (status, code, transient) => {
    const error = await failure(status);
    expect(error).toMatchObject({ code, status, transient, request: shown.request });
    expect(error.login).toBeUndefined();
  });

  test('has what the registry said, without what it was sent', async () => {
    const body = '{"errors":[{"code":"DENIED","message":"hunter2 and other, hunter2"}]}';
    const error = await failure(403, {}, body);
    expect(error.oci).toEqual([{ code: 'DENIED', message: 'redacted and redacted, redacted' }]);
    expect(error.body).toBe(body.replaceAll(/hunter2|other/g, 'redacted'));
  });

  test('has the first 64 KiB of its body, or none where that breaks', async () => {
    expect((await failure(500, {}, 'x'.repeat(70_000))).body).toHaveLength(65_536);
    const body = new PassThrough();
    body.destroy(new Error('cut'));
    const error = await failureOf({ ...answered(500), body }, shown, now);
    expect([error.code, error.body]).toEqual(['server', '']);
  });

  test('says when to come again, and the limit', async () => {
    expect(await failure(503, { 'retry-after': '7' })).toMatchObject({ retryAfter: 7000 });
    const reset = { 'ratelimit-reset': '30', 'ratelimit-remaining': '0' };
    expect(await failure(429, reset)).toMatchObject({ retryAfter: 30_000, limit: { left: 0 } });
    expect(await failure(429, { ...reset, 'retry-after': '7' })).toMatchObject({
      retryAfter: 7000,
    });
    expect((await failure(503, reset)).retryAfter).toBeUndefined();
  });
});

describe('an exchange that broke', () => {
  const request = 'GET https://r.io:5000/v2/';
  const broken = (facts: object, message = 'words') =>
    brokenExchange(Object.assign(new Error(message), facts), request);
  const CA =
    '; add its certificate authority as /etc/docker/certs.d/r.io:5000/ca.crt, or name it in NODE_EXTRA_CA_CERTS';

  test.each<[object, string, string, boolean]>([
    [{ code: 'ETIMEDOUT' }, 'timed-out', 'words', true],
    [{ code: 'ECONNRESET' }, 'cut-off', 'ECONNRESET', true],
    [{ code: 'EPIPE' }, 'cut-off', 'EPIPE', true],
    [{ code: 'ECONNABORTED' }, 'cut-off', 'ECONNABORTED', true],
    [{ code: 'ERR_STREAM_PREMATURE_CLOSE' }, 'cut-off', 'ERR_STREAM_PREMATURE_CLOSE', true],
    [{ code: 'ECONNREFUSED' }, 'unreachable', 'nothing listens there (ECONNREFUSED)', true],
    [{ code: 'EAI_AGAIN' }, 'unreachable', 'its name could not be looked up (EAI_AGAIN)', true],
    [{ code: 'EHOSTUNREACH' }, 'unreachable', 'no route leads to it (EHOSTUNREACH)', true],
    [{ code: 'ENETUNREACH' }, 'unreachable', 'its network cannot be reached (ENETUNREACH)', true],
    [{ code: 'ENOTFOUND', syscall: 'getaddrinfo' }, 'unreachable', 'no such host', false],
    [{ code: 'EACCES', syscall: 'connect' }, 'unreachable', 'EACCES', false],
    [{ code: 'ESERVFAIL', syscall: 'getaddrinfo' }, 'unreachable', 'ESERVFAIL', false],
    [{ code: 'HPE_INVALID' }, 'protocol', 'its answer is not HTTP', false],
    [{ code: 'ERR_METADATA_ADDRESS' }, 'unsafe', 'words', false],
    [{ code: 'CERT_HAS_EXPIRED' }, 'unreachable', 'TLS: words', false],
    [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'unreachable', `TLS: words${CA}`, false],
    [{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, 'unreachable', `TLS: words${CA}`, false],
    [{ code: 'UNABLE_TO_GET_ISSUER_CERT' }, 'unreachable', `TLS: words${CA}`, false],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'unreachable', `TLS: words${CA}`, false],
    [{ code: 'UNABLE_TO_DECODE' }, 'unreachable', 'TLS: words', false],
    [{ code: 'ERR_SSL_TLSV1_ALERT' }, 'unreachable', 'TLS: words', false],
    [{ code: 'EPROTO' }, 'unreachable', 'TLS: words', false],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'unreachable', 'TLS: words', false],
    [{ code: 'ERR_PROXY_SETTING' }, 'unreachable', 'words', false],
    [
      { code: 'ERR_PROXY_TUNNEL', proxy: 'p:1' },
      'unreachable',
      'the proxy p:1 opened no connection to it',
      true,
    ],
    [
      { code: 'ECONNREFUSED', syscall: 'connect', proxy: 'p:1' },
      'unreachable',
      'the proxy p:1 cannot be reached (ECONNREFUSED)',
      true,
    ],
    [
      { code: 'ENOTFOUND', syscall: 'getaddrinfo', proxy: 'p:1' },
      'unreachable',
      'the proxy p:1 cannot be reached (ENOTFOUND)',
      false,
    ],
    // Behind the proxy it is the registry.
    [{ code: 'ECONNRESET', syscall: 'read', proxy: 'p:1' }, 'cut-off', 'ECONNRESET', true],
  ])('by %j is %s: %s', (facts, code, detail, transient) => {
    const error = broken(facts);
    expect(error).toMatchObject({ name: 'RegistryError', code, detail, transient, request });
  });

  test.each([
    [407, '407 Proxy Authentication Required', false],
    [499, '499 x', false],
    [500, '500 x', true],
    [503, '503 Service Unavailable', true],
  ])('by a proxy that answers %d is told with that', (statusCode, answer, transient) => {
    const facts = { code: 'ERR_PROXY_TUNNEL', proxy: 'p:1', statusCode };
    expect(broken(facts, `HTTP/1.1 ${answer}\r\nmore`)).toMatchObject({
      detail: `the proxy p:1 answered ${answer}`,
      transient,
    });
  });

  test('by a proxy that answers a number alone is told with that', () => {
    const facts = { code: 'ERR_PROXY_TUNNEL', proxy: 'p:1', statusCode: 502 };
    expect(broken(facts, 'HTTP/1.1 502 \r\nmore')).toMatchObject({
      detail: 'the proxy p:1 answered 502',
    });
  });

  test.each(['wrong version number', 'packet length too long', 'HTTP request'])(
    'because it speaks no TLS (%s) is told with what to do',
    (words) => {
      expect(broken({ code: 'ERR_SSL_X' }, words)).toMatchObject({
        code: 'unreachable',
        detail: expect.stringMatching(/^it does not speak TLS; .*insecure-registries/),
      });
    },
  );

  test('by what is no matter of the network comes back as it was', () => {
    const abort = Object.assign(new Error('x'), { name: 'AbortError', code: 'ECONNRESET' });
    const known = new RegistryError({ code: 'denied', request });
    const file = Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'open' });
    for (const error of [abort, known, file, new Error('x'), 'words', undefined]) {
      expect(brokenExchange(error, request)).toBe(error);
    }
  });
});
