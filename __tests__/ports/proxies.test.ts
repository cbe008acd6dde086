import { createServer, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createHttp, supportsProxies } from '../../src/ports/http.js';
import { proxyFor } from '../../src/ports/proxies.js';
import { listening } from '../listening.js';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe('the proxy for', () => {
  const both = { HTTP_PROXY: 'http://plain:3128', HTTPS_PROXY: 'http://secure:3128' };

  test.each<[string, Record<string, string>, string | undefined]>([
    ['https://ghcr.io/v2/', both, 'http://secure:3128/'],
    ['http://reg.lan/v2/', both, 'http://plain:3128/'],
    ['https://ghcr.io/v2/', {}, undefined],
    ['https://ghcr.io/v2/', { HTTP_PROXY: 'http://plain:3128' }, undefined],
    ['https://ghcr.io/v2/', { https_proxy: 'http://low:1' }, 'http://low:1/'],
    ['https://ghcr.io/v2/', { https_proxy: 'http://low:1', ...both }, 'http://secure:3128/'],
    ['https://ghcr.io/v2/', { HTTPS_PROXY: ' ' }, undefined],
    ['https://ghcr.io/v2/', { HTTPS_PROXY: 'proxy.lan:3128' }, 'http://proxy.lan:3128/'],
    ['https://ghcr.io/v2/', { HTTPS_PROXY: 'http://u:p@x:1' }, 'http://u:p@x:1/'],
    ['http://127.0.0.1:5000/v2/', both, undefined],
    ['http://127.9.9.9/v2/', both, undefined],
    ['http://localhost:5000/v2/', both, undefined],
    ['http://a.localhost/v2/', both, undefined],
    ['http://[::1]:5000/v2/', both, undefined],
    ['https://ghcr.io/v2/', { ...both, NO_PROXY: '*' }, undefined],
    ['https://ghcr.io/v2/', { ...both, no_proxy: 'ghcr.io' }, undefined],
    ['https://ghcr.io/v2/', { ...both, NO_PROXY: 'GHCR.IO, other' }, undefined],
    ['https://a.ghcr.io/v2/', { ...both, NO_PROXY: 'ghcr.io' }, undefined],
    ['https://a.ghcr.io/v2/', { ...both, NO_PROXY: '.ghcr.io' }, undefined],
    ['https://a.ghcr.io/v2/', { ...both, NO_PROXY: '*.ghcr.io' }, undefined],
    ['https://ghcr.io/v2/', { ...both, NO_PROXY: '.ghcr.io' }, 'http://secure:3128/'],
    ['https://notghcr.io/v2/', { ...both, NO_PROXY: 'ghcr.io' }, 'http://secure:3128/'],
    ['https://ghcr.io/v2/', { ...both, NO_PROXY: 'ghcr.io:443' }, undefined],
    ['https://ghcr.io:8443/v2/', { ...both, NO_PROXY: 'ghcr.io:443' }, 'http://secure:3128/'],
    ['https://10.1.2.3/v2/', { ...both, NO_PROXY: '10.0.0.0/8' }, undefined],
    ['https://11.1.2.3/v2/', { ...both, NO_PROXY: '10.0.0.0/8' }, 'http://secure:3128/'],
    ['https://[fd00::1]/v2/', { ...both, NO_PROXY: 'fd00::/8' }, undefined],
    ['https://[fd00::1]/v2/', { ...both, NO_PROXY: '[fd00::1]' }, undefined],
    ['https://10.1.2.3/v2/', { ...both, NO_PROXY: '10.1.2.3' }, undefined],
    ['https://10.1.2.3/v2/', { ...both, NO_PROXY: '10.1.2.3:443' }, undefined],
    ['https://10.1.2.3/v2/', { ...both, NO_PROXY: '10.1.2.3:80' }, 'http://secure:3128/'],
    ['https://[fd00::1]/v2/', { ...both, NO_PROXY: '[fd00::1]:443' }, undefined],
    ['https://[fd00::1]/v2/', { ...both, NO_PROXY: '[fd00::1]:80' }, 'http://secure:3128/'],
    ['https://[fd00::1]/v2/', { ...both, NO_PROXY: 'fd00::2' }, 'http://secure:3128/'],
    ['https://ghcr.io./v2/', { ...both, NO_PROXY: 'ghcr.io' }, undefined],
    ['http://reg.lan/v2/', { ...both, NO_PROXY: 'reg.lan:80' }, undefined],
    ['http://reg.lan/v2/', { ...both, NO_PROXY: 'reg.lan:443' }, 'http://plain:3128/'],
    ['https://ghcr.io/v2/', { ...both, NO_PROXY: ':443' }, 'http://secure:3128/'],
    [
      'https://ghcr.io/v2/',
      { ...both, NO_PROXY: 'nonsense/xx, ,10.0.0.0/99' },
      'http://secure:3128/',
    ],
  ])('%s with %j is %s', (url, env, expected) => {
    expect(proxyFor(new URL(url), env)?.href).toBe(expected);
  });

  test.each([
    ['socks5://user:hunter2@x:1', 'HTTPS_PROXY holds a proxy with socks5://; a proxy is'],
    ['http://[', 'HTTPS_PROXY holds no URL; a proxy is'],
  ])('%s is refused in words without its password', (value, words) => {
    const work = () => proxyFor(new URL('https://ghcr.io'), { HTTPS_PROXY: value });
    expect(work).toThrow(words);
    expect(work).toThrow(expect.objectContaining({ code: 'ERR_PROXY_SETTING' }));
    expect(work).not.toThrow('hunter2');
  });
});

test.each([
  ['22.15.0', false],
  ['22.21.0', true],
  ['23.11.0', false],
  ['24.4.1', false],
  ['24.5.0', true],
  ['25.0.0', true],
])('node %s speaks to proxies: %s', (version, expected) => {
  expect(supportsProxies(version)).toBe(expected);
});

interface Proxy {
  readonly host: string;
  /** `CONNECT host:port` or `GET http://…`, with who asked. */
  readonly seen: string[];
}

/** A proxy that answers plain requests itself and CONNECT with `answer`; with nothing, never. */
async function startProxy(answer = ''): Promise<Proxy> {
  const seen: string[] = [];
  const who = ({ headers }: IncomingMessage) => headers['proxy-authorization'] ?? 'nobody';
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} by ${who(request)}`);
    response.end('through the proxy');
  });
  server.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url} by ${who(request)}`);
    if (answer === '') return;
    socket.end(answer);
  });
  const { host, close } = await listening(server);
  closing.push(close);
  return { host, seen };
}

async function failure(work: Promise<unknown>) {
  try {
    await work;
  } catch (error) {
    return error as NodeJS.ErrnoException & { proxy?: string };
  }
  throw new Error('it did not fail');
}

describe('the http port behind a proxy', () => {
  const asked = { method: 'GET', headers: {} };

  test('sends plain requests to it, with its login', async () => {
    const proxy = await startProxy();
    const http = createHttp({ http_proxy: `http://user:p%40ss@${proxy.host}` });
    const answer = await http({ ...asked, url: 'http://reg.example/v2/' });
    expect(answer.status).toBe(200);
    answer.body.resume();
    const login = Buffer.from('user:p@ss').toString('base64');
    expect(proxy.seen).toEqual([`GET http://reg.example/v2/ by Basic ${login}`]);
  });

  test('goes around it to this machine', async () => {
    const server = createServer((_request, response) => response.end('here'));
    const { host, close } = await listening(server);
    closing.push(close);
    const http = createHttp({ HTTP_PROXY: 'http://127.0.0.1:1' });
    const answer = await http({ ...asked, url: `http://${host}/` });
    answer.body.resume();
    expect(answer.status).toBe(200);
  });

  test.each([
    ['that requires a login', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', /407/],
    ['that cannot go on', 'HTTP/1.1 502 Bad Gateway\r\n\r\n', /502/],
    ['that never answers', '', /timed out/],
  ])('%s fails with words, its host and no password', async (_name, answer, words) => {
    const proxy = await startProxy(answer);
    const http = createHttp({ HTTPS_PROXY: `http://user:hunter2@${proxy.host}` });
    const error = await failure(http({ ...asked, url: 'https://reg.example/v2/', idle: 400 }));
    expect([error.code, error.proxy]).toEqual(['ERR_PROXY_TUNNEL', proxy.host]);
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain('hunter2');
    expect(proxy.seen).toEqual([expect.stringContaining('CONNECT reg.example:443 by Basic ')]);
  });

  test.each([
    ['https', 'HTTPS_PROXY'],
    ['http', 'http_proxy'],
  ])('that is not there fails with its host: %s', async (scheme, name) => {
    const http = createHttp({ [name]: 'http://127.0.0.1:1' });
    const error = await failure(http({ ...asked, url: `${scheme}://reg.example/v2/` }));
    expect([error.code, error.proxy]).toEqual(['ECONNREFUSED', '127.0.0.1:1']);
  });
});
