import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/index.js';
import type { Http } from '../../src/ports/index.js';
import { explain, RegistryError, type Repository } from '../../src/registry/index.js';
import {
  clientFor,
  errorBody,
  fakeClock,
  http,
  rejection,
  repositoryAt,
  respond,
  serve,
} from './rig.js';

const content = Buffer.from('some bytes of a layer');
const digest = digestOf(content);
const size = content.length;
/** Any digest of that algorithm. */
const SHA512 = `sha512:${'0'.repeat(128)}`;

const operations: readonly (readonly [string, (repository: Repository) => Promise<unknown>])[] = [
  ['GET manifest', (repository) => repository.getManifest('dev')],
  ['HEAD manifest', (repository) => repository.headManifest('dev')],
  [
    'PUT manifest',
    (repository) => repository.putManifest('dev', { bytes: content, mediaType: 'a/b' }),
  ],
  ['GET blob', (repository) => repository.checkBlob({ digest, size })],
  [
    'POST upload',
    (repository) => repository.putBlob({ digest, size, open: () => Readable.from([content]) }),
  ],
];

const answers: readonly (readonly [number, string, number, string])[] = [
  [401, 'unauthorized', 1, 'requires a login for'],
  [403, 'denied', 1, 'refuses .*(log in to it before|only the tag is refused)'],
  [429, 'rate-limited', 5, 'limits the rate of requests'],
  [500, 'server', 5, 'run again later'],
  [503, 'server', 5, 'run again later'],
  [400, 'refused', 1, 'refused'],
];

describe.each(operations)('%s', (name, run) => {
  /** The existence of the blob is no part of an upload's faults. */
  const isPrelude = (method: string) => name === 'POST upload' && method === 'HEAD';

  test.each(answers)(
    'answered with %d is %s after %d tries',
    async (status, code, tries, words) => {
      const server = await serve(({ method }, response) =>
        isPrelude(method)
          ? respond(response, 404)
          : respond(response, status, method === 'HEAD' ? '' : errorBody('CODE', 'said so')),
      );
      const error = (await rejection(run(repositoryAt(server)))) as RegistryError;
      expect(error).toBeInstanceOf(RegistryError);
      expect([error.code, error.status]).toEqual([code, status]);
      expect(error.ociCodes).toEqual(name.startsWith('HEAD') ? [] : ['CODE']);
      expect(server.seen.filter(({ method }) => !isPrelude(method))).toHaveLength(tries);
      expect(error.request).toContain(
        `${name.split(' ')[0]} http://${server.host}/v2/acme/greeter/`,
      );
      expect(explain(error)).toMatch(new RegExp(`^${server.host} .*${words}.*\\.$`));
    },
  );

  test('whose connection is cut every time is cut-off', async () => {
    const server = await serve(({ method }, response) => {
      if (isPrelude(method)) respond(response, 404);
      else response.destroy();
    });
    const error = await rejection(run(repositoryAt(server)));
    expect(error).toMatchObject({ code: 'cut-off' });
    expect(explain(error)).toContain('cut the connection while');
  });

  test('to a registry that is down is unreachable', async () => {
    const server = await serve(() => {});
    const dead = { host: server.host.replace(/:\d+$/, ':1') };
    const clock = fakeClock();
    const error = await rejection(run(repositoryAt(dead, 'acme/greeter', { clock })));
    expect(error).toMatchObject({ code: 'unreachable' });
    expect(clock.slept).toEqual([1000, 2000]);
    expect(explain(error)).toMatch(
      /^127\.0\.0\.1:1 cannot be reached: nothing listens there \(ECONNREFUSED\); check/,
    );
  });
});

test.each([
  ['manifest', (repository: Repository) => repository.getManifest('dev')],
  ['blob', (repository: Repository) => repository.checkBlob({ digest, size })],
])('a missing %s is not-found at once', async (_what, run) => {
  const server = await serve((_seen, response) => respond(response, 404, errorBody('UNKNOWN')));
  expect(await rejection(run(repositoryAt(server)))).toMatchObject({ code: 'not-found' });
  expect(server.seen).toHaveLength(1);
});

describe('trying again', () => {
  const transient = [408, 429, 499, 500, 502, 503, 504, 522];

  test.each(transient)('after %d succeeds', async (status) => {
    const server = await serve((_seen, response, count) =>
      count < 3 ? respond(response, status) : respond(response, 200, '{}'),
    );
    const clock = fakeClock();
    await repositoryAt(server, 'acme/greeter', { clock }).getManifest('dev');
    expect(clock.slept).toEqual([1000, 2000]);
  });

  test('waits 1, 2, 4 and 8 seconds at most, half of it at least', async () => {
    const server = await serve((_seen, response) => respond(response, 500));
    const long = fakeClock();
    await rejection(repositoryAt(server, 'a', { clock: long }).getManifest('dev'));
    expect(long.slept).toEqual([1000, 2000, 4000, 8000]);
  });

  test.each([
    ['7', 7000],
    ['Thu, 01 Jan 2026 00:00:09 GMT', 9000],
    ['0', 1000],
    ['90', 90_000],
    ['soon', 1000],
  ])('waits as Retry-After %s says', async (header, expected) => {
    const server = await serve((_seen, response, count) =>
      count === 1
        ? respond(response, 429, '', { 'retry-after': header })
        : respond(response, 200, '{}'),
    );
    const clock = fakeClock();
    await repositoryAt(server, 'a', { clock }).getManifest('dev');
    expect(clock.slept).toEqual([expected]);
  });

  test.each<[Record<string, string>, number, string]>([
    [
      { 'ratelimit-reset': '20' },
      20_000,
      'limits the rate of requests; it asks for a pause of 20 s (429)',
    ],
    [{ 'ratelimit-reset': '1767225609' }, 9000, 'limits the rate of requests (429)'],
    [
      { ratelimit: '"default";r=0;t=30' },
      30_000,
      'limits the rate of requests: 0 requests left; it',
    ],
    [
      { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' },
      1000,
      'limits the rate of requests: 100 requests in 6 h, 0 left (429)',
    ],
    [
      { 'ratelimit-policy': '"hour";q=60;w=3600', 'retry-after': '7', 'ratelimit-reset': '9' },
      7000,
      'limits the rate of requests: 60 requests in 60 min, none left; it asks for a pause of 7 s',
    ],
  ])('reads %j', async (headers, pause, words) => {
    const server = await serve((_seen, response) => respond(response, 429, '', headers));
    const clock = fakeClock();
    const error = await rejection(repositoryAt(server, 'a', { clock }).getManifest('dev'));
    expect(clock.slept[0]).toBe(pause);
    expect(explain(error)).toContain(words);
  });

  test.each([
    [{ 'retry-after': '3600' }, []],
    [{ 'retry-after': '100' }, [100_000]],
  ])(
    '%j is not waited for where that is longer than all waiting may take',
    async (headers, slept) => {
      const server = await serve((_seen, response) => respond(response, 429, '', headers));
      const clock = fakeClock();
      await rejection(repositoryAt(server, 'a', { clock }).getManifest('dev'));
      expect(clock.slept).toEqual(slept);
    },
  );

  test('tells what the registry asks to wait for, once for all that wait until then', async () => {
    const server = await serve((_seen, response, count) =>
      respond(response, count <= 2 ? 429 : 200, '{}', count <= 2 ? { 'retry-after': '60' } : {}),
    );
    const told: (readonly [string, number])[] = [];
    const clock = { ...fakeClock(), ticks: () => 0 };
    const waits = (registry: string, pause: number) => told.push([registry, pause]);
    const repository = repositoryAt(server, 'a', { clock, waits });
    await Promise.all([repository.getManifest('one'), repository.getManifest('two')]);
    expect(clock.slept).toEqual([60_000, 60_000]);
    expect(told).toEqual([[server.host, 60_000]]);
  });

  test('stops when three minutes of waiting would be over', async () => {
    const server = await serve((_seen, response) =>
      respond(response, 429, '', { 'retry-after': '60' }),
    );
    const clock = fakeClock();
    const error = await rejection(repositoryAt(server, 'a', { clock }).getManifest('dev'));
    expect(error).toMatchObject({ code: 'rate-limited', retryAfter: 60_000 });
    expect(clock.slept).toEqual([60_000, 60_000, 60_000]);
  });

  test('ends with the signal', async () => {
    const server = await serve((_seen, response) => respond(response, 500));
    const stop = new AbortController();
    const clock = {
      ...fakeClock(),
      sleep: async (_: number, signal?: AbortSignal) => {
        stop.abort();
        signal?.throwIfAborted();
      },
    };
    const repository = repositoryAt(server, 'a', { clock });
    const error = await rejection(repository.getManifest('dev', { signal: stop.signal }));
    expect(error).toMatchObject({ name: 'AbortError' });
    expect(server.seen).toHaveLength(1);
  });

  test('waits for a manifest and a blob that were pushed a moment ago', async () => {
    const server = await serve((_seen, response, count) =>
      count % 3 === 0 ? respond(response, 200, content) : respond(response, 404),
    );
    const repository = repositoryAt(server);
    await repository.getManifest('dev', { fresh: true });
    await repository.checkBlob({ digest, size, fresh: true });
    expect(server.seen).toHaveLength(6);
  });
});

describe('a slow registry', () => {
  /** The real port with a shorter patience. */
  const impatient: Http = (request) => http({ ...request, idle: 400 });

  test('that never answers has timed out', async () => {
    const server = await serve(() => {});
    const error = await rejection(
      repositoryAt(server, 'a', { http: impatient }).getManifest('dev'),
    );
    expect(error).toMatchObject({ code: 'timed-out' });
    expect(explain(error)).toContain('stopped answering');
    expect(server.seen).toHaveLength(5);
  });

  test('that stops in the middle of a blob has timed out', async () => {
    const server = await serve((_seen, response) => {
      response.writeHead(200, { 'content-length': String(size) });
      response.write(content.subarray(0, 4));
    });
    const repository = repositoryAt(server, 'a', { http: impatient });
    const error = await rejection(repository.checkBlob({ digest, size }));
    expect(error).toMatchObject({ code: 'timed-out' });
  });
});

describe('bytes that are not what they should be', () => {
  test.each([
    ['other bytes', Buffer.from('SOME bytes of a layer'), /its bytes are sha256:/],
    ['fewer bytes', content.subarray(0, -1), /20 bytes, its descriptor says 21/],
    ['more bytes', Buffer.concat([content, content]), /more than the 21 bytes/],
  ])('%s of a blob fail its stream', async (_name, served, words) => {
    const server = await serve((_seen, response) =>
      respond(response, 200, served, { 'docker-content-digest': digest }),
    );
    const error = await rejection(repositoryAt(server).checkBlob({ digest, size }));
    expect(error).toMatchObject({ code: 'wrong-digest' });
    expect((error as RegistryError).detail).toMatch(words);
    expect(explain(error)).toContain('served other bytes than were requested');
    expect(server.seen).toHaveLength(1);
  });

  test('a manifest by digest is refused, whatever the header says', async () => {
    const server = await serve((_seen, response) =>
      respond(response, 200, 'other', { 'docker-content-digest': digest }),
    );
    const error = await rejection(repositoryAt(server).getManifest(digest));
    expect(error).toMatchObject({
      code: 'wrong-digest',
      detail: `its bytes are ${digestOf('other')}`,
    });
  });

  test('a manifest by tag has the digest of its bytes, and the claim beside it', async () => {
    const server = await serve((_seen, response) =>
      respond(response, 200, 'other', {
        'docker-content-digest': digest,
        'content-type': 'a/b; c=d',
      }),
    );
    expect(await repositoryAt(server).getManifest('dev')).toEqual({
      bytes: Buffer.from('other'),
      mediaType: 'a/b',
      digest: digestOf('other'),
      claimed: digest,
    });
  });

  test('a manifest of more than 4 MiB is not read', async () => {
    const server = await serve((_seen, response) =>
      respond(response, 200, Buffer.alloc(4 * 1024 * 1024 + 1)),
    );
    const error = await rejection(repositoryAt(server).getManifest('dev'));
    expect(error).toMatchObject({ code: 'protocol', detail: 'a manifest of more than 4 MiB' });
  });

  test('an encoding that was not asked for is told as such', async () => {
    const server = await serve((_seen, response) =>
      respond(response, 200, 'x', { 'content-encoding': 'gzip' }),
    );
    const error = await rejection(repositoryAt(server).getManifest('dev'));
    expect(error).toMatchObject({ code: 'protocol' });
    expect(explain(error)).toContain('Content-Encoding is gzip');
  });

  test('a blob in an encoding that was not asked for is not what clients take it for', async () => {
    const server = await serve((_seen, response) =>
      respond(response, 200, content, { 'content-encoding': 'gzip' }),
    );
    const error = await rejection(repositoryAt(server).checkBlob({ digest, size }));
    expect(error).toMatchObject({
      code: 'wrong-digest',
      detail: 'Content-Encoding is gzip; expected identity',
    });
    expect(server.seen).toHaveLength(1);
  });

  test('bytes that are only called identity are no encoding', async () => {
    const server = await serve((_seen, response) =>
      respond(response, 200, content, { 'content-encoding': 'Identity' }),
    );
    await repositoryAt(server).checkBlob({ digest, size });
    expect((await repositoryAt(server).getManifest('dev')).digest).toBe(digest);
  });

  test.each([
    ['its digest', digest, undefined],
    ['nothing', '', undefined],
    ['its sha512', digestOf(content, SHA512), undefined],
    ['another digest', digestOf('other'), digestOf('other')],
    ['another sha512', SHA512, SHA512],
    ['no digest', 'nonsense', 'nonsense'],
  ])('a blob that is called %s', async (_name, claimed, told) => {
    const server = await serve((_seen, response) =>
      respond(response, 200, content, { 'docker-content-digest': claimed }),
    );
    expect(await repositoryAt(server).checkBlob({ digest, size })).toBe(told);
  });

  test('a blob is called something else by the rest of it alone', async () => {
    const server = await serve(({ headers }, response) => {
      if (headers.range !== undefined) {
        return respond(response, 206, content.subarray(7), {
          'content-range': 'bytes 7-20/21',
          'docker-content-digest': digestOf('other'),
        });
      }
      response.writeHead(200, { 'content-length': String(size), 'docker-content-digest': digest });
      response.write(content.subarray(0, 7), () => response.destroy());
    });
    const told = await repositoryAt(server).checkBlob({ digest, size });
    expect(told).toBe(digestOf('other'));
  });

  test('of a cut manifest another try is made', async () => {
    const server = await serve((_seen, response, count) => {
      if (count > 1) return respond(response, 200, content);
      response.writeHead(200, { 'content-length': '100' });
      response.write('cut', () => response.destroy());
    });
    expect((await repositoryAt(server).getManifest('dev')).digest).toBe(digest);
  });
});

describe('a blob whose connection is cut', () => {
  /** Serves pieces of seven bytes and then cuts. */
  const cutting = (ranges: boolean) =>
    serve(({ headers }, response) => {
      const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
      const start = ranges ? from : 0;
      const part = content.subarray(start);
      const whole = ranges ? 7 : from + 7;
      response.writeHead(ranges && from > 0 ? 206 : 200, {
        'content-length': String(part.length),
        ...(ranges && from > 0 ? { 'content-range': `bytes ${from}-${size - 1}/${size}` } : {}),
      });
      response.write(part.subarray(0, whole), () =>
        part.length <= whole ? response.end() : response.destroy(),
      );
    });

  test.each([
    ['is taken up where it broke', true],
    ['is read over what is known where ranges are not served', false],
  ])('%s', async (_name, ranges) => {
    const server = await cutting(ranges);
    await repositoryAt(server).checkBlob({ digest, size });
    expect(server.seen.map(({ headers }) => headers.range)).toEqual([
      undefined,
      'bytes=7-',
      'bytes=14-',
    ]);
  });

  test('does not take a part that starts elsewhere', async () => {
    const server = await serve(({ headers }, response) => {
      if (headers.range !== undefined) {
        return respond(response, 206, content.subarray(9), { 'content-range': 'bytes 9-20/21' });
      }
      response.writeHead(200, { 'content-length': String(size) });
      response.write(content.subarray(0, 7), () => response.destroy());
    });
    const error = await rejection(repositoryAt(server).checkBlob({ digest, size }));
    expect(error).toMatchObject({ code: 'protocol' });
    expect((error as RegistryError).detail).toContain('Content-Range is bytes 9-20/21');
  });
});

describe('redirects', () => {
  test('are followed, relative and absolute', async () => {
    const server = await serve(({ url }, response) => {
      if (url.endsWith('/dev')) return respond(response, 302, '', { location: '/one' });
      if (url === '/one') {
        return respond(response, 307, '', { location: `http://${server.host}/two` });
      }
      respond(response, 200, content);
    });
    expect((await repositoryAt(server).getManifest('dev')).digest).toBe(digest);
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/v2/acme/greeter/manifests/dev',
      '/one',
      '/two',
    ]);
  });

  test('end after ten', async () => {
    const server = await serve((_seen, response, count) =>
      respond(response, 302, '', { location: `/again/${count}` }),
    );
    const error = await rejection(repositoryAt(server).getManifest('dev'));
    expect(error).toMatchObject({ code: 'protocol', detail: 'more than 10 redirects' });
    expect(server.seen).toHaveLength(11);
  });

  test('of a PUT repeat it with its body for 307, and are refused for 302', async () => {
    const put = { bytes: content, mediaType: 'a/b' };
    const kept = await serve(({ url, body }, response) =>
      url === '/other'
        ? respond(response, 201, body)
        : respond(response, 307, '', { location: '/other' }),
    );
    await repositoryAt(kept).putManifest('dev', put);
    expect(kept.seen.map(({ method, body }) => [method, `${body}`])).toEqual([
      ['PUT', `${content}`],
      ['PUT', `${content}`],
    ]);
    const lost = await serve((_seen, response) =>
      respond(response, 302, '', { location: '/other' }),
    );
    const error = await rejection(repositoryAt(lost).putManifest('dev', put));
    expect(error).toMatchObject({ code: 'protocol', status: 302 });
  });
});

test('signed addresses are not shown whole', async () => {
  const server = await serve(({ url }, response) =>
    url.startsWith('/signed')
      ? respond(response, 403)
      : respond(response, 307, '', { location: '/signed?X-Amz-Signature=abc&digest=d' }),
  );
  const error = (await rejection(repositoryAt(server).getManifest('dev'))) as RegistryError;
  expect(error.request).toBe(`GET http://${server.host}/signed?X-Amz-Signature=redacted&digest=d`);
});

test('an unknown host is unreachable without further tries', async () => {
  const calls: string[] = [];
  const client = clientFor({
    http: async ({ url }) => {
      calls.push(url);
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    },
  });
  const error = await rejection(client.repository('reg.invalid', 'a').getManifest('dev'));
  expect(explain(error)).toMatch(/^reg\.invalid cannot be reached: no such host; check its name/);
  expect(calls).toHaveLength(1);
});

test.each(['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
  '%s is told as a matter of TLS',
  async (code) => {
    const client = clientFor({
      http: async () => {
        throw Object.assign(new Error('the certificate'), { code });
      },
    });
    const error = await rejection(client.repository('reg.example', 'a').getManifest('dev'));
    expect(error).toMatchObject({ code: 'unreachable' });
    expect(explain(error)).toContain('reg.example cannot be reached: TLS: the certificate');
  },
);

const tunnel = 'Failed to establish tunnel to reg.example:443 via http://p:1/: HTTP/1.1 407 Who?';

test.each<[object, string, string, number]>([
  [
    { code: 'ERR_PROXY_TUNNEL', statusCode: 407, proxy: 'p:1' },
    tunnel,
    'the proxy p:1 answered 407 Who?;',
    1,
  ],
  [
    { code: 'ERR_PROXY_TUNNEL', statusCode: 502, proxy: 'p:1' },
    'x: HTTP/1.1 502 Bad Gateway',
    'the proxy p:1 answered 502 Bad Gateway;',
    3,
  ],
  [
    { code: 'ERR_PROXY_TUNNEL', proxy: 'p:1' },
    'timed out',
    'the proxy p:1 opened no connection',
    3,
  ],
  [
    { code: 'ECONNREFUSED', syscall: 'connect', proxy: 'p:1' },
    'connect ECONNREFUSED',
    'the proxy p:1 cannot be reached (ECONNREFUSED);',
    3,
  ],
  [
    { code: 'ENOTFOUND', syscall: 'getaddrinfo', proxy: 'p:1' },
    'getaddrinfo',
    'the proxy p:1 cannot be reached (ENOTFOUND);',
    1,
  ],
  [{ code: 'ERR_PROXY_SETTING' }, 'HTTPS_PROXY holds no URL', 'HTTPS_PROXY holds no URL;', 1],
])('%j is told as a matter of the proxy', async (fields, message, words, tries) => {
  let asked = 0;
  const client = clientFor({
    http: async () => {
      asked++;
      throw Object.assign(new Error(message), fields);
    },
  });
  const error = await rejection(client.repository('reg.example', 'a').getManifest('dev'));
  expect(error).toMatchObject({ code: 'unreachable' });
  expect(explain(error)).toContain(`reg.example cannot be reached: ${words}`);
  expect(asked).toBe(tries);
});

test('a registry over plain HTTP that is spoken to by TLS is told as such', async () => {
  const wrong = 'C0:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:';
  const client = clientFor({
    http: async () => {
      throw Object.assign(new Error(wrong), { code: 'ERR_SSL_WRONG_VERSION_NUMBER' });
    },
  });
  const error = await rejection(client.repository('reg.example:5000', 'a').getManifest('dev'));
  expect(explain(error)).toContain("has to be one of the engine's insecure-registries");
});
