import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/index.js';
import type { HttpRequest } from '../../src/ports/index.js';
import type { Credential, RegistryError, Repository } from '../../src/registry/index.js';
import { clientFor, fakeClock, rejection } from './rig.js';

/* What is sent to a registry, and what its answers are taken for; the registry is in memory. */

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A repository whose registry answers each request as told; a list is answered in its order. */
function repository(
  answers: readonly Answer[] | ((request: HttpRequest, count: number) => Answer),
  credential: Credential = { kind: 'anonymous' },
) {
  const asked: HttpRequest[] = [];
  const bodies: Readable[] = [];
  const clock = fakeClock();
  const client = clientFor({
    clock,
    credentials: async () => credential,
    async http(request) {
      asked.push(request);
      const at = asked.length;
      const answer = typeof answers === 'function' ? answers(request, at) : answers[at - 1];
      const { status, headers = {}, body = '' } = answer ?? { status: 500 };
      const served = Readable.from([Buffer.from(body)]);
      bodies.push(served);
      return { status, headers: new Map(Object.entries(headers)), body: served };
    },
  });
  const lines = () =>
    asked.map(({ method, url }) => `${method} ${url.replace('https://r.io', '')}`);
  return { ...client.repository('r.io', 'acme/a'), asked, bodies, lines, clock };
}

const HEX = digestOf('x');
const PUT = { bytes: Buffer.from('{}'), mediaType: 'application/x' };

describe('a request', () => {
  test('names us, takes no encoding, and asks for every type of manifest', async () => {
    const { getManifest, asked } = repository([{ status: 200 }]);
    await getManifest('dev');
    const [{ method, url, headers, body, blockMetadata } = { headers: {} }] = asked;
    expect([method, url, body, blockMetadata]).toEqual([
      'GET',
      'https://r.io/v2/acme/a/manifests/dev',
      undefined,
      false,
    ]);
    expect(headers).toEqual({
      'user-agent': 'sea-trial',
      'accept-encoding': 'identity',
      accept:
        'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json',
    });
  });

  test('with a body says how long that is, and one without that it has none', async () => {
    const { putManifest, mayPush, asked } = repository(({ method }) =>
      method === 'POST'
        ? { status: 202, headers: { location: '/up/1' } }
        : { status: method === 'PUT' ? 201 : 204 },
    );
    await putManifest('dev', PUT);
    await mayPush();
    const lengthOf = (wanted: string) =>
      asked.find(({ method }) => method === wanted)?.headers['content-length'];
    expect(['PUT', 'POST', 'GET', 'HEAD'].map(lengthOf)).toEqual(['2', '0', undefined, undefined]);
    expect(asked[0]?.headers['content-type']).toBe('application/x');
  });

  test.each([
    ['GET', 301, true],
    ['GET', 302, true],
    ['GET', 303, true],
    ['GET', 307, true],
    ['GET', 308, true],
    ['HEAD', 301, true],
    ['PUT', 307, true],
    ['PUT', 308, true],
    ['PUT', 301, false],
    ['PUT', 303, false],
    ['GET', 300, false],
    ['GET', 304, false],
  ])('%s that is answered with %d goes on elsewhere: %s', async (method, status, goesOn) => {
    const { getManifest, headManifest, putManifest, lines } = repository([
      { status, headers: { location: 'https://other.io/x' } },
      { status: 200 },
    ]);
    const how = { GET: getManifest, HEAD: headManifest, PUT: () => putManifest('dev', PUT) };
    await how[method as keyof typeof how]('dev').catch(() => {});
    expect(lines().slice(1)).toEqual(goesOn ? [`${method} https://other.io/x`] : []);
  });

  test.each([
    [undefined, 'Location is missing'],
    ['http://[', 'Location is not a URL'],
  ])('that leads to %s is no answer of a registry', async (location, detail) => {
    const headers = location === undefined ? {} : { location };
    const { getManifest } = repository([{ status: 307, headers }]);
    expect(await rejection(getManifest('dev'))).toMatchObject({ code: 'protocol', detail });
  });

  test('follows ten redirects, and no more', async () => {
    const leading = (times: number) =>
      repository((_, count) =>
        count > times ? { status: 200 } : { status: 307, headers: { location: `/${count}` } },
      );
    await leading(10).getManifest('dev');
    const error = await rejection(leading(11).getManifest('dev'));
    expect(error).toMatchObject({
      code: 'protocol',
      detail: 'more than 10 redirects',
      request: 'GET https://r.io/v2/acme/a/manifests/dev',
    });
  });
});

describe('the connection of an answer whose body says nothing is free again', () => {
  const upload = { digest: HEX, size: 1, open: () => Readable.from([Buffer.from('x')]) };
  const begun = { status: 202, headers: { location: '/up/1' } };
  const encoded = { status: 200, headers: { 'content-encoding': 'gzip' } };
  const away = { status: 307, headers: { location: '/other' } };
  const login = { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } };

  test.each<[string, readonly Answer[], (opened: Repository) => Promise<unknown>]>([
    ['a HEAD', [{ status: 200 }], (opened) => opened.headManifest('dev')],
    ['a manifest that was put', [{ status: 201 }], (opened) => opened.putManifest('dev', PUT)],
    ['an encoded manifest', [encoded], (opened) => opened.getManifest('dev')],
    ['an encoded blob', [encoded], (opened) => opened.checkBlob({ digest: HEX, size: 1 })],
    ['a redirect', [away, { status: 200 }], (opened) => opened.headManifest('dev')],
    ['a demand for a login', [login, { status: 200 }], (opened) => opened.headManifest('dev')],
    ['a blob that exists', [{ status: 200 }], (opened) => opened.putBlob(upload)],
    ['an upload', [{ status: 404 }, begun, { status: 201 }], (opened) => opened.putBlob(upload)],
    [
      'an upload in chunks',
      [{ status: 404 }, begun, { status: 413 }, begun, begun, { status: 201 }],
      (opened) => opened.putBlob(upload),
    ],
    [
      'a mount',
      [{ status: 404 }, { status: 201 }],
      (opened) => opened.putBlob({ ...upload, from: 'acme/b' }),
    ],
    [
      'a mount that becomes an upload',
      [{ status: 404 }, begun, { status: 201 }],
      (opened) => opened.putBlob({ ...upload, from: 'acme/b' }),
    ],
    [
      'the question for a push',
      [begun, { status: 204 }, { status: 200 }],
      (opened) => opened.mayPush(),
    ],
  ])('%s', async (_name, answers, run) => {
    const alice: Credential = { kind: 'basic', username: 'alice', password: 'x' };
    const opened = repository(answers, alice);
    await run(opened).catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    const isFree = (body: Readable) => body.readableEnded || body.destroyed;
    expect(opened.bodies.map(isFree)).toEqual(answers.map(() => true));
  });
});

describe('a login', () => {
  const alice: Credential = { kind: 'basic', username: 'alice', password: 'correct:horse' };
  const challenge = { 'www-authenticate': 'Basic realm="r"' };

  test.each([
    [401, alice, true],
    [403, alice, true],
    [401, { kind: 'anonymous' }, false],
    [404, alice, undefined],
  ] as const)('is told of with %d: %j', async (status, credential, login) => {
    const { getManifest } = repository(() => ({ status, headers: challenge }), credential);
    expect(await rejection(getManifest('dev'))).toHaveProperty('login', login);
  });

  test('is not tried where nothing asks for it but the words of another refusal', async () => {
    const { getManifest, asked } = repository(() => ({ status: 403, headers: challenge }), alice);
    await rejection(getManifest('dev'));
    expect(asked).toHaveLength(1);
  });

  test('is in no error, neither its password nor what was sent', async () => {
    const sent = Buffer.from('alice:correct:horse').toString('base64');
    const body = JSON.stringify({
      errors: [{ code: 'DENIED', message: `correct:horse ${sent}` }],
    });
    const { getManifest } = repository(
      ({ headers }) =>
        headers.authorization === undefined
          ? { status: 401, headers: challenge }
          : { status: 403, body },
      alice,
    );
    const error = (await rejection(getManifest('dev'))) as RegistryError;
    expect(error.oci[0]?.message).toBe('redacted redacted');
  });

  test('that was granted as a token is in no error either', async () => {
    const { getManifest } = repository(({ url, headers }) => {
      if (url.startsWith('https://r.io/token')) return { status: 200, body: '{"token":"tok-en"}' };
      return headers.authorization === undefined
        ? { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://r.io/token"' } }
        : { status: 403, body: '{"errors":[{"code":"X","message":"tok-en"}]}' };
    }, alice);
    const error = (await rejection(getManifest('dev'))) as RegistryError;
    expect(error.oci[0]?.message).toBe('redacted');
  });

  test('goes to no other place that a registry leads to, and a 401 there is no question of ours', async () => {
    const { getManifest, asked } = repository(({ url, headers }) => {
      if (url.startsWith('https://cdn.io')) return { status: 401, headers: challenge };
      return headers.authorization === undefined
        ? { status: 401, headers: challenge }
        : { status: 307, headers: { location: 'https://cdn.io/x' } };
    }, alice);
    expect(await rejection(getManifest('dev'))).toMatchObject({ code: 'unauthorized' });
    expect(asked.map(({ url, headers }) => [new URL(url).host, headers.authorization])).toEqual([
      ['r.io', undefined],
      ['r.io', expect.stringMatching(/^Basic /)],
      ['cdn.io', undefined],
    ]);
  });
});

describe('what a HEAD says of a manifest', () => {
  const nothing = { digest: undefined, claimed: undefined, size: undefined, mediaType: undefined };

  test.each<[Answer, object | undefined]>([
    [{ status: 404 }, undefined],
    [{ status: 405, headers: { 'docker-content-digest': HEX } }, nothing],
    [{ status: 501 }, nothing],
    [{ status: 200 }, nothing],
    [
      {
        status: 200,
        headers: {
          'docker-content-digest': HEX,
          'content-length': '12',
          'content-type': 'text/x ; charset=a',
        },
      },
      { digest: HEX, claimed: HEX, size: 12, mediaType: 'text/x' },
    ],
    [
      { status: 200, headers: { 'docker-content-digest': 'W/"x"', 'content-length': '1.5' } },
      { ...nothing, claimed: 'W/"x"' },
    ],
    [
      { status: 200, headers: { 'content-length': '' } },
      { ...nothing, size: 0 },
    ],
  ])('%j', async (answer, expected) => {
    expect(await repository([answer]).headManifest('dev')).toEqual(expected);
  });
});

describe('a manifest', () => {
  test('has the type of its answer without parameters, and what it is called', async () => {
    const headers = { 'content-type': ' a/b;c=d\n;e=f', 'docker-content-digest': 'claim' };
    const answer = { status: 200, headers, body: 'x' };
    expect(await repository([answer]).getManifest('dev')).toEqual({
      bytes: Buffer.from('x'),
      mediaType: 'a/b',
      digest: HEX,
      claimed: 'claim',
    });
    expect(await repository([{ status: 200 }]).getManifest('dev')).toMatchObject({ mediaType: '' });
  });

  test('by digest has that digest, or none is given', async () => {
    const { getManifest } = repository([{ status: 200, body: 'y' }]);
    expect(await rejection(getManifest(HEX))).toMatchObject({
      code: 'wrong-digest',
      detail: `its bytes are ${digestOf('y')}`,
    });
  });

  test('that was pushed a moment ago is looked for again; any other is not there', async () => {
    const answers = [{ status: 404 }, { status: 200 }];
    const fresh = repository(answers);
    await fresh.getManifest('dev', { fresh: true });
    expect(fresh.lines()).toHaveLength(2);
    const other = repository(answers);
    expect(await rejection(other.getManifest('dev'))).toMatchObject({ code: 'not-found' });
    const refused = repository([{ status: 403 }, { status: 200 }]);
    expect(await rejection(refused.getManifest('dev', { fresh: true }))).toMatchObject({
      code: 'denied',
    });
  });

  test('that is asked for once is not asked for again, and not waited for long', async () => {
    const { getManifest, asked } = repository([{ status: 503 }, { status: 200 }]);
    expect(await rejection(getManifest('dev', { once: true }))).toMatchObject({ code: 'server' });
    expect(asked.map(({ idle }) => typeof idle)).toEqual(['number']);
    const usual = repository([{ status: 503 }, { status: 200 }]);
    await usual.getManifest('dev');
    expect(usual.asked.map(({ idle }) => idle)).toEqual([undefined, undefined]);
  });

  test('of a blob that is asked for once is not waited for long either', async () => {
    const idleOf = async (once: boolean) => {
      const { checkBlob, asked } = repository([{ status: 200, body: 'x' }]);
      await checkBlob({ digest: HEX, size: 1, once });
      return asked.map(({ idle }) => typeof idle);
    };
    expect([await idleOf(true), await idleOf(false)]).toEqual([['number'], ['undefined']]);
  });

  test.each([
    [201, {}],
    [200, { 'docker-content-digest': HEX }],
    [202, { 'docker-distribution-api-version': 'registry/2.0' }],
    [200, { location: `https://r.io/v2/acme/a/manifests/${HEX}` }],
  ])('is put where that is answered with %d and %j', async (status, headers) => {
    const { putManifest, lines } = repository([{ status, headers }]);
    await putManifest('dev', PUT);
    expect(lines()).toEqual(['PUT /v2/acme/a/manifests/dev']);
  });

  test.each([
    [200, { 'content-type': 'text/html' }, "200 with text/html, without a registry's headers"],
    [202, { location: '/welcome' }, "202, without a registry's headers"],
  ])('is not put where whatever answers says %d and %j', async (status, headers, found) => {
    const { putManifest } = repository([{ status, headers }]);
    const error = await rejection(putManifest('dev', PUT));
    expect(error).toMatchObject({ code: 'protocol', detail: `${found}; expected 201` });
  });

  test('is put again only after the caller was asked', async () => {
    const asks: number[] = [];
    const { putManifest, lines } = repository([{ status: 503 }, { status: 201 }]);
    await putManifest('dev', PUT, { again: async () => void asks.push(lines().length) });
    expect([asks, lines().length]).toEqual([[1], 2]);
    const stopped = repository([{ status: 503 }, { status: 201 }]);
    const no = new Error('another run was here');
    const put = stopped.putManifest('dev', PUT, { again: () => Promise.reject(no) });
    expect(await rejection(put)).toBe(no);
    expect(stopped.lines()).toHaveLength(1);
  });

  test('is not put at all where the run has been interrupted', async () => {
    const { putManifest, lines } = repository([{ status: 201 }]);
    const put = putManifest('dev', PUT, { signal: AbortSignal.abort() });
    expect(await rejection(put)).toMatchObject({ name: 'AbortError' });
    expect(lines()).toEqual([]);
  });
});

describe('a blob', () => {
  const upload = { digest: HEX, size: 1, open: () => Readable.from([Buffer.from('x')]) };
  const begun = { status: 202, headers: { location: '/up/1?state=a' } };
  const sent = ['HEAD', 'POST', 'PUT'];

  test.each<[number, readonly string[], string]>([
    [200, ['HEAD'], 'existed'],
    [404, sent, 'uploaded'],
    [405, sent, 'uploaded'],
    [501, sent, 'uploaded'],
    [401, sent, 'uploaded'],
    [403, sent, 'uploaded'],
  ])('of which a HEAD says %d: %j', async (status, methods, expected) => {
    const { putBlob, asked } = repository(({ method }) => {
      if (method === 'HEAD') return { status };
      return method === 'POST' ? begun : { status: 201 };
    });
    expect(await putBlob(upload)).toBe(expected);
    expect(asked.map(({ method }) => method)).toEqual(methods);
  });

  test('that cannot be asked about for another reason is not sent', async () => {
    const { putBlob } = repository(() => ({ status: 400 }));
    expect(await rejection(putBlob(upload))).toMatchObject({ code: 'refused' });
  });

  test('goes to the place that it was given, whose own query stays as it is', async () => {
    const at = async (location: string) => {
      const { putBlob, lines } = repository([
        { status: 404 },
        { status: 202, headers: { location } },
        { status: 201 },
      ]);
      await putBlob(upload);
      return lines().at(-1);
    };
    const digest = `digest=${encodeURIComponent(HEX)}`;
    expect(await at('/up/1?state=a%2Fb')).toBe(`PUT /up/1?state=a%2Fb&${digest}`);
    expect(await at('/up/1')).toBe(`PUT /up/1?${digest}`);
  });

  test.each([
    [2, 'x'],
    [1, 'xy'],
  ])('of %d bytes whose source has %j is never sent whole', async (size, text) => {
    const { putBlob, asked } = repository(({ method }) => {
      if (method === 'HEAD') return { status: 404 };
      return method === 'POST' ? begun : { status: 201 };
    });
    await putBlob({ ...upload, size, open: () => Readable.from([Buffer.from(text)]) });
    const { body } = asked.at(-1) ?? {};
    const read = async () => {
      for await (const _ of body as Readable);
    };
    await expect(read()).rejects.toThrow(
      `the blob ${HEX} does not have the ${size} bytes of its descriptor`,
    );
  });
});

describe('the list of tags', () => {
  const page = (tags: unknown, link?: string): Answer => ({
    status: 200,
    body: JSON.stringify({ name: 'acme/a', tags }),
    ...(link === undefined ? {} : { headers: { link } }),
  });

  test('goes on where the registry says, and has no more than tags', async () => {
    const next = '</v2/acme/a/tags/list?n=2&last=b>; rel="next"';
    const { listTags, lines } = repository([page(['a', 'b'], next), page(['c', '-x', 7, 'd e'])]);
    expect(await listTags()).toEqual(['a', 'b', 'c']);
    expect(lines()).toEqual([
      'GET /v2/acme/a/tags/list?n=1000',
      'GET /v2/acme/a/tags/list?n=2&last=b',
    ]);
  });

  test('comes to an end', async () => {
    for (const rest of ['  ;  rel="next"', ';rel=next', '; rel="next"; title="x"']) {
      const link = `</v2/acme/a/tags/list?last=b>${rest}`;
      const paged = repository([page(['a'], link), page(['c'])]);
      expect(await paged.listTags()).toEqual(['a', 'c']);
    }
    for (const link of ['</v2/acme/a/tags/list?last=b>; rel="prev"', '/v2/x; rel="next"']) {
      expect(await repository([page(['a'], link)]).listTags()).toEqual(['a']);
    }
    const again = '</v2/acme/a/tags/list?n=1000>; rel="next"';
    const { listTags, asked } = repository(() => page(['a'], again));
    expect(await listTags()).toHaveLength(5);
    expect(asked).toHaveLength(5);
  });

  test.each([
    ['null', page(null)],
    ['no JSON', { status: 200, body: 'tags' }],
    ['nothing', { status: 200, body: 'null' }],
    ['no list', page('abc')],
    ['of more than 4 MiB', page(Array(1_500_000).fill('a'))],
  ])('that is %s has none', async (_, answer) => {
    expect(await repository([answer]).listTags()).toEqual([]);
  });

  test('that is refused is an error, and it does not go on elsewhere', async () => {
    expect(await rejection(repository([{ status: 403 }]).listTags())).toMatchObject({
      code: 'denied',
    });
    const { listTags } = repository([page(['a'], '<http://10.0.0.1/x>; rel="next"')]);
    expect(await rejection(listTags())).toMatchObject({ code: 'unsafe' });
  });
});
