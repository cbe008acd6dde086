import { describe, expect, test } from '@jest/globals';
import type { Http } from '../../src/ports/index.js';
import { type Credential, explain } from '../../src/registry/index.js';
import {
  embeddedForAll,
  errorBody,
  fakeClock,
  http,
  rejection,
  repositoryAt,
  respond,
  serve,
} from './rig.js';

const registry = embeddedForAll();

/** What a push would meet, its error in words. */
async function ask(at: Parameters<typeof repositoryAt>[0], more = {}) {
  const { error, ...answer } = await repositoryAt(at, 'acme/greeter', more).mayPush();
  return { ...answer, ...(error === undefined ? {} : { words: explain(error) }) };
}

/** Answers the same to everything, as captive portals and web servers do. */
function pagesOnly(status: number, headers: Readonly<Record<string, string>>) {
  return serve((_seen, response) => respond(response, status, '<html>', headers));
}

/** Answers POST, DELETE and the list of tags as told. */
function registryThat(post: number, cancel = 204, list = 200, headers = {}) {
  return serve(({ method }, response) => {
    if (method === 'POST') {
      const location = post === 202 ? { location: '/v2/acme/greeter/blobs/uploads/1' } : {};
      return respond(response, post, post === 202 ? '' : errorBody('CODE', 'said so'), {
        ...location,
        ...headers,
      });
    }
    respond(response, (method === 'DELETE' ? cancel : list) || 404);
  });
}

describe('whether a push would be taken', () => {
  test('is asked by an upload that is begun and cancelled, and nothing stays', async () => {
    const start = registry.requests().length;
    expect(await ask(registry)).toEqual({ push: 'yes', exists: 'no' });
    const seen = registry.requests().slice(start);
    expect(seen.map(({ method, status }) => `${method} ${status}`).sort()).toEqual([
      'DELETE 204',
      'GET 404',
      'POST 202',
    ]);
  });

  test.each([
    [202, 204, 200, { push: 'yes', exists: 'yes' }],
    [202, 204, 404, { push: 'yes', exists: 'no' }],
    [202, 204, 403, { push: 'yes', exists: 'unknown' }],
    [202, 204, 500, { push: 'yes', exists: 'unknown' }],
    [202, 405, 200, { push: 'unknown', exists: 'yes', words: expect.stringContaining('405') }],
    [202, 401, 200, { push: 'unknown', exists: 'yes', words: expect.stringContaining('401') }],
    [
      401,
      0,
      0,
      { push: 'no', exists: 'unknown', words: expect.stringContaining('requires a login') },
    ],
    [403, 0, 0, { push: 'no', exists: 'unknown', words: expect.stringContaining('refuses upl') }],
    [404, 0, 0, { push: 'no', exists: 'no', words: expect.stringContaining('create the repo') }],
    [405, 0, 0, { push: 'unknown', exists: 'unknown', words: expect.stringContaining('refused') }],
    [429, 0, 0, { push: 'unknown', exists: 'unknown', words: expect.stringContaining('limits') }],
    [500, 0, 0, { push: 'unknown', exists: 'unknown', words: expect.stringContaining('failed') }],
    [
      200,
      0,
      0,
      { push: 'unknown', exists: 'unknown', words: expect.stringContaining('does not allow') },
    ],
  ])(
    'answered with %d, cancelled with %d, listed with %d',
    async (post, cancel, list, expected) => {
      const server = await registryThat(post, cancel, list);
      const clock = fakeClock();
      expect(await ask(server, { clock })).toEqual(expected);
      // Nobody waits for a registry that is busy: the push itself will tell.
      expect(clock.slept).toEqual([]);
      expect(server.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
    },
  );

  test.each([
    [200, 'text/html; charset=utf-8'],
    [200, 'text/plain'],
    [404, 'text/html'],
  ])(
    'of what answers %d with %s to everything is no: that is no registry',
    async (status, type) => {
      const server = await pagesOnly(status, { 'content-type': type });
      expect(await ask(server)).toEqual({
        push: 'no',
        exists: 'unknown',
        words: `${server.host} is not a registry: GET /v2/ answers ${status} with ${type}; correct its name; where a captive portal or a proxy answers in its place, get past it first.`,
      });
    },
  );

  const named = { 'docker-distribution-api-version': 'registry/2.0' };
  const page = '<html>';
  test.each([
    ['a page at /v2/', 404, errorBody('NAME_UNKNOWN', 'x'), named, 404, page, 'text/html', 'no'],
    ['no header either', 404, errorBody('NAME_UNKNOWN', 'x'), {}, 200, page, 'text/html', 'no'],
    ['a header only', 404, '', named, 404, page, 'text/html', 'no'],
    ["Go's 404", 404, '', {}, 404, '404 page not found\n', 'text/plain; charset=utf-8', 'no'],
    ['nothing at /v2/', 400, '', {}, 200, '', 'text/html; charset=utf-8', 'unknown'],
    ['JSON as text', 405, '', {}, 200, '{}', 'text/plain; charset=utf-8', 'unknown'],
    ['JSON as a page', 405, '', {}, 200, '{}\n', 'text/html', 'unknown'],
    ['read-only', 405, errorBody('UNSUPPORTED', 'x'), {}, 200, page, 'text/html', 'unknown'],
  ] as const)(
    'of a registry is its own answer: %s',
    async (_name, status, body, headers, base, text, type, push) => {
      const server = await serve(({ url }, response) =>
        url === '/v2/'
          ? respond(response, base, text, { 'content-type': type })
          : respond(response, status, body, headers),
      );
      const answer = await ask(server);
      expect(answer).toMatchObject({ push });
      expect(answer.words).toContain(push === 'no' ? 'create the repository' : 'refused uploading');
    },
  );

  test('of a page that refuses names the page, and not a missing login alone', async () => {
    const server = await pagesOnly(403, { 'content-type': 'text/html' });
    expect(await ask(server)).toEqual({
      push: 'no',
      exists: 'unknown',
      words: `${server.host} refuses uploading to acme/greeter with a page (403, without a registry's headers): something else seems to answer in its place; correct its name, or get past the captive portal or the proxy that answers first; if the page is its own, log in to ${server.host} before this step.`,
    });
  });

  test('of an empty answer that calls itself a page is a refusal as any', async () => {
    const server = await serve((_seen, response) =>
      respond(response, 403, '', { 'content-type': 'text/html' }),
    );
    const words = `${server.host} refuses uploading to acme/greeter (403); log in to it before this step.`;
    expect(await ask(server)).toEqual({ push: 'no', exists: 'unknown', words });
  });

  test('of a portal that leads to its own page names that', async () => {
    const portal = await pagesOnly(200, { 'content-type': 'text/html' });
    const server = await serve((_seen, response) =>
      respond(response, 302, '', { location: `http://${portal.host}/login` }),
    );
    const words = `${server.host} is not a registry: GET /v2/ is redirected to ${portal.host}, which answers 200 with text/html`;
    expect(await ask(server)).toMatchObject({ push: 'no', words: expect.stringContaining(words) });
  });

  test.each([
    ['JSON', { 'content-type': 'application/json' }],
    ['no type', {}],
    [
      "a registry's name",
      { 'content-type': 'text/html', 'docker-distribution-api-version': 'registry/2.0' },
    ],
  ])('of what answers with %s is not known', async (_name, headers) => {
    const server = await pagesOnly(200, headers);
    expect(await ask(server)).toMatchObject({
      push: 'unknown',
      words: expect.stringContaining('does not allow'),
    });
  });

  test('an upload that has no place cannot be cancelled', async () => {
    const server = await serve(({ method }, response) =>
      respond(response, method === 'POST' ? 202 : 200),
    );
    expect(await ask(server)).toMatchObject({
      push: 'unknown',
      words: expect.stringContaining('Location is missing'),
    });
  });

  test('of a registry that is down is no, after three tries', async () => {
    const clock = fakeClock();
    const answer = await ask({ host: '127.0.0.1:1' }, { clock });
    expect(answer).toEqual({
      push: 'no',
      exists: 'unknown',
      words: expect.stringContaining('cannot be reached: nothing listens there'),
    });
    expect(clock.slept).toEqual([1000, 2000]);
  });

  test('with a token costs one round trip for it, with the scope of a push', async () => {
    const tokens = await serve((_seen, response) => respond(response, 200, '{"token":"t"}'));
    const server = await serve(({ method, headers, url }, response) => {
      if (headers.authorization !== 'Bearer t') {
        const realm = `Bearer realm="http://${tokens.host}/token",service="s"`;
        return respond(response, 401, '', { 'www-authenticate': realm });
      }
      if (method === 'POST') return respond(response, 202, '', { location: `${url}1` });
      respond(response, method === 'DELETE' ? 204 : 200);
    });
    const alice: Credential = { kind: 'basic', username: 'alice', password: 'horse' };
    expect(await ask(server, { credentials: async () => alice })).toEqual({
      push: 'yes',
      exists: 'yes',
    });
    expect(tokens.seen.map(({ url }) => url)).toEqual([
      '/token?service=s&scope=repository%3Aacme%2Fgreeter%3Apull%2Cpush',
    ]);
    expect(server.seen.map(({ method }) => method).sort()).toEqual([
      'DELETE',
      'GET',
      'POST',
      'POST',
    ]);
  });

  test('ends with the signal, whatever was under way', async () => {
    const stop = new AbortController();
    const server = await serve(({ method }, response) => {
      if (method === 'POST') return respond(response, 202, '', { location: '/up/1' });
      stop.abort();
    });
    const error = await rejection(repositoryAt(server).mayPush(stop.signal));
    expect(error).toMatchObject({ name: 'AbortError' });
  });

  test('of a registry that does not answer is not known', async () => {
    const server = await serve(() => {});
    const impatient: Http = (request) => http({ ...request, idle: 500 });
    expect(await ask(server, { http: impatient })).toEqual({
      push: 'unknown',
      exists: 'unknown',
      words: expect.stringContaining('stopped answering while uploading to acme/greeter'),
    });
    expect(server.seen).toHaveLength(1);
  });
});
